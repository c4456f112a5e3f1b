# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Element types, i8 among them. NumPy has no bf16: an array of it holds the bits, as uint16."""

import numpy as np


class FloatType:
    zero = "0.0"

    def __init__(self, name, storage, bits_type, exponent_bits, mantissa_bits):
        self.name = name
        self.storage = np.dtype(storage)
        self.bits_type = np.dtype(bits_type)
        self.exponent_bits = exponent_bits
        self.mantissa_bits = mantissa_bits

    def narrow(self, values):
        """f32 values in this type; bf16 by dropping bits."""
        values = np.ascontiguousarray(values, np.float32)
        if self.name == "bf16":
            return (values.view(np.uint32) >> 16).astype(np.uint16)
        with np.errstate(over="ignore", under="ignore"):
            return values.astype(self.storage)

    def round(self, values):
        """f32 values rounded to the nearest of this type, ties to even."""
        if self.name != "bf16":
            return self.narrow(values)
        bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
        return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype(np.uint16)

    def widen(self, array):
        """The values as f32: exact for every finite element."""
        if self.name == "bf16":
            return (array.astype(np.uint32) << 16).view(np.float32)
        return array.astype(np.float32)

    def rounding(self, values):
        """How far rounding to this type may take each value."""
        if self.name == "f32":
            return np.zeros_like(values)
        smallest = 2.0**(1 - 2**(self.exponent_bits - 1) - self.mantissa_bits)
        return np.maximum(np.abs(values) * 2.0**-(self.mantissa_bits + 1),
                          smallest)

    def bits(self, array):
        return np.ascontiguousarray(array).view(self.bits_type)

    def from_bits(self, bits):
        return np.asarray(bits, self.bits_type).view(self.storage)

    def odd_bits(self):
        """-0.0 and denormals of both signs, for weights."""
        sign = 1 << (self.exponent_bits + self.mantissa_bits)
        return [sign, 1, sign | 3, (1 << self.mantissa_bits) - 1]

    def odd_inputs(self):
        """The same for activations."""
        sign = 1 << (self.exponent_bits + self.mantissa_bits)
        return [sign, 7, sign | 9]

    def special_bits(self):
        """-0.0, infinities, quiet and signalling NaNs with payloads of both
        signs, denormals, the extremes of the normal range."""
        sign = 1 << (self.exponent_bits + self.mantissa_bits)
        infinity = ((1 << self.exponent_bits) - 1) << self.mantissa_bits
        quiet = 1 << (self.mantissa_bits - 1)
        positive = [infinity, infinity | quiet, infinity | quiet | 5,
                    infinity | 1, infinity | 3, infinity | (2 * quiet - 1),
                    1, 2, quiet, 2 * quiet - 1, 2 * quiet, infinity - 1]
        return np.array([sign] + positive + [sign | b for b in positive],
                        self.bits_type)


class IntegerType:
    """Signed integers, which have no bits but those of numbers."""
    zero = "0"

    def __init__(self, name, storage):
        self.name = name
        self.storage = np.dtype(storage)
        self.bits_type = np.dtype(f"u{self.storage.itemsize}")

    def narrow(self, values):
        """Numbers of a byte, without zero."""
        scaled = np.clip(np.rint(np.asarray(values) * 50), -128, 127)
        return np.where(scaled == 0, 1, scaled).astype(self.storage)

    def round(self, values):
        return np.rint(values).astype(self.storage)

    def widen(self, array):
        """The values as f32: exact below 2^24."""
        return array.astype(np.float32)

    def rounding(self, values):
        return np.zeros_like(values)

    def bits(self, array):
        return np.ascontiguousarray(array).view(self.bits_type)

    def from_bits(self, bits):
        return np.asarray(bits, self.bits_type).view(self.storage)

    def odd_bits(self):
        return [0x80, 0x7f, 0x81, 0xff]

    def odd_inputs(self):
        return [0x80, 0x7f, 0]


F32 = FloatType("f32", np.float32, np.uint32, 8, 23)
F16 = FloatType("f16", np.float16, np.uint16, 5, 10)
BF16 = FloatType("bf16", np.uint16, np.uint16, 8, 7)
I8 = IntegerType("i8", np.int8)
I32 = IntegerType("i32", np.int32)
FLOATS = (F32, F16, BF16)
TYPES = {t.name: t for t in (*FLOATS, I8, I32)}
