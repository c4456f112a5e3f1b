# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels on the emulator: `run.py FAMILY... --levels=0,1,3`, or the same under
several seeds and numbers of threads (`--repeat`), where nothing may change."""

import argparse
import importlib
import os
import sys
import zlib

import numpy as np

from harness import Compiler, Emulator, Failure, check

FAMILIES = ["basics", "shared", "atomics", "floats", "stack", "hiplike"]


def correct(emulator, case, code):
    results, _ = emulator.run(case, code)
    yield from check(case, results)


def repeatable(emulator, case, code):
    """The same bytes and the same counts, whatever the order and the threads."""
    first = None
    for seed in (1, 2, 3):
        for threads in (1, 2):
            results, printed = emulator.run(
                case, code, [f"--seed={seed}", f"--threads={threads}",
                             "--counters=json"])
            now = [result.tobytes() for result in results], printed
            if first is None:
                first = now
            if now[0] != first[0]:
                yield f"--seed={seed} --threads={threads}: other results"
            if now[1] != first[1]:
                yield f"--seed={seed} --threads={threads}: other counts"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=FAMILIES,
                        help=" ".join(FAMILIES))
    parser.add_argument("--levels", default="0,1,3")
    parser.add_argument("--repeat", action="store_true")
    parser.add_argument("--only", help="a kernel's name")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--clang", default="clang-22")
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--work", required=True, help="a folder for files")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    compiler = Compiler(options.clang, options.work)
    emulator = Emulator(options.emulator, options.work)
    test = repeatable if options.repeat else correct
    count = wrong = 0
    print(f"seed {options.seed}")
    for family in options.families or FAMILIES:
        module = importlib.import_module(family)
        for make in module.CASES:
            name = make.__name__
            if options.only not in (None, name):
                continue
            if options.repeat and name in getattr(module, "ORDERED", ()):
                continue
            rng = np.random.default_rng(
                [options.seed, zlib.crc32(name.encode())])
            case = make(rng)
            for level in options.levels.split(","):
                count += 1
                try:
                    code = compiler.compile(case.source, level, case.ieee)
                    problems = list(test(emulator, case, code))
                except Failure as failure:
                    problems = [str(failure)]
                wrong += bool(problems)
                for problem in problems:
                    print(f"{family}.{name} -O{level}: {problem}")
    print(f"{count} runs, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
