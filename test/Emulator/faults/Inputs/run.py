# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every kernel of the families named: the fault must be found, at its
instruction, and with its check switched off it must not. Nothing may be written
by a run that fails."""

import argparse
import importlib
import os
import subprocess
import sys

import numpy as np

from planted import problem

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../isa/Inputs"))
from harness import Failure, Machine, kernelText  # noqa: E402

FAMILIES = ["waits", "bounds", "unwritten", "races", "control"]
SCRATCH = """
  .amdhsa_private_segment_fixed_size 64
  .amdhsa_system_sgpr_private_segment_wavefront_offset 1
  .amdhsa_user_sgpr_private_segment_buffer 1"""
# With scratch its descriptor comes first; its kernels expect it in s[20:23],
# and the wave's offset in s24.
SCRATCH_PROLOGUE = """
  s_mov_b64 s[20:21], s[0:1]
  s_mov_b64 s[22:23], s[2:3]
  s_mov_b32 s24, s7
  s_mov_b64 s[0:1], s[4:5]
  s_mov_b32 s2, s6"""


def assembly(fault):
    needs, lines = fault.needs, fault.lines()
    scratch = needs.get("scratch")
    text, metadata = kernelText(
        fault.name, [SCRATCH_PROLOGUE] * bool(scratch) + lines,
        lds=needs.get("lds", 16384), vgprs=needs.get("vgprs", 32),
        extra=SCRATCH if scratch else "")
    if "sgprs" in needs:
        text = text.replace("next_free_sgpr 96",
                            f"next_free_sgpr {needs['sgprs']}")
    if scratch:
        metadata = metadata.replace("private_segment_fixed_size: 0",
                                    "private_segment_fixed_size: 64")
    return text, metadata


class Runner:
    def __init__(self, machine, nm):
        self.machine, self.nm = machine, nm
        self.data = machine.path("data.npy")
        np.save(self.data, np.arange(128, dtype=np.uint32))
        self.result = machine.path("result.npy")

    def offsets(self, name):
        """Addresses of all labels."""
        lines = self.machine.call(self.nm, self.machine.path(name + ".o"))
        return {label: int(address, 16) for address, _, label in
                (line.split() for line in lines.strip().split("\n"))}

    def run(self, fault, code, relax=None):
        """Exit status and standard error."""
        if os.path.exists(self.result):
            os.remove(self.result)
        items = fault.needs.get("items", 64)
        first = "uninit:u32[128]" if fault.needs.get("uninit") else self.data
        # What is harmless may leave the buffer undefined, which cannot be saved.
        output = f":{self.result}" if fault.kind is not None else ""
        command = [self.machine.emulator, "run", code, f"--kernel={fault.name}",
                   f"--grid={items}", f"--workgroup={items}", f"--arg={first}",
                   f"--arg={self.data}" + output]
        if relax:
            command.append(f"--relax={relax}")
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  timeout=60)
        except subprocess.TimeoutExpired:
            return None, "it does not end"
        return done.returncode, done.stderr

    def problems(self, fault, code, offsets):
        offset = None
        if fault.place():
            offset = offsets[fault.name + ".here"] - offsets[fault.name]
        found = problem(fault, fault.kind, fault.says,
                        *self.run(fault, code), offset)
        if found:
            yield found
        if fault.kind is not None and os.path.exists(self.result):
            yield "the run failed, but wrote its results"
        if fault.relax:
            found = problem(fault, fault.relaxed, "",
                            *self.run(fault, code, fault.relax), None)
            if found:
                yield f"--relax={fault.relax}: {found}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=FAMILIES,
                        help=" ".join(FAMILIES))
    parser.add_argument("--only", help="a kernel's name")
    parser.add_argument("--tools", required=True, help="LLVM's programs")
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--work", required=True, help="a folder for files")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    machine = Machine(options.emulator, options.tools, options.work)
    runner = Runner(machine, os.path.join(options.tools, "llvm-nm"))
    count = wrong = 0
    for family in options.families:
        faults = importlib.import_module(family).FAULTS
        machine.assemble(family, [assembly(fault) for fault in faults])
        offsets = runner.offsets(family)
        for fault in faults:
            if options.only not in (None, fault.name):
                continue
            count += 1
            problems = list(runner.problems(
                fault, machine.path(family + ".hsaco"), offsets))
            wrong += bool(problems)
            for text in problems:
                print(f"{family}.{fault.name}: {text}")
    print(f"{count} kernels, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
