# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of hiplike.cpp must do."""

import numpy as np

from harness import Case, In, Out, Scalar

SOURCE = "hiplike.cpp"
U32 = np.uint32


def words(rng, n):
    return rng.integers(0, 2**32, n, U32)


def dots(rng):
    n = 500
    a, b = rng.standard_normal((2, n, 3)).astype(np.float32)
    exact = (a.astype(np.float64) * b).sum(1)
    bound = 2.0**-22 * (np.abs(a) * np.abs(b)).sum(1)
    return Case(SOURCE, "dots", 512, 128,
                [Out(exact, bound=bound, dtype=np.float32), In(a), In(b),
                 Scalar("u32", n)])


def reductions(rng):
    data = words(rng, (3, 256))
    expected = np.stack([data.sum(1, dtype=U32), data.max(1)], 1)
    return Case(SOURCE, "reductions", 768, 256, [Out(expected), In(data)])


def pointers(rng):
    data = words(rng, 256)
    expected = np.choose(data % 3, [
        data * U32(3), ~data, data << U32(16) | data >> U32(16)])
    return Case(SOURCE, "pointers", 256, 128, [Out(expected), In(data)])


def shapes(rng):
    data = words(rng, 256)
    square = (data & U32(255))**2 * U32(3)
    oblong = (data & U32(15)) * np.arange(256, dtype=U32) * U32(3)
    expected = np.where(data & U32(256), square, oblong)
    return Case(SOURCE, "shapes", 256, 64, [Out(expected), In(data)])


def variables(rng):
    lanes = np.arange(128).reshape(32, 4).sum(0)
    expected = (np.array([11, 22, 33, 44]) * 32 + lanes).astype(U32)
    return Case(SOURCE, "variables", 128, 128, [Out(expected)])


def longs(rng):
    n = 200
    data = rng.integers(0, 2**64, n, np.uint64)
    data[::7] >>= np.uint64(40)
    expected = np.zeros((n, 3), np.uint64)

    def signed(x):
        return x - 2**64 if x >> 63 else x

    for i in range(n - 1):
        a, b = int(data[i]), int(data[i + 1]) >> (i & 63)
        remainder = 1
        if b:
            x, y = signed(a), signed(b | 2)
            remainder = abs(x) % abs(y)
            if x < 0:
                remainder = -remainder
        expected[i] = (a // b if b else 0, remainder % 2**64, a * b >> 64)
    return Case(SOURCE, "longs", 256, 64,
                [Out(expected, np.zeros_like(expected)), In(data),
                 Scalar("u32", n)])


CASES = [dots, reductions, pointers, shapes, variables, longs]
