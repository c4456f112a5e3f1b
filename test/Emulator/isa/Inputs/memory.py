# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""FLAT, MUBUF and SMEM on global memory. The memory under test is the set's own
first four rows, 1024 bytes; most cases give each lane sixteen of them."""

from atomics import INTEGER, drawInteger
from harness import HEADER, LANES, Case, Set, seeded
from operands import EXECS, MASK32, signed

BYTES = 1024
ROWS = 12  # memory, data v10.., old results v30..
INPUTS = [f"v{50 + i}" for i in range(4)] + [f"v{10 + i}" for i in range(4)] + \
    [f"v{30 + i}" for i in range(4)]
OUTPUTS = [f"v{30 + i}" for i in range(4)] + [f"v{34 + i}" for i in range(4)]

# s[46:47] and v[6:7]: the memory, and each lane's part of it; v5: its offset.
SETUP = ["s_mov_b64 exec, -1", f"s_add_u32 s46, s12, {4 * HEADER}",
         "s_addc_u32 s47, s13, 0", "s_add_u32 s46, s46, s10",
         "s_addc_u32 s47, s47, 0", "v_lshlrev_b32_e32 v5, 4, v0",
         "v_mov_b32_e32 v7, s47", "v_add_u32_e32 v6, vcc, s46, v5",
         "v_addc_u32_e32 v7, vcc, 0, v7, vcc", "v_mov_b32_e32 v8, v0"]
READ_BACK = ["s_waitcnt vmcnt(0) lgkmcnt(0)", "s_mov_b64 exec, -1",
             "buffer_load_dwordx4 v[34:37], v5, s[0:3], s10 offen "
             f"offset:{4 * HEADER} glc", "s_waitcnt vmcnt(0)"]


def descriptor(stride=0, records=BYTES, swizzle=False, addTid=False,
               elements=1, indices=0, format=0x24fac):
    """s[48:51]: the memory as a buffer. `elements` and `indices` are the codes
    of the swizzle: 2 << elements bytes, 8 << indices records."""
    high = stride << 16 | swizzle << 31
    last = format | elements << 19 | indices << 21 | addTid << 23
    return ["s_mov_b32 s48, s46", f"s_or_b32 s49, s47, {high:#x}",
            f"s_mov_b32 s50, {records:#x}", f"s_mov_b32 s51, {last:#x}"]


def makeSets(rng, width=32, count=4):
    sets = []
    for number in range(count):
        rows = []
        for _ in range(0, ROWS, width // 32):
            values = [drawInteger(rng, width) for _ in range(LANES)]
            rows += [[v >> s & MASK32 for v in values]
                     for s in range(0, width, 32)]
        s = Set(rows, EXECS[1:][number % 4],
                scalars=[rng.getrandbits(32) for _ in range(6)], m0=MASK32)
        # Data that equals what is in the first words of the lane.
        for lane in range(0, LANES, 3):
            words = memoryOf(s)[16 * lane:16 * lane + 16]
            for i in range(4):
                s.rows[4 + i][lane] = int.from_bytes(
                    words[4 * i % 8:4 * i % 8 + 4], "little")
        sets.append(s)
    return sets


def memoryOf(s):
    return bytearray(b"".join(w.to_bytes(4, "little")
                              for row in s.rows[:4] for w in row))


def word(memory, at, count=4):
    return int.from_bytes(memory[at:at + count], "little")


def put(memory, at, value, count=4):
    memory[at:at + count] = (value & (1 << 8 * count) - 1).to_bytes(count,
                                                                    "little")


def split(value, count):
    return [value >> 32 * i & MASK32 for i in range(count)]


def join(words):
    return sum(w << 32 * i for i, w in enumerate(words))


def perLane(function):
    """`function(memory, lane, data)` changes the memory and gives the words that
    replace the first old results."""

    def expect(s):
        memory = memoryOf(s)
        results = [list(row) for row in s.rows[8:12]]
        for lane in range(LANES):
            if not s.active(lane):
                continue
            data = [s.rows[4 + i][lane] for i in range(4)]
            for i, value in enumerate(function(memory, lane, data)):
                results[i][lane] = value
        after = [[word(memory, 16 * lane + 4 * i) for lane in range(LANES)]
                 for i in range(4)]
        return results + after

    return expect


def case(name, text, sets, function, setup=(), label=None):
    lines = [*SETUP, *setup, "s_mov_b64 exec, s[16:17]", text, *READ_BACK]
    return Case(label or text, lines, sets, INPUTS, OUTPUTS, perLane(function),
                [name])


# The same operations in both address forms -----------------------------------


class Flat:
    prefix = "flat"
    setup = ()

    @staticmethod
    def load(name, dst):
        return f"{name} {dst}, v[6:7]"

    @staticmethod
    def store(name, data):
        return f"{name} v[6:7], {data}"

    @staticmethod
    def atomic(name, data, dst):
        return f"{name} {dst}, v[6:7], {data} glc" if dst else \
            f"{name} v[6:7], {data}"


class Buffer:
    prefix = "buffer"
    setup = descriptor()

    @staticmethod
    def load(name, dst):
        return f"{name} {dst}, v5, s[48:51], 0 offen"

    store = load

    @staticmethod
    def atomic(name, data, dst):
        return f"{name} {data}, v5, s[48:51], 0 offen" + (" glc" if dst else "")


def accessCases(rng, form):
    for name, size, isSigned in (("ubyte", 1, False), ("sbyte", 1, True),
                                 ("ushort", 2, False), ("sshort", 2, True)):

        def load(m, lane, data, size=size, isSigned=isSigned):
            x = word(m, 16 * lane, size)
            return [(signed(x, 8 * size) if isSigned else x) & MASK32]

        name = f"{form.prefix}_load_{name}"
        yield case(name, form.load(name, "v30"), makeSets(rng), load,
                   form.setup)
    for count, dst in ((1, "v30"), (2, "v[30:31]"), (3, "v[30:32]"),
                       (4, "v[30:33]")):
        suffix = f"dwordx{count}" if count > 1 else "dword"
        name = f"{form.prefix}_load_{suffix}"
        yield case(name, form.load(name, dst), makeSets(rng),
                   lambda m, lane, d, n=count: [
                       word(m, 16 * lane + 4 * i) for i in range(n)],
                   form.setup)
    for suffix, size, data in (("byte", 1, "v10"), ("short", 2, "v10"),
                               ("dword", 4, "v10"), ("dwordx2", 8, "v[10:11]"),
                               ("dwordx3", 12, "v[10:12]"),
                               ("dwordx4", 16, "v[10:13]")):
        name = f"{form.prefix}_store_{suffix}"
        yield case(name, form.store(name, data), makeSets(rng),
                   lambda m, lane, d, n=size: put(m, 16 * lane, join(d), n) or
                   [], form.setup)


def atomicCases(rng, form):
    for width, suffix in ((32, ""), (64, "_x2")):
        n, mask = width // 32, (1 << width) - 1
        data = "v10" if n == 1 else "v[10:11]"
        both = "v[10:11]" if n == 1 else "v[10:13]"
        dst = "v30" if n == 1 else "v[30:31]"

        def update(m, lane, compute):
            old = word(m, 16 * lane, 4 * n)
            put(m, 16 * lane, compute(old), 4 * n)
            return old

        table = {name: lambda m, d, f=f, mask=mask, n=n: f(
            m, join(d[:n]), mask) for name, f in INTEGER.items()}
        # The new value comes first, then what to compare with.
        table["cmpswap"] = lambda m, d, n=n: join(d[:n]) if m == join(
            d[n:2 * n]) else m
        for name, compute in table.items():

            def plain(m, lane, d, compute=compute, n=n):
                old = word(m, 16 * lane, 4 * n)
                put(m, 16 * lane, compute(old, d), 4 * n)
                return []

            def returning(m, lane, d, n=n, plain=plain):
                old = word(m, 16 * lane, 4 * n)
                plain(m, lane, d)
                return split(old, n)

            operands = both if name == "cmpswap" else data
            op = f"{form.prefix}_atomic_{name}{suffix}"
            sets = makeSets(rng, width)
            yield case(op, form.atomic(op, operands, None), sets, plain,
                       form.setup)
            if form is Flat:
                yield case(op, form.atomic(op, operands, dst), sets, returning)
                continue
            # A buffer atomic returns over its data: the first of the pair.
            lines = [f"v_mov_b32_e32 v{40 + i}, v{10 + i}" for i in range(4)]
            moved = operands.replace("10", "40").replace("11", "41").replace(
                "13", "43")
            copy = [f"v_mov_b32_e32 v{30 + i}, v{40 + i}" for i in range(n)]
            text = form.atomic(op, moved, True)
            made = case(op, text, sets, returning, [*form.setup, *lines])
            at = made.body.index(text) + 1
            made.body[at:at] = ["s_waitcnt vmcnt(0)", *copy]
            yield made


# Buffer addressing -----------------------------------------------------------


class View:
    """A descriptor, and the address arithmetic of the manual's buffer chapter."""

    def __init__(self, stride=0, records=BYTES, swizzle=False, addTid=False,
                 elements=1, indices=0):
        self.stride, self.records, self.swizzle = stride, records, swizzle
        self.addTid, self.elements, self.indices = addTid, elements, indices

    def lines(self):
        return descriptor(self.stride, self.records, self.swizzle, self.addTid,
                          self.elements, self.indices)

    def place(self, lane, index, offset, size):
        """The byte where an element is, or None if it is out of range. Scalar
        offsets are kept out of the range check by being 0 there: sources
        disagree on whether they count."""
        if self.addTid:
            index += lane
        if self.swizzle and self.stride:
            if index >= self.records or offset + size > self.stride:
                return None
            perIndex, unit = 8 << self.indices, 2 << self.elements
            return ((index // perIndex * self.stride +
                     offset // unit * unit) * perIndex +
                    index % perIndex * unit + offset % unit)
        at = index * self.stride + offset
        return at if at + size <= self.records else None


def addressCases(rng):
    """Loads and stores of a dword by index, by offset, by both."""
    views = {
        "raw": View(),
        "raw, short": View(records=300),
        "raw, empty": View(records=0),
        "stride 16": View(stride=16),
        "stride 12, short": View(stride=12, records=400),
        "stride 16, records swizzled": View(16, 64, True, False, 1, 0),
        "stride 16, 40 records swizzled by 16": View(16, 40, True, False, 1, 1),
        "stride 8, swizzled by 64": View(8, 64, True, False, 1, 3),
        "stride 16, units of 8, by 32": View(16, 64, True, False, 2, 2),
    }
    for label, view in views.items():
        forms = {"offset": ("off", 0, False, False),
                 "offen": ("v8", 0, False, True),
                 "offen, fixed": ("v8", 4, False, True),
                 "idxen": ("v8", 4, True, False),
                 "both": ("v[8:9]", 0, True, True)}
        for form, (address, fixed, indexed, offset) in forms.items():
            if view.swizzle and not indexed:
                continue
            # Registers: the index is in v8 if there is one, then the offset.
            setup = view.lines() + ["v_mov_b32_e32 v9, 4"]
            if not indexed:
                setup.append("v_lshlrev_b32_e32 v8, 2, v0")
            flags = (" idxen" if indexed else "") + (
                " offen" if offset else "") + (
                f" offset:{fixed}" if fixed else "")

            def where(lane, indexed=indexed, offset=offset, fixed=fixed,
                      view=view):
                index = lane if indexed else 0
                bytes = (4 if indexed else 4 * lane) if offset else 0
                return view.place(lane, index, bytes + fixed, 4)

            text = f"buffer_load_dword v30, {address}, s[48:51], 0{flags}"
            yield case("buffer_load_dword", text, makeSets(rng, count=2),
                       lambda m, lane, d, w=where: [
                           0 if w(lane) is None else word(m, w(lane))], setup,
                       f"{label}: {text}")
            if not offset and not (indexed and view.stride):
                continue  # all lanes at one place
            text = f"buffer_store_dword v10, {address}, s[48:51], 0{flags}"

            def store(m, lane, d, w=where):
                if w(lane) is not None:
                    put(m, w(lane), d[0])
                return []

            yield case("buffer_store_dword", text, makeSets(rng, count=2),
                       store, setup, f"{label}: {text}")


def scalarOffsetCases(rng):
    """The scalar offset moves the base."""
    for text, amount in (("s21", None), ("64", 64), ("m0", 8)):
        setup = View(records=2 * BYTES).lines() + [
            "s_movk_i32 m0, 0x8", "s_and_b32 s21, s21, 0x1fc",
            "v_lshlrev_b32_e32 v8, 2, v0"]
        line = f"buffer_load_dword v30, v8, s[48:51], {text} offen offset:12"
        made = case("buffer_load_dword", line, makeSets(rng, count=3),
                    lambda m, lane, d: [], setup)

        def expect(s, amount=amount):
            memory = memoryOf(s)
            start = s.scalars[1] & 0x1fc if amount is None else amount
            rows = perLane(lambda m, lane, d: [
                word(memory, start + 12 + 4 * lane)])(s)
            return rows

        made.expect = expect
        yield made


def threadIdCases(rng):
    """ADD_TID_ENABLE, as scratch is addressed: the lane is the index."""
    view = View(16, 64, True, True, 1, 3)
    for fixed in (0, 4, 12):
        text = f"buffer_load_dword v30, off, s[48:51], 0 offset:{fixed}"
        yield case("buffer_load_dword", text, makeSets(rng, count=2),
                   lambda m, lane, d, at=fixed: [word(m, view.place(
                       lane, 0, at, 4))], descriptorOfThreads(view),
                   "lane as index: " + text)
        text = f"buffer_store_dword v10, off, s[48:51], 0 offset:{fixed}"
        yield case("buffer_store_dword", text, makeSets(rng, count=2),
                   lambda m, lane, d, at=fixed: put(m, view.place(
                       lane, 0, at, 4), d[0]) or [],
                   descriptorOfThreads(view), "lane as index: " + text)


def descriptorOfThreads(view):
    """With ADD_TID_ENABLE the data format holds high bits of the stride."""
    return descriptor(view.stride, view.records, True, True, view.elements,
                      view.indices, format=0xfac)


def ldsCases(rng):
    """A buffer load into LDS: from M0 on, a dword a lane."""
    setup = descriptor() + [
        "v_lshlrev_b32_e32 v8, 2, v0", "s_mov_b32 m0, -1",
        "v_mov_b32_e32 v9, 0", "ds_write_b32 v8, v9 offset:256",
        "s_waitcnt lgkmcnt(0)", "s_movk_i32 m0, 0x100"]
    text = "buffer_load_dword v5, s[48:51], 0 offen lds"
    made = case("buffer_load_dword", text, makeSets(rng),
                lambda m, lane, d: [], setup)
    at = made.body.index(text) + 1
    made.body[at:at] = ["s_waitcnt vmcnt(0)", "s_mov_b64 exec, -1",
                        "s_mov_b32 m0, -1", "ds_read_b32 v30, v8 offset:256",
                        "s_waitcnt lgkmcnt(0)"]

    def expect(s):
        memory = memoryOf(s)
        rows = perLane(lambda m, lane, d: [])(s)
        rows[0] = [word(memory, 16 * lane) if s.active(lane) else 0
                   for lane in range(LANES)]
        return rows

    made.expect = expect
    yield made


# Scalar memory ----------------------------------------------------------------


def scalarCases(rng):
    setup = [*SETUP, *descriptor()]

    def make(name, text, count, start, setup=setup, limit=BYTES):

        def expect(s):
            memory = memoryOf(s)
            return [[word(memory, at) if at + 4 <= limit else 0] * LANES
                    for at in range(start(s), start(s) + 4 * count, 4)]

        return Case(text, [*setup, "s_mov_b64 exec, s[16:17]", text,
                           "s_waitcnt lgkmcnt(0)"], makeSets(rng, count=3),
                    INPUTS, [f"s{56 + i}" for i in range(count)], expect,
                    [name])

    for count in (1, 2, 4, 8, 16):
        suffix = f"dwordx{count}" if count > 1 else "dword"
        dst = f"s[56:{55 + count}]" if count > 1 else "s56"
        for prefix, base in (("s_load", "s[46:47]"),
                             ("s_buffer_load", "s[48:51]")):
            name = f"{prefix}_{suffix}"
            yield make(name, f"{name} {dst}, {base}, 0x0", count, lambda s: 0)
            yield make(name, f"{name} {dst}, {base}, 0x14c", count,
                       lambda s: 0x14c)
            yield make(name, f"{name} {dst}, {base}, s21", count,
                       lambda s: s.scalars[1] & 0x1fc,
                       setup + ["s_and_b32 s21, s21, 0x1fc"])
    # Past the end of a buffer there are zeros.
    for at in (240, 256, 1000):
        name = "s_buffer_load_dwordx4"
        yield make(name, f"{name} s[56:59], s[48:51], {at:#x}", 4,
                   lambda s, at=at: at, [*SETUP, *descriptor(records=256)], 256)


def scalarStoreCases(rng):
    for count in (1, 2, 4):
        suffix = f"dwordx{count}" if count > 1 else "dword"
        src = f"s[20:{19 + count}]" if count > 1 else "s20"
        for prefix, base in (("s_store", "s[46:47]"),
                             ("s_buffer_store", "s[48:51]")):
            name = f"{prefix}_{suffix}"
            for offset, at in (("0x40", 64), ("m0", 16)):
                text = f"{name} {src}, {base}, {offset}"
                made = case(name, text, makeSets(rng), lambda m, l, d: [],
                            descriptor() + ["s_movk_i32 m0, 0x10"])
                where = made.body.index(text) + 1
                made.body[where:where] = ["s_waitcnt lgkmcnt(0)", "s_dcache_wb",
                                          "s_waitcnt lgkmcnt(0)"]

                def expect(s, at=at, count=count):
                    memory = memoryOf(s)
                    for i in range(count):
                        put(memory, at + 4 * i, s.scalars[i])
                    changed = Set([list(r) for r in s.rows], s.exec)
                    for i in range(4):
                        for column in range(LANES):
                            changed.rows[i][column] = word(
                                memory, 4 * (LANES * i + column))
                    return perLane(lambda m, lane, d: [])(changed)

                made.expect = expect
                yield made


def cases(seed):
    rng = seeded(seed, "memory")
    for form in (Flat, Buffer):
        yield from accessCases(rng, form)
        yield from atomicCases(rng, form)
    for family in (addressCases, scalarOffsetCases, threadIdCases, ldsCases,
                   scalarCases, scalarStoreCases):
        yield from family(rng)
