# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of atomics.cl must do."""

import numpy as np

from harness import Case, In, Out, Scalar

SOURCE = "atomics.cl"
U32 = np.uint32


def histogramGlobal(rng):
    n = 1000
    data = rng.integers(0, 2**32, n, U32)
    expected = np.bincount(data & 31, minlength=32).astype(U32)
    return Case(SOURCE, "histogramGlobal", 1024, 128,
                [Out(expected, np.zeros(32, U32)), In(data), Scalar("u32", n),
                 Scalar("u32", 31)])


def histogramLds(rng):
    n = 3000
    data = rng.integers(0, 2**32, n, U32)
    expected = np.bincount(data & 63, minlength=64).astype(U32)
    return Case(SOURCE, "histogramLds", 1024, 256,
                [Out(expected, np.zeros(64, U32)), In(data), Scalar("u32", n)])


def sumLong(rng):
    n = 1000
    data = rng.integers(-2**62, 2**62, n, np.int64)
    padded = np.zeros(1024, np.int64)
    padded[:n] = data
    parts = padded.reshape(2, 2, 256).sum((0, 2))
    return Case(SOURCE, "sumLong", 1024, 256,
                [Out(parts, np.zeros(2, np.int64)), In(data), Scalar("u32", n)])


def sumFloat(rng):
    n = 200  # sums of small integers are exact in any order
    data = rng.integers(-100, 100, n).astype(np.float32)
    return Case(SOURCE, "sumFloat", 256, 64,
                [Out(data.reshape(-1, 4).sum(0), np.zeros(4, np.float32)),
                 In(data), Scalar("u32", n)])


def everyKind(rng):
    n = 300
    data = rng.integers(0, 2**32, n, U32)
    signed = data.view(np.int32)
    expected = np.array(
        [data.min(), data.max(),
         np.bitwise_and.reduce(data | U32(0xffff0000)),
         np.bitwise_or.reduce(data & U32(0xffff)),
         np.bitwise_xor.reduce(data), -int(data.sum(dtype=np.uint64)) % 2**32,
         signed.min().view(U32), signed.max().view(U32)], U32)
    start = np.array([2**32 - 1, 0, 2**32 - 1, 0, 0, 0, 2**31 - 1, 2**31], U32)
    return Case(SOURCE, "everyKind", 320, 64,
                [Out(expected, start), In(data), Scalar("u32", n)])


def lastOne(rng):
    data = rng.integers(0, 2**32, (6, 128), U32)
    return Case(SOURCE, "lastOne", 768, 128,
                [Out(data.sum(keepdims=True, dtype=U32).reshape(1)),
                 Out(data.sum(1, dtype=U32)),
                 Out(np.array([6], U32), np.zeros(1, U32)), In(data),
                 Scalar("u32", 6)])


class Permutation(Out):
    """Each number once, in an order that depends on the machine's."""

    def differences(self, got):
        return np.argwhere(np.sort(got) != self.expected)


def tickets(rng):
    n = 300
    return Case(SOURCE, "tickets", n, 64,
                [Permutation(np.arange(n, dtype=U32)),
                 Out(np.array([n], U32), np.zeros(1, U32))])


CASES = [histogramGlobal, histogramLds, sumLong, sumFloat, everyKind, lastOne,
         tickets]
# Who gets which ticket depends on the order of the waves, as it should.
ORDERED = ["tickets"]
