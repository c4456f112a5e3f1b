# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of basics.cl must do."""

import numpy as np

from harness import Case, In, Out, Scalar

SOURCE = "basics.cl"
U32 = np.uint32


def saxpy(rng):
    n = 1000
    x, y = rng.standard_normal((2, n)).astype(np.float32)
    exact = np.float64(2.5) * x + y
    return Case(SOURCE, "saxpy", n, 256,
                [Out(exact, y, 2.0**-22 * (np.abs(2.5 * x) + np.abs(y))), In(x),
                 Scalar("f32", 2.5), Scalar("u32", n)])


def strided(rng):
    n = 1000
    data = rng.integers(0, 2**32, n, U32)
    expected = data[::-1] ^ np.arange(n, dtype=U32)
    return Case(SOURCE, "strided", 192, 64,
                [Out(expected), In(data), Scalar("u32", n), Scalar("u32", 3)])


def grid2(rng):
    width, height = 37, 21  # partial workgroups at both edges
    y, x = np.mgrid[0:height, 0:width].astype(U32)
    return Case(SOURCE, "grid2", (width, height), (16, 8),
                [Out(x * U32(1000) + y + U32(height)), Scalar("u32", width),
                 Scalar("u32", height)])


def grid3(rng):
    width, height, depth = 10, 7, 5
    z, y, x = np.mgrid[0:depth, 0:height, 0:width].astype(U32)
    return Case(SOURCE, "grid3", (width, height, depth), (4, 4, 4),
                [Out(x | y << U32(8) | z << U32(16)), Scalar("u32", width),
                 Scalar("u32", height)])


def sizes(rng):
    n = 150
    i = np.arange(n, dtype=U32)
    expected = np.stack([0 * i + 64, 0 * i + n, 0 * i + 1, i // 64], 1)
    return Case(SOURCE, "sizes", n, 64, [Out(expected)])


def bytes_(rng):
    n = 333
    data = rng.integers(0, 256, n, np.uint8)
    shorts = rng.integers(-2**15, 2**15, n, np.int16)
    return Case(SOURCE, "bytes", 384, 64,
                [Out((data * np.uint8(3) + np.uint8(7)).astype(np.uint8)),
                 In(data),
                 Out(shorts - data[::-1].astype(np.int8).astype(np.int16)),
                 In(shorts), Scalar("u32", n)])


PADDED = np.dtype({"names": ["tag", "value", "part", "weight"],
                   "formats": [np.int8, np.int32, np.int16, np.float32],
                   "offsets": [0, 4, 8, 12], "itemsize": 16})


def structs(rng):
    n = 100
    data = np.zeros(n, PADDED)
    data["tag"] = rng.integers(-128, 128, n)
    data["value"] = rng.integers(-2**31, 2**31, n)
    data["part"] = rng.integers(-2**15 + 1, 2**15, n)
    data["weight"] = rng.standard_normal(n)
    expected = data.copy()
    odd = expected[1::2]
    odd["tag"] += np.int8(1)
    odd["value"] *= 2
    odd["part"] *= np.int16(-1)
    odd["weight"] *= np.float32(0.5)
    field = np.zeros(16, bool)
    field[[0, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15]] = True
    return Case(SOURCE, "structs", 128, 64,
                [Out(expected.view(np.uint8), only=np.tile(field, n)),
                 In(data.view(np.uint8)), Scalar("u32", n)])


def collatz(rng):
    n, limit = 300, 100

    def steps(value):
        count = 0
        while value != 1:
            if count == limit:
                return 2**32 - 1
            value = 3 * value + 1 if value & 1 else value // 2
            count += 1
        return count

    return Case(SOURCE, "collatz", 384, 128,
                [Out(np.array([steps(i + 1) for i in range(n)], U32)),
                 Scalar("u32", n), Scalar("u32", limit)])


def tangle(start):
    """The kernel `tangled`, step by step."""
    total = 0
    for outer in range(start & 15):
        if (outer ^ start) & 1:
            continue
        for inner in range(outer, 20):
            if total & 0xff == 0x7f:
                break
            choice = (inner + start) & 3
            if choice == 1:
                total ^= 0x55
                continue
            if choice == 0:
                total += inner * start
                continue
            if choice == 2:
                if total < 0:
                    return total
                total -= outer << 3
            total += 1
    return total


def tangled(rng):
    n = 200
    data = rng.integers(-1000, 1000, n, np.int32)
    return Case(SOURCE, "tangled", 256, 64,
                [Out(np.array([tangle(int(x)) for x in data], np.int32)),
                 In(data), Scalar("u32", n)])


CASES = [saxpy, strided, grid2, grid3, sizes, bytes_, structs, collatz, tangled]
