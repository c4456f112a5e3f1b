# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A register that is used before the s_waitcnt that covers its load."""

from planted import Fault, fine

WAIT = "pending-loads"


def pending(name, body, says="", **needs):
    return Fault(name, body, "pending-load", says, relax=WAIT, **needs)


FAULTS = [
    pending("flatMissing", """
        flat_load_dword v6, v[2:3]
        HERE: v_add_u32_e32 v7, vcc, v6, v6""", "v6 is used"),
    pending("bufferMissing", """
        buffer_load_dwordx4 v[6:9], v1, s[8:11], 0 offen
        HERE: v_mov_b32_e32 v10, v9""", "v9 is used .*vmcnt"),
    pending("vmOneTooHigh", """
        buffer_load_dword v6, v1, s[8:11], 0 offen
        buffer_load_dword v7, v1, s[12:15], 0 offen
        s_waitcnt vmcnt(1)
        v_mov_b32_e32 v8, v6
        HERE: v_mov_b32_e32 v8, v7""", "v7 is used .*vmcnt"),
    fine("vmInOrder", """
        buffer_load_dword v6, v1, s[8:11], 0 offen
        buffer_load_dword v7, v1, s[12:15], 0 offen
        s_waitcnt vmcnt(1)
        v_mov_b32_e32 v8, v6
        s_waitcnt vmcnt(0)
        v_mov_b32_e32 v8, v7"""),
    fine("storesCountToo", """
        buffer_load_dword v6, v1, s[8:11], 0 offen
        buffer_store_dword v0, v1, s[12:15], 0 offen
        s_waitcnt vmcnt(1)
        v_mov_b32_e32 v8, v6"""),
    pending("storeHidesLoad", """
        buffer_store_dword v0, v1, s[12:15], 0 offen
        buffer_load_dword v6, v1, s[8:11], 0 offen
        s_waitcnt vmcnt(1)
        HERE: v_mov_b32_e32 v8, v6"""),
    pending("scalarMissing", """
        s_load_dword s16, s[4:5], 0x0
        HERE: s_add_u32 s17, s16, 1""", "s16 is used .*lgkmcnt"),
    pending("scalarToVector", """
        s_load_dwordx2 s[16:17], s[4:5], 0x0
        HERE: v_mov_b32_e32 v6, s17""", "s17 is used"),
    pending("scalarOutOfOrder", """
        s_load_dword s16, s[4:5], 0x0
        s_load_dword s17, s[6:7], 0x0
        s_waitcnt lgkmcnt(1)
        HERE: s_add_u32 s18, s16, 1""", "s16 is used .*lgkmcnt"),
    fine("scalarAll", """
        s_load_dword s16, s[4:5], 0x0
        s_load_dword s17, s[6:7], 0x0
        s_waitcnt lgkmcnt(0)
        s_add_u32 s18, s16, s17"""),
    pending("ldsMissing", """
        ds_write_b32 v1, v0
        ds_read_b32 v6, v1
        HERE: v_add_u32_e32 v7, vcc, 1, v6""", "v6 is used .*lgkmcnt"),
    pending("ldsOneTooHigh", """
        ds_write_b32 v1, v0
        ds_read_b32 v6, v1
        ds_read_b32 v7, v1
        s_waitcnt lgkmcnt(1)
        v_mov_b32_e32 v8, v6
        HERE: v_mov_b32_e32 v8, v7""", "v7 is used"),
    pending("ldsAndScalar", """
        ds_write_b32 v1, v0
        ds_read_b32 v6, v1
        s_load_dword s16, s[4:5], 0x0
        s_waitcnt lgkmcnt(1)
        HERE: v_mov_b32_e32 v8, v6"""),
    pending("wrongCounter", """
        ds_write_b32 v1, v0
        ds_read_b32 v6, v1
        s_waitcnt vmcnt(0)
        HERE: v_mov_b32_e32 v8, v6""", "lgkmcnt"),
    # FLAT that reaches LDS: either counter may be the one.
    pending("flatOfLds", """
        ds_write_b32 v1, v0
        v_mov_b32_e32 v6, v1
        v_mov_b32_e32 v7, 0x20000000
        s_waitcnt lgkmcnt(0)
        flat_load_dword v8, v[6:7]
        s_waitcnt vmcnt(0)
        HERE: v_mov_b32_e32 v9, v8"""),
    fine("flatOfLdsBoth", """
        ds_write_b32 v1, v0
        v_mov_b32_e32 v6, v1
        v_mov_b32_e32 v7, 0x20000000
        s_waitcnt lgkmcnt(0)
        flat_load_dword v8, v[6:7]
        s_waitcnt vmcnt(0) lgkmcnt(0)
        v_mov_b32_e32 v9, v8"""),
    pending("overwritten", """
        buffer_load_dword v6, v1, s[8:11], 0 offen
        HERE: v_mov_b32_e32 v6, 0""", "v6"),
    pending("scalarOverwritten", """
        s_load_dword s16, s[4:5], 0x0
        HERE: s_mov_b32 s16, 0""", "s16"),
    pending("asAddress", """
        flat_load_dword v6, v[2:3]
        v_mov_b32_e32 v7, 0
        HERE: buffer_load_dword v8, v6, s[12:15], 0 offen"""),
    pending("asData", """
        flat_load_dword v6, v[2:3]
        HERE: flat_store_dword v[4:5], v6"""),
    pending("atomicResult", """
        flat_atomic_add v6, v[4:5], v0 glc
        HERE: v_mov_b32_e32 v7, v6"""),
    pending("swizzleResult", """
        ds_swizzle_b32 v6, v0 offset:swizzle(SWAP,1)
        HERE: v_mov_b32_e32 v7, v6"""),
    pending("inDpp", """
        flat_load_dword v6, v[2:3]
        HERE: v_mov_b32_dpp v7, v6 row_shr:1 row_mask:0xf bank_mask:0xf"""),
    pending("inSdwa", """
        flat_load_dword v6, v[2:3]
        HERE: v_mov_b32_sdwa v7, v6 dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:BYTE_1"""),
    fine("neverUsed", "flat_load_dword v6, v[2:3]"),
]
