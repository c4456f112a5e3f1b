# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Accesses outside every allocation, beyond LDS, or unaligned."""

from planted import Fault, fine

BOUNDS = "out-of-bounds"


def outside(name, body, says="", **needs):
    return Fault(name, body, "out-of-bounds", says, relax=BOUNDS, **needs)


FAULTS = [
    # The last of 128 items reads what comes after the buffer.
    outside("readPastEnd", """
        v_add_u32_e32 v2, vcc, 4, v2
        v_addc_u32_e32 v3, vcc, 0, v3, vcc
        HERE: flat_load_dword v6, v[2:3]""", r"wave 1, .*lane 63\b", items=128),
    outside("writePastEnd", """
        v_add_u32_e32 v4, vcc, 0x200, v4
        v_addc_u32_e32 v5, vcc, 0, v5, vcc
        HERE: flat_store_dword v[4:5], v0""", r"lane 0\b"),
    outside("readBefore", """
        v_add_u32_e32 v2, vcc, -4, v2
        v_addc_u32_e32 v3, vcc, -1, v3, vcc
        HERE: flat_load_dword v6, v[2:3]""", r"lane 0\b"),
    outside("partlyOutside", """
        v_add_u32_e32 v2, vcc, 0x100, v2
        v_addc_u32_e32 v3, vcc, 0, v3, vcc
        HERE: flat_load_dwordx2 v[6:7], v[2:3]""", r"lane 63\b"),
    fine("upToTheEnd", """
        v_add_u32_e32 v2, vcc, 0xfc, v2
        v_addc_u32_e32 v3, vcc, 0, v3, vcc
        flat_load_dwordx2 v[6:7], v[2:3]"""),
    outside("nullPointer", """
        v_mov_b32_e32 v2, 0
        v_mov_b32_e32 v3, 0
        HERE: flat_load_ubyte v6, v[2:3]"""),
    fine("inactiveLanes", """
        v_mov_b32_e32 v2, 0
        v_mov_b32_e32 v3, 0
        s_mov_b64 exec, 0
        flat_load_ubyte v6, v[2:3]
        flat_store_dword v[2:3], v0"""),
    outside("atomicOutside", """
        v_add_u32_e32 v4, vcc, 0x200, v4
        v_addc_u32_e32 v5, vcc, 0, v5, vcc
        HERE: flat_atomic_add v[4:5], v0"""),
    outside("scalarPastEnd", """
        HERE: s_load_dwordx2 s[16:17], s[4:5], 0x1fc"""),
    outside("scalarOfHost", """
        s_mov_b64 s[16:17], 0x1000
        HERE: s_load_dword s18, s[16:17], 0x0"""),
    # A descriptor ends quietly, on a card too; an allocation does not.
    fine("beyondDescriptor", """
        v_add_u32_e32 v6, vcc, 0x1c0, v1
        v_mov_b32_e32 v7, -1
        buffer_load_dword v7, v6, s[8:11], 0 offen
        s_waitcnt vmcnt(0)
        v_cmp_lt_u32_e32 vcc, 15, v0
        s_and_b64 exec, exec, vcc
        v_cmp_ne_u32_e32 vcc, 0, v7
        s_cbranch_vccz beyondDescriptor.zero
        s_trap 2
        beyondDescriptor.zero:
        buffer_store_dword v0, v6, s[8:11], 0 offen
        s_buffer_load_dword s16, s[8:11], 0x1000"""),
    outside("descriptorTooLarge", """
        v_add_u32_e32 v6, vcc, 0x1c0, v1
        HERE: buffer_load_dword v7, v6, s[12:15], 0 offen""", r"lane 16\b"),
    outside("storeTooLarge", """
        v_add_u32_e32 v6, vcc, 0x1c0, v1
        HERE: buffer_store_dword v0, v6, s[12:15], 0 offen""", r"lane 16\b"),
    outside("scalarDescriptor", """
        HERE: s_buffer_load_dword s16, s[12:15], 0x200"""),
    outside("ldsPastEnd", """
        v_add_u32_e32 v6, vcc, 4, v1
        HERE: ds_write_b32 v6, v0""", r"lane 63\b.*LDS address 256", lds=256),
    outside("ldsOffset", """
        HERE: ds_write_b32 v1, v0 offset:16384""", "LDS address 16384"),
    outside("noLds", "HERE: ds_write_b32 v1, v0", lds=0),
    outside("flatLdsPastEnd", """
        v_add_u32_e32 v6, vcc, 4, v1
        v_mov_b32_e32 v7, 0x20000000
        HERE: flat_store_dword v[6:7], v0""", lds=256),
    Fault("ldsUnaligned", """
        v_add_u32_e32 v6, vcc, 2, v1
        HERE: ds_write_b32 v6, v0""", "unaligned", "LDS address 2 "),
    Fault("ldsWideUnaligned", """
        v_add_u32_e32 v6, vcc, 4, v1
        HERE: ds_write_b64 v6, v[0:1]""", "unaligned", "LDS address 4 "),
    Fault("atomicUnaligned", """
        v_add_u32_e32 v4, vcc, 2, v4
        v_addc_u32_e32 v5, vcc, 0, v5, vcc
        HERE: flat_atomic_add v[4:5], v0""", "unaligned"),
    # Plain vector accesses need no alignment: the HSA mode of the card.
    fine("flatUnaligned", """
        v_add_u32_e32 v2, vcc, 3, v2
        v_addc_u32_e32 v3, vcc, 0, v3, vcc
        flat_load_dword v6, v[2:3]"""),
]
