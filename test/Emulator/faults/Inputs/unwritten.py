# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values nobody wrote, where they decide something, and where they do not."""

from planted import Fault, fine

UNINIT = "uninitialised"


def unwritten(name, body, says="", relaxed=None, **needs):
    return Fault(name, body, "uninitialised", says, relax=UNINIT,
                 relaxed=relaxed, **needs)


FAULTS = [
    unwritten("address", """
        HERE: flat_load_dword v8, v[6:7]""", "v6|v7", relaxed="out-of-bounds"),
    unwritten("offset", """
        HERE: buffer_load_dword v7, v6, s[8:11], 0 offen""", "v6"),
    unwritten("addressArithmetic", """
        v_add_u32_e32 v7, vcc, v6, v2
        v_mov_b32_e32 v8, v3
        HERE: flat_load_dword v8, v[7:8]"""),
    unwritten("scalarAddress", "HERE: s_load_dword s20, s[16:17], 0x0",
              relaxed="out-of-bounds"),
    unwritten("descriptor", """
        s_mov_b64 s[18:19], s[10:11]
        HERE: buffer_load_dword v6, v1, s[16:19], 0 offen""",
              relaxed="out-of-bounds"),
    unwritten("ldsAddress", "HERE: ds_read_b32 v7, v6"),
    unwritten("branchOnScc", """
        s_cmp_eq_u32 s16, 0
        HERE: s_cbranch_scc1 branchOnScc.on
        branchOnScc.on:""", "branch"),
    unwritten("branchOnVcc", """
        v_cmp_eq_u32_e32 vcc, 0, v6
        HERE: s_cbranch_vccz branchOnVcc.on
        branchOnVcc.on:"""),
    unwritten("execByCompare", "HERE: v_cmpx_eq_u32_e32 vcc, 0, v6", "EXEC"),
    unwritten("execBySave", """
        v_cmp_eq_u32_e32 vcc, 0, v6
        HERE: s_and_saveexec_b64 s[16:17], vcc""", "EXEC"),
    unwritten("execByMove", "HERE: s_mov_b64 exec, s[16:17]", "EXEC"),
    unwritten("m0", """
        s_mov_b32 m0, s16
        HERE: ds_write_b32 v1, v0""", "M0", relaxed="out-of-bounds"),
    unwritten("laneNumber", "HERE: v_readlane_b32 s17, v0, s16"),
    unwritten("jump", "HERE: s_setpc_b64 s[16:17]",
              relaxed="bad-program-counter"),
    unwritten("store", "HERE: flat_store_dword v[4:5], v6", r"lane 0\b"),
    unwritten("bufferStore", """
        HERE: buffer_store_dwordx2 v[5:6], v1, s[12:15], 0 offen"""),
    unwritten("byteStore", "HERE: flat_store_byte v[4:5], v6"),
    unwritten("atomic", "HERE: flat_atomic_add v[4:5], v6"),
    unwritten("scalarStored", """
        v_mov_b32_e32 v6, s16
        HERE: flat_store_dword v[4:5], v6"""),
    unwritten("ldsStored", """
        ds_read_b32 v6, v1
        s_waitcnt lgkmcnt(0)
        HERE: flat_store_dword v[4:5], v6"""),
    unwritten("memoryStored", """
        flat_load_dword v6, v[2:3]
        s_waitcnt vmcnt(0) lgkmcnt(0)
        v_add_u32_e32 v6, vcc, 1, v6
        HERE: flat_store_dword v[4:5], v6""", uninit=True),
    unwritten("memoryBranch", """
        s_load_dword s16, s[4:5], 0x0
        s_waitcnt lgkmcnt(0)
        s_cmp_lg_u32 s16, 0
        HERE: s_cbranch_scc0 memoryBranch.on
        memoryBranch.on:""", uninit=True),
    unwritten("memoryAtomic", """
        HERE: flat_atomic_or v[2:3], v0""", uninit=True),
    # Only half the lanes have it; the others did not get it by a move.
    unwritten("otherLanes", """
        s_mov_b64 exec, 0xffffffff
        v_mov_b32_e32 v6, 1
        s_mov_b64 exec, -1
        HERE: flat_store_dword v[4:5], v6""", r"lane 32\b"),
    unwritten("scratch", """
        buffer_load_dword v6, off, s[20:23], s24
        s_waitcnt vmcnt(0)
        HERE: flat_store_dword v[4:5], v6""", scratch=True),
    # --- copies, which compilers make ----------------------------------------
    fine("copies", """
        v_mov_b32_e32 v7, v6
        s_mov_b64 s[18:19], s[16:17]
        v_mov_b32_e32 v8, s18
        v_cndmask_b32_e32 v9, v7, v8, vcc
        ds_write_b32 v1, v7
        ds_read_b32 v10, v1
        s_waitcnt lgkmcnt(0)
        v_add_u32_e32 v10, vcc, v10, v9
        v_readfirstlane_b32 s20, v10
        s_add_u32 s20, s20, 1"""),
    fine("halfWritten", """
        v_mov_b32_sdwa v6, v0 dst_sel:WORD_0 dst_unused:UNUSED_PRESERVE src0_sel:DWORD
        v_mov_b32_e32 v7, v6
        ds_write_b32 v1, v7
        ds_read_b32 v8, v1
        s_waitcnt lgkmcnt(0)
        v_and_b32_e32 v8, 0xffff, v8
        flat_store_dword v[4:5], v8
        v_bfe_u32 v9, v7, 8, 8
        flat_store_dword v[4:5], v9
        flat_store_short v[4:5], v7
        v_mov_b32_sdwa v10, v7 dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:BYTE_1
        flat_store_dword v[4:5], v10
        v_lshlrev_b32_e32 v11, 16, v7
        flat_store_dword v[4:5], v11"""),
    unwritten("otherHalf", """
        v_mov_b32_sdwa v6, v0 dst_sel:WORD_0 dst_unused:UNUSED_PRESERVE src0_sel:DWORD
        v_lshrrev_b32_e32 v6, 16, v6
        HERE: flat_store_short v[4:5], v6"""),
    fine("narrowLds", """
        ds_write_b8 v1, v0
        ds_write_b16 v1, v0 offset:2
        ds_read_b32 v6, v1
        s_waitcnt lgkmcnt(0)
        v_lshrrev_b32_e32 v7, 16, v6
        flat_store_dword v[4:5], v7
        flat_store_byte v[4:5], v6"""),
    # Padding: a dword that is defined in part.
    fine("padding", """
        v_mov_b32_sdwa v6, v0 dst_sel:BYTE_0 dst_unused:UNUSED_PRESERVE src0_sel:DWORD
        flat_store_dword v[4:5], v6"""),
    fine("maskedAway", """
        v_and_b32_e32 v6, 0, v6
        flat_store_dword v[4:5], v6
        s_and_b32 s16, s16, 0
        s_cmp_eq_u32 s16, 0
        s_cbranch_scc1 maskedAway.on
        s_trap 2
        maskedAway.on:"""),
    fine("bitByBit", """
        s_bfe_u32 s17, s2, 0x10000
        s_andn2_b32 s16, s16, -1
        s_or_b32 s16, s16, s17
        s_cmp_lg_u32 s16, 0
        s_cbranch_scc1 bitByBit.on
        bitByBit.on:"""),
    fine("spill", """
        buffer_store_dword v6, off, s[20:23], s24
        buffer_store_dword v0, off, s[20:23], s24 offset:4
        s_waitcnt vmcnt(0)
        buffer_load_dword v6, off, s[20:23], s24
        buffer_load_dword v7, off, s[20:23], s24 offset:4
        s_waitcnt vmcnt(0)
        flat_store_dword v[4:5], v7""", scratch=True),
    # A mask that is undefined in inactive lanes, spilled and restored.
    fine("spilledMask", """
        s_mov_b64 exec, 0xfff
        v_cmp_lt_u32_e32 vcc, 3, v0
        s_andn2_b64 s[16:17], s[16:17], exec
        s_or_b64 s[16:17], s[16:17], vcc
        v_writelane_b32 v6, s16, 0
        v_writelane_b32 v6, s17, 1
        v_readlane_b32 s18, v6, 0
        v_readlane_b32 s19, v6, 1
        s_and_b64 exec, exec, s[18:19]"""),
    fine("memoryCopied", """
        flat_load_dword v6, v[2:3]
        s_waitcnt vmcnt(0) lgkmcnt(0)
        v_mov_b32_e32 v7, v6
        flat_store_dword v[2:3], v0
        flat_load_dword v6, v[2:3]
        s_waitcnt vmcnt(0) lgkmcnt(0)
        flat_store_dword v[4:5], v6""", uninit=True),
]
