# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DS instructions. Each lane has four words of its own, which are written before
the instruction and read after it."""

from atomics import LDS, LDS_FLOAT, drawFloat, drawInteger
from floats import F32, F64, order
from harness import LANES, Case, Set, seeded
from operands import EXECS, MASK32, signed

ROWS = 12  # old results v30.., memory v14.., data v10..
INPUTS = [f"v{30 + i}" for i in range(4)] + [f"v{14 + i}" for i in range(4)] + \
    [f"v{10 + i}" for i in range(4)]
OUTPUTS = [f"v{30 + i}" for i in range(4)] + [f"v{34 + i}" for i in range(4)]
LAYOUT = (0, 4, 8, 12)


def body(texts, layout=LAYOUT, address="v_lshlrev_b32_e32 v5, 4, v0"):
    lines = ["s_mov_b64 exec, -1", address]
    lines += [f"ds_write_b32 v5, v{14 + i} offset:{at}"
              for i, at in enumerate(layout)]
    lines += ["s_waitcnt lgkmcnt(0)", "s_mov_b64 exec, s[16:17]"]
    for text in texts:
        lines += [text, "s_waitcnt lgkmcnt(0)"]
    lines += ["s_mov_b64 exec, -1"]
    lines += [f"ds_read_b32 v{34 + i}, v5 offset:{at}"
              for i, at in enumerate(layout)]
    return lines + ["s_waitcnt lgkmcnt(0)"]


def makeSets(rng, draw=drawInteger, width=32, count=5):
    sets = []
    for number in range(count):
        rows = []
        for row in range(0, ROWS, width // 32):
            values = [draw(rng, width) for _ in range(LANES)]
            rows += [[v >> s & MASK32 for v in values]
                     for s in range(0, width, 32)]
        s = Set(rows, EXECS[number % len(EXECS)], m0=MASK32)
        # Memory and data are equal now and then.
        for lane in range(0, LANES, 3):
            for i in range(4):
                s.rows[8 + i][lane] = s.rows[4 + i][lane]
        sets.append(s)
    return sets


def perLane(function):
    """`function(memory bytes, data words)` gives (result words, memory)."""

    def expect(s):
        columns = []
        for lane in range(LANES):
            old = [s.rows[i][lane] for i in range(4)]
            words = [s.rows[4 + i][lane] for i in range(4)]
            if s.active(lane):
                data = [s.rows[8 + i][lane] for i in range(4)]
                memory = bytearray(b"".join(
                    w.to_bytes(4, "little") for w in words))
                result = function(memory, data)
                old[:len(result)] = result
                words = [int.from_bytes(memory[4 * i:4 * i + 4], "little")
                         for i in range(4)]
            columns.append(old + words)
        return [list(row) for row in zip(*columns)]

    return expect


def word(memory, at, count=4):
    return int.from_bytes(memory[at:at + count], "little")


def put(memory, at, value, count=4):
    memory[at:at + count] = value.to_bytes(count, "little")


def split(value, count):
    return [value >> 32 * i & MASK32 for i in range(count)]


def join(words):
    return sum(w << 32 * i for i, w in enumerate(words))


def case(name, text, sets, function, layout=LAYOUT):
    return Case(text, body([text], layout), sets, INPUTS, OUTPUTS,
                perLane(function), [name])


def atomicCases(rng):
    for width, count, at in ((32, 1, 4), (64, 2, 8)):
        mask = (1 << width) - 1
        data0 = "v10" if count == 1 else "v[10:11]"
        data1 = "v11" if count == 1 else "v[12:13]"
        dst = "v30" if count == 1 else "v[30:31]"
        table = {name: (function, drawInteger)
                 for name, function in LDS.items()}
        for name, function in LDS_FLOAT.items():
            if name != "add_f" or width == 32:
                table[name] = function, drawFloat
        for name, (compute, draw) in table.items():

            def modify(memory, data, compute=compute, count=count, at=at,
                       mask=mask):
                old = word(memory, at, 4 * count)
                put(memory, at, compute(old, join(data[:count]), mask),
                    4 * count)
                return split(old, count)

            op, kind = name.split("_")
            plain, returning = (f"ds_{op}_{kind}{width}",
                                f"ds_{op}_rtn_{kind}{width}")
            sets = makeSets(rng, draw, width)
            yield case(plain, f"{plain} v5, {data0} offset:{at}", sets,
                       lambda m, d, f=modify: f(m, d) and [])
            yield case(returning, f"{returning} {dst}, v5, {data0} offset:{at}",
                       sets, modify)

            def fromMemory(memory, data, compute=compute, count=count,
                           mask=mask):
                put(memory, 0, compute(word(memory, 0, 4 * count),
                                       word(memory, 8, 4 * count), mask),
                    4 * count)
                return []

            # The offset counts words.
            src2 = f"ds_{op}_src2_{kind}{width}"
            yield case(src2, f"{src2} v5 offset:2", sets, fromMemory)

        def masked(m, d, e):
            return m & ~d | e

        def exchange(m, d, e):
            return e if m == d else m

        f = F32 if width == 32 else F64

        def floatExchange(m, d, e, f=f):
            return e if order(f, m) == order(f, d) else m

        for name, compute, draw in (("mskor_b", masked, drawInteger),
                                    ("cmpst_b", exchange, drawInteger),
                                    ("cmpst_f", floatExchange, drawFloat)):

            def modify(memory, data, compute=compute, count=count, at=at):
                old = word(memory, at, 4 * count)
                put(memory, at, compute(old, join(data[:count]), join(
                    data[count:2 * count])), 4 * count)
                return split(old, count)

            op, kind = name.split("_")
            plain, returning = (f"ds_{op}_{kind}{width}",
                                f"ds_{op}_rtn_{kind}{width}")
            sets = makeSets(rng, draw, width)
            for s in sets:  # compare with what is there
                for lane in range(0, LANES, 3):
                    for i in range(count):
                        s.rows[8 + i][lane] = s.rows[4 + at // 4 + i][lane]
            yield case(plain, f"{plain} v5, {data0}, {data1} offset:{at}", sets,
                       lambda m, d, f=modify: f(m, d) and [])
            yield case(returning, f"{returning} {dst}, v5, {data0}, {data1} "
                       f"offset:{at}", sets, modify)

        def swap(memory, data, count=count, at=at):
            old = word(memory, at, 4 * count)
            put(memory, at, join(data[:count]), 4 * count)
            return split(old, count)

        name = f"ds_wrxchg_rtn_b{width}"
        yield case(name, f"{name} {dst}, v5, {data0} offset:{at}",
                   makeSets(rng), swap)

    def wrap(memory, data):
        old = word(memory, 4)
        put(memory, 4, (old - data[0] if old >= data[0] else
                        old + data[1]) & MASK32)
        return [old]

    yield case("ds_wrap_rtn_b32", "ds_wrap_rtn_b32 v30, v5, v10, v11 offset:4",
               makeSets(rng), wrap)


def loadCases(rng):
    for name, size, isSigned in (("u8", 1, False), ("i8", 1, True),
                                 ("u16", 2, False), ("i16", 2, True)):
        for at in (0, 6, 13 if size == 1 else 14):

            def load(memory, data, at=at, size=size, isSigned=isSigned):
                x = word(memory, at, size)
                return [(signed(x, 8 * size) if isSigned else x) & MASK32]

            yield case(f"ds_read_{name}", f"ds_read_{name} v30, v5 offset:{at}",
                       makeSets(rng), load)
    for bits, dst in ((32, "v30"), (64, "v[30:31]"), (96, "v[30:32]"),
                      (128, "v[30:33]")):
        at = 8 if bits <= 64 else 0
        yield case(f"ds_read_b{bits}", f"ds_read_b{bits} {dst}, v5 offset:{at}",
                   makeSets(rng), lambda m, d, at=at, n=bits // 32: [
                       word(m, at + 4 * i) for i in range(n)])


def storeCases(rng):
    for bits, src in ((8, "v10"), (16, "v10"), (32, "v10"), (64, "v[10:11]"),
                      (96, "v[10:12]"), (128, "v[10:13]")):
        for at in ((5,) if bits == 8 else (6,) if bits == 16 else (8,)
                   if bits <= 64 else (0,)):

            def store(memory, data, at=at, bits=bits):
                put(memory, at, join(data) & (1 << bits) - 1, bits // 8)
                return []

            yield case(f"ds_write_b{bits}",
                       f"ds_write_b{bits} v5, {src} offset:{at}",
                       makeSets(rng), store)


def pairCases(rng):
    """Two addresses, whose offsets count elements, or 64 elements."""
    for width in (32, 64):
        count = width // 32
        pair = "v[30:31]" if count == 1 else "v[30:33]"
        data = "v10, v11" if count == 1 else "v[10:11], v[12:13]"
        for st64 in ("", "st64"):
            # Where the second element is, in words of the lane.
            if st64:
                offset = 4 if width == 32 else 2  # 1024 bytes
                layout = (0, 1024, 4, 8) if width == 32 else (0, 4, 1024, 1028)
                second = 4 if width == 32 else 8
            else:
                offset, layout = (3, LAYOUT) if width == 32 else (1, LAYOUT)
                second = 12 if width == 32 else 8
            where = f"offset0:0 offset1:{offset}"

            def load(memory, data, count=count, second=second):
                return split(word(memory, 0, 4 * count), count) + split(
                    word(memory, second, 4 * count), count)

            def store(memory, data, count=count, second=second, load=load):
                old = load(memory, data)
                put(memory, 0, join(data[:count]), 4 * count)
                put(memory, second, join(data[count:2 * count]), 4 * count)
                return old

            for name, text, function in (
                    (f"ds_read2{st64}_b{width}", f"{pair}, v5", load),
                    (f"ds_write2{st64}_b{width}", f"v5, {data}",
                     lambda m, d, f=store: f(m, d) and []),
                    (f"ds_wrxchg2{st64}_rtn_b{width}", f"{pair}, v5, {data}",
                     store)):
                yield case(name, f"{name} {text} {where}", makeSets(rng),
                           function, layout)
    for width, count in ((32, 1), (64, 2)):
        name = f"ds_write_src2_b{width}"
        yield case(name, f"{name} v5 offset:2", makeSets(rng),
                   lambda m, d, n=count: put(m, 0, word(m, 8, 4 * n),
                                             4 * n) or [])


# Between lanes ---------------------------------------------------------------


def swizzled(offset):

    def source(lane):
        if offset & 0x8000:
            return lane & ~3 | offset >> 2 * (lane & 3) & 3
        low = (lane & 31 & offset | offset >> 5 & 31) ^ offset >> 10 & 31
        return lane & 32 | low

    return source


def gather(s, source):
    """An inactive source lane gives 0."""
    row = list(s.rows[0])
    for lane in range(LANES):
        if s.active(lane):
            at = source(lane)
            row[lane] = s.rows[1][at] if s.active(at) else 0
    return [row]


def betweenCases(rng):

    def sets(addresses):
        found = []
        for number in range(5):
            rows = [[rng.getrandbits(32) for _ in range(LANES)]
                    for _ in range(2)] + [addresses()]
            found.append(Set(rows, EXECS[number], m0=MASK32))
        return found

    inputs, outputs = ["v30", "v10", "v11"], ["v30"]
    wait = "s_waitcnt lgkmcnt(0)"
    for offset in (0x8000 | 0b00011011, 0x80b1, 0x001f, 0x041f, 0x7c1f, 0x0010,
                   0x03e0, 0x54ab):
        yield Case(f"ds_swizzle_b32 {offset:#x}", [
            f"ds_swizzle_b32 v30, v10 offset:{offset:#x}", wait],
                   sets(lambda: [0] * LANES), inputs, outputs,
                   lambda s, f=swizzled(offset): gather(s, f),
                   ["ds_swizzle_b32"])
    yield Case("ds_bpermute_b32", ["ds_bpermute_b32 v30, v11, v10", wait],
               sets(lambda: [rng.randrange(64) * 4 for _ in range(LANES)]),
               inputs, outputs, lambda s: gather(
                   s, lambda lane: s.rows[2][lane] // 4), ["ds_bpermute_b32"])

    def shuffled():
        lanes = list(range(LANES))
        rng.shuffle(lanes)
        return [4 * lane for lane in lanes]

    def scatter(s):
        sent = [0] * LANES
        for lane in range(LANES):
            if s.active(lane):
                sent[s.rows[2][lane] // 4] = s.rows[1][lane]
        return [[sent[lane] if s.active(lane) else s.rows[0][lane]
                 for lane in range(LANES)]]

    yield Case("ds_permute_b32", ["ds_permute_b32 v30, v11, v10", wait],
               sets(shuffled), inputs, outputs, scatter, ["ds_permute_b32"])


def countCases(rng):
    """M0 has the address, as LLVM uses these; the offset is added."""
    for name, sign in (("append", 1), ("consume", -1)):
        for base in (0, 64):

            def expect(s, sign=sign):
                old = s.rows[4][0]
                lanes = bin(s.exec).count("1")
                return [[old if s.active(lane) else s.rows[0][lane]
                         for lane in range(LANES)],
                        [old + sign * lanes & MASK32] * LANES]

            lines = ["s_mov_b64 exec, -1", "s_mov_b32 m0, -1",
                     "v_readfirstlane_b32 s40, v14", "v_mov_b32_e32 v6, s40",
                     f"v_mov_b32_e32 v5, {base}", "s_mov_b64 exec, 1",
                     "ds_write_b32 v5, v6 offset:16", "s_waitcnt lgkmcnt(0)",
                     "s_mov_b64 exec, s[16:17]", f"s_movk_i32 m0, {base}",
                     f"ds_{name} v30 offset:16", "s_waitcnt lgkmcnt(0)",
                     "s_mov_b64 exec, -1", "s_mov_b32 m0, -1",
                     "ds_read_b32 v34, v5 offset:16", "s_waitcnt lgkmcnt(0)"]
            yield Case(f"ds_{name} m0={base}", lines, makeSets(rng, count=4),
                       INPUTS, ["v30", "v34"], expect, [f"ds_{name}"])
    # All lanes at one address: every order gives the same sum.
    for name, width in (("ds_add_u32", 32), ("ds_add_u64", 64)):
        data = "v10" if width == 32 else "v[10:11]"

        def expect(s, width=width):
            n = width // 32
            total = sum(join([s.rows[8 + i][lane] for i in range(n)])
                        for lane in range(LANES) if s.active(lane))
            total += join([s.rows[4 + i][0] for i in range(n)])
            return [[x] * LANES for x in split(total, n)]

        lines = ["s_mov_b64 exec, -1", "v_mov_b32_e32 v5, 0",
                 "v_readfirstlane_b32 s40, v14", "v_readfirstlane_b32 s41, v15",
                 "v_mov_b32_e32 v6, s40", "v_mov_b32_e32 v7, s41",
                 "s_mov_b64 exec, 1", "ds_write_b64 v5, v[6:7]",
                 "s_waitcnt lgkmcnt(0)", "s_mov_b64 exec, s[16:17]",
                 f"{name} v5, {data}", "s_waitcnt lgkmcnt(0)",
                 "s_mov_b64 exec, -1", "ds_read_b64 v[34:35], v5",
                 "s_waitcnt lgkmcnt(0)"]
        yield Case(f"{name}, one address", lines, makeSets(rng), INPUTS,
                   ["v34", "v35"][:width // 32], expect, [name])


def cases(seed):
    rng = seeded(seed, "lds")
    for family in (atomicCases, loadCases, storeCases, pairCases, betweenCases,
                   countCases):
        yield from family(rng)
