# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the instruction tests, or writes the table of what they cover.

  run.py --emulator=gfx803-emulator --tools=LLVM_BIN --work=DIR SHARD...
  run.py --tools=LLVM_BIN --write-docs=docs/gfx803-opcodes.md

Without --emulator the cases are only assembled. Exit status 1 and the first
differences if something is not as expected."""

import argparse
import os
import sys

import coverage
import flow
import formats
import lds
import memory
import salu
import segments
import valu_float
import valu_int
import vector
from harness import Machine, runCases


SHARDS = {
    "salu": lambda seed: salu.cases(seed),
    "flow": lambda seed: flow.cases(seed),
    "lds": lambda seed: lds.cases(seed),
    "memory": lambda seed: memory.cases(seed),
    "formats": lambda seed: formats.cases(seed),
    "float": lambda seed: vector.casesOf(valu_float.ops(), seed),
    "integer": lambda seed: vector.casesOf(valu_int.ops(), seed),
    "compare": lambda seed: vector.casesOf(valu_int.comparisons(), seed),
}


def mnemonics(seed):
    names = set(segments.covered())
    for make in SHARDS.values():
        for case in make(seed):
            names.update(case.covers)
    return names


def check(machine, shard, cases):
    """Opcodes that are known not to be emulated must be refused by name."""
    refused = [c for c in cases if any(map(coverage.unemulated, c.covers))]
    cases = [c for c in cases if c not in refused]
    differences = runCases(machine, shard, cases)
    if not machine.emulator:
        return differences + runCases(machine, shard, refused)
    for number, case in enumerate(refused):
        told = " ".join(runCases(machine, f"{shard}_refused{number}", [case]))
        if "is not emulated" not in told:
            differences.append(f"{case.name}: emulated now; its row in "
                               f"coverage.UNEMULATED can go. {told}")
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shards", nargs="*")
    parser.add_argument("--emulator")
    parser.add_argument("--tools", default="/usr/lib/llvm-22/bin")
    parser.add_argument("--work", default=".")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--only", help="cases whose name contains this")
    parser.add_argument("--write-docs")
    arguments = parser.parse_args()

    if arguments.write_docs:
        names = mnemonics(arguments.seed)
        missing = coverage.unexplained(arguments.tools, names)
        if missing:
            sys.exit("neither tested nor explained: " + " ".join(missing))
        with open(arguments.write_docs, "w") as file:
            file.write(coverage.table(arguments.tools, names))
        return

    os.makedirs(arguments.work, exist_ok=True)
    machine = Machine(arguments.emulator, arguments.tools, arguments.work)
    failed = False
    for shard in arguments.shards or [*SHARDS, "segments"]:
        if shard == "segments":
            count, differences = 5, segments.run(machine)
        else:
            cases = list(SHARDS[shard](arguments.seed))
            if arguments.only:
                cases = [c for c in cases if arguments.only in c.name]
            count, differences = len(cases), check(machine, shard, cases)
        for line in differences[:60]:
            print(line)
        failed = failed or bool(differences)
        print(f"{shard}: seed {arguments.seed}, {count} cases, "
              f"{len(differences)} differences")
    sys.exit(failed)


if __name__ == "__main__":
    main()
