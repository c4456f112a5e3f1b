# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Integer vector instructions and comparisons: one row each."""

import operator

import floats
from operands import FORMATS, MASK32, Op, signed

VOP1 = ("e32", "e64", "sdwa", "dpp")
VOP2 = ("e32", "e64", "sdwa", "dpp")
MASK64 = (1 << 64) - 1


def masked(width, function):
    mask = (1 << width) - 1
    return lambda c, *a: function(*a) & mask


def bytesOf(x, count=4):
    return [x >> 8 * i & 255 for i in range(count)]


def firstBit(x):
    return (x & -x).bit_length() - 1 & MASK32


def leadingZeros(x):
    return (32 - x.bit_length()) & MASK32 if x else MASK32


def leadingSigns(x):
    other = x ^ MASK32 if x >> 31 else x
    return leadingZeros(other)


def reverse(x):
    return int(f"{x:032b}"[::-1], 2)


# Sums with carry ------------------------------------------------------------


def adder(sign, swap=False):
    """(result, carry or borrow); clamped results saturate."""

    def compute(c, a, b):
        if swap:
            a, b = b, a
        total = a + sign * (b + c.carry)
        out = not 0 <= total <= MASK32
        if c.clamp and out:
            return (MASK32 if total > 0 else 0), out
        return total & MASK32, out

    return compute


def noCarry(compute):

    def inner(c, *a):
        c.carry = 0
        return compute(c, *a)

    return inner


def halfAdder(sign, swap=False):

    def compute(c, a, b):
        if swap:
            a, b = b, a
        total = a + sign * b
        if c.clamp:
            return min(max(total, 0), 0xffff)
        return total & 0xffff

    return compute


def halfMad(isSigned):

    def compute(c, a, b, s):
        if isSigned:
            a, b, s = (signed(x, 16) for x in (a, b, s))
        total = a * b + s
        if c.clamp:
            low, high = (-0x8000, 0x7fff) if isSigned else (0, 0xffff)
            total = min(max(total, low), high)
        return total & 0xffff

    return compute


def i24(x):
    return signed(x, 24)


def u24(x):
    return x & 0xffffff


def wideMad(isSigned):

    def compute(c, a, b, s):
        if isSigned:
            return (signed(a) * signed(b) + s) & MASK64, None
        total = a * b + s
        return total & MASK64, total >> 64

    return compute


# Bit fields, bytes ------------------------------------------------------------


def bitfield(isSigned):

    def compute(c, x, offset, width):
        width &= 31
        part = x >> (offset & 31) & (1 << width) - 1
        if isSigned and width:
            # A field that passes bit 31 is filled with copies of it.
            part = signed(x) >> (offset & 31)
            part = signed(part, width) if width else 0
        return part & MASK32

    return compute


def lerp(c, a, b, r):
    return sum((x + y + (z & 1) >> 1) << 8 * i for i, (x, y, z) in enumerate(
        zip(bytesOf(a), bytesOf(b), bytesOf(r))))


def sad(a, b, width, masked=False):
    step = (1 << width) - 1
    return sum(abs((a >> i & step) - (b >> i & step))
               for i in range(0, 32, width)
               if not masked or b >> i & step)


def quadSad(masked, width):

    def compute(c, a, b, s):
        step = (1 << width) - 1
        return sum((sad(a >> 8 * i & MASK32, b, 8, masked) +
                    (s >> width * i & step)) << width * i for i in range(4))

    return compute


def smallAccumulators(width, count):
    """Sums must not overflow: sources disagree on what happens then."""
    return lambda rng: sum(rng.getrandbits(width - 1) << width * i
                           for i in range(count))


def permute(c, high, low, selector):
    both = high << 32 | low
    result = 0
    for i, choice in enumerate(bytesOf(selector)):
        if choice < 8:
            byte = both >> 8 * choice & 255
        elif choice < 12:
            byte = 255 * (both >> 16 * (choice - 8) + 15 & 1)
        else:
            byte = 0 if choice == 12 else 255
        result |= byte << 8 * i
    return result


def permuteSelector(rng):
    return sum(rng.choice((*range(14), 0x80, 255)) << 8 * i for i in range(4))


def saturate(low, high):
    return lambda x: min(max(x, low), high) & 0xffff


def pack(low, high, isSigned):
    clip = saturate(low, high)
    view = signed if isSigned else int
    return lambda c, a, b: clip(view(a)) | clip(view(b)) << 16


def countBelow(half):

    def compute(c, mask, base):
        below = min(max(c.lane - 32 * half, 0), 32)
        return bin(mask & (1 << below) - 1).count("1") + base & MASK32

    return compute


def ordering(width, isSigned, choose):
    view = (lambda x: signed(x, width)) if isSigned else int
    return lambda c, *a: choose(a, key=view)


def middle(values, key):
    return sorted(values, key=key)[1]


# Comparisons ------------------------------------------------------------------

RELATIONS = {"f": lambda a, b: False, "lt": operator.lt, "eq": operator.eq,
             "le": operator.le, "gt": operator.gt, "ne": operator.ne,
             "ge": operator.ge, "t": lambda a, b: True}
ORDERED = {"f": lambda a, b: False, "lt": operator.lt, "eq": operator.eq,
           "le": operator.le, "gt": operator.gt, "lg": operator.ne,
           "ge": operator.ge, "o": lambda a, b: True}
UNORDERED = {"u": "o", "nge": "ge", "nlg": "lg", "ngt": "gt", "nle": "le",
             "neq": "eq", "nlt": "lt", "tru": "f"}


def compareFloats(f, name):
    if name in UNORDERED:
        inverse = compareFloats(f, UNORDERED[name])
        return lambda c, a, b: not inverse(c, a, b)
    relation = ORDERED[name]

    def compute(c, a, b):
        if f.isNan(a) or f.isNan(b):
            return False
        return relation(floats.order(f, a), floats.order(f, b))

    return compute


def classify(f):

    def compute(c, x, mask):
        if f.isNan(x):
            number = 0 if f.isSignaling(x) else 1
        else:
            kind = 3 if f.isInf(x) else 0 if f.isZero(x) else \
                1 if f.isDenormal(x) else 2
            # -inf, -normal, -denormal, -0, +0, +denormal, +normal, +inf
            number = 5 - kind if f.negative(x) else 6 + kind
        return bool(mask >> number & 1)

    return compute


def comparisons():
    for prefix in ("v_cmp", "v_cmpx"):
        for kind, f in FORMATS.items():
            wide = kind == "f64"
            forms = ("e32", "e64") if wide else ("e32", "e64", "sdwa")
            for name in (*ORDERED, *UNORDERED):
                yield Op(f"{prefix}_{name}_{kind}", None, [kind, kind],
                         compareFloats(f, name), forms, denormals=False)
            yield Op(f"{prefix}_class_{kind}", None, [kind, "b32"],
                     classify(f), forms, pools={1: lambda rng: 1 <<
                     rng.randrange(12) | 1 << rng.randrange(12)})
        for width in (16, 32, 64):
            forms = ("e32", "e64") if width == 64 else ("e32", "e64", "sdwa")
            for letter in "iu":
                kind = f"{letter}{width}"
                for name, relation in RELATIONS.items():
                    view = (lambda x, w=width: signed(x, w)) \
                        if letter == "i" else int

                    def compute(c, a, b, relation=relation, view=view):
                        return relation(view(a), view(b))

                    yield Op(f"{prefix}_{name}_{kind}", None, [kind, kind],
                             compute, forms, pools=nearPool(width))


def nearPool(width):
    """Equal operands have to occur."""
    edge = [0, 1, (1 << width - 1) - 1, 1 << width - 1, (1 << width) - 1]

    def draw(rng):
        return rng.choice(edge) if rng.random() < .7 else rng.getrandbits(width)

    return {0: draw, 1: draw}


# The table ----------------------------------------------------------------


def wordOps():
    """Two operands, 32 bits."""
    shift = {"lshrrev_b32": lambda s, x: x >> (s & 31),
             "ashrrev_i32": lambda s, x: signed(x) >> (s & 31),
             "lshlrev_b32": lambda s, x: x << (s & 31)}
    logic = {"and_b32": operator.and_, "or_b32": operator.or_,
             "xor_b32": operator.xor}
    product = {"mul_i32_i24": lambda a, b: i24(a) * i24(b),
               "mul_hi_i32_i24": lambda a, b: i24(a) * i24(b) >> 32,
               "mul_u32_u24": lambda a, b: u24(a) * u24(b),
               "mul_hi_u32_u24": lambda a, b: u24(a) * u24(b) >> 32}
    for name, function in {**shift, **logic, **product}.items():
        yield Op("v_" + name, "b32", ["b32", "b32"], masked(32, function), VOP2)
    for word, choose in (("min", min), ("max", max)):
        for letter in "iu":
            for width in (32, 16):
                kind = f"{letter}{width}"
                yield Op(f"v_{word}_{kind}", kind, [kind, kind],
                         ordering(width, letter == "i", choose), VOP2)
            for suffix in "3":
                kind = letter + "32"
                yield Op(f"v_{word}3_{kind}", kind, [kind] * 3,
                         ordering(32, letter == "i", choose), ("",))
    for letter in "iu":
        yield Op(f"v_med3_{letter}32", letter + "32", [letter + "32"] * 3,
                 ordering(32, letter == "i", middle), ("",))


def halfOps():
    half = {"mul_lo_u16": lambda a, b: a * b,
            "lshlrev_b16": lambda s, x: x << (s & 15),
            "lshrrev_b16": lambda s, x: x >> (s & 15),
            "ashrrev_i16": lambda s, x: signed(x, 16) >> (s & 15)}
    for name, function in half.items():
        yield Op("v_" + name, "b16", ["b16", "b16"], masked(16, function), VOP2)
    yield Op("v_add_u16", "u16", ["u16"] * 2, halfAdder(1), VOP2,
             clampInteger=True)
    yield Op("v_sub_u16", "u16", ["u16"] * 2, halfAdder(-1), VOP2,
             clampInteger=True)
    yield Op("v_subrev_u16", "u16", ["u16"] * 2, halfAdder(-1, True), VOP2,
             clampInteger=True)
    yield Op("v_mad_u16", "u16", ["u16"] * 3, halfMad(False), ("",),
             clampInteger=True)
    yield Op("v_mad_i16", "i16", ["i16"] * 3, halfMad(True), ("",),
             clampInteger=True)


def carryOps():
    rows = {"add": (1, False), "sub": (-1, False), "subrev": (-1, True)}
    for name, (sign, swap) in rows.items():
        yield Op(f"v_{name}_u32", "u32", ["u32"] * 2, noCarry(
            adder(sign, swap)), VOP2, carry=True, clampInteger=True)
    rows = {"addc": (1, False), "subb": (-1, False), "subbrev": (-1, True)}
    for name, (sign, swap) in rows.items():
        # Only one scalar may be read besides the implied VCC.
        yield Op(f"v_{name}_u32", "u32", ["u32"] * 2, adder(sign, swap), VOP2,
                 carry=True, carryIn=True, clampInteger=True,
                 pools={"noscalar": True})
    yield Op("v_cndmask_b32", "b32", ["b32"] * 2,
             lambda c, a, b: b if c.carry else a, VOP2, carryIn=True,
             pools={"noscalar": True})
    yield Op("v_mad_u64_u32", "u64", ["u32", "u32", "u64"], wideMad(False),
             ("",), carry=True)
    # What the mask gets is not specified.
    yield Op("v_mad_i64_i32", "i64", ["i32", "i32", "i64"], wideMad(True),
             ("",), carry=True)


def vop1Ops():
    rows = {"mov_b32": lambda x: x, "not_b32": lambda x: ~x,
            "bfrev_b32": reverse, "ffbh_u32": leadingZeros,
            "ffbl_b32": firstBit, "ffbh_i32": leadingSigns}
    for name, function in rows.items():
        yield Op("v_" + name, "b32", ["b32"], masked(32, function), VOP1)


def tripleOps():
    rows = {"bfi_b32": lambda m, a, b: m & a | ~m & b,
            "alignbit_b32": lambda a, b, s: (a << 32 | b) >> (s & 31),
            "alignbyte_b32": lambda a, b, s: (a << 32 | b) >> 8 * (s & 3),
            "mad_i32_i24": lambda a, b, s: i24(a) * i24(b) + s,
            "mad_u32_u24": lambda a, b, s: u24(a) * u24(b) + s,
            "sad_u8": lambda a, b, s: sad(a, b, 8) + s,
            "sad_hi_u8": lambda a, b, s: (sad(a, b, 8) << 16) + s,
            "sad_u16": lambda a, b, s: sad(a, b, 16) + s,
            "sad_u32": lambda a, b, s: sad(a, b, 32) + s,
            "msad_u8": lambda a, b, s: sad(a, b, 8, True) + s}
    for name, function in rows.items():
        yield Op("v_" + name, "b32", ["b32"] * 3, masked(32, function), ("",))
    yield Op("v_bfe_u32", "u32", ["u32"] * 3, bitfield(False), ("",))
    yield Op("v_bfe_i32", "i32", ["i32", "u32", "u32"], bitfield(True), ("",))
    yield Op("v_lerp_u8", "b32", ["b32"] * 3, lerp, ("",))
    yield Op("v_perm_b32", "b32", ["b32"] * 3, permute, ("",),
             pools={2: permuteSelector})
    for name, masks in (("qsad_pk_u16_u8", False), ("mqsad_pk_u16_u8", True)):
        yield Op("v_" + name, "b64", ["b64", "b32", "b64"], quadSad(masks, 16),
                 ("",), pools={2: smallAccumulators(16, 4)})
    yield Op("v_mqsad_u32_u8", "b128", ["b64", "b32", "b128"],
             quadSad(True, 32), ("",), pools={2: smallAccumulators(32, 4)})


def vop3Ops():
    rows = {"mul_lo_u32": lambda a, b: a * b,
            "mul_hi_u32": lambda a, b: a * b >> 32,
            "mul_hi_i32": lambda a, b: signed(a) * signed(b) >> 32,
            "bcnt_u32_b32": lambda a, b: bin(a).count("1") + b,
            "bfm_b32": lambda w, o: ((1 << (w & 31)) - 1) << (o & 31)}
    for name, function in rows.items():
        yield Op("v_" + name, "b32", ["b32"] * 2, masked(32, function), ("",))
    for half, name in enumerate(("lo", "hi")):
        yield Op(f"v_mbcnt_{name}_u32_b32", "u32", ["b32", "u32"],
                 countBelow(half), ("",))
    wide = {"lshlrev_b64": lambda s, x: x << (s & 63),
            "lshrrev_b64": lambda s, x: x >> (s & 63),
            "ashrrev_i64": lambda s, x: signed(x, 64) >> (s & 63)}
    for name, function in wide.items():
        yield Op("v_" + name, "b64", ["b32", "b64"], masked(64, function),
                 ("",))
    yield Op("v_cvt_pk_u16_u32", "b32", ["u32", "u32"], pack(0, 0xffff, False),
             ("",))
    yield Op("v_cvt_pk_i16_i32", "b32", ["i32", "i32"],
             pack(-0x8000, 0x7fff, True), ("",))


def ops():
    for family in (vop1Ops, wordOps, halfOps, carryOps, tripleOps, vop3Ops):
        yield from family()
