# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a result is compared with, where that is not one integer, and the output
modifiers."""

import floats
from harness import LANES
from operands import FORMATS, MASK32, dwords


def modify(x, f, negative, absolute):
    if absolute:
        x &= ~f.sign
    return x ^ f.sign if negative else x


class Zero:
    """Either zero: where sources disagree on the sign."""
    text = "a zero"

    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return self.f.isZero(x)


class Small:
    """Zero, or what OMOD makes of a denormal if it comes before the flushing."""
    text = "zero, or what was small"

    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return x & ~self.f.sign & self.f.mask < 3 * self.f.one


class Nan:
    """Any quiet NaN."""
    text = "a quiet NaN"

    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return self.f.isNan(x) and bool(x & self.f.one >> 1)


class Near:
    """Within `ulps` of an exact fraction num/den, or within `absolute`."""

    def __init__(self, f, value, ulps=1.0, absolute=0.0, flushed=False):
        self.f, self.value, self.ulps = f, value, ulps
        self.absolute, self.flushed = absolute, flushed
        self.text = f"about {value!r}"

    def __call__(self, x):
        f = self.f
        if not f.isFinite(x):
            return f.isInf(x) and abs(self.value) >= f.toFloat(f.largest)
        tiny = f.toFloat(f.one)
        if f.isZero(x) and self.flushed and abs(self.value) < tiny * 1.01:
            return True
        unit = max(2.0**-f.mantissa * abs(self.value), f.toFloat(1))
        return abs(f.toFloat(x) - self.value) <= max(unit * self.ulps,
                                                     self.absolute)


def outputModifier(op, context, result, omod, clamp):
    """OMOD and CLAMP of a floating-point result."""
    f = FORMATS.get(op.dst)
    if f is None or result is None or not (omod or clamp):
        return result
    if callable(result):
        return None
    if omod:
        if f.isZero(result):
            return Small(f)
        if f.isFinite(result):
            m, e = f.value(result)
            result = f.encode(m, 1, e + omod)
            if f.isDenormal(result):
                return Zero(f)
    if clamp:
        if f.isNan(result):
            return 0 if context.mode.dx10 else None
        one = f.bias << f.mantissa
        if floats.order(f, result) <= 0:
            return Zero(f)
        return min(result, one)
    return result


def settle(op, context, result):
    """A result as a comparison wants it: NaNs by kind, not by payload."""
    f = FORMATS.get(op.dst)
    if f and isinstance(result, int) and f.isNan(result):
        return Nan(f)
    return result


def perDword(wanted, kind, got):
    """`wanted` for a value of several dwords, given as predicates a dword, which
    need to see the others: `got` collects them."""
    count = dwords(kind)
    if count == 1:
        return [wanted]
    if wanted is None:
        return [None] * count
    if isinstance(wanted, int):
        return [wanted >> 32 * i & MASK32 for i in range(count)]

    def low(x):
        got[0] = x
        return True

    def high(x):
        return wanted(got[0] | x << 32)

    high.text = getattr(wanted, "text", "see predicate")
    return [low, high]


def maskRows(mask):
    """A lane mask as the two scalars it is, each the same in all lanes."""
    rows = []
    for half in (mask[:32], mask[32:]):
        known = sum(1 << i for i, bit in enumerate(half) if bit is not None)
        value = sum(bool(bit) << i for i, bit in enumerate(half))
        if known == MASK32:
            rows.append([value] * LANES)
        else:
            def same(x, known=known, value=value):
                return x & known == value & known

            same.text = f"{value:#x} in the bits {known:#x}"
            rows.append([same] * LANES)
    return rows
