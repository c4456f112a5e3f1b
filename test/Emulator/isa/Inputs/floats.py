# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Floating point by integers: values are exact fractions until one function
rounds them, so no expectation depends on how the host's own FPU is set up."""

NEAREST, UP, DOWN, ZERO = range(4)  # as MODE.FP_ROUND encodes them


class Format:
    """An IEEE binary format, its values given as unsigned integers."""

    def __init__(self, name, bits, mantissa):
        self.name, self.bits, self.mantissa = name, bits, mantissa
        self.sign = 1 << (bits - 1)
        self.mask = (1 << bits) - 1
        self.one = 1 << mantissa
        self.emax = (1 << (bits - mantissa - 1)) - 1  # of infinities
        self.bias = self.emax >> 1
        self.inf = self.emax << mantissa
        self.nan = self.inf | self.one >> 1
        self.largest = self.inf - 1

    def isNan(self, x):
        return x & ~self.sign & self.mask > self.inf

    def isSignaling(self, x):
        return self.isNan(x) and not x & self.one >> 1

    def isInf(self, x):
        return x & ~self.sign & self.mask == self.inf

    def isZero(self, x):
        return x & ~self.sign & self.mask == 0

    def isDenormal(self, x):
        return 0 < x & ~self.sign & self.mask < self.one

    def isFinite(self, x):
        return x & ~self.sign & self.mask < self.inf

    def negative(self, x):
        return bool(x & self.sign)

    def quiet(self, x):
        return x | self.one >> 1

    def flush(self, x, on=True):
        return x & self.sign if on and self.isDenormal(x) else x

    def exponent(self, x):
        """The biased exponent field."""
        return x >> self.mantissa & self.emax

    def value(self, x):
        """(signed integer m, e): a finite x is m * 2**e."""
        exp, man = self.exponent(x), x & self.one - 1
        m = man | self.one if exp else man
        unit = max(exp, 1) - self.bias - self.mantissa
        return -m if x & self.sign else m, unit

    def encode(self, num, den=1, exp=0, mode=NEAREST, zeroSign=0):
        """num / den * 2**exp, rounded once."""
        if num == 0:
            return self.sign if zeroSign else 0
        sign, num = (self.sign, -num) if num < 0 else (0, num)
        # The unit of the last place: mantissa + 1 bits, or the denormals' unit.
        magnitude = num.bit_length() - den.bit_length() + exp
        low = 1 - self.bias - self.mantissa
        unit = max(magnitude - self.mantissa - 1, low)
        while True:
            shift = exp - unit
            n, d = (num << shift, den) if shift >= 0 else (num, den << -shift)
            q, r = divmod(n, d)
            if q < self.one * 2:
                break
            unit += 1
        if q < self.one and unit > low:
            raise ArithmeticError("not normalised")
        if r and (2 * r > d or 2 * r == d and q & 1 if mode == NEAREST else
                  mode == UP and not sign or mode == DOWN and sign):
            q += 1
        # A carry out of the mantissa moves into the exponent by itself.
        bits = q + (unit - low << self.mantissa)
        if bits >= self.inf:
            away = mode == NEAREST or mode == (DOWN if sign else UP)
            bits = self.inf if away else self.largest
        return sign | bits

    def toFloat(self, x):
        m, e = self.value(x)
        if -1000 < e < 900:
            return m * 2.0**e
        return float(m) * 2.0**(e // 2) * 2.0**(e - e // 2)


F16 = Format("f16", 16, 10)
F32 = Format("f32", 32, 23)
F64 = Format("f64", 64, 52)


def convert(source, target, x, mode=NEAREST):
    if source.isNan(x):
        return target.nan
    sign = target.sign if x & source.sign else 0
    if source.isInf(x):
        return sign | target.inf
    m, e = source.value(x)
    return target.encode(m, 1, e, mode, sign)


def add(f, a, b, mode=NEAREST):
    if f.isNan(a) or f.isNan(b):
        return f.nan
    if f.isInf(a) or f.isInf(b):
        if f.isInf(a) and f.isInf(b) and a != b:
            return f.nan
        return a if f.isInf(a) else b
    if f.isZero(a) and f.isZero(b):
        return a & b if mode != DOWN else (a | b)
    (m, e), (n, g) = f.value(a), f.value(b)
    low = min(e, g)
    return f.encode((m << e - low) + (n << g - low), 1, low, mode, mode == DOWN)


def mul(f, a, b, mode=NEAREST):
    if f.isNan(a) or f.isNan(b):
        return f.nan
    sign = (a ^ b) & f.sign
    if f.isInf(a) or f.isInf(b):
        return f.nan if f.isZero(a) or f.isZero(b) else sign | f.inf
    (m, e), (n, g) = f.value(a), f.value(b)
    return f.encode(m * n, 1, e + g, mode, sign)


def fma(f, a, b, c, mode=NEAREST):
    if any(map(f.isNan, (a, b, c))):
        return f.nan
    sign = (a ^ b) & f.sign
    if f.isInf(a) or f.isInf(b):
        if f.isZero(a) or f.isZero(b) or f.isInf(c) and (c & f.sign) != sign:
            return f.nan
        return sign | f.inf
    if f.isInf(c):
        return c
    (m, e), (n, g), (o, h) = f.value(a), f.value(b), f.value(c)
    if m * n == 0 and o == 0:
        return c if (c & f.sign) == sign else (f.sign if mode == DOWN else 0)
    low = min(e + g, h)
    total = (m * n << e + g - low) + (o << h - low)
    return f.encode(total, 1, low, mode, mode == DOWN)


def less(f, a, b):
    """a < b for numbers; zeros are equal."""
    return order(f, a) < order(f, b)


def order(f, a):
    """An integer that orders numbers and infinities."""
    magnitude = a & ~f.sign & f.mask
    return -magnitude if a & f.sign else magnitude


def toInteger(f, x, low, high, how):
    """Saturated conversion; `how` rounds a fraction num/den to an integer."""
    if f.isNan(x):
        return 0
    if f.isInf(x):
        return low if x & f.sign else high
    m, e = f.value(x)
    whole = m << e if e >= 0 else how(m, 1 << -e)
    return min(max(whole, low), high)


def truncate(num, den):
    return num // den if num >= 0 else -(-num // den)


def floor(num, den):
    return num // den


def ceiling(num, den):
    return -(-num // den)


def nearestEven(num, den):
    q, r = divmod(num, den)
    return q + (2 * r > den or 2 * r == den and q & 1)


def toIntegral(f, x, how):
    """An integral float; the sign of a zero is that of x."""
    if not f.isFinite(x):
        return f.quiet(x) if f.isNan(x) else x
    m, e = f.value(x)
    if e >= 0:
        return x
    return f.encode(how(m, 1 << -e), 1, 0, NEAREST, x & f.sign)
