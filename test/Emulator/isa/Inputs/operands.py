# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What vector instructions take: types of operands, values worth trying, sets of
them, and the row of the table that describes an instruction."""

from floats import F16, F32, F64
from harness import ALL, FLUSH, KEEP, LANES, Set

FORMATS = {"f16": F16, "f32": F32, "f64": F64}
MASK32 = 0xffffffff


def bits(kind):
    return int(kind.lstrip("fiub"))


def dwords(kind):
    return (bits(kind) + 31) // 32


def signed(x, width=32):
    x &= (1 << width) - 1
    return x - (1 << width) if x >> width - 1 else x


class Op:
    """`compute(context, *operands)` gives the result's bits, None for "not
    specified", or a predicate; with `carry` it gives (result, bit of the mask).
    `reads` is what the destination is read as, if it is."""

    def __init__(self, name, dst, sources, compute, encodings, carry=False,
                 carryIn=False, reads=False, modes=(KEEP, FLUSH), pools=None,
                 denormals=True, floatMods=True, clampInteger=False,
                 quietOnly=False, order=None, literal=None):
        self.name, self.dst, self.sources = name, dst, sources
        self.compute, self.encodings = compute, encodings
        self.carry, self.carryIn, self.reads = carry, carryIn, reads
        self.modes, self.pools = modes, pools or {}
        self.denormals = denormals  # False: not as operands when flushed
        self.floatMods = floatMods
        self.clampInteger = clampInteger
        self.quietOnly = quietOnly
        self.order = order  # of the sources in the text, where not 0, 1, 2
        self.literal = literal  # (place in the text, text)


class Context:
    """What an instruction sees besides its operands."""

    def __init__(self, mode, lane=0, carry=0, clamp=False, m0=0, operands=None):
        self.mode, self.lane, self.carry = mode, lane, carry
        self.clamp, self.m0, self.operands = clamp, m0, operands


SPECIAL_INTEGERS = [0, 1, 2, 31, 32, 33, 63, 64, 255, 256, 0x7fff, 0x8000,
                    0xffff, 0x10000, 0x7fffff, 0x800000, 0xffffff,
                    0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]


def specialFloats(f):
    one = f.bias << f.mantissa
    return [x | s for s in (0, f.sign) for x in (
        0, 1, f.one - 1, f.one, one, one + 1, one - 1, one + f.one,
        one - f.one, one + f.one // 2, f.inf - 1, f.inf, f.nan, f.nan | 5,
        (f.bias + f.mantissa) << f.mantissa, (f.bias + f.mantissa + 1) <<
        f.mantissa | 1, (f.bias + 3) << f.mantissa | f.one >> 1 | f.one >> 4)]


def randomValue(rng, kind):
    """Half of them special, the rest spread where something happens."""
    width = bits(kind)
    if kind[0] != "f":
        if rng.random() < .35:
            x = rng.choice(SPECIAL_INTEGERS)
            if width == 64:
                x |= rng.choice(SPECIAL_INTEGERS) << 32
            return x & (1 << width) - 1
        return rng.getrandbits(width) >> rng.choice((0, 0, 0, width // 2,
                                                     width - 6))
    f = FORMATS[kind]
    choice = rng.random()
    if choice < .3:
        return rng.choice(specialFloats(f))
    if choice < .35:
        return f.inf | 1 + rng.randrange(f.one // 2 - 1)  # signalling NaN
    if choice < .5:
        return rng.getrandbits(width)
    exponent = f.bias + int(rng.gauss(0, f.bias / 20 + 3))
    return (rng.getrandbits(1) << width - 1 |
            min(max(exponent, 0), f.emax - 1) << f.mantissa |
            rng.getrandbits(f.mantissa))


def operandValue(rng, op, index, kind, mode):
    pool = op.pools.get(index)
    for _ in range(100):
        x = pool(rng) if pool else randomValue(rng, kind)
        if kind[0] != "f":
            return x
        f = FORMATS[kind]
        if op.quietOnly and f.isSignaling(x):
            continue
        if not op.denormals and mode.flush(f) and f.isDenormal(x):
            continue
        return x
    raise AssertionError("no operand for " + op.name)


def register(first, kind):
    count = dwords(kind)
    return f"v{first}" if count == 1 else f"v[{first}:{first + count - 1}]"


SOURCES = (10, 14, 18)

DESTINATION = 30


def splitRows(values, kind):
    return [[v >> 32 * i & MASK32 for v in values] for i in range(dwords(kind))]


EXECS = [ALL, ALL, 0xfff0_00ff_a5a5_3c01, 0x8000_0000_0000_0000, 0]


def makeSets(rng, op, mode, count):
    """Sets, and for each the operands of each lane. Sixteen-bit operands have
    junk above; it must not matter."""
    sets, lanes = [], []
    kinds = list(op.sources)
    for number in range(count):
        columns = [[operandValue(rng, op, i, kind, mode)
                    for _ in range(LANES)] for i, kind in enumerate(kinds)]
        old = [operandValue(rng, op, "dst", op.dst, mode) if op.dst else 0
               for _ in range(LANES)]
        junk = [rng.getrandbits(16) << 16 for _ in range(LANES)]
        rows = []
        if op.dst:
            rows = splitRows([o | j if bits(op.dst) == 16 else o
                              for o, j in zip(old, junk)], op.dst)
        for column, kind in zip(columns, kinds):
            if bits(kind) == 16:
                column = [c | j for c, j in zip(column, reversed(junk))]
            rows += splitRows(column, kind)
        exec = EXECS[number % len(EXECS)]
        operands = Set(rows, exec, rng.getrandbits(64),
                       [rng.getrandbits(32) for _ in range(6)],
                       rng.getrandbits(1), 0xffffffff)
        sets.append(operands)
    return sets


def laneValue(operands, row, kind, lane):
    return sum(operands.rows[row + i][lane] << 32 * i
               for i in range(dwords(kind)))
