#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the wheel in a virtual environment and runs its tests there.

The environment sees Debian's packages (NumPy, SciPy, hypothesis, torch, ...); what
builds the wheel comes from the package index. Without an index, or without Debian's
venv and pytest, the test is skipped: status 77, and the reason.
"""

import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys

SKIPPED = 77


def skip(reason: str) -> int:
    print(f"skipped: {reason}")
    return SKIPPED


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    args = parser.parse_args()
    needed = {"ensurepip": "python3-venv", "pytest": "python3-pytest",
              "hypothesis": "python3-hypothesis", "scipy": "python3-scipy"}
    missing = [package for module, package in needed.items()
               if importlib.util.find_spec(module) is None]
    if missing:
        return skip(f"{', '.join(missing)} not installed; `make check` installs them")

    environment = {**os.environ, "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
                   "CMAKE_BUILD_PARALLEL_LEVEL": "2",
                   "SPARSEC_DRIVER": str(args.build / "bin" / "sparsec")}
    venv = args.build / "python-venv"
    python = venv / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--system-site-packages", venv],
                   check=True)
    pip = subprocess.run([python, "-m", "pip", "install", "--disable-pip-version-check",
                          args.source / "python"],
                         env=environment, capture_output=True, text=True, check=False)
    if pip.returncode:
        print(pip.stdout, pip.stderr)
        offline = "No matching distribution found for" in pip.stderr and \
            "connection" in (pip.stdout + pip.stderr).lower()
        return skip("there is no package index") if offline else 1
    # From a folder without the sources, so that the wheel is what is imported.
    tests = subprocess.run([python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                            "--durations=3", args.source / "python" / "tests"],
                           cwd=venv, env=environment, check=False)
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
