# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums, products and choices of floating-point numbers, as the MODE register has
them rounded and flushed."""

import floats
from floats import F32
from harness import FLUSH, KEEP, Mode
from results import Nan, Zero

ROUNDED = (KEEP, FLUSH, Mode(round32=floats.UP, round64=floats.DOWN),
           Mode(round32=floats.ZERO, round64=floats.UP),
           Mode(round32=floats.DOWN, round64=floats.ZERO))


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
