# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What atomic operations leave in memory: `new(memory, operand)`, for LDS,
buffers and flat addresses alike."""

from floats import F32, F64, NEAREST, add, order
from operands import signed


def increment(m, d, mask):
    return 0 if m >= d else m + 1


def decrement(m, d, mask):
    return d if m == 0 or m > d else m - 1


def byView(choose, isSigned):

    def compute(m, d, mask):
        width = mask.bit_length()
        view = (lambda x: signed(x, width)) if isSigned else int
        return choose((m, d), key=view)

    return compute


INTEGER = {
    "add": lambda m, d, mask: m + d & mask,
    "sub": lambda m, d, mask: m - d & mask,
    "smin": byView(min, True),
    "umin": byView(min, False),
    "smax": byView(max, True),
    "umax": byView(max, False),
    "and": lambda m, d, mask: m & d,
    "or": lambda m, d, mask: m | d,
    "xor": lambda m, d, mask: m ^ d,
    "inc": increment,
    "dec": decrement,
    "swap": lambda m, d, mask: d,
}

# LDS has the same under names with types, and some more.
LDS = {
    "add_u": INTEGER["add"],
    "sub_u": INTEGER["sub"],
    "rsub_u": lambda m, d, mask: d - m & mask,
    "inc_u": increment,
    "dec_u": decrement,
    "min_i": INTEGER["smin"],
    "max_i": INTEGER["smax"],
    "min_u": INTEGER["umin"],
    "max_u": INTEGER["umax"],
    "and_b": INTEGER["and"],
    "or_b": INTEGER["or"],
    "xor_b": INTEGER["xor"],
}


def floatOf(mask):
    return F32 if mask.bit_length() == 32 else F64


LDS_FLOAT = {
    "min_f": lambda m, d, mask: min((m, d), key=lambda x: order(
        floatOf(mask), x)),
    "max_f": lambda m, d, mask: max((m, d), key=lambda x: order(
        floatOf(mask), x)),
    "add_f": lambda m, d, mask: add(floatOf(mask), m, d, NEAREST),
}


def drawInteger(rng, width):
    """Edges often, so that wrapping and equality occur."""
    if rng.random() < .5:
        return rng.choice((0, 1, 2, 3, (1 << width) - 1, 1 << width - 1,
                           (1 << width - 1) - 1))
    return rng.getrandbits(width)


def drawFloat(rng, width):
    """Normal numbers of different size: NaNs, denormals and zeros of both signs
    are where sources say different things about memory's own adder."""
    f = F32 if width == 32 else F64
    return (rng.getrandbits(1) << width - 1 | f.bias + rng.randrange(-9, 9) <<
            f.mantissa | rng.getrandbits(f.mantissa))
