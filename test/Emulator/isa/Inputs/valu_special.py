# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Steps of division, cube maps, 2/pi, and multiply-adds with a constant."""

import floats
from floats import F16, F32, F64
from harness import KEEP
from operands import Op
from valu_arithmetic import ROUNDED, arithmetic, multiplyAdd


def divFixup(f):
    """Where the manual and CLRX's measured table agree."""

    def compute(c, q, den, num):
        sign = (den ^ num) & f.sign
        if f.isNan(den) or f.isNan(num):
            return f.nan
        if any(map(f.isDenormal, (q, den, num))):
            return None
        if f.isZero(den) and f.isZero(num) or f.isInf(den) and f.isInf(num):
            return f.nan
        if f.isZero(den):
            return sign | f.inf
        if f.isInf(den):
            return sign
        if f.isInf(num) or f.isZero(num) or not f.isFinite(q):
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
