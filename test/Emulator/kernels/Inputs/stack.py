# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the kernels of stack.cl must do."""

import numpy as np

from harness import Case, In, Out

SOURCE = "stack.cl"
U32 = np.uint32
ALL = 2**32 - 1


def words(rng, n):
    return rng.integers(0, 2**32, n, U32)


def scatterPrivate(rng):
    data = words(rng, 192)
    expected = []
    for lane, value in enumerate(data.tolist()):
        own = [k * k for k in range(64)]
        for k in range(64):
            at = (value >> (k & 15)) + k
            other = own[(at * 5 + lane % 64) & 63]
            own[at & 63] = own[at & 63] + (other ^ k) & ALL
        total = 0
        for x in own:
            total = total * 31 + x & ALL
        expected.append(total)
    return Case(SOURCE, "scatterPrivate", 192, 64,
                [Out(np.array(expected, U32)), In(data)])


def narrowPrivate(rng):
    data = words(rng, 128)
    expected = []
    for value in data.tolist():
        own, wide = [0] * 40, [0] * 20
        for k in range(40):
            own[k * 7 % 40] = value >> (k & 7) & 255
        for k in range(20):
            wide[(k + value & ALL) % 20] = own[2 * k] << 8 | own[2 * k + 1]
        total = 0
        for x in wide:
            total = (total << 3 | total >> 29) & ALL ^ x
        expected.append(total)
    return Case(SOURCE, "narrowPrivate", 128, 64,
                [Out(np.array(expected, U32)), In(data)])


def spills(rng):
    n = 192
    data = words(rng, n + 48)
    kept = [data[k:k + n] * U32(k + 1) for k in range(48)]
    for _ in range(3):
        for k in range(48):
            kept[k] = (kept[k] * kept[(k + 17) % 48] +
                       (kept[(k + 31) % 48] >> U32(7)))
    total = np.zeros(n, U32)
    for k in range(48):
        total ^= kept[k] + U32(k)
    return Case(SOURCE, "spills", n, 64, [Out(total), In(data)])


def mix(a, b):
    return (a ^ b * 0x9e3779b9 & ALL) + (a >> 5) & ALL


def calls(rng):
    data = words(rng, 128)
    expected = []
    for start in data.tolist():
        value, seen = start, 0
        # The bound is read anew each time round.
        k = 0
        while k < (value & 7) + 1:
            a = value + k & ALL
            seen = seen + (a & 7) & ALL
            value = mix(mix(a, seen), a)
            k += 1
        expected.append(value ^ seen)
    return Case(SOURCE, "calls", 128, 64,
                [Out(np.array(expected, U32)), In(data)])


def generic(rng):
    n = 192
    data = words(rng, n)
    lane = np.arange(n) % 64
    # A lane that writes to another's LDS reads back what it wrote.
    expected = np.select(
        [lane % 3 == 0, lane % 3 == 1],
        [data + U32(5), data[np.arange(n) ^ 1] + U32(6)],
        data + U32(7) + (lane & 3).astype(U32))
    after = np.where(lane % 3 == 0, data + U32(5), data)
    return Case(SOURCE, "generic_", n, 64,
                [Out(expected * U32(2)), Out(after, data)])


def tables(rng):
    data = words(rng, 256)
    squares = np.arange(16, dtype=U32)**2
    expected = squares[data & 15] * U32(3) + squares[np.arange(256) // 64]
    return Case(SOURCE, "tables", 256, 64, [Out(expected), In(data)])


CASES = [scatterPrivate, narrowPrivate, spills, calls, generic, tables]
