# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random programs, compiled by clang for this machine and for gfx803, must
leave the same bits. Ten programs are one file; the optimisation level changes
from file to file. A program that fails is shown with the options that make it."""

import argparse
import ctypes
import os
import sys

import numpy as np

from harness import (FOLDER, IEEE, LANGUAGES, TARGET, Case, Emulator, Failure,
                     In, Out, call, check, codeObjectVersion)
from programs import Program

FILE = 10
LEVELS = [0, 1, 2, 3]
LANES, WORDS, INPUTS, GROUPS = 128, 32, 1024, 2


def write(path, texts):
    with open(path, "w") as file:
        file.write("\n".join(texts))


def build(options, first, programs, level):
    """A code object, and a library for this machine."""
    stem = os.path.join(options.work, f"programs{first}")
    write(stem + ".cl", ['#include "kernels.h"', '#include "programs.h"', "",
                         *(program.opencl() for program in programs)])
    write(stem + ".c", ['#include "programs.h"', "",
                        *(program.host() for program in programs)])
    common = ["-w", "-I", FOLDER, "-ffp-contract=off"]
    call([options.clang, *LANGUAGES[".cl"], *TARGET, *IEEE, *common,
          codeObjectVersion(level), f"-O{level}", stem + ".cl", "-o",
          stem + ".hsaco"])
    call([options.clang, *common, "-O1", "-shared", "-fPIC", stem + ".c", "-lm",
          "-o", stem + ".so"])
    return stem + ".hsaco", ctypes.CDLL(stem + ".so")


def onHost(function, data):
    pointer = ctypes.POINTER(ctypes.c_uint32)
    result = np.zeros((GROUPS, LANES, WORDS), np.uint32)
    for words, inputs in zip(result, data):
        function(words.ctypes.data_as(pointer), inputs.ctypes.data_as(pointer))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=803)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--level", type=int, choices=LEVELS)
    parser.add_argument("--clang", default="clang-22")
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--work", required=True, help="a folder for files")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    emulator = Emulator(options.emulator, options.work)
    print(f"seed {options.seed}, programs {options.first} to "
          f"{options.first + options.count - 1}")
    wrong, end = 0, options.first + options.count
    for first in range(options.first, end, FILE):
        programs = [Program(options.seed, index)
                    for index in range(first, min(first + FILE, end))]
        level = options.level
        if level is None:
            level = LEVELS[first // FILE % len(LEVELS)]
        code, library = build(options, first, programs, level)
        for program in programs:
            name = f"program{program.index}"
            rng = np.random.default_rng([options.seed, program.index])
            data = rng.integers(0, 2**32, (GROUPS, INPUTS), np.uint32)
            data[:, ::5] >>= rng.integers(0, 32, data[:, ::5].shape, np.uint32)
            expected = onHost(getattr(library, name), data)
            case = Case(None, name, GROUPS * LANES, LANES,
                        [Out(expected), In(data)])
            try:
                results, _ = emulator.run(case, code)
                problems = list(check(case, results))
            except Failure as failure:
                problems = [str(failure)]
            wrong += bool(problems)
            for problem in problems:
                print(f"{name} (--seed={options.seed} --first={program.index} "
                      f"--count=1 --level={level}): {problem}")
    print(f"{options.count} programs, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
