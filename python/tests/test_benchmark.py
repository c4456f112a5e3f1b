# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmark as a command: its tables and plots, none of its times."""

import pathlib
import re
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / \
    "benchmark_sparse_formats.py"


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True,
                          text=True, check=False)


def test_memory_beside_the_documents_figures():
    done = run("--benchmark", "memory", "--sparsity", "0.9")
    assert done.returncode == 0, done.stderr
    assert re.search(r"90%\s+3.81 \[3.81\]\s+0.58 \[0.39\]\s+0.58 \[0.39\]", done.stdout)
    assert "A @ x" not in done.stdout


def test_products_of_another_size():
    done = run("--benchmark", "matvec", "--size", "64", "--sparsity", "0.95")
    assert done.returncode == 0, done.stderr
    assert "A @ x, 64x64" in done.stdout and "A.T @ x" in done.stdout
    assert "[" not in done.stdout.partition("figures.")[2]  # stated for other sizes only


def test_plots(tmp_path):
    pytest.importorskip("matplotlib")
    done = run("--benchmark", "memory", "--size", "40", "--plots", str(tmp_path / "plots"))
    assert done.returncode == 0, done.stderr
    for name in ("time", "bytes"):
        for suffix in ("png", "svg"):
            assert (tmp_path / "plots" / f"{name}.{suffix}").stat().st_size > 1000


@pytest.mark.parametrize("arguments, text", [
    (["--benchmark", "speed"], "invalid choice: 'speed'"),
    (["--sparsity", "90"], "from 0 to 1"),
    (["--size", "0"], "at least 1"),
    (["--all", "--benchmark", "memory"], "exclude each other"),
])
def test_wrong_usage(arguments, text):
    done = run(*arguments)
    assert done.returncode == 2 and text in done.stderr
