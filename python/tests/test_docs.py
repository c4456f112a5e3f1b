# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The code blocks of docs/python.md, in order, from the root of the repository."""

import importlib.util
import pathlib
import re

import pytest

from sparsec import compiler

ROOT = pathlib.Path(__file__).resolve().parents[2]


def available(needs):
    if needs == "torch":
        return importlib.util.find_spec("torch") is not None
    if needs == "driver":
        try:
            return bool(compiler._driver())
        except FileNotFoundError:
            return False
    return True


def test_every_block_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    names, left_out = {}, []
    for match in re.finditer(r"```python ?(\w*)\n(.*?)```", text, re.S):
        line = text[: match.start()].count("\n") + 1
        if available(match[1]):
            exec(compile(match[2], f"docs/python.md:{line}", "exec"), names)
        else:
            left_out.append(f"line {line} needs {match[1]}")
    if left_out:
        pytest.skip("run but for " + ", ".join(left_out))
