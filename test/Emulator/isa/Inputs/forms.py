# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The encodings of vector instructions, and their choices: modifiers, SDWA, DPP;
scalars, inline constants and literals as operands."""

from harness import FAST, FLUSH, KEEP
from operands import (DESTINATION, FORMATS, MASK32, SOURCES, bits, register,
                      signed)


class Variant:
    """One encoding of an op with one choice of its modifiers."""

    def __init__(self, form, **choices):
        self.form = form
        self.source0 = None  # (text, kind of scalar)
        self.neg = self.abs = (False,) * 3
        self.omod = 0
        self.clamp = False
        self.select = None  # SDWA: (dst, unused, [(sel, sext)])
        self.dpp = None  # (control, source lane function, rows, banks, bound)
        self.mode = KEEP
        vars(self).update(choices)

    def sourceText(self, index, text):
        if self.abs[index]:
            text = f"|{text}|"
        if self.neg[index]:
            text = "-" + text
        if self.select and self.select[2][index][1]:
            text = f"sext({text})"
        return text


SELECTIONS = ["BYTE_0", "BYTE_1", "BYTE_2", "BYTE_3", "WORD_0", "WORD_1",
              "DWORD"]


def pick(x, selection, extend):
    if selection == "DWORD":
        return x
    width = 8 if selection[0] == "B" else 16
    x = x >> width * int(selection[5]) & (1 << width) - 1
    return signed(x, width) & MASK32 if extend else x


def place(result, old, selection, unused):
    if selection == "DWORD":
        return result
    width = 8 if selection[0] == "B" else 16
    shift = width * int(selection[5])
    field = (1 << width) - 1
    part = result & field
    if unused == "UNUSED_PRESERVE":
        return old & ~(field << shift) & MASK32 | part << shift
    if unused == "UNUSED_SEXT":
        return signed(part, width) << shift & MASK32
    return part << shift


def quad(a, b, c, d):
    return lambda lane: lane & ~3 | (a, b, c, d)[lane & 3]


DPP = [("quad_perm:[3,1,0,2]", quad(3, 1, 0, 2), 15, 15),
       ("quad_perm:[1,1,2,0]", quad(1, 1, 2, 0), 15, 5),
       ("row_shl:1", lambda l: l + 1 if l % 16 < 15 else None, 15, 15),
       ("row_shl:13", lambda l: l + 13 if l % 16 < 3 else None, 7, 15),
       ("row_shr:1", lambda l: l - 1 if l % 16 else None, 15, 15),
       ("row_shr:4", lambda l: l - 4 if l % 16 >= 4 else None, 15, 0xe),
       ("row_shr:15", lambda l: l - 15 if l % 16 == 15 else None, 0xd, 15),
       ("row_ror:1", lambda l: l & 48 | l - 1 & 15, 15, 15),
       ("row_ror:11", lambda l: l & 48 | l - 11 & 15, 9, 6),
       ("wave_shl:1", lambda l: l + 1 if l < 63 else None, 15, 15),
       ("wave_shr:1", lambda l: l - 1 if l else None, 15, 15),
       ("wave_rol:1", lambda l: l + 1 & 63, 15, 15),
       ("wave_ror:1", lambda l: l - 1 & 63, 15, 15),
       ("row_mirror", lambda l: l ^ 15, 15, 15),
       ("row_half_mirror", lambda l: l ^ 7, 15, 15),
       # The first row has no source; sources disagree on what it does then, and
       # the masks that compilers use leave it out.
       ("row_bcast:15", lambda l: (l & 48) - 1, 0xa, 15),
       ("row_bcast:31", lambda l: 31, 0xc, 15)]


def scalarOperands(kind):
    """Texts of scalar first operands of a type, with their values."""
    inline = [("0", 0), ("1", 1), ("64", 64), ("-1", -1), ("-16", -16)]
    width = bits(kind)
    found = [(t, v & (1 << width) - 1) for t, v in inline]
    if width == 32 or kind[0] == "f":
        f = FORMATS["f32" if kind[0] != "f" else kind]
        for text in ("0.5", "-0.5", "1.0", "-1.0", "2.0", "-2.0", "4.0", "-4.0"):
            m = int(float(text) * 2)
            found.append((text, f.encode(m, 1, -1)))
        inverse = {16: 0x3118, 32: 0x3e22f983, 64: 0x3fc45f306dc9c882}
        found.append(("0.15915494309189532" if width == 64 else "0.15915494",
                      inverse[f.bits]))
    return found


def literals(kind):
    if kind == "f64":  # the upper half of the value
        return [("100.0", 0x4059000000000000), ("-3.5", 0xc00c000000000000)]
    if bits(kind) == 16:
        return [("0x4321", 0x4321), ("0xc321", 0xc321)]
    return [("0x40490fdb", 0x40490fdb), ("0xfedcba98", 0xfedcba98)]


def variants(op, rng):
    """The encodings to test an op in."""
    first = op.sources[0] if op.sources else None
    floating = [k in FORMATS for k in op.sources] + [False] * 3
    floating = [x and op.floatMods for x in floating]

    def flags(probability=.5):
        return tuple(x and rng.random() < probability for x in floating[:3])

    for encoding in op.encodings:
        plain = encoding in ("e32", "e64", "")
        if plain:
            for mode in op.modes if op.dst in FORMATS or any(
                    floating) else op.modes[:1]:
                yield Variant(encoding, mode=mode)
        if encoding in ("e32", "") and first and "only" not in op.pools:
            scalars = scalarOperands(first)
            for text, value in rng.sample(scalars, 3):
                yield Variant(encoding, source0=(text, value))
            if bits(first) <= 32 and not op.pools.get("noscalar"):
                yield Variant(encoding, source0=("s20", None))
            elif not op.pools.get("noscalar"):
                yield Variant(encoding, source0=("s[20:21]", None))
            if encoding == "e32" and not op.carryIn:
                text, value = rng.choice(literals(first))
                yield Variant(encoding, source0=(text, value))
        if encoding in ("e64", "") and any(floating):
            yield Variant(encoding, neg=flags(), abs=flags())
            yield Variant(encoding, neg=flags(.8), abs=flags(.8))
        if encoding in ("e64", "") and op.dst in FORMATS and not op.pools.get(
                "noclamp"):
            yield Variant(encoding, neg=flags(), clamp=True, mode=FLUSH)
            for omod in (1, 2, -1):
                yield Variant(encoding, omod=omod, mode=FAST,
                              clamp=omod == 2)
            # With denormals and IEEE mode on, OMOD does nothing.
            yield Variant(encoding, omod=1, mode=KEEP)
        if encoding in ("e64", "") and op.clampInteger:
            yield Variant(encoding, clamp=True)
        if encoding == "sdwa":
            yield from sdwaVariants(op, rng, floating)
        if encoding == "dpp":
            for control in rng.sample(DPP, 3):
                bound = rng.random() < .5
                yield Variant("dpp", dpp=(*control, bound), neg=flags(),
                              abs=flags())


def sdwaVariants(op, rng, floating):
    for number in range(4):
        select, neg, absolute = [], [], []
        for index, kind in enumerate(op.sources):
            integer = kind not in FORMATS and op.name != "v_cndmask_b32"
            wide = kind == "f32"
            which = rng.choice(SELECTIONS)
            # Modifiers of a float only where its sign bit is not in doubt.
            certain = which == "DWORD" and wide or which[0] == "W" and \
                kind == "f16"
            if kind in FORMATS and not certain and number < 3:
                which = "DWORD" if wide else rng.choice(("WORD_0", "WORD_1"))
                certain = True
            select.append((which, integer and which != "DWORD" and
                           rng.random() < .5))
            neg.append(certain and floating[index] and rng.random() < .5)
            absolute.append(certain and floating[index] and rng.random() < .5)
        # The fields that no operand uses.
        pad = [False] * (3 - len(neg))
        dst = rng.choice(SELECTIONS)
        if op.reads or op.pools.get("noclamp") and number < 3:
            dst = "DWORD" if op.dst != "f16" or op.reads else "WORD_1"
        unused = rng.choice(("UNUSED_PAD", "UNUSED_SEXT", "UNUSED_PRESERVE"))
        yield Variant("sdwa", select=(dst, unused, select),
                      neg=tuple(neg + pad), abs=tuple(absolute + pad))


def instruction(op, variant):
    """The text of the instruction under test, without its destination mask."""
    suffix = "_" + variant.form if variant.form else ""
    name = op.name + suffix
    compare = op.dst is None
    operands = []
    mask = "s[44:45]" if variant.form in ("e64", "") else "vcc"
    if compare:
        operands.append(mask)
    else:
        operands.append(register(DESTINATION, op.dst))
    if op.carry and not compare:
        operands.append(mask)
    for index in op.order or range(len(op.sources)):
        text = register(SOURCES[index], op.sources[index])
        if index == 0 and variant.source0:
            text = variant.source0[0]
        operands.append(variant.sourceText(index, text))
    if op.literal:
        operands.insert(*op.literal)
    if op.carryIn:
        operands.append("s[24:25]" if variant.form == "e64" else "vcc")
    text = f"{name} {', '.join(operands)}"
    if variant.clamp:
        text += " clamp"
    if variant.omod:
        text += {1: " mul:2", 2: " mul:4", -1: " div:2"}[variant.omod]
    if variant.select:
        dst, unused, sources = variant.select
        if not compare:
            text += f" dst_sel:{dst} dst_unused:{unused}"
        for index, (which, _) in enumerate(sources):
            text += f" src{index}_sel:{which}"
    if variant.dpp:
        control, _, rows, banks, bound = variant.dpp
        text += f" {control} row_mask:{rows:#x} bank_mask:{banks:#x}"
        text += " bound_ctrl:0" if bound else ""
    return name, text
