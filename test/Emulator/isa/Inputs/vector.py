# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vector instructions in every encoding they have: plain, VOP3 with modifiers,
SDWA, DPP; with scalars, inline constants and literals as operands.

An `Op` says what an instruction computes from the values of its operands; what
an encoding does before and after (modifiers, selection, permutation, which lanes
write) is here, once."""

from forms import instruction, pick, place, variants
from harness import FAST, LANES, Case, seeded
from operands import (DESTINATION, FORMATS, SOURCES, Context, bits, dwords,
                      laneValue, makeSets)
from results import maskRows, modify, outputModifier, perDword, settle


def laneResult(op, variant, operands, lane):
    """(written, result, mask bit) of an active lane."""
    source = lane
    if variant.dpp:
        control, where, rows, banks, bound = variant.dpp
        if not rows >> lane // 16 & 1 or not banks >> lane // 4 % 4 & 1:
            return False, None, None
        source = where(lane)
        if source is None or not operands.active(source):
            if not bound:
                return False, None, None
            source = None
    values, row = [], dwords(op.dst) if op.dst else 0
    for index, kind in enumerate(op.sources):
        f = FORMATS.get(kind)
        if index == 0 and variant.source0:
            x = variant.source0[1]
            if x is None:
                x = operands.scalar64(0) & (1 << bits(kind)) - 1
        elif index == 0 and source is None:
            x = 0
        else:
            x = laneValue(operands, row, kind, source if index == 0 else lane)
        row += dwords(kind)
        if variant.select:
            which, extend = variant.select[2][index]
            x = pick(x, which, extend)
        x &= (1 << bits(kind)) - 1
        if f:
            x = modify(x, f, variant.neg[index], variant.abs[index])
        values.append(x)
    if op.reads:
        values.append(laneValue(operands, 0, op.dst, lane) &
                      (1 << bits(op.dst)) - 1)
    carryMask = operands.scalar64(4) if variant.form == "e64" else operands.vcc
    context = Context(variant.mode, lane, carryMask >> lane & 1,
                      variant.clamp and op.clampInteger, operands.m0, operands)
    result = op.compute(context, *values)
    bit = None
    if op.dst is None:
        return True, None, result
    if op.carry:
        result, bit = result
    omod = variant.omod if variant.mode is FAST else 0
    result = settle(op, context, outputModifier(
        op, context, result, omod, variant.clamp and not op.clampInteger))
    return True, result, bit


def placed(op, result, old, selection, unused):
    """A result, or a predicate on it, in the selected part of the register."""
    if isinstance(result, int):
        return place(result, old, selection, unused)
    if selection == "DWORD":
        return result
    if selection[0] == "B" or bits(op.dst) > 16:
        return None  # a part of what the predicate wants to see

    def check(got):
        part = pick(got, selection, False)
        return result(part) and got == place(part, old, selection, unused)

    check.text = getattr(result, "text", "see predicate")
    return check


def expectation(op, variant):

    def expect(operands):
        columns, mask = [], []
        for lane in range(LANES):
            old = laneValue(operands, 0, op.dst, lane) if op.dst else 0
            written, result, bit = (laneResult(op, variant, operands, lane)
                                    if operands.active(lane) else
                                    (False, None, 0))
            if op.dst:
                if not written:
                    result = old
                elif variant.select and result is not None:
                    dst, unused, _ = variant.select
                    result = placed(op, result, old, dst, unused)
                columns.append(perDword(result, op.dst, [0]))
            mask.append(bit if operands.active(lane) else 0)
        rows = [list(row) for row in zip(*columns)] if columns else []
        if op.carry or op.dst is None:
            rows += maskRows(mask)
            if op.name.startswith("v_cmpx"):
                rows += maskRows(mask)
        return rows

    return expect


def caseOf(op, variant, rng, number, count=8):
    name, text = instruction(op, variant)
    mode = variant.mode
    sets = makeSets(rng, op, mode, count)
    inputs = []
    if op.dst:
        inputs += [f"v{DESTINATION + i}" for i in range(dwords(op.dst))]
    for first, kind in zip(SOURCES, op.sources):
        inputs += [f"v{first + i}" for i in range(dwords(kind))]
    outputs = [f"v{DESTINATION + i}" for i in range(dwords(op.dst))] \
        if op.dst else []
    if op.carry or op.dst is None:
        outputs += ["s44", "s45"] if variant.form in ("e64", "") else \
            ["s84", "s85"]
        if op.name.startswith("v_cmpx"):
            outputs += ["s82", "s83"]
    return Case(f"{text} #{number}", [text], sets, inputs, outputs,
                expectation(op, variant), [name], mode)


def casesOf(ops, seed):
    for op in ops:
        rng = seeded(seed, op.name)
        for number, variant in enumerate(variants(op, rng)):
            yield caseOf(op, variant, rng, number)
