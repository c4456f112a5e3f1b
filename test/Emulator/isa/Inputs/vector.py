# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Vector instructions in every encoding they have: plain, VOP3 with modifiers,
SDWA, DPP; with scalars, inline constants and literals as operands.

An `Op` says what an instruction computes from the values of its operands; what
an encoding does before and after (modifiers, selection, permutation, which lanes
write) is here, once."""

import floats
from floats import F16, F32, F64
from harness import ALL, FAST, FLUSH, KEEP, LANES, Case, Set, seeded

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


# Operands -------------------------------------------------------------------

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


# Modifiers ------------------------------------------------------------------


def modify(x, f, negative, absolute):
    if absolute:
        x &= ~f.sign
    return x ^ f.sign if negative else x


def outputModifier(op, context, result, omod, clamp):
    """OMOD and CLAMP of a floating-point result."""
    f = FORMATS.get(op.dst)
    if f is None or result is None or not (omod or clamp):
        return result
    if callable(result):
        return None
    if omod:
        if f.isZero(result):
            return Zero(f)
        if f.isFinite(result):
            m, e = f.value(result)
            result = f.encode(m, 1, e + omod)
            if f.isDenormal(result):
                return Zero(f)
    if clamp:
        if f.isNan(result):
            return 0 if context.mode.dx10 else None
        one = f.bias << f.mantissa
        if floats.order(f, result) <= 0:
            return Zero(f)
        return min(result, one)
    return result


class Zero:
    """Either zero: where sources disagree on the sign."""
    text = "a zero"

    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return self.f.isZero(x)


class Nan:
    """Any quiet NaN."""
    text = "a quiet NaN"

    def __init__(self, f):
        self.f = f

    def __call__(self, x):
        return self.f.isNan(x) and bool(x & self.f.one >> 1)


class Near:
    """Within `ulps` of an exact fraction num/den, or within `absolute`."""

    def __init__(self, f, value, ulps=1.0, absolute=0.0, flushed=False):
        self.f, self.value, self.ulps = f, value, ulps
        self.absolute, self.flushed = absolute, flushed
        self.text = f"about {value!r}"

    def __call__(self, x):
        f = self.f
        if not f.isFinite(x):
            return f.isInf(x) and abs(self.value) >= f.toFloat(f.largest)
        tiny = f.toFloat(f.one)
        if f.isZero(x) and self.flushed and abs(self.value) < tiny * 1.01:
            return True
        unit = max(2.0**-f.mantissa * abs(self.value), f.toFloat(1))
        return abs(f.toFloat(x) - self.value) <= max(unit * self.ulps,
                                                     self.absolute)


def settle(op, context, result):
    """A result as a comparison wants it: NaNs by kind, not by payload."""
    f = FORMATS.get(op.dst)
    if f and isinstance(result, int) and f.isNan(result):
        return Nan(f)
    return result


def perDword(wanted, kind, got):
    """`wanted` for a value of several dwords, given as predicates a dword, which
    need to see the others: `got` collects them."""
    count = dwords(kind)
    if count == 1:
        return [wanted]
    if wanted is None:
        return [None] * count
    if isinstance(wanted, int):
        return [wanted >> 32 * i & MASK32 for i in range(count)]

    def low(x):
        got[0] = x
        return True

    def high(x):
        return wanted(got[0] | x << 32)

    high.text = getattr(wanted, "text", "see predicate")
    return [low, high]


# Encodings ------------------------------------------------------------------


class Variant:
    """One encoding of an op with one choice of its modifiers."""

    def __init__(self, form, **choices):
        self.form = form
        self.source0 = None  # (text, kind of scalar)
        self.neg = self.abs = (False,) * 3
        self.omod = 0
        self.clamp = False
        self.select = None  # SDWA: (dst, unused, [(sel, sext)])
        self.dpp = None  # (control, source lane function, rows, banks, bound)
        self.mode = KEEP
        vars(self).update(choices)

    def sourceText(self, index, text):
        if self.abs[index]:
            text = f"|{text}|"
        if self.neg[index]:
            text = "-" + text
        if self.select and self.select[2][index][1]:
            text = f"sext({text})"
        return text


SELECTIONS = ["BYTE_0", "BYTE_1", "BYTE_2", "BYTE_3", "WORD_0", "WORD_1",
              "DWORD"]


def pick(x, selection, extend):
    if selection == "DWORD":
        return x
    width = 8 if selection[0] == "B" else 16
    x = x >> width * int(selection[5]) & (1 << width) - 1
    return signed(x, width) & MASK32 if extend else x


def place(result, old, selection, unused):
    if selection == "DWORD":
        return result
    width = 8 if selection[0] == "B" else 16
    shift = width * int(selection[5])
    field = (1 << width) - 1
    part = result & field
    if unused == "UNUSED_PRESERVE":
        return old & ~(field << shift) & MASK32 | part << shift
    if unused == "UNUSED_SEXT":
        return signed(part, width) << shift & MASK32
    return part << shift


def quad(a, b, c, d):
    return lambda lane: lane & ~3 | (a, b, c, d)[lane & 3]


DPP = [("quad_perm:[3,1,0,2]", quad(3, 1, 0, 2), 15, 15),
       ("quad_perm:[1,1,2,0]", quad(1, 1, 2, 0), 15, 5),
       ("row_shl:1", lambda l: l + 1 if l % 16 < 15 else None, 15, 15),
       ("row_shl:13", lambda l: l + 13 if l % 16 < 3 else None, 7, 15),
       ("row_shr:1", lambda l: l - 1 if l % 16 else None, 15, 15),
       ("row_shr:4", lambda l: l - 4 if l % 16 >= 4 else None, 15, 0xe),
       ("row_shr:15", lambda l: l - 15 if l % 16 == 15 else None, 0xd, 15),
       ("row_ror:1", lambda l: l & 48 | l - 1 & 15, 15, 15),
       ("row_ror:11", lambda l: l & 48 | l - 11 & 15, 9, 6),
       ("wave_shl:1", lambda l: l + 1 if l < 63 else None, 15, 15),
       ("wave_shr:1", lambda l: l - 1 if l else None, 15, 15),
       ("wave_rol:1", lambda l: l + 1 & 63, 15, 15),
       ("wave_ror:1", lambda l: l - 1 & 63, 15, 15),
       ("row_mirror", lambda l: l ^ 15, 15, 15),
       ("row_half_mirror", lambda l: l ^ 7, 15, 15),
       # The first row has no source; sources disagree on what it does then, and
       # the masks that compilers use leave it out.
       ("row_bcast:15", lambda l: (l & 48) - 1, 0xa, 15),
       ("row_bcast:31", lambda l: 31, 0xc, 15)]


def scalarOperands(kind):
    """Texts of scalar first operands of a type, with their values."""
    inline = [("0", 0), ("1", 1), ("64", 64), ("-1", -1), ("-16", -16)]
    width = bits(kind)
    found = [(t, v & (1 << width) - 1) for t, v in inline]
    if width == 32 or kind[0] == "f":
        f = FORMATS["f32" if kind[0] != "f" else kind]
        for text in ("0.5", "-0.5", "1.0", "-1.0", "2.0", "-2.0", "4.0", "-4.0"):
            m = int(float(text) * 2)
            found.append((text, f.encode(m, 1, -1)))
        inverse = {16: 0x3118, 32: 0x3e22f983, 64: 0x3fc45f306dc9c882}
        found.append(("0.15915494309189532" if width == 64 else "0.15915494",
                      inverse[f.bits]))
    return found


def literals(kind):
    if kind == "f64":  # the upper half of the value
        return [("100.0", 0x4059000000000000), ("-3.5", 0xc00c000000000000)]
    if bits(kind) == 16:
        return [("0x4321", 0x4321), ("0xc321", 0xc321)]
    return [("0x40490fdb", 0x40490fdb), ("0xfedcba98", 0xfedcba98)]


def variants(op, rng):
    """The encodings to test an op in."""
    first = op.sources[0] if op.sources else None
    floating = [k in FORMATS for k in op.sources] + [False] * 3
    floating = [x and op.floatMods for x in floating]

    def flags(probability=.5):
        return tuple(x and rng.random() < probability for x in floating[:3])

    for encoding in op.encodings:
        plain = encoding in ("e32", "e64", "")
        if plain:
            for mode in op.modes if op.dst in FORMATS or any(
                    floating) else op.modes[:1]:
                yield Variant(encoding, mode=mode)
        if encoding in ("e32", "") and first and "only" not in op.pools:
            scalars = scalarOperands(first)
            for text, value in rng.sample(scalars, 3):
                yield Variant(encoding, source0=(text, value))
            if bits(first) <= 32 and not op.pools.get("noscalar"):
                yield Variant(encoding, source0=("s20", None))
            elif not op.pools.get("noscalar"):
                yield Variant(encoding, source0=("s[20:21]", None))
            if encoding == "e32" and not op.carryIn:
                text, value = rng.choice(literals(first))
                yield Variant(encoding, source0=(text, value))
        if encoding in ("e64", "") and any(floating):
            yield Variant(encoding, neg=flags(), abs=flags())
            yield Variant(encoding, neg=flags(.8), abs=flags(.8))
        if encoding in ("e64", "") and op.dst in FORMATS and not op.pools.get(
                "noclamp"):
            yield Variant(encoding, neg=flags(), clamp=True, mode=FLUSH)
            for omod in (1, 2, -1):
                yield Variant(encoding, omod=omod, mode=FAST,
                              clamp=omod == 2)
            # With denormals and IEEE mode on, OMOD does nothing.
            yield Variant(encoding, omod=1, mode=KEEP)
        if encoding in ("e64", "") and op.clampInteger:
            yield Variant(encoding, clamp=True)
        if encoding == "sdwa":
            yield from sdwaVariants(op, rng, floating)
        if encoding == "dpp":
            for control in rng.sample(DPP, 3):
                bound = rng.random() < .5
                yield Variant("dpp", dpp=(*control, bound), neg=flags(),
                              abs=flags())


def sdwaVariants(op, rng, floating):
    for number in range(4):
        select, neg, absolute = [], [], []
        for index, kind in enumerate(op.sources):
            integer = kind not in FORMATS and op.name != "v_cndmask_b32"
            wide = kind == "f32"
            which = rng.choice(SELECTIONS)
            # Modifiers of a float only where its sign bit is not in doubt.
            certain = which == "DWORD" and wide or which[0] == "W" and \
                kind == "f16"
            if kind in FORMATS and not certain and number < 3:
                which = "DWORD" if wide else rng.choice(("WORD_0", "WORD_1"))
                certain = True
            select.append((which, integer and which != "DWORD" and
                           rng.random() < .5))
            neg.append(certain and floating[index] and rng.random() < .5)
            absolute.append(certain and floating[index] and rng.random() < .5)
        # The fields that no operand uses.
        pad = [False] * (3 - len(neg))
        dst = rng.choice(SELECTIONS)
        if op.reads:
            dst = "DWORD"
        unused = rng.choice(("UNUSED_PAD", "UNUSED_SEXT", "UNUSED_PRESERVE"))
        yield Variant("sdwa", select=(dst, unused, select),
                      neg=tuple(neg + pad), abs=tuple(absolute + pad))


def instruction(op, variant):
    """The text of the instruction under test, without its destination mask."""
    suffix = "_" + variant.form if variant.form else ""
    name = op.name + suffix
    compare = op.dst is None
    operands = []
    mask = "s[44:45]" if variant.form in ("e64", "") else "vcc"
    if compare:
        operands.append(mask)
    else:
        operands.append(register(DESTINATION, op.dst))
    if op.carry and not compare:
        operands.append(mask)
    for index in op.order or range(len(op.sources)):
        text = register(SOURCES[index], op.sources[index])
        if index == 0 and variant.source0:
            text = variant.source0[0]
        operands.append(variant.sourceText(index, text))
    if op.literal:
        operands.insert(*op.literal)
    if op.carryIn:
        operands.append("s[24:25]" if variant.form == "e64" else "vcc")
    text = f"{name} {', '.join(operands)}"
    if variant.clamp:
        text += " clamp"
    if variant.omod:
        text += {1: " mul:2", 2: " mul:4", -1: " div:2"}[variant.omod]
    if variant.select:
        dst, unused, sources = variant.select
        if not compare:
            text += f" dst_sel:{dst} dst_unused:{unused}"
        for index, (which, _) in enumerate(sources):
            text += f" src{index}_sel:{which}"
    if variant.dpp:
        control, _, rows, banks, bound = variant.dpp
        text += f" {control} row_mask:{rows:#x} bank_mask:{banks:#x}"
        text += " bound_ctrl:0" if bound else ""
    return name, text


def laneResult(op, variant, operands, lane):
    """(written, result, mask bit) of an active lane."""
    source = lane
    if variant.dpp:
        control, where, rows, banks, bound = variant.dpp
        if not rows >> lane // 16 & 1 or not banks >> lane // 4 % 4 & 1:
            return False, None, None
        source = where(lane)
        if source is None or not operands.active(source):
            if not bound:
                return False, None, None
            source = None
    values, row = [], dwords(op.dst) if op.dst else 0
    for index, kind in enumerate(op.sources):
        f = FORMATS.get(kind)
        if index == 0 and variant.source0:
            x = variant.source0[1]
            if x is None:
                x = operands.scalar64(0) & (1 << bits(kind)) - 1
        elif index == 0 and source is None:
            x = 0
        else:
            x = laneValue(operands, row, kind, source if index == 0 else lane)
        row += dwords(kind)
        if variant.select:
            which, extend = variant.select[2][index]
            x = pick(x, which, extend)
        x &= (1 << bits(kind)) - 1
        if f:
            x = modify(x, f, variant.neg[index], variant.abs[index])
        values.append(x)
    if op.reads:
        values.append(laneValue(operands, 0, op.dst, lane) &
                      (1 << bits(op.dst)) - 1)
    carryMask = operands.scalar64(4) if variant.form == "e64" else operands.vcc
    context = Context(variant.mode, lane, carryMask >> lane & 1,
                      variant.clamp and op.clampInteger, operands.m0, operands)
    result = op.compute(context, *values)
    bit = None
    if op.dst is None:
        return True, None, result
    if op.carry:
        result, bit = result
    omod = variant.omod if variant.mode is FAST else 0
    result = settle(op, context, outputModifier(
        op, context, result, omod, variant.clamp and not op.clampInteger))
    return True, result, bit


def expectation(op, variant):

    def expect(operands):
        columns, mask = [], []
        for lane in range(LANES):
            old = laneValue(operands, 0, op.dst, lane) if op.dst else 0
            written, result, bit = (laneResult(op, variant, operands, lane)
                                    if operands.active(lane) else
                                    (False, None, 0))
            if op.dst:
                if not written:
                    result = old
                elif variant.select and result is not None:
                    dst, unused, _ = variant.select
                    if isinstance(result, int):
                        result = place(result, old, dst, unused)
                    elif dst != "DWORD":
                        result = None
                columns.append(perDword(result, op.dst, [0]))
            mask.append(bit if operands.active(lane) else 0)
        rows = [list(row) for row in zip(*columns)] if columns else []
        if op.carry or op.dst is None:
            rows += maskRows(mask)
            if op.name.startswith("v_cmpx"):
                rows += maskRows(mask)
        return rows

    return expect


def maskRows(mask):
    """A lane mask as the two scalars it is, each the same in all lanes."""
    rows = []
    for half in (mask[:32], mask[32:]):
        known = sum(1 << i for i, bit in enumerate(half) if bit is not None)
        value = sum(bool(bit) << i for i, bit in enumerate(half))
        if known == MASK32:
            rows.append([value] * LANES)
        else:
            def same(x, known=known, value=value):
                return x & known == value & known

            same.text = f"{value:#x} in the bits {known:#x}"
            rows.append([same] * LANES)
    return rows


def caseOf(op, variant, rng, number, count=5):
    name, text = instruction(op, variant)
    mode = variant.mode
    sets = makeSets(rng, op, mode, count)
    inputs = []
    if op.dst:
        inputs += [f"v{DESTINATION + i}" for i in range(dwords(op.dst))]
    for first, kind in zip(SOURCES, op.sources):
        inputs += [f"v{first + i}" for i in range(dwords(kind))]
    outputs = [f"v{DESTINATION + i}" for i in range(dwords(op.dst))] \
        if op.dst else []
    if op.carry or op.dst is None:
        outputs += ["s44", "s45"] if variant.form in ("e64", "") else \
            ["s84", "s85"]
        if op.name.startswith("v_cmpx"):
            outputs += ["s82", "s83"]
    return Case(f"{text} #{number}", [text], sets, inputs, outputs,
                expectation(op, variant), [name], mode)


def casesOf(ops, seed):
    for op in ops:
        rng = seeded(seed, op.name)
        for number, variant in enumerate(variants(op, rng)):
            yield caseOf(op, variant, rng, number)
