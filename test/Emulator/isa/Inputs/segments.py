# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels of their own: flat addresses that lie in LDS and scratch, scratch as a
swizzled buffer, barriers between waves, and programs that must be refused."""

import numpy as np

from harness import Failure, kernelText

# User SGPRs in their order: s[0:3] scratch buffer, s[4:5] queue, s[6:7] kernel
# arguments, s[8:9] flat scratch; then s10 the workgroup, s11 the wave's offset.
EXTRA = """
  .amdhsa_user_sgpr_private_segment_buffer 1
  .amdhsa_user_sgpr_queue_ptr 1
  .amdhsa_user_sgpr_flat_scratch_init 1
  .amdhsa_system_sgpr_private_segment_wavefront_offset 1
  .amdhsa_private_segment_fixed_size 256
  .amdhsa_system_sgpr_workgroup_id_x 1"""

START = """
  s_add_u32 s8, s8, s11
  s_lshr_b32 flat_scratch_hi, s8, 8
  s_mov_b32 flat_scratch_lo, s9
  s_load_dwordx2 s[12:13], s[6:7], 0x0
  s_load_dwordx2 s[14:15], s[4:5], 0x40
  s_mov_b32 m0, -1
  v_lshlrev_b32_e32 v1, 2, v0
  v_mul_u32_u24_e32 v10, 0x1235, v0
  v_add_u32_e32 v10, vcc, 7, v10
  s_waitcnt lgkmcnt(0)
  v_mov_b32_e32 v3, s13
  v_add_u32_e32 v2, vcc, s12, v1
  v_addc_u32_e32 v3, vcc, 0, v3, vcc""".split("\n")[1:]

STORE = ["  flat_store_dword v[2:3], v30", "  s_waitcnt vmcnt(0) lgkmcnt(0)"]


def values():
    return np.arange(64, dtype=np.uint32) * 0x1235 + 7


def ldsByFlat():
    """Written by its flat address, read by DS, and the other way round."""
    lines = ["  v_mov_b32_e32 v5, s14", "  v_add_u32_e32 v4, vcc, 64, v1",
             "  flat_store_dword v[4:5], v10",
             "  s_waitcnt vmcnt(0) lgkmcnt(0)",
             "  ds_read_b32 v11, v1 offset:64", "  s_waitcnt lgkmcnt(0)",
             "  v_add_u32_e32 v11, vcc, 1, v11",
             "  ds_write_b32 v1, v11 offset:64", "  s_waitcnt lgkmcnt(0)",
             "  flat_atomic_add v12, v[4:5], v10 glc",
             "  s_waitcnt vmcnt(0) lgkmcnt(0)",
             "  flat_load_dword v13, v[4:5]",
             "  s_waitcnt vmcnt(0) lgkmcnt(0)",
             "  v_sub_u32_e32 v13, vcc, v13, v12",
             "  v_sub_u32_e32 v12, vcc, v12, v10",
             "  v_mad_u32_u24 v30, v12, 1, v13"]
    return lines, values() + np.uint32(1), ["flat_store_dword",
                                            "flat_atomic_add",
                                            "flat_load_dword"]


def scratchByFlat():
    """Each lane has its own; a buffer access finds the same bytes."""
    lines = ["  v_mov_b32_e32 v5, s15", "  v_mov_b32_e32 v4, 8",
             "  flat_store_dword v[4:5], v10",
             "  s_waitcnt vmcnt(0) lgkmcnt(0)",
             "  buffer_load_dword v11, off, s[0:3], s11 offset:8",
             "  s_waitcnt vmcnt(0)", "  v_add_u32_e32 v11, vcc, 2, v11",
             "  buffer_store_dword v11, off, s[0:3], s11 offset:12",
             "  v_mov_b32_e32 v4, 12", "  s_waitcnt vmcnt(0)",
             "  flat_load_dword v30, v[4:5]",
             "  s_waitcnt vmcnt(0) lgkmcnt(0)"]
    return lines, values() + np.uint32(2), ["flat_store_dword",
                                            "flat_load_dword"]


def scratchByBuffer():
    lines = ["  buffer_store_dword v10, off, s[0:3], s11 offset:4",
             "  v_mov_b32_e32 v4, 4",
             "  s_waitcnt vmcnt(0)",
             "  buffer_load_dword v30, v4, s[0:3], s11 offen",
             "  s_waitcnt vmcnt(0)"]
    return lines, values(), ["buffer_store_dword", "buffer_load_dword"]


def barrier(machine):
    """Four waves pass values through LDS to the next wave."""
    lines = ["  s_load_dwordx2 s[12:13], s[0:1], 0x0", "  s_mov_b32 m0, -1",
             "  v_lshlrev_b32_e32 v1, 2, v0",
             "  v_mul_u32_u24_e32 v10, 0x1235, v0",
             "  ds_write_b32 v1, v10", "  s_waitcnt lgkmcnt(0)", "  s_barrier",
             "  v_add_u32_e32 v4, vcc, 0x100, v1",
             "  v_and_b32_e32 v4, 0x3ff, v4", "  ds_read_b32 v30, v4",
             "  s_waitcnt lgkmcnt(0)", "  v_mov_b32_e32 v3, s13",
             "  v_add_u32_e32 v2, vcc, s12, v1",
             "  v_addc_u32_e32 v3, vcc, 0, v3, vcc", *STORE]
    machine.assemble("barrier", [kernelText("barrier", lines, lds=1024,
                                            arguments=["global_buffer"])])
    if not machine.emulator:
        return []
    (got,) = machine.run("barrier", "barrier", [], [256], 256, 256)
    wanted = np.roll(np.arange(256, dtype=np.uint32) * 0x1235, -64)
    return [] if (got.ravel() == wanted).all() else ["barrier: wrong values"]


# What the emulator must refuse, with a word of the message.
REFUSED = {"s_trap 2": "s_trap", "s_cbranch_g_fork s[20:21], s[22:23]":
           "s_cbranch_g_fork", "s_setvskip s20, 0": "s_setvskip",
           "v_interp_p1_f32 v2, v3, attr0.x": "0xd4080003"}


def refused(machine):
    """An instruction nobody emulates stops the kernel and is named, on one
    line."""
    found = []
    for number, (text, word) in enumerate(REFUSED.items()):
        name = f"refused{number}"
        lines = ["  s_mov_b64 s[20:21], 0", "  s_mov_b64 s[22:23], 0",
                 "  v_mov_b32_e32 v3, 0", "  " + text]
        machine.assemble(name, [kernelText(name, lines,
                                           arguments=["global_buffer"])])
        if not machine.emulator:
            continue
        try:
            machine.run(name, name, [], [64])
            found.append(f"{text}: ran")
        except Failure as failure:
            message = str(failure)
            if word not in message.lower() or "\n" in message or name not in message:
                found.append(f"{text}: told as {message!r}")
    return found


PROGRAMS = (ldsByFlat, scratchByFlat, scratchByBuffer)
COVERS = ["s_barrier", "s_trap", "s_endpgm"]


def covered():
    names = set(COVERS)
    for program in PROGRAMS:
        names.update(program()[2])
    return names


def run(machine):
    found = []
    for program in PROGRAMS:
        lines, wanted, _ = program()
        name = program.__name__
        machine.assemble(name, [kernelText(
            name, [*START, *lines, *STORE], extra=EXTRA, lds=1024,
            arguments=["global_buffer"])])
        if not machine.emulator:
            continue
        try:
            (got,) = machine.run(name, name, [], [64])
        except Failure as failure:
            found.append(f"{name}: {failure}")
            continue
        if not (got.ravel() == wanted).all():
            found.append(f"{name}: expected {wanted[:4]}, got {got.ravel()[:4]}")
    for program in (barrier, refused):
        try:
            found += program(machine)
        except Failure as failure:
            found.append(f"{program.__name__}: {failure}")
    return found
