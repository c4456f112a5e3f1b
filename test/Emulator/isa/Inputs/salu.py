# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Scalar instructions. A row gives the result and SCC; None for SCC is "left as
it was", ANY is "sources disagree"."""

import operator

from harness import ALL, Case, Set, seeded
from valu_int import firstBit, leadingSigns, leadingZeros
from operands import SPECIAL_INTEGERS, signed

MASK32, MASK64 = (1 << 32) - 1, ALL
ANY = "any"


class Row:
    """`widths`: bits of the result and of each source. `old`: the destination is
    the last operand."""

    def __init__(self, name, widths, compute, immediates=(), old=False,
                 format="{name} {dst}, {sources}", draw=None, constants=True):
        self.name, self.widths, self.compute = name, widths, compute
        self.immediates, self.old, self.format = immediates, old, format
        self.draw, self.constants = draw, constants


def nonzero(result):
    return result, result != 0


def keepsScc(result):
    return result, None


def logic(name, function):
    for width in (32, 64):
        mask = (1 << width) - 1
        yield Row(f"s_{name}_b{width}", (width,) * 3,
                  lambda s, a, b, mask=mask: nonzero(function(a, b) & mask))


def carrying(sign):

    def compute(s, a, b, carry=0):
        total = a + sign * (b + carry)
        return total & MASK32, not 0 <= total <= MASK32

    return compute


def overflowing(sign):

    def compute(s, a, b):
        total = signed(a) + sign * signed(b)
        return total & MASK32, not -2**31 <= total < 2**31

    return compute


def extreme(view, relation):

    def compute(s, a, b):
        if view(a) == view(b):
            return a, ANY  # which of the two was chosen
        first = relation(view(a), view(b))
        return (a if first else b), first

    return compute


def shifts():
    for width, kind in ((32, "32"), (64, "64")):
        mask, count = (1 << width) - 1, width - 1
        rows = {f"lshl_b{kind}": lambda x, n: x << n,
                f"lshr_b{kind}": lambda x, n: x >> n,
                f"ashr_i{kind}": lambda x, n, w=width: signed(x, w) >> n}
        for name, shift in rows.items():
            yield Row("s_" + name, (width, width, 32),
                      lambda s, x, n, shift=shift, mask=mask, count=count:
                      nonzero(shift(x, n & count) & mask))
        yield Row(f"s_bfm_b{kind}", (width, 32, 32),
                  lambda s, n, at, mask=mask, count=count: keepsScc(
                      (1 << (n & count)) - 1 << (at & count) & mask))
        for letter in "ui":

            def extract(s, x, field, width=width, letter=letter):
                at, size = field & width - 1, field >> 16 & 127
                if size == 0:
                    return nonzero(0)
                x = signed(x, width) if letter == "i" else x
                part = x >> at & (1 << size) - 1
                if letter == "i" and size < width:
                    part = signed(part, size)
                return nonzero(part & (1 << width) - 1)

            yield Row(f"s_bfe_{letter}{kind}", (width, width, 32), extract,
                      draw={1: lambda rng: rng.randrange(80) |
                            rng.choice((*range(66), 127)) << 16})


def sop2():
    yield Row("s_add_u32", (32,) * 3, carrying(1))
    yield Row("s_sub_u32", (32,) * 3, carrying(-1))
    yield Row("s_add_i32", (32,) * 3, overflowing(1))
    yield Row("s_sub_i32", (32,) * 3, overflowing(-1))
    yield Row("s_addc_u32", (32,) * 3,
              lambda s, a, b: carrying(1)(s, a, b, s.scc))
    yield Row("s_subb_u32", (32,) * 3,
              lambda s, a, b: carrying(-1)(s, a, b, s.scc))
    for letter, view in (("i", signed), ("u", int)):
        yield Row(f"s_min_{letter}32", (32,) * 3, extreme(view, operator.lt))
        yield Row(f"s_max_{letter}32", (32,) * 3, extreme(view, operator.gt))
    for width in (32, 64):
        yield Row(f"s_cselect_b{width}", (width,) * 3,
                  lambda s, a, b: keepsScc(a if s.scc else b))
    for name, function in (("and", operator.and_), ("or", operator.or_),
                           ("xor", operator.xor),
                           ("andn2", lambda a, b: a & ~b),
                           ("orn2", lambda a, b: a | ~b),
                           ("nand", lambda a, b: ~(a & b)),
                           ("nor", lambda a, b: ~(a | b)),
                           ("xnor", lambda a, b: ~(a ^ b))):
        yield from logic(name, function)
    yield from shifts()
    yield Row("s_mul_i32", (32,) * 3,
              lambda s, a, b: keepsScc(a * b & MASK32))
    yield Row("s_absdiff_i32", (32,) * 3, lambda s, a, b: nonzero(
        abs(signed(a - b)) & MASK32))


def quads(x, width):
    return [x >> i & 15 for i in range(0, width, 4)]


def flbit64(x):
    return 64 - x.bit_length() if x else MASK32


def sop1():
    for width in (32, 64):
        mask = (1 << width) - 1
        pair = (width, width)

        def ones(x):
            return bin(x).count("1")

        yield Row(f"s_mov_b{width}", pair, lambda s, x: keepsScc(x))
        yield Row(f"s_cmov_b{width}", (*pair, width), lambda s, x, old:
                  keepsScc(x if s.scc else old), old=True)
        yield Row(f"s_not_b{width}", pair,
                  lambda s, x, m=mask: nonzero(~x & m))
        yield Row(f"s_wqm_b{width}", pair, lambda s, x, w=width: nonzero(
            sum(15 << 4 * i for i, q in enumerate(quads(x, w)) if q)))
        yield Row(f"s_quadmask_b{width}", pair, lambda s, x, w=width: nonzero(
            sum(1 << i for i, q in enumerate(quads(x, w)) if q)))
        yield Row(f"s_brev_b{width}", pair, lambda s, x, w=width: keepsScc(
            int(f"{x:0{w}b}"[::-1], 2)))
        yield Row(f"s_bcnt0_i32_b{width}", (32, width),
                  lambda s, x, m=mask: nonzero(ones(~x & m)))
        yield Row(f"s_bcnt1_i32_b{width}", (32, width),
                  lambda s, x: nonzero(ones(x)))
        yield Row(f"s_ff0_i32_b{width}", (32, width),
                  lambda s, x, m=mask: keepsScc(firstBit(~x & m)))
        yield Row(f"s_ff1_i32_b{width}", (32, width),
                  lambda s, x: keepsScc(firstBit(x)))
        for bit in (0, 1):

            def setBit(s, n, old, bit=bit, width=width):
                one = 1 << (n & width - 1)
                return keepsScc(old | one if bit else old & ~one)

            yield Row(f"s_bitset{bit}_b{width}", (width, 32, width), setBit,
                      old=True)
    yield Row("s_flbit_i32_b32", (32, 32),
              lambda s, x: keepsScc(leadingZeros(x)))
    yield Row("s_flbit_i32_b64", (32, 64), lambda s, x: keepsScc(flbit64(x)))
    yield Row("s_flbit_i32", (32, 32), lambda s, x: keepsScc(leadingSigns(x)))
    yield Row("s_flbit_i32_i64", (32, 64), lambda s, x: keepsScc(
        flbit64(x ^ MASK64 if x >> 63 else x)))
    yield Row("s_sext_i32_i8", (32, 32),
              lambda s, x: keepsScc(signed(x, 8) & MASK32))
    yield Row("s_sext_i32_i16", (32, 32),
              lambda s, x: keepsScc(signed(x, 16) & MASK32))
    yield Row("s_abs_i32", (32, 32),
              lambda s, x: nonzero(abs(signed(x)) & MASK32))


COMPARE = {"eq": operator.eq, "lg": operator.ne, "gt": operator.gt,
           "ge": operator.ge, "lt": operator.lt, "le": operator.le}
NO_RESULT = "{name} {sources}"


def sopc():
    for letter, view in (("i", signed), ("u", int)):
        for name, relation in COMPARE.items():
            yield Row(f"s_cmp_{name}_{letter}32", (0, 32, 32),
                      lambda s, a, b, relation=relation, view=view:
                      (0, relation(view(a), view(b))), format=NO_RESULT)
    for name in ("eq", "lg"):
        yield Row(f"s_cmp_{name}_u64", (0, 64, 64),
                  lambda s, a, b, relation=COMPARE[name]:
                  (0, relation(a, b)), format=NO_RESULT)
    for width in (32, 64):
        for bit in (0, 1):
            yield Row(f"s_bitcmp{bit}_b{width}", (0, width, 32),
                      lambda s, x, n, bit=bit, width=width:
                      (0, (x >> (n & width - 1) & 1) == bit), format=NO_RESULT)


IMMEDIATES = (0, 1, 5, 0x7fff, 0x8000, 0xfffe, 0xffff)


def sopk():
    """`compute` gets the immediate as 16 bits, then the destination."""
    for letter, view, wide in (("i", signed, lambda k: signed(k, 16)),
                               ("u", int, int)):
        for name, relation in COMPARE.items():
            yield Row(f"s_cmpk_{name}_{letter}32", (0, 32),
                      lambda s, k, x, relation=relation, view=view, wide=wide:
                      (0, relation(view(x), wide(k))), IMMEDIATES, old=True,
                      format="{name} s24, {immediate}")
    fmt = "{name} {dst}, {immediate}"
    yield Row("s_movk_i32", (32, 32), lambda s, k, x: keepsScc(
        signed(k, 16) & MASK32), IMMEDIATES, old=True, format=fmt)
    yield Row("s_cmovk_i32", (32, 32), lambda s, k, x: keepsScc(
        signed(k, 16) & MASK32 if s.scc else x), IMMEDIATES, old=True,
        format=fmt)
    yield Row("s_addk_i32", (32, 32), lambda s, k, x: overflowing(1)(
        s, x, signed(k, 16) & MASK32), IMMEDIATES, old=True, format=fmt)
    yield Row("s_mulk_i32", (32, 32), lambda s, k, x: keepsScc(
        x * signed(k, 16) & MASK32), IMMEDIATES, old=True, format=fmt)


# Cases ------------------------------------------------------------------------


def drawScalar(rng, width):
    edge = SPECIAL_INTEGERS
    if rng.random() < .5:
        return rng.choice(edge) | (rng.choice(edge) << 32 if width == 64 else 0)
    return rng.getrandbits(width) >> rng.choice((0, 0, width // 2, width - 7))


CONSTANTS = [("0", 0), ("33", 33), ("64", 64), ("-1", -1), ("-16", -16)]
FLOATS = [("1.0", 0x3f800000), ("-4.0", 0xc0800000),
          ("0.15915494", 0x3e22f983)]
LITERAL = ("0x89abcdef", 0x89abcdef)


def sourceChoices(row):
    """Texts and values of the sources: registers, then constants in each
    place."""
    sources = row.widths[1:-1] if row.old else row.widths[1:]
    registers = [(f"s{20 + 2 * i}" if width == 32 else
                  f"s[{20 + 2 * i}:{21 + 2 * i}]", None)
                 for i, width in enumerate(sources)]
    if row.immediates:
        for k in row.immediates:
            yield [(f"{k:#x}", k)]
        return
    yield registers
    for place, width in enumerate(sources):
        for text, value in CONSTANTS:
            choice = list(registers)
            choice[place] = (text, value & (1 << width) - 1)
            yield choice
        if width == 32:
            for text, value in FLOATS + [LITERAL]:
                choice = list(registers)
                choice[place] = (text, value)
                yield choice
        elif len(sources) == 1:
            yield [("1.0", 0x3ff0000000000000)]
            yield [("-0.5", 0xbfe0000000000000)]


def scalarCase(row, choice, rng, number):
    width = row.widths[0]
    dst = "s40" if width == 32 else "s[40:41]"
    text = row.format.format(
        name=row.name, dst=dst, sources=", ".join(t for t, _ in choice),
        immediate=choice[0][0])
    sources = row.widths[1:-1] if row.old else row.widths[1:]
    sets = []
    for _ in range(24 if number == 0 else 6):
        scalars = []
        for i in range(3):
            draw = row.draw.get(i) if row.draw else None
            if i == 2:
                value = drawScalar(rng, 64)
            elif draw:
                value = draw(rng)
            else:
                value = drawScalar(rng, sources[i] if i < len(sources) else 64)
            if i == 1 and rng.random() < .15 and not row.draw:
                value = scalars[0] | scalars[1] << 32
            scalars += [value & MASK32, value >> 32]
        sets.append(Set([], scalars=scalars, scc=rng.getrandbits(1)))

    def expect(s):
        values = []
        for i, (_, value) in enumerate(choice):
            if value is None:
                value = s.scalar64(2 * i) & (1 << sources[i]) - 1
            values.append(value)
        if row.old:
            old = s.scalar64(4)
            values.append(old & MASK32 if row.widths[-1] == 32 else old)
        result, scc = row.compute(s, *values)
        scc = s.scc if scc is None else None if scc == ANY else int(scc)
        old = s.scalar64(4)
        if width == 0:
            result = old
        elif width == 32:
            result |= old & ~MASK32
        return [[result & MASK32], [result >> 32], [scc]]

    return Case(f"{text} #{number}", ["s_mov_b64 s[40:41], s[24:25]", text],
                sets, [], ["s40", "s41", "s80"], expect, [row.name],
                scalar=True)


def rows():
    for family in (sop2, sop1, sopc, sopk):
        yield from family()


def cases(seed):
    for row in rows():
        rng = seeded(seed, row.name)
        for number, choice in enumerate(sourceChoices(row)):
            yield scalarCase(row, choice, rng, number)
