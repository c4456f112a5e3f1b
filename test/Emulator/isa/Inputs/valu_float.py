# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Floating-point vector instructions: one row each."""

import math
from fractions import Fraction

import floats
from floats import F16, F32, F64
from harness import FLUSH, KEEP, Mode
from vector import MASK32, Nan, Near, Op, Zero, bits, signed

ROUNDED = (KEEP, FLUSH, Mode(round32=floats.UP, round64=floats.DOWN),
           Mode(round32=floats.ZERO, round64=floats.UP),
           Mode(round32=floats.DOWN, round64=floats.ZERO))
BOTH = {"f32": F32, "f16": F16}
VOP1 = ("e32", "e64", "sdwa", "dpp")
VOP2 = ("e32", "e64", "sdwa", "dpp")
# No SDWA of 64-bit operands, and no DPP of a 64-bit source.
TO_WIDE = ("e32", "e64", "dpp")
FROM_WIDE = ("e32", "e64")


def finish(c, f, result):
    """Flushes a denormal result. Whether a result that rounds up to the smallest
    normal counts as one is not specified."""
    if not c.mode.flush(f):
        return result
    if result & ~f.sign == f.one:
        return None
    return f.flush(result)


def arithmetic(f, function, swap=False, negate=None):

    def compute(c, *operands):
        a = [f.flush(x, c.mode.flush(f)) for x in operands]
        if swap:
            a[0], a[1] = a[1], a[0]
        if negate is not None and not f.isNan(a[negate]):
            a[negate] ^= f.sign
        return finish(c, f, function(f, *a, c.mode.rounding(f)))

    return compute


def multiplyAdd(f, legacy=False, order=(0, 1, 2)):
    """The product is rounded, then the sum. Sources disagree on denormals that
    the mode keeps (some say mad flushes them all the same): not compared."""

    def compute(c, *operands):
        a, b, s = (operands[i] for i in order)
        flush = c.mode.flush(f)
        if not flush and any(map(f.isDenormal, (a, b, s))):
            return None
        a, b, s = (f.flush(x, flush) for x in (a, b, s))
        if legacy and (f.isZero(a) or f.isZero(b)):
            if f.isZero(s):
                return Zero(f)
            return f.quiet(s) if f.isNan(s) else s
        product = floats.mul(f, a, b, c.mode.rounding(f))
        if product & ~f.sign <= f.one and product & ~f.sign:
            return None if not flush or product & ~f.sign == f.one else \
                tail(c, f, product & f.sign, s)
        return tail(c, f, product, s)

    def tail(c, f, product, s):
        result = floats.add(f, product, s, c.mode.rounding(f))
        if not c.mode.flush(f) and f.isDenormal(result):
            return None
        return finish(c, f, result)

    return compute


def multiplyLegacy(c, a, b):
    if any(map(F32.isDenormal, (a, b))) and not c.mode.flush32:
        return None
    a, b = F32.flush(a, c.mode.flush32), F32.flush(b, c.mode.flush32)
    if F32.isZero(a) or F32.isZero(b):
        return Zero(F32)
    return finish(c, F32, floats.mul(F32, a, b, c.mode.round32))


def least(c, f, a, b):
    """In IEEE mode a signalling NaN wins and is quieted, a quiet one loses; in
    the other mode every NaN loses. -0 is below +0."""
    for x in (a, b):
        if c.mode.ieee and f.isSignaling(x):
            return f.quiet(x)
    if f.isNan(a) or f.isNan(b):
        return b if f.isNan(a) else a
    if f.isZero(a) and f.isZero(b):
        return a | b
    return a if floats.less(f, a, b) else b


def greatest(c, f, a, b):
    if f.isNan(a) or f.isNan(b):
        return least(c, f, a, b)
    flipped = least(c, f, a ^ f.sign, b ^ f.sign)
    return flipped ^ f.sign


def exact(c, f, x):
    """A chosen operand; only a NaN may come out changed (quiet)."""
    return Nan(f) if f.isNan(x) else x


def chosen(f, choose):
    return lambda c, *a: exact(c, f, choose(c, f, *a))


def three(choose):
    return lambda c, f, x, y, z: choose(c, f, choose(c, f, x, y), z)


def median(c, f, *a):
    if any(map(f.isNan, a)):
        return three(least)(c, f, *a)
    return sorted(a, key=lambda x: floats.order(f, x))[1]


def zerosAlike(f, compute):
    """Among operands of both zeros which one comes out is not specified."""

    def relaxed(c, *a):
        result = compute(c, *a)
        return Zero(f) if isinstance(result, int) and f.isZero(
            result) else result

    return relaxed


# Functions of one operand -------------------------------------------------


def integral(f, how):
    return lambda c, x: floats.toIntegral(f, x, how)


def fraction(f):

    def compute(c, x):
        if not f.isFinite(x):
            return f.nan
        if f.isDenormal(x):
            return x if not f.negative(x) else None
        m, e = f.value(x)
        if e >= 0 or m == 0:
            return Zero(f)
        result = f.encode(m % (1 << -e), 1, e)
        # x slightly below 0 gives 1 or the number before it.
        if result == f.bias << f.mantissa:
            return None
        return Zero(f) if result == 0 else result

    return compute


def frexpMantissa(f):

    def compute(c, x):
        if not f.isFinite(x) or f.isZero(x):
            return x
        m, _ = f.value(x)
        return f.encode(m, 1, -abs(m).bit_length())

    return compute


def frexpExponent(f, width):

    def compute(c, x):
        if not f.isFinite(x) or f.isZero(x):
            return 0
        m, e = f.value(x)
        return abs(m).bit_length() + e & (1 << width) - 1

    return compute


def ldexp(f):

    def compute(c, x, y):
        x = f.flush(x, c.mode.flush(f))
        if not f.isFinite(x) or f.isZero(x):
            return f.quiet(x) if f.isNan(x) else x
        m, e = f.value(x)
        shift = max(-5000, min(5000, signed(y)))
        return finish(c, f, f.encode(m, 1, e + shift, c.mode.rounding(f)))

    return compute


def approximate(f, function, ulps=1.0, absolute=0.0, special=None):
    """`function` of a Python float gives the value; `special` settles what is not
    a normal number (None there: go on)."""

    def compute(c, x):
        if f.isNan(x):
            return f.nan
        if f.isDenormal(x):  # whether these instructions take denormals depends
            return None
        result = special(f, x)
        if result is not None:
            return result
        value = function(f.toFloat(x))
        return Near(f, value, ulps, absolute, flushed=True)

    return compute


def infinite(f):

    def check(x):
        return f.isInf(x)

    check.text = "an infinity"
    return check


def rcpSpecial(f, x):
    if f.isZero(x):
        return x | f.inf
    return x & f.sign if f.isInf(x) else None


def rootSpecial(f, x):
    if f.isZero(x):
        return x
    return Nan(f) if f.negative(x) else x if f.isInf(x) else None


def rsqSpecial(f, x):
    if f.isZero(x):
        return infinite(f)
    return Nan(f) if f.negative(x) else 0 if f.isInf(x) else None


def logSpecial(f, x):
    if f.isZero(x):
        return f.sign | f.inf
    if x == f.bias << f.mantissa:
        return Zero(f)
    return Nan(f) if f.negative(x) else x if f.isInf(x) else None


def expSpecial(f, x):
    if f.isZero(x):
        return f.bias << f.mantissa
    if f.isInf(x):
        return 0 if f.negative(x) else x
    return None


def power(x):
    return 2.0**max(-1060.0, min(1000.0, x))


def sineSpecial(value):

    def special(f, x):
        if f.isInf(x):
            return Nan(f)
        # Sources disagree on the range that is reduced.
        return None

    return special


def unitRange(f):
    """Operands of sin and cos: up to one turn either way."""

    def draw(rng):
        if rng.random() < .2:
            return rng.choice((0, f.sign, f.inf, f.nan))
        n = rng.randrange(-4096, 4097)
        return f.encode(n, 4096)

    return draw


FUNCTIONS = {
    "rcp": (lambda v: 1.0 / v, rcpSpecial, 1.0, 0),
    "sqrt": (math.sqrt, rootSpecial, 1.0, 0),
    "rsq": (lambda v: 1.0 / math.sqrt(v), rsqSpecial, 1.0, 0),
    "exp": (power, expSpecial, 1.0, 0),
    "log": (math.log2, logSpecial, 1.0, 2.0**-22),
    "sin": (lambda v: math.sin(v * math.tau), sineSpecial(0), 1.0, 2.0**-20),
    "cos": (lambda v: math.cos(v * math.tau), sineSpecial(1), 1.0, 2.0**-20),
}


def functionOps():
    for name, (function, special, ulps, absolute) in FUNCTIONS.items():
        for kind, f in (("f32", F32), ("f16", F16), ("f64", F64)):
            if kind == "f64" and name not in ("rcp", "sqrt", "rsq"):
                continue
            pools = {"noclamp": True}
            if name in ("sin", "cos"):
                pools.update({0: unitRange(f), "only": True})
            # Double precision gives about 2**29 units, a start for Newton steps.
            yield Op(f"v_{name}_{kind}", kind, [kind], approximate(
                f, function, 2.0**29 if kind == "f64" else ulps,
                2.0**-10 if kind == "f16" and absolute else absolute, special),
                FROM_WIDE if kind == "f64" else VOP1, denormals=False, pools=pools)
    for name in ("exp", "log"):
        function, special, ulps, absolute = FUNCTIONS[name]
        yield Op(f"v_{name}_legacy_f32", "f32", ["f32"], approximate(
            F32, function, 16.0, 2.0**-20, special), VOP1, denormals=False,
            pools={"noclamp": True})
    function, special, ulps, absolute = FUNCTIONS["rcp"]
    yield Op("v_rcp_iflag_f32", "f32", ["f32"], approximate(
        F32, function, ulps, 0, special), VOP1, denormals=False,
        pools={"noclamp": True})


def roundingOps():
    hows = {"trunc": floats.truncate, "ceil": floats.ceiling,
            "rndne": floats.nearestEven, "floor": floats.floor}
    for kind, f in (("f32", F32), ("f16", F16), ("f64", F64)):
        encodings = FROM_WIDE if kind == "f64" else VOP1
        for name, how in hows.items():
            yield Op(f"v_{name}_{kind}", kind, [kind], integral(f, how),
                     encodings, denormals=False)
        yield Op(f"v_fract_{kind}", kind, [kind], fraction(f), encodings,
                 denormals=False)
        yield Op(f"v_frexp_mant_{kind}", kind, [kind], frexpMantissa(f),
                 encodings, denormals=False)
        width = 16 if kind == "f16" else 32
        yield Op(f"v_frexp_exp_i{width}_{kind}", f"i{width}", [kind],
                 frexpExponent(f, width), encodings, denormals=False)


# Conversions --------------------------------------------------------------


def toFloat(f, low, width, isSigned):
    """From an integer field."""

    def compute(c, x):
        x = x >> low & (1 << width) - 1
        return f.encode(signed(x, width) if isSigned else x, 1, 0,
                        c.mode.rounding(f))

    return compute


def toInt(f, width, isSigned, how=floats.truncate, nan=0):
    low = -(1 << width - 1) if isSigned else 0
    high = (1 << width - 1) - 1 if isSigned else (1 << width) - 1

    def compute(c, x):
        if f.isNan(x) and nan is None:
            return None
        return floats.toInteger(f, x, low, high, how) & (1 << width) - 1

    return compute


def resize(source, target, modeOf):

    def compute(c, x):
        x = source.flush(x, c.mode.flush(source))
        result = floats.convert(source, target, x, c.mode.rounding(modeOf))
        return finish(c, target, result)

    return compute


def roundPlusHalf(c, x):
    """floor(x + 0.5); not compared where it matters whether the sum is rounded,
    nor for NaN, where sources disagree."""
    if F32.isNan(x):
        return None
    if F32.isInf(x):
        return toInt(F32, 32, True)(c, x)
    half = (F32.bias - 1) << 23
    rounded = toInt(F32, 32, True, floats.floor)(c, floats.add(F32, x, half))
    m, e = F32.value(x)
    whole = math.floor(Fraction(m) * Fraction(2)**e + Fraction(1, 2))
    whole = min(max(whole, -2**31), 2**31 - 1) & MASK32
    return whole if whole == rounded else None


def conversionOps():
    yield Op("v_cvt_i32_f64", "i32", ["f64"], toInt(F64, 32, True), FROM_WIDE,
             denormals=False)
    yield Op("v_cvt_u32_f64", "u32", ["f64"], toInt(F64, 32, False), FROM_WIDE,
             denormals=False)
    yield Op("v_cvt_f64_i32", "f64", ["i32"], toFloat(F64, 0, 32, True),
             TO_WIDE)
    yield Op("v_cvt_f64_u32", "f64", ["u32"], toFloat(F64, 0, 32, False),
             TO_WIDE)
    yield Op("v_cvt_f32_i32", "f32", ["i32"], toFloat(F32, 0, 32, True), VOP1,
             modes=ROUNDED)
    yield Op("v_cvt_f32_u32", "f32", ["u32"], toFloat(F32, 0, 32, False), VOP1,
             modes=ROUNDED)
    for byte in range(4):
        yield Op(f"v_cvt_f32_ubyte{byte}", "f32", ["u32"],
                 toFloat(F32, 8 * byte, 8, False), VOP1)
    yield Op("v_cvt_u32_f32", "u32", ["f32"], toInt(F32, 32, False), VOP1,
             denormals=False)
    yield Op("v_cvt_i32_f32", "i32", ["f32"], toInt(F32, 32, True), VOP1,
             denormals=False)
    yield Op("v_cvt_rpi_i32_f32", "i32", ["f32"], roundPlusHalf, VOP1,
             denormals=False)
    yield Op("v_cvt_flr_i32_f32", "i32", ["f32"],
             toInt(F32, 32, True, floats.floor, None), VOP1, denormals=False)
    yield Op("v_cvt_off_f32_i4", "f32", ["u32"],
             lambda c, x: F32.encode((x & 15 ^ 8) - 8, 16), VOP1)
    # The rounding of a half is set with that of a double.
    yield Op("v_cvt_f16_f32", "f16", ["f32"], resize(F32, F16, F16), VOP1,
             modes=ROUNDED)
    yield Op("v_cvt_f32_f16", "f32", ["f16"], resize(F16, F32, F32), VOP1)
    yield Op("v_cvt_f32_f64", "f32", ["f64"], resize(F64, F32, F32), FROM_WIDE,
             modes=ROUNDED)
    yield Op("v_cvt_f64_f32", "f64", ["f32"], resize(F32, F64, F64), TO_WIDE)
    yield Op("v_cvt_f16_u16", "f16", ["u16"], toFloat(F16, 0, 16, False), VOP1,
             modes=ROUNDED)
    yield Op("v_cvt_f16_i16", "f16", ["i16"], toFloat(F16, 0, 16, True), VOP1,
             modes=ROUNDED)
    yield Op("v_cvt_u16_f16", "u16", ["f16"], toInt(F16, 16, False), VOP1,
             denormals=False)
    yield Op("v_cvt_i16_f16", "i16", ["f16"], toInt(F16, 16, True), VOP1,
             denormals=False)


# Packing ------------------------------------------------------------------


def wholeFloats(rng):
    """Integers as floats, around the range of a byte: sources do not say how
    others are rounded."""
    if rng.random() < .1:
        return rng.choice((0, F32.sign, F32.inf, F32.sign | F32.inf))
    return F32.encode(rng.randrange(-300, 600))


def packByte(c, x, where, into):
    shift = 8 * (where & 3)
    byte = floats.toInteger(F32, x, 0, 255, floats.truncate)
    return into & ~(255 << shift) & MASK32 | byte << shift


def unitFloats(rng):
    if rng.random() < .3:
        return rng.choice((0, F32.sign, F32.inf, F32.nan, F32.sign | F32.inf))
    return F32.encode(rng.randrange(-5000, 5001), 4000)


def packNormal(low, high):

    def compute(c, a, b):
        wanted = []
        for x in (a, b):
            if F32.isNan(x):
                wanted.append((0, 0))
            elif F32.isInf(x):
                wanted.append((low, low) if F32.negative(x) else (high, high))
            else:
                m, e = F32.value(x)
                value = min(max(Fraction(m) * Fraction(2)**e * high, low), high)
                wanted.append((math.floor(value), math.ceil(value)))

        def check(got):
            return all(half == (w & 0xffff) or half == (v & 0xffff)
                       for half, (v, w) in zip((got & 0xffff, got >> 16),
                                               wanted))

        check.text = f"halves {wanted}"
        return check

    return compute


def packTowardZero(c, a, b):
    halves = []
    for x in (a, b):
        x = F32.flush(x, c.mode.flush32)
        half = floats.convert(F32, F16, x, floats.ZERO)
        if F16.isDenormal(half) and c.mode.flush64:
            return None
        halves.append(half)
    if not any(map(F16.isNan, halves)):
        return halves[0] | halves[1] << 16

    def check(got):
        return all(Nan(F16)(g) if F16.isNan(h) else g == h
                   for g, h in zip((got & 0xffff, got >> 16), halves))

    check.text = f"halves {halves[0]:#x} {halves[1]:#x}"
    return check


# Division, cube maps, reduction --------------------------------------------


def divFixup(f):
    """Where the manual and CLRX's measured table agree."""

    def compute(c, q, den, num):
        sign = (den ^ num) & f.sign
        if f.isNan(den) or f.isNan(num):
            return f.nan
        if f.isZero(den) and f.isZero(num) or f.isInf(den) and f.isInf(num):
            return f.nan
        if f.isZero(den):
            return sign | f.inf
        if f.isInf(den):
            return sign
        if f.isInf(num) or f.isZero(num) or not f.isFinite(q) or \
                any(map(f.isDenormal, (q, den, num))):
            return None
        if (q & f.sign) != sign or abs(f.exponent(num) - f.exponent(den)) > \
                f.bias // 2 or f.exponent(den) > f.emax - 3:
            return None
        return q

    return compute


def fmasUnscaled(f):

    def compute(c, a, b, s):
        if c.carry:
            return None  # the factor: see the test of whole divisions
        return arithmetic(f, floats.fma)(c, a, b, s)

    return compute


def normals(f, spread=6):

    def draw(rng):
        return (rng.getrandbits(1) << f.bits - 1 | f.bias + rng.randrange(
            -spread, spread) << f.mantissa | rng.getrandbits(f.mantissa))

    return draw


def cube(pick):

    def compute(c, x, y, z):
        X, Y, Z = (x & ~F32.sign for x in (x, y, z))
        axis = 2 if Z >= X and Z >= Y else 1 if Y >= X else 0
        return pick(axis, x, y, z)

    return compute


def negateIf(flag, x):
    return x ^ F32.sign if flag else x


def cubeId(axis, *v):
    return F32.encode(2 * axis + F32.negative(v[axis]))


def cubeMa(axis, *v):
    return v[axis] + F32.one  # twice


def cubeSc(axis, x, y, z):
    if axis == 2:
        return negateIf(F32.negative(z), x)
    return x if axis == 1 else negateIf(not F32.negative(x), z)


def cubeTc(axis, x, y, z):
    if axis == 1:
        return negateIf(F32.negative(y), z)
    return negateIf(True, y)


def twoOverPi(count):
    """floor(2/pi * 2**count), by Machin's formula."""
    unit = 1 << count + 64

    def arctan(inverse):
        term, total, n = unit // inverse, 0, 1
        while term:
            total += term // n if n % 4 == 1 else -(term // n)
            term //= inverse * inverse
            n += 2
        return total

    pi = 4 * (4 * arctan(5) - arctan(239))
    return (2 * unit << count) // pi


TWO_OVER_PI = twoOverPi(1201)


def trigPreop(c, x, segment):
    """Segment of 2/pi, for arguments that need no further shift."""
    shift = 53 * (segment & 31)
    part = TWO_OVER_PI >> 1201 - 53 - shift & (1 << 53) - 1
    return F64.encode(part, 1, -53 - shift)


def tripleOps():
    for kind, f in (("f32", F32), ("f64", F64), ("f16", F16)):
        yield Op(f"v_fma_{kind}", kind, [kind] * 3, arithmetic(f, floats.fma),
                 ("",), modes=ROUNDED)
        yield Op(f"v_div_fixup_{kind}", kind, [kind] * 3, divFixup(f), ("",),
                 pools={"noclamp": True})
    for kind, f in (("f32", F32), ("f64", F64)):
        yield Op(f"v_div_fmas_{kind}", kind, [kind] * 3, fmasUnscaled(f), ("",),
                 pools={"noscalar": True, "noclamp": True})
    yield Op("v_mad_f32", "f32", ["f32"] * 3, multiplyAdd(F32), ("",),
             modes=ROUNDED)
    yield Op("v_mad_f16", "f16", ["f16"] * 3, multiplyAdd(F16), ("",),
             modes=ROUNDED)
    yield Op("v_mad_legacy_f32", "f32", ["f32"] * 3, multiplyAdd(F32, True),
             ("",))
    for name, choose in (("min3", three(least)), ("max3", three(greatest)),
                         ("med3", median)):
        yield Op(f"v_{name}_f32", "f32", ["f32"] * 3, zerosAlike(
            F32, chosen(F32, choose)), ("",), denormals=False, quietOnly=True,
            modes=(KEEP, FLUSH, Mode(ieee=False)))
    pools = {i: normals(F32) for i in range(3)}
    pools["only"] = True
    for name, choose in (("id", cubeId), ("ma", cubeMa), ("sc", cubeSc),
                         ("tc", cubeTc)):
        yield Op(f"v_cube{name}_f32", "f32", ["f32"] * 3, cube(choose), ("",),
                 pools=pools)


def scaleOps():
    """The manual's and CLRX's rules for v_div_scale agree on operands of like
    size, and on a numerator far above its denominator, which is scaled up."""
    for kind, f, far, factor in (("f32", F32, 96, 64), ("f64", F64, 768, 128)):

        def denominator(rng, f=f, far=far):
            return normals(f, 3)(rng) - (far // 2 + 4) * f.one

        def numerator(rng, f=f, far=far):
            return normals(f, 3)(rng) + rng.choice((-1, 1)) * (
                far // 2 + 4) * f.one

        for which in (0, 1):

            def compute(c, den, num, f=f, far=far, which=which, factor=factor):
                apart = f.exponent(num) - f.exponent(den)
                if apart < far:
                    return (num if which else den), False
                return (num, None) if which else (den + factor * f.one, True)

            yield Op(f"v_div_scale_{kind}", kind, [kind, kind], compute, ("",),
                     carry=True, order=(which, 0, 1), floatMods=False,
                     modes=(KEEP,), pools={0: denominator, 1: numerator,
                                           "only": True, "noclamp": True})


def literalOps():
    """The constant is a third operand."""
    for kind, f, text in (("f32", F32, "0x40490fdb"), ("f16", F16, "0x4248")):
        constant = int(text, 16)
        compute = multiplyAdd(f)
        yield Op(f"v_madmk_{kind}", kind, [kind, kind],
                 lambda c, a, b, k=constant, mad=compute: mad(c, a, k, b),
                 ("",), literal=(2, text), floatMods=False, modes=ROUNDED,
                 pools={"noscalar": True, "noclamp": True, "only": True})
        yield Op(f"v_madak_{kind}", kind, [kind, kind],
                 lambda c, a, b, k=constant, mad=compute: mad(c, a, b, k),
                 ("",), literal=(3, text), floatMods=False, modes=ROUNDED,
                 pools={"noscalar": True, "noclamp": True, "only": True})


def packOps():
    whole = {0: wholeFloats, "only": True}
    yield Op("v_cvt_pk_u8_f32", "b32", ["f32", "u32", "b32"], packByte, ("",),
             pools=whole)
    yield Op("v_cvt_pkaccum_u8_f32", "b32", ["f32", "u32"], packByte, ("",),
             reads=True, pools=whole)
    unit = {0: unitFloats, 1: unitFloats, "only": True}
    yield Op("v_cvt_pknorm_i16_f32", "b32", ["f32", "f32"],
             packNormal(-32767, 32767), ("",), pools=unit)
    yield Op("v_cvt_pknorm_u16_f32", "b32", ["f32", "f32"],
             packNormal(0, 65535), ("",), pools=unit)
    yield Op("v_cvt_pkrtz_f16_f32", "b32", ["f32", "f32"], packTowardZero,
             ("",))


def smallShift(rng):
    return rng.randrange(-40, 41) & MASK32


def ops():
    yield from functionOps()
    yield from roundingOps()
    yield from conversionOps()
    yield from tripleOps()
    yield from scaleOps()
    yield from literalOps()
    yield from packOps()
    for kind, f in BOTH.items():
        pair = [kind, kind]
        rows = {"add": arithmetic(f, floats.add),
                "sub": arithmetic(f, floats.add, negate=1),
                "subrev": arithmetic(f, floats.add, swap=True, negate=1),
                "mul": arithmetic(f, floats.mul)}
        for name, compute in rows.items():
            yield Op(f"v_{name}_{kind}", kind, pair, compute, VOP2,
                     modes=ROUNDED)
        for name, choose in (("min", least), ("max", greatest)):
            yield Op(f"v_{name}_{kind}", kind, pair, chosen(f, choose), VOP2,
                     denormals=False, modes=(KEEP, FLUSH, Mode(ieee=False)))
        yield Op(f"v_mac_{kind}", kind, pair, multiplyAdd(f), VOP2, reads=True,
                 modes=ROUNDED)
    yield Op("v_mul_legacy_f32", "f32", ["f32", "f32"], multiplyLegacy, VOP2)
    yield Op("v_ldexp_f16", "f16", ["f16", "i32"], ldexp(F16), VOP2,
             pools={1: smallShift})
    yield Op("v_ldexp_f32", "f32", ["f32", "i32"], ldexp(F32), ("",))
    yield Op("v_ldexp_f64", "f64", ["f64", "i32"], ldexp(F64), ("",))
    for name, compute in (("add", arithmetic(F64, floats.add)),
                          ("mul", arithmetic(F64, floats.mul))):
        yield Op(f"v_{name}_f64", "f64", ["f64", "f64"], compute, ("",),
                 modes=ROUNDED)
    for name, choose in (("min", least), ("max", greatest)):
        yield Op(f"v_{name}_f64", "f64", ["f64", "f64"], chosen(F64, choose),
                 ("",), denormals=False, modes=(KEEP, FLUSH, Mode(ieee=False)))
    yield Op("v_trig_preop_f64", "f64", ["f64", "u32"], trigPreop, ("",),
             pools={0: normals(F64, 50), 1: lambda rng: rng.randrange(18) |
                    rng.getrandbits(27) << 5, "only": True, "noclamp": True})
