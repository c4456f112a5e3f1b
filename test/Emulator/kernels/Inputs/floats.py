# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of floats.cl must do: with the compiler's defaults for
OpenCL within a bound, and to the bit where it is told to follow IEEE 754."""

import numpy as np

from harness import Case, In, Out, Scalar

SOURCE = "floats.cl"


def operands(rng, dtype, n):
    """Ordinary values of both signs, three decades either way."""
    value = rng.standard_normal(n) * 10.0**rng.uniform(-3, 3, n)
    return np.where(value == 0, 1, value).astype(dtype)


# Zeros, infinities, NaN, denormals, the greatest and the least.
EDGES = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-45, 3e38,
                  1.17549435e-38, 1, -1.5, 3, 2e-20, 7e25], np.float32)


def halves(rng):
    n = 500
    a, b = operands(rng, np.float16, n), operands(rng, np.float16, n)
    x, y = a.astype(np.float64), b.astype(np.float64)
    product = np.abs(x * y)
    # Half an ulp for each operation, and what denormals lack.
    bound = 2.0**-10 * (product + np.abs(x / y)) + 2.0**-23
    exact = x * y - x / y
    fits = np.abs(exact) < 60000
    fits &= product < 60000
    return Case(SOURCE, "halves", 512, 64,
                [Out(exact, bound=bound, dtype=np.float16, only=fits), In(a),
                 In(b), Scalar("u32", n)])


def halfFunctions(rng):
    n = 300
    x = np.abs(operands(rng, np.float16, n))
    x = np.minimum(x, np.float16(200))
    wide = x.astype(np.float64)
    exact = np.stack([np.sqrt(wide), np.floor(wide), wide * wide + 1,
                      np.trunc(wide) + wide], 1)
    # Rounded once, but the last, which is rounded after each of two steps.
    bound = 2.0**-11 * np.abs(exact) * [1, 0, 1, 1] + 2.0**-25
    return Case(SOURCE, "halfFunctions", 320, 64,
                [Out(exact, bound=bound, dtype=np.float16), In(x),
                 Scalar("u32", n)], ieee=True)


def doubles(rng):
    n = 400
    a, b = operands(rng, np.float64, n), operands(rng, np.float64, n)
    a[:6] = [0, -0.0, np.inf, 5e-324, 1e308, np.nan]
    with np.errstate(all="ignore"):
        expected = np.stack([a * b + a, a / b, np.sqrt(np.abs(a)),
                             np.floor(a) - np.trunc(b)], 1)
    # The compiler's own square root of doubles is not always the nearest.
    with np.errstate(invalid="ignore"):
        bound = np.abs(expected) * [0, 0, 2.0**-52, 0]
    return Case(SOURCE, "doubles", 448, 64,
                [Out(expected, bound=bound), In(a), In(b), Scalar("u32", n)],
                ieee=True)


def divide(rng):
    """The defaults allow 2.5 and 3 ulp, and flush denormals."""
    n = 500
    a, b = operands(rng, np.float32, n), operands(rng, np.float32, n)
    exact = np.stack([a.astype(np.float64) / b,
                      np.sqrt(np.abs(a).astype(np.float64))], 1)
    bound = np.abs(exact) * 2.0**-23 * [2.5, 3]
    return Case(SOURCE, "divide", 512, 64,
                [Out(exact, bound=bound, dtype=np.float32), In(a), In(b),
                 Scalar("u32", n)])


def divideExactly(rng):
    a = np.concatenate([np.repeat(EDGES, len(EDGES)),
                        operands(rng, np.float32, 300)])
    b = np.concatenate([np.tile(EDGES, len(EDGES)),
                        operands(rng, np.float32, 300)])
    with np.errstate(all="ignore"):
        expected = np.stack([a / b, np.sqrt(np.abs(a))], 1)
    return Case(SOURCE, "divide", 512, 64,
                [Out(expected), In(a), In(b), Scalar("u32", len(a))], ieee=True)


def softmax(rng):
    rows, columns = 6, 150
    data = (rng.standard_normal((rows, columns)) * 4).astype(np.float32)
    powers = np.exp(data.astype(np.float64) - data.max(1, keepdims=True))
    exact = powers / powers.sum(1, keepdims=True)
    # The exponent's own rounding: |x| * log2(e) is below 64.
    return Case(SOURCE, "softmax", 64 * rows, 64,
                [Out(exact, bound=exact * 2.0**-16 + 1e-30, dtype=np.float32),
                 In(data), Scalar("u32", columns)])


def logarithms(rng):
    n = 300
    x = np.abs(operands(rng, np.float32, n))
    wide = x.astype(np.float64)
    exact = np.log2(wide) + 1 / np.sqrt(wide)
    bound = 2.0**-21 * (np.abs(np.log2(wide)) + 1 / np.sqrt(wide)) + 2.0**-22
    return Case(SOURCE, "logarithms", 320, 64,
                [Out(exact, bound=bound, dtype=np.float32), In(x),
                 Scalar("u32", n)])


def conversions(rng):
    n = 300
    x = operands(rng, np.float64, n)
    magnitude = np.abs(x)
    expected = x.astype(np.float16).astype(np.float64)
    expected += x.astype(np.float32).astype(np.float64)
    expected += np.trunc(x) + (x * 1e9).astype(np.int64).astype(np.float64)
    expected += np.trunc(magnitude)
    expected += np.abs(x * 1e9).astype(np.uint64).astype(np.float64)
    expected += (x * 1e6).astype(np.int64).astype(np.float32).astype(np.float64)
    return Case(SOURCE, "conversions", 320, 64,
                [Out(expected), In(x), Scalar("u32", n)], ieee=True)


CASES = [halves, halfFunctions, doubles, divide, divideExactly, softmax,
         logarithms, conversions]
