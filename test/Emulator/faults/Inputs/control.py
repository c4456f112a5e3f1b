# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Control flow that leaves the code, traps, and what the descriptor or the card
does not allow."""

from planted import Fault, fine


def jump(name, body, says="", **needs):
    return Fault(name, body, "bad-program-counter", says, **needs)


def lacks(name, body, says="", **needs):
    return Fault(name, body, "resources", says, **needs)


FAULTS = [
    jump("branchOut", "s_branch 0x7fff", "left the code"),
    jump("branchBefore", "s_branch 0x8000", "left the code"),
    jump("unaligned", """
        s_getpc_b64 s[16:17]
        s_add_u32 s16, s16, 14
        s_addc_u32 s17, s17, 0
        s_setpc_b64 s[16:17]""", "not a multiple of 4"),
    jump("intoData", "s_setpc_b64 s[4:5]", "left the code"),
    jump("nullFunction", """
        s_mov_b64 s[16:17], 0
        s_swappc_b64 s[30:31], s[16:17]""", "left the code"),
    fine("call", """
        s_getpc_b64 s[16:17]
        call.from:
        s_add_u32 s16, s16, call.function - call.from
        s_addc_u32 s17, s17, 0
        s_swappc_b64 s[30:31], s[16:17]
        s_branch call.end
        call.function:
        s_setpc_b64 s[30:31]
        call.end:"""),
    Fault("noInstruction", "HERE: .long 0xd3ff0000", "illegal-instruction"),
    Fault("trap", "HERE: s_trap 2", "trap", "s_trap 2"),
    fine("trapNotReached", """
        s_branch trapNotReached.on
        s_trap 2
        trapNotReached.on:"""),
    lacks("vectorRegister", "HERE: v_mov_b32_e32 v20, 0",
          "v20 is used, .* 12 registers", vgprs=10),
    lacks("vectorRegisterRead", "HERE: v_mov_b32_e32 v6, v12",
          "v12 is used", vgprs=10),
    lacks("vectorTuple", """
        HERE: flat_load_dwordx4 v[10:13], v[2:3]""", "v12|v13", vgprs=10),
    fine("lastRegister", "v_mov_b32_e32 v11, 0", vgprs=10),
    lacks("scalarRegister", "HERE: s_mov_b32 s60, 0", "s60 is used", sgprs=24),
    lacks("scalarTuple", "HERE: s_load_dwordx8 s[28:35], s[4:5], 0x0",
          "s32|s33|s34|s35", sgprs=24),
    fine("moreRegisters", "s_mov_b32 s60, 0", sgprs=62),
    # Refused before it starts: by the card, or by the tool for it.
    Fault("workgroupTooLarge", "s_nop 0", "", "1024", items=1088),
    Fault("ldsTooLarge", "s_nop 0", "", "65536|64 KiB", lds=65540),
    fine("largest", "s_nop 0", items=1024, lds=65536),
]
