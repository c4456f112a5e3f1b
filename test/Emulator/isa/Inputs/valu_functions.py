# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Floating-point instructions of one operand: rounding to integers, taking apart,
and the approximate functions, which get a bound instead of a value."""

import math

import floats
from floats import F16, F32, F64
from operands import Op
from results import Nan, Near, Zero

# Double precision has no SDWA, and no DPP where a source has 64 bits.
VOP1 = ("e32", "e64", "sdwa", "dpp")
WIDE = ("e32", "e64")


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


def anyNan(f):
    """Sources disagree on whether a signalling NaN comes out quiet."""

    def check(x):
        return f.isNan(x)

    check.text = "a NaN"
    return check


def frexpMantissa(f):

    def compute(c, x):
        if f.isNan(x):
            return anyNan(f)
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
        operand = f.toFloat(x)
        if special is sineSpecial and abs(operand) > 1:
            return None  # sources disagree on the range that is reduced
        value = function(operand)
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


def sineSpecial(f, x):
    return Nan(f) if f.isInf(x) else None


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
    "sin": (lambda v: math.sin(v * math.tau), sineSpecial, 1.0,
            2.0**-20),
    "cos": (lambda v: math.cos(v * math.tau), sineSpecial, 1.0,
            2.0**-20),
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
                WIDE if kind == "f64" else VOP1, denormals=False, pools=pools)
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
        encodings = WIDE if kind == "f64" else VOP1
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
