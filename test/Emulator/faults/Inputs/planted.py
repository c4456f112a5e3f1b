# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels with a planted fault, and their harmless neighbours.

Each is a few instructions between a prologue and the end. The registers then:

    s[0:1]   kernel arguments       v0      item in the workgroup
    s2       workgroup              v1      4 * item
    s[4:5]   buffer 0               v[2:3]  address of item's dword of buffer 0
    s[6:7]   buffer 1               v[4:5]  the same of buffer 1
    s[8:11]  descriptor of buffer 0, exactly as large as it
    s[12:15] descriptor of buffer 1, much larger than it

Both buffers have 128 dwords and are initialised, if not told otherwise.
Registers from v6 and s16 on are not written."""

import re
import sys

PROLOGUE = """
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  v_lshlrev_b32_e32 v1, 2, v0
  s_waitcnt lgkmcnt(0)
  v_mov_b32_e32 v3, s5
  v_add_u32_e32 v2, vcc, s4, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc
  v_mov_b32_e32 v5, s7
  v_add_u32_e32 v4, vcc, s6, v1
  v_addc_u32_e32 v5, vcc, 0, v5, vcc
  s_mov_b32 s8, s4
  s_and_b32 s9, s5, 0xffff
  s_movk_i32 s10, 0x200
  s_mov_b32 s11, 0x00027000
  s_mov_b32 s12, s6
  s_and_b32 s13, s7, 0xffff
  s_mov_b32 s14, 0x100000
  s_mov_b32 s15, 0x00027000
  s_mov_b32 m0, -1"""

# What stands where the address of the fault is to be.
HERE = "HERE: "


class Fault:
    """`kind` is how the message names the fault, `says` a regular expression
    for what else it must say; None for `kind`: nothing is wrong. With
    --relax=`relax` nothing may be wrong either, or, if `relaxed` is given, that
    kind of fault is left. `needs` changes the run: items (of the one
    workgroup), lds (bytes), vgprs, sgprs, uninit (buffer 0 is), options."""

    def __init__(self, name, body, kind, says="", relax=None, relaxed=None,
                 **needs):
        self.name = name
        self.body = [line.strip() for line in body.strip().split("\n")]
        self.kind, self.says = kind, says
        self.relax, self.relaxed, self.needs = relax, relaxed, needs

    def lines(self):
        """Instructions, with a label at the one at fault."""
        result = [PROLOGUE]
        for line in self.body:
            if line.startswith(HERE):
                result.append(f"{self.name}.here:")
                line = line[len(HERE):]
            result.append("  " + line)
        return result

    def place(self):
        return any(line.startswith(HERE) for line in self.body)


def fine(name, body, **needs):
    return Fault(name, body, None, **needs)


def problem(fault, kind, says, status, stderr, offset):
    """What is wrong with the outcome of a run, or None."""
    if kind is None:
        return f"exit status {status}: {stderr.strip()}" if status != 0 else None
    if status != 1:
        return f"exit status {status} instead of 1: {stderr.strip()}"
    lines = stderr.strip().split("\n")
    if len(lines) != 1:
        return f"{len(lines)} lines of messages: {stderr.strip()}"
    # A dispatch that is refused has no place.
    wanted = [rf"kernel {fault.name}\b", rf": {kind}: "] if offset else []
    if offset is not None:
        wanted.append(rf"\(entry\+{offset}\)")
    wanted.append(says)
    for pattern in wanted:
        if not re.search(pattern, lines[0]):
            return f"no /{pattern}/ in the message: {lines[0]}"
    return None
