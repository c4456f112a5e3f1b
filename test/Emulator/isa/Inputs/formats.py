# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Buffer loads and stores whose descriptor says how the data is laid out."""

from floats import F16, F32, convert
from harness import seeded
from memory import case, descriptor, join, makeSets, put, word
from operands import MASK32, signed
from results import Near
from valu_functions import anyNan

FORMATS = {1: 4, 2: 11, 3: 13, 4: 14}  # 32, 32_32, 32_32_32, 32_32_32_32


def formatCases(rng):
    """Formats of whole dwords, which need no conversion."""
    for count, letters in ((1, "x"), (2, "xy"), (3, "xyz"), (4, "xyzw")):
        setup = descriptor(format=0xfac | 4 << 12 | FORMATS[count] << 15)
        last = f"v[30:{29 + count}]" if count > 1 else "v30"
        name = f"buffer_load_format_{letters}"
        yield case(name, f"{name} {last}, v5, s[48:51], 0 offen", makeSets(rng),
                   lambda m, lane, d, n=count: [
                       word(m, 16 * lane + 4 * i) for i in range(n)], setup)
        name = f"buffer_store_format_{letters}"
        data = f"v[10:{9 + count}]" if count > 1 else "v10"
        yield case(name, f"{name} {data}, v5, s[48:51], 0 offen", makeSets(rng),
                   lambda m, lane, d, n=count: put(
                       m, 16 * lane, join(d), 4 * n) or [], setup)


def loadConverted(bits, number):
    """What a component of so many bits is as a float or an integer."""
    f = {16: F16, 32: F32}.get(bits)

    def component(x):
        value = signed(x, bits)
        if number == "UNORM":
            return Near(F32, x / ((1 << bits) - 1))
        if number == "SNORM":
            return Near(F32, max(value / ((1 << bits - 1) - 1), -1.0))
        if number in ("USCALED", "SSCALED"):
            return F32.encode(x if number == "USCALED" else value)
        if number == "FLOAT":
            return anyNan(F32) if f.isNan(x) else convert(f, F32, x)
        return (x if number == "UINT" else value) & MASK32

    return component


NUMBERS = {"UNORM": 0, "SNORM": 1, "USCALED": 2, "SSCALED": 3, "UINT": 4,
           "SINT": 5, "FLOAT": 7}
SHAPES = {1: (8, 1), 2: (16, 1), 3: (8, 2), 5: (16, 2), 10: (8, 4), 12: (16, 4)}


def convertedCases(rng):
    for shape, (bits, count) in SHAPES.items():
        letters = "xyzw"[:count]
        for number, code in NUMBERS.items():
            if number == "FLOAT" and bits == 8:
                continue
            setup = descriptor(format=0xfac | code << 12 | shape << 15)
            dst = f"v[30:{29 + count}]" if count > 1 else "v30"
            name = f"buffer_load_format_{letters}"

            def load(m, lane, d, bits=bits, count=count,
                     value=loadConverted(bits, number)):
                return [value(word(m, 16 * lane + i * bits // 8, bits // 8))
                        for i in range(count)]

            yield case(name, f"{name} {dst}, v5, s[48:51], 0 offen",
                       makeSets(rng, count=2), load, setup,
                       f"{name}, {count} x {bits} {number}")


def cases(seed):
    rng = seeded(seed, "formats")
    yield from formatCases(rng)
    yield from convertedCases(rng)
