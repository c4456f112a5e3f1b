# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Waves that touch the same byte of LDS with no barrier between."""

from planted import Fault, fine

RACES = "lds-races"


def race(name, body, says="", **needs):
    return Fault(name, body, "lds-race", says, relax=RACES, items=128, **needs)


def calm(name, body, **needs):
    return fine(name, body, items=needs.pop("items", 128), **needs)


# Lane 0 of each wave at address 0; v8 is its data.
FIRST_LANES = """
        v_mov_b32_e32 v6, 0
        v_mov_b32_e32 v8, 1
        s_mov_b64 exec, 1"""
# Wave 1 alone goes on; v0 / 64 is the wave.
BRANCH = """
        v_readfirstlane_b32 s16, v0
        s_cmp_lg_u32 s16, 0"""

FAULTS = [
    race("writeWrite", FIRST_LANES + """
        HERE: ds_write_b32 v6, v8""", "LDS byte 0 was also touched by wave"),
    race("writeRead", BRANCH + FIRST_LANES + """
        s_cbranch_scc1 writeRead.other
        ds_write_b32 v6, v8
        s_branch writeRead.end
        writeRead.other:
        ds_read_b32 v7, v6
        writeRead.end:"""),
    # Each wave writes its own half and reads the other's.
    race("missingBarrier", """
        ds_write_b32 v1, v0
        s_waitcnt lgkmcnt(0)
        v_xor_b32_e32 v6, 0x100, v1
        ds_read_b32 v7, v6"""),
    calm("withBarrier", """
        ds_write_b32 v1, v0
        s_waitcnt lgkmcnt(0)
        s_barrier
        v_xor_b32_e32 v6, 0x100, v1
        ds_read_b32 v7, v6"""),
    # And again: what was read is overwritten too early.
    race("secondBarrier", """
        ds_write_b32 v1, v0
        s_waitcnt lgkmcnt(0)
        s_barrier
        v_xor_b32_e32 v6, 0x100, v1
        ds_read_b32 v7, v6
        s_waitcnt lgkmcnt(0)
        ds_write_b32 v1, v7"""),
    calm("bothBarriers", """
        ds_write_b32 v1, v0
        s_waitcnt lgkmcnt(0)
        s_barrier
        v_xor_b32_e32 v6, 0x100, v1
        ds_read_b32 v7, v6
        s_waitcnt lgkmcnt(0)
        s_barrier
        ds_write_b32 v1, v7"""),
    calm("atomics", FIRST_LANES + """
        s_barrier
        ds_add_u32 v6, v8"""),
    race("atomicAndWrite", BRANCH + FIRST_LANES + """
        s_cbranch_scc1 atomicAndWrite.other
        ds_add_u32 v6, v8
        s_branch atomicAndWrite.end
        atomicAndWrite.other:
        ds_write_b32 v6, v8
        atomicAndWrite.end:"""),
    calm("readersOnly", """
        ds_write_b32 v1, v0
        s_waitcnt lgkmcnt(0)
        s_barrier
        v_mov_b32_e32 v6, 0
        ds_read_b32 v7, v6"""),
    calm("oneWave", FIRST_LANES + """
        ds_write_b32 v6, v8
        ds_write_b32 v6, v8
        ds_read_b32 v7, v6""", items=64),
    # Bytes of one dword, each wave its own.
    calm("neighbours", BRANCH + FIRST_LANES + """
        s_cselect_b32 s17, 1, 0
        v_mov_b32_e32 v6, s17
        ds_write_b8 v6, v8
        ds_write_b8 v6, v8 offset:2"""),
    race("sameByte", BRANCH + FIRST_LANES + """
        s_cselect_b32 s17, 2, 0
        v_mov_b32_e32 v6, s17
        ds_write_b8 v6, v8
        ds_write_b16 v6, v8 offset:2
        s_cbranch_scc1 sameByte.end
        ds_write_b8 v6, v8 offset:3
        sameByte.end:"""),
    race("flatRace", FIRST_LANES + """
        v_mov_b32_e32 v7, 0x20000000
        HERE: flat_store_dword v[6:7], v8"""),
]
