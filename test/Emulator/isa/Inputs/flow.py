# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Instructions that are no function from operands to a result: branches, EXEC,
relative registers, lanes, the MODE register, and those that do nothing."""

import floats
from floats import F32, F64
from harness import ALL, KEEP, LANES, Case, Set, seeded
from operands import EXECS, MASK32, randomValue
from results import Nan

SCALARS = ["s40", "s41", "s80"]


def scalarSets(rng, count=12, **fixed):
    sets = []
    for _ in range(count):
        s = Set([], rng.choice((ALL, 0, rng.getrandbits(64))),
                rng.choice((0, ALL, 1 << 63, 1, rng.getrandbits(64))),
                [rng.getrandbits(32) for _ in range(6)], rng.getrandbits(1))
        vars(s).update(fixed)
        sets.append(s)
    return sets


# Branches -----------------------------------------------------------------

BRANCHES = {"s_cbranch_scc0": lambda s: not s.scc,
            "s_cbranch_scc1": lambda s: s.scc,
            "s_cbranch_vccz": lambda s: not s.vcc,
            "s_cbranch_vccnz": lambda s: s.vcc,
            "s_cbranch_execz": lambda s: not s.exec,
            "s_cbranch_execnz": lambda s: s.exec}


def branchCases(rng):
    for name, taken in {**BRANCHES, "s_branch": lambda s: True}.items():
        # Forward over one instruction, then back: both signs of the offset.
        body = ["s_mov_b32 s40, 0", "s_mov_b32 s41, 0", "s_branch @_ahead",
                "@_back:", "s_bitset1_b32 s40, 3", "s_branch @_end",
                "@_ahead:", f"{name} @_there", "s_bitset1_b32 s40, 0",
                "@_there:", "s_bitset1_b32 s40, 1", f"{name} @_back",
                "s_bitset1_b32 s40, 2", "@_end:"]
        # s_branch is in all of them.
        yield Case(name, body, scalarSets(rng), [], SCALARS,
                   lambda s, taken=taken: [[0b1010 if taken(s) else 0b0111],
                                           [0], [s.scc]], [name], scalar=True)


def jumpCases(rng):
    yield Case("s_getpc, s_setpc", [
        "s_mov_b32 s40, 1", "s_mov_b32 s41, 0", "s_getpc_b64 s[42:43]",
        "@_here:", "s_add_u32 s42, s42, @_there-@_here",
        "s_addc_u32 s43, s43, 0", "s_setpc_b64 s[42:43]",
        "s_mov_b32 s40, 2", "@_there:", "s_bitset1_b32 s40, 4"
    ], scalarSets(rng, 2), [], SCALARS[:2], lambda s: [[17], [0]],
               ["s_getpc_b64", "s_setpc_b64"], scalar=True)
    yield Case("s_swappc", [
        "s_mov_b32 s40, 1", "s_mov_b32 s41, 0", "s_getpc_b64 s[42:43]",
        "@_here:", "s_add_u32 s42, s42, @_callee-@_here",
        "s_addc_u32 s43, s43, 0", "s_swappc_b64 s[44:45], s[42:43]",
        "s_bitset1_b32 s40, 4", "s_branch @_end", "@_callee:",
        "s_bitset1_b32 s41, 2", "s_setpc_b64 s[44:45]", "@_end:"
    ], scalarSets(rng, 2), [], SCALARS[:2], lambda s: [[17], [4]],
               ["s_swappc_b64"], scalar=True)


SAVEEXEC = {"and": lambda a, e: a & e, "or": lambda a, e: a | e,
            "xor": lambda a, e: a ^ e, "andn2": lambda a, e: a & ~e,
            "orn2": lambda a, e: a | ~e, "nand": lambda a, e: ~(a & e),
            "nor": lambda a, e: ~(a | e), "xnor": lambda a, e: ~(a ^ e)}


def saveexecCases(rng):
    for name, function in SAVEEXEC.items():
        sets = scalarSets(rng)
        for s in sets[::4]:  # operands that give zero
            s.scalars[:2] = s.exec & MASK32, s.exec >> 32

        def expect(s, function=function):
            new = function(s.scalar64(0), s.exec) & ALL
            return [[s.exec & MASK32], [s.exec >> 32], [int(new != 0)],
                    [new & MASK32], [new >> 32]]

        yield Case(f"s_{name}_saveexec_b64",
                   [f"s_{name}_saveexec_b64 s[40:41], s[20:21]"], sets, [],
                   [*SCALARS, "s82", "s83"], expect,
                   [f"s_{name}_saveexec_b64"], scalar=True)


# Nothing happens ------------------------------------------------------------

NOTHING = ["s_nop 0", "s_nop 7", "s_sleep 1", "s_setprio 2", "s_setprio 0",
           "s_waitcnt 0", "s_barrier", "s_icache_inv", "s_sethalt 0",
           "s_incperflevel 3", "s_decperflevel 3", "s_dcache_inv",
           "s_dcache_wb", "s_dcache_inv_vol", "s_dcache_wb_vol",
           "buffer_wbinvl1", "buffer_wbinvl1_vol", "v_nop", "v_nop_e64",
           "v_clrexcp", "v_clrexcp_e64", "s_wakeup", "s_ttracedata", "ds_nop"]
# The assembler has no suffix for these, the table has.
SHORT = {"v_nop": "v_nop_e32", "v_clrexcp": "v_clrexcp_e32"}


def nothingCases(rng):
    for text in NOTHING:
        body = ["s_mov_b64 s[40:41], s[24:25]", text]

        def expect(s):
            old = s.scalar64(4)
            return [[x & MASK32] for x in (
                old, old >> 32, s.scc, s.exec, s.exec >> 32, s.vcc,
                s.vcc >> 32)]

        sets = scalarSets(rng, 3)
        yield Case(f"{text} changes nothing", body, sets, [],
                   [*SCALARS, "s82", "s83", "s84", "s85"], expect,
                   [SHORT.get(text, text.split()[0])], scalar=True)


# Relative registers -----------------------------------------------------------


def laneRows(rng, count):
    return [[rng.getrandbits(32) for _ in range(LANES)] for _ in range(count)]


def vectorSets(rng, rows, count=5, m0=None, **fixed):
    sets = []
    for number in range(count):
        s = Set(laneRows(rng, rows), EXECS[number % len(EXECS)],
                rng.getrandbits(64), [rng.getrandbits(32) for _ in range(6)],
                rng.getrandbits(1), m0(number) if m0 else 0)
        vars(s).update(fixed)
        sets.append(s)
    return sets


def moved(s, target, source):
    """Rows 0 to 3 start in v30 to v33, rows 4 to 7 in v10 to v13."""
    rows = [list(row) for row in s.rows[:4]]
    for lane in range(LANES):
        if s.active(lane):
            rows[target][lane] = s.rows[4 + source][lane]
    return rows


EIGHT = [f"v{30 + i}" for i in range(4)] + [f"v{10 + i}" for i in range(4)]


def relativeCases(rng):
    for suffix in ("e32", "e64"):
        for name, target, source in (("d", 1, 0), ("s", 0, 1), ("sd", 1, 1)):
            op = f"v_movrel{name}_b32_{suffix}"
            yield Case(op, [f"{op} v30, v10"],
                       vectorSets(rng, 8, 8, lambda n: n % 4), EIGHT, EIGHT[:4],
                       lambda s, t=target, u=source: moved(
                           s, t * s.m0, u * s.m0), [op])
    index = {"s_set_gpr_idx_on s20, gpr_idx(SRC0)": (0, 1),
             "s_set_gpr_idx_on s20, gpr_idx(DST)": (1, 0),
             "s_set_gpr_idx_on s20, gpr_idx(SRC0,DST)": (1, 1),
             "s_set_gpr_idx_on s20, gpr_idx(SRC1)": (0, 0)}
    for text, (target, source) in index.items():
        sets = vectorSets(rng, 8, 8)
        for number, s in enumerate(sets):
            s.scalars[0] = number % 4
        yield Case(text, [text, "v_mov_b32_e32 v30, v10",
                          "s_set_gpr_idx_off"], sets, EIGHT, EIGHT[:4],
                   lambda s, t=target, u=source: moved(
                       s, t * s.scalars[0], u * s.scalars[0]),
                   ["s_set_gpr_idx_on", "s_set_gpr_idx_off"])
    for text, target, source, which in (
            ("s_set_gpr_idx_mode gpr_idx(DST)", 1, 0, 0),
            ("s_set_gpr_idx_idx s21", 0, 1, 1)):
        sets = vectorSets(rng, 8, 8)
        for number, s in enumerate(sets):
            s.scalars[:2] = number % 4, (number + 1) % 4
        yield Case(text, ["s_set_gpr_idx_on s20, gpr_idx(SRC0)", text,
                          "v_mov_b32_e32 v30, v10", "s_set_gpr_idx_off"],
                   sets, EIGHT, EIGHT[:4],
                   lambda s, t=target, u=source, w=which: moved(
                       s, t * s.scalars[w], u * s.scalars[w]),
                   [text.split()[0]])


def relativeScalarCases(rng):
    old = ["s_mov_b64 s[40:41], s[24:25]", "s_mov_b64 s[42:43], 0"]
    out = ["s40", "s41", "s42", "s43"]

    def sets(step):
        found = []
        for index in range(0, 4, step):
            found += scalarSets(rng, 2, m0=index)
        return found

    def written(s, width, at, value):
        rows = [s.scalars[4], s.scalars[5], 0, 0]
        for i in range(width):
            rows[at + i] = value >> 32 * i & MASK32
        return [[x] for x in rows]

    yield Case("s_movrels_b32", [*old, "s_movrels_b32 s40, s20"], sets(1), [],
               out, lambda s: written(s, 1, 0, s.scalars[s.m0]),
               ["s_movrels_b32"], scalar=True)
    yield Case("s_movrels_b64", [*old, "s_movrels_b64 s[40:41], s[20:21]"],
               sets(2), [], out, lambda s: written(s, 2, 0, s.scalar64(s.m0)),
               ["s_movrels_b64"], scalar=True)
    yield Case("s_movreld_b32", [*old, "s_movreld_b32 s40, s20"], sets(1), [],
               out, lambda s: written(s, 1, s.m0, s.scalars[0]),
               ["s_movreld_b32"], scalar=True)
    yield Case("s_movreld_b64", [*old, "s_movreld_b64 s[40:41], s[20:21]"],
               sets(2), [], out, lambda s: written(s, 2, s.m0, s.scalar64(0)),
               ["s_movreld_b64"], scalar=True)


# Lanes ------------------------------------------------------------------------


def firstActive(s):
    return (s.exec & -s.exec).bit_length() - 1 if s.exec else 0


def laneCases(rng):
    sets = vectorSets(rng, 2, 8)
    yield Case("v_readfirstlane_b32", ["v_readfirstlane_b32 s40, v10"], sets,
               ["v30", "v10"], ["s40"],
               lambda s: [[s.rows[1][firstActive(s)]] * LANES],
               ["v_readfirstlane_b32"])
    for text, lane in (("s20", lambda s: s.scalars[0] & 63),
                       ("5", lambda s: 5), ("63", lambda s: 63),
                       ("m0", lambda s: s.m0 & 63)):
        sets = vectorSets(rng, 2, 6, lambda n: 11 * n)
        line = f"v_readlane_b32 s40, v10, {text}"
        yield Case(line, [line], sets, ["v30", "v10"], ["s40"],
                   lambda s, lane=lane: [[s.rows[1][lane(s)]] * LANES],
                   ["v_readlane_b32"])
    for value, text, lane in (("s21", "m0", lambda s: s.m0 & 63),
                              ("s21", "7", lambda s: 7),
                              ("-3", "s20", lambda s: s.scalars[0] & 63)):

        def expect(s, value=value, lane=lane):
            row = list(s.rows[0])
            row[lane(s)] = s.scalars[1] if value == "s21" else MASK32 - 2
            return [row]

        sets = vectorSets(rng, 2, 6, lambda n: 12 * n)
        yield Case(f"v_writelane_b32 {value}, {text}",
                   [f"v_writelane_b32 v30, {value}, {text}"], sets,
                   ["v30", "v10"], ["v30"], expect, ["v_writelane_b32"])


# MODE --------------------------------------------------------------------------


def modeCases(rng):
    """What is written to MODE is read back, and it takes effect."""
    field = "hwreg(HW_REG_MODE, 0, 4)"
    restore = "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 8), 0xf0"

    def sets():
        return scalarSets(rng, 8, exec=ALL)

    def expect(s):
        return [[s.scalars[0] & 15], [s.scalars[0] >> 1 & 3]]

    yield Case("s_setreg_b32, s_getreg_b32", [
        f"s_setreg_b32 {field}, s20", f"s_getreg_b32 s40, {field}",
        "s_getreg_b32 s41, hwreg(HW_REG_MODE, 1, 2)", restore
    ], sets(), [], SCALARS[:2], expect, ["s_setreg_b32", "s_getreg_b32"],
               scalar=True)
    yield Case("s_setreg_imm32_b32", [
        f"s_setreg_imm32_b32 {field}, 0x5", f"s_getreg_b32 s40, {field}",
        "s_getreg_b32 s41, hwreg(HW_REG_MODE, 4, 4)", restore
    ], sets(), [], SCALARS[:2], lambda s: [[5], [15]],
               ["s_setreg_imm32_b32"], scalar=True)
    for rounding in range(4):
        rows = []
        for kind in ("f32", "f32"):
            rows.append([randomValue(rng, kind) for _ in range(LANES)])
        sets_ = [Set(rows)]
        yield Case(f"s_setreg_imm32_b32 rounds {rounding}", [
            f"s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 2), {rounding}",
            "v_add_f32_e32 v30, v10, v11", restore
        ], sets_, ["v10", "v11"], ["v30"], lambda s, r=rounding: [[
            nan(F32, floats.add(F32, a, b, r)) for a, b in zip(*s.rows)]],
                   ["s_setreg_imm32_b32"])
    flushed = [[randomValue(rng, "f32") >> 8 for _ in range(LANES)]]
    yield Case("s_setreg_imm32_b32 flushes", [
        "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 4, 2), 0",
        "v_mul_f32_e32 v30, 1.0, v10", restore
    ], [Set(flushed)], ["v10"], ["v30"], lambda s: [[
        nan(F32, F32.flush(x)) for x in s.rows[0]]], ["s_setreg_imm32_b32"])


def nan(f, x):
    return Nan(f) if f.isNan(x) else x


# Division -----------------------------------------------------------------------


def quotient(f, num, den):
    sign = (num ^ den) & f.sign
    if f.isNan(num) or f.isNan(den) or f.isZero(num) and f.isZero(den) or \
            f.isInf(num) and f.isInf(den):
        return Nan(f)
    if f.isInf(num) or f.isZero(den):
        return sign | f.inf
    if f.isZero(num) or f.isInf(den):
        return sign
    (m, e), (n, g) = f.value(num), f.value(den)
    if n < 0:
        m, n = -m, -n
    exact = f.encode(m, n, e - g)
    if f is F32 and not f.isDenormal(exact):
        return exact

    def close(got):
        # A denormal is rounded once for the precision, once for the range; in
        # double precision the steps leave hard cases a unit off.
        return abs(got - exact) <= 1

    close.text = f"{exact:#x} or next to it"
    return close


def divideSteps(kind):
    """A whole division as compilers write it, with denormals on: the scaling, its
    undoing and the special cases have to fit together."""
    if kind == "f32":
        den, num, r, e, q, D, N = ("v20", "v21", "v22", "v23", "v24", "v11",
                                   "v10")
        one = "1.0"
        steps = 1
    else:
        den, num, r, e, q = (f"v[{i}:{i + 1}]" for i in (40, 42, 44, 46, 48))
        D, N, one, steps = "v[12:13]", "v[10:11]", "1.0", 2
    out = "v30" if kind == "f32" else "v[30:31]"
    lines = [f"v_div_scale_{kind} {den}, s[44:45], {D}, {D}, {N}",
             f"v_div_scale_{kind} {num}, vcc, {N}, {D}, {N}",
             f"v_rcp_{kind}_e32 {r}, {den}"]
    for _ in range(steps):
        lines += [f"v_fma_{kind} {e}, -{den}, {r}, {one}",
                  f"v_fma_{kind} {r}, {e}, {r}, {r}"]
    lines.append(f"v_mul_f32_e32 {q}, {num}, {r}" if kind == "f32" else
                 f"v_mul_f64 {q}, {num}, {r}")
    if kind == "f32":
        lines += [f"v_fma_f32 {e}, -{den}, {q}, {num}",
                  f"v_fma_f32 {q}, {e}, {r}, {q}"]
    lines += [f"v_fma_{kind} {e}, -{den}, {q}, {num}",
              f"v_div_fmas_{kind} {q}, {e}, {r}, {q}",
              f"v_div_fixup_{kind} {out}, {q}, {D}, {N}"]
    return lines


def divisionCases(rng):
    for kind, f in (("f32", F32), ("f64", F64)):
        width = f.bits // 32
        sets = []
        for _ in range(12):
            columns = []
            for _ in range(2):
                values = [randomValue(rng, kind) if rng.random() < .5 else
                          rng.getrandbits(f.bits) for _ in range(LANES)]
                values = [f.quiet(x) if f.isNan(x) else x for x in values]
                columns += [[v >> 32 * i & MASK32 for v in values]
                            for i in range(width)]
            sets.append(Set(columns))
        inputs = [f"v{10 + i}" for i in range(2 * width)]

        def expect(s, f=f, width=width):
            def operand(at, lane):
                return sum(s.rows[at + i][lane] << 32 * i
                           for i in range(width))

            wanted = [quotient(f, operand(0, lane), operand(width, lane))
                      for lane in range(LANES)]
            if width == 1:
                return [wanted]
            rows = [[], []]
            for w in wanted:
                if isinstance(w, int):
                    pair = [w & MASK32, w >> 32]
                else:
                    store = [0]

                    def low(x, store=store):
                        store[0] = x
                        return True

                    def high(x, store=store, w=w):
                        return w(store[0] | x << 32)

                    high.text = w.text if hasattr(w, "text") else "a quiet NaN"
                    pair = [low, high]
                rows[0].append(pair[0])
                rows[1].append(pair[1])
            return rows

        yield Case(f"division {kind}", divideSteps(kind), sets, inputs,
                   [f"v{30 + i}" for i in range(width)], expect,
                   [f"v_div_scale_{kind}", f"v_div_fmas_{kind}",
                    f"v_div_fixup_{kind}"], KEEP)


# Clocks ---------------------------------------------------------------------------


def clockCases(rng):
    for name in ("s_memtime", "s_memrealtime"):
        yield Case(f"{name} does not run backwards", [
            f"{name} s[42:43]", "s_waitcnt lgkmcnt(0)", "s_nop 7",
            f"{name} s[44:45]", "s_waitcnt lgkmcnt(0)",
            "s_sub_u32 s46, s44, s42", "s_subb_u32 s47, s45, s43",
            "s_lshr_b32 s40, s47, 31"
        ], scalarSets(rng, 2), [], ["s40"], lambda s: [[0]], [name],
                   scalar=True)


def cases(seed):
    rng = seeded(seed, "flow")
    for family in (branchCases, jumpCases, saveexecCases, nothingCases,
                   relativeCases, relativeScalarCases, laneCases, modeCases,
                   divisionCases, clockCases):
        yield from family(rng)
