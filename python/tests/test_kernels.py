# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The kernels that this machine would not choose, by the same tests."""

import os
import pathlib
import subprocess
import sys

import pytest

from sparsec import _core

HERE = pathlib.Path(__file__).resolve().parent
LEVELS = ("baseline", "avx2", "avx512")


@pytest.mark.parametrize("level", LEVELS[:2])
def test_lower_instruction_sets(level):
    if LEVELS.index(level) >= LEVELS.index(_core.instruction_set()):
        pytest.skip(f"this machine has no more than {_core.instruction_set()}")
    environment = {**os.environ, "SPARSEC_KERNELS": level}
    found = subprocess.run(
        [sys.executable, "-c", "from sparsec import _core; print(_core.instruction_set())"],
        env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert found == level
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         HERE / "test_formats_properties.py", HERE / "test_compress.py"],
        env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
