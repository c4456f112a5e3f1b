# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of shared.cl must do."""

import numpy as np

from harness import Case, In, Local, Out, Scalar

SOURCE = "shared.cl"
U32 = np.uint32


def words(rng, n):
    return rng.integers(0, 2**32, n, U32)


def reduceTree(rng):
    n = 900
    data = rng.standard_normal(n).astype(np.float32)
    padded = np.zeros(1024)
    padded[:n] = data
    parts = padded.reshape(4, 256)
    # Eight additions on the way of each element.
    bound = 8 * 2.0**-23 * np.abs(parts).sum(1)
    return Case(SOURCE, "reduceTree", 1024, 256,
                [Out(parts.sum(1), bound=bound, dtype=np.float32), In(data),
                 Scalar("u32", n)])


def reduceDpp(rng):
    data = rng.integers(-2**31, 2**31, (5, 64), np.int32)
    return Case(SOURCE, "reduceDpp", 320, 64,
                [Out(data.sum(1, dtype=np.int32)), In(data)])


def reduceSwizzle(rng):
    data = words(rng, (5, 64))
    return Case(SOURCE, "reduceSwizzle", 320, 64,
                [Out(np.repeat(data.max(1), 64)), In(data)])


def prefixSum(rng):
    data = words(rng, (3, 256))
    return Case(SOURCE, "prefixSum", 768, 256,
                [Out(data.cumsum(1, dtype=U32)), In(data)])


def compactOdd(rng):
    data = words(rng, (4, 64))
    expected = np.zeros_like(data)
    for row, values in zip(expected, data):
        odd = values[values % 2 == 1]
        row[:len(odd)] = odd
    return Case(SOURCE, "compactOdd", 256, 64,
                [Out(expected, np.zeros_like(data)),
                 Out((data % 2).sum(1, dtype=U32)), In(data)])


def transpose(rng):
    height, width = 37, 50
    data = words(rng, (height, width))
    return Case(SOURCE, "transpose", (64, 48), (16, 16),
                [Out(data.T.copy()), In(data), Scalar("u32", width),
                 Scalar("u32", height)])


def gemm(rng):
    m, n, k = 37, 45, 50
    a = rng.standard_normal((m, k)).astype(np.float32)
    b = rng.standard_normal((k, n)).astype(np.float32)
    exact = a.astype(np.float64) @ b
    bound = 2 * k * 2.0**-24 * (np.abs(a).astype(np.float64) @ np.abs(b))
    return Case(SOURCE, "gemm", (48, 48), (16, 16),
                [Out(exact, bound=bound, dtype=np.float32), In(a), In(b),
                 Scalar("u32", m), Scalar("u32", n), Scalar("u32", k)])


def reverse(rng):
    data = rng.integers(0, 2**63, (2, 1024), np.uint64)
    return Case(SOURCE, "reverse", 2048, 1024,
                [Out(data[:, ::-1] + np.arange(1024, dtype=np.uint64)),
                 In(data)])


def dynamic(rng):
    count = 150  # prime to 7
    data = words(rng, (3, count))
    order = np.arange(count) * 7 % count
    return Case(SOURCE, "dynamic", 192, 64,
                [Out(data[:, order]), In(data), Local(4 * count),
                 Scalar("u32", count)])


def narrow(rng):
    data = words(rng, (2, 128))
    other = data[:, np.arange(128) ^ 77]
    near = np.bitwise_xor.reduce(data.reshape(2, 32, 4), 2).repeat(4, 1)
    expected = ((other >> U32(8) & U32(255)) << U32(16) | other >> U32(16) ^ near)
    return Case(SOURCE, "narrow", 256, 128, [Out(expected), In(data)])


CASES = [reduceTree, reduceDpp, reduceSwizzle, prefixSum, compactOdd, transpose,
         gemm, reverse, dynamic, narrow]
