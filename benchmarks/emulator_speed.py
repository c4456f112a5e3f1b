# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How many wave instructions a second the gfx803 emulator executes, with all checks.

    emulator_speed.py --build build [--repeat 5]

Runs a loop of buffer loads and v_mac (emulator_speed.s) on one thread and on one a
core. Wall time of the tool less that of a run of one round, median and spread.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy

from machine import CORES, describe_machine

WORKGROUPS = 72
ROUNDS = 1000


def assemble(folder: str) -> str:
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "emulator_speed.s")
    code = os.path.join(folder, "loop.hsaco")
    subprocess.run(
        ["clang-22", "--target=amdgcn-amd-amdhsa", "-mcpu=gfx803", source, "-o", code],
        check=True)
    return code


def run(tool: str, code: str, folder: str, rounds: int, threads: int):
    """Seconds of the whole command, and the wave instructions it executed."""
    items = WORKGROUPS * 256
    command = [
        tool, "run", code, "--kernel=loop", f"--grid={items}", "--workgroup=256",
        f"--arg={folder}/x.npy", f"--arg=uninit:f32[{items}]:{folder}/y.npy",
        f"--arg=i32:{rounds}", f"--threads={threads}", "--counters=json"]
    start = time.perf_counter()
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - start
    return seconds, json.loads(printed)["instructions"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    tool = os.path.join(arguments.build, "bin", "gfx803-emulator")
    print(f"Emulator on {describe_machine()}, millions of wave instructions a second:")
    with tempfile.TemporaryDirectory() as folder:
        code = assemble(folder)
        numpy.save(f"{folder}/x.npy", numpy.ones(WORKGROUPS * 256, "f4"))
        for threads in sorted({1, CORES}):
            rates = []
            for _ in range(arguments.repeat):
                short, few = run(tool, code, folder, 1, threads)
                long, many = run(tool, code, folder, ROUNDS, threads)
                rates.append((many - few) / (long - short) / 1e6)
            print(f"  {threads} thread{'s' if threads > 1 else ' '}  "
                  f"{statistics.median(rates):6.1f}  ({min(rates):.1f} to {max(rates):.1f})")


if __name__ == "__main__":
    main()
