# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Conversions and packing."""

import math
from fractions import Fraction

import floats
from floats import F16, F32, F64
from operands import MASK32, Op, signed
from results import Nan
from valu_arithmetic import ROUNDED, finish
from valu_functions import VOP1, WIDE

TO_WIDE = ("e32", "e64", "dpp")


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
    yield Op("v_cvt_i32_f64", "i32", ["f64"], toInt(F64, 32, True), WIDE,
             denormals=False)
    yield Op("v_cvt_u32_f64", "u32", ["f64"], toInt(F64, 32, False), WIDE,
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
    yield Op("v_cvt_f32_f64", "f32", ["f64"], resize(F64, F32, F32), WIDE,
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
