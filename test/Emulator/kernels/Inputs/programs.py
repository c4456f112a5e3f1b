# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random programs whose meaning C defines. One program is a struct of private
variables and a few phases, functions of them; between phases each item of a
workgroup writes a word to LDS and may read any other's. The same text is OpenCL
C, where barriers part the phases, and C, where loops over the items do."""

import random

VARIABLES = {"u32": ["u0", "u1", "u2", "u3"], "i32": ["i0", "i1", "i2"],
             "u64": ["w0", "w1"], "f32": ["f0", "f1", "f2"], "f64": ["d0"]}
TYPES = list(VARIABLES)
ARRAY = 16
# Interesting words: near overflow, denormals, infinities, one, NaN.
WORDS = [0, 1, 2, 31, 255, 0x7f, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
         0xffffffff, 0x3f800000, 0x7f800000, 0x00800000, 0x807fffff, 0x7fc00001]

# {u} and so on stand for operands of these types.
OPERATIONS = {
    "u32": ["{u} + {u}", "{u} - {u}", "{u} * {u}", "{u} & {u}", "{u} | {u}",
            "{u} ^ {u}", "~{u}", "{u} << ({u} & 31)", "{u} >> ({u} & 31)",
            "rotate32({u}, {u})", "divU({u}, {u})", "remU({u}, {u})",
            "high({u}, {u})", "zeros({u})", "trailing({w})", "(u32){i}",
            "(u32){w}", "(u32)({w} >> 32)", "toU({f})", "bits({f})",
            "(u32)__builtin_popcount({u})", "__builtin_bswap32({u})",
            "__builtin_bitreverse32({u})", "(u32)(u8){u}", "(u32)(u16){u}",
            "(u32)({u} < {u})", "(u32)({i} <= {i})", "(u32)({f} < {f})",
            "(u32)({w} > {w})", "(u32)({d} >= {d})", "({c} ? {u} : {u})",
            "in[{u} & MASK]", "s->a[{u} & 15]", "(u32)s->b[{u} & 15]",
            "({u} < {u} ? {u} : {u})", "({u} >> 3 & 0xff) * ({u} & 0xffffff)"],
    "i32": ["(i32)((u32){i} + {u})", "(i32)((u32){i} - (u32){i})",
            "(i32)((u32){i} * (u32){i})", "{i} >> ({u} & 31)", "{i} & {i}",
            "{i} ^ {i}", "divI({i}, {i})", "remI({i}, {i})", "highI({i}, {i})",
            "(i32){u}", "(i32)(i8){u}", "(i32)(i16){u}", "toI({f})",
            "({i} < {i} ? {i} : {i})", "({c} ? {i} : {i})", "(i32)(i16)s->h",
            "(i32)((i64){w} >> 40)"],
    "u64": ["{w} + {w}", "{w} - {w}", "{w} * {w}", "{w} & {w}", "{w} ^ {w}",
            "{w} << ({u} & 63)", "{w} >> ({u} & 63)", "(u64){u} * {u}",
            "(u64)(i64){i}", "(u64)((i64){w} >> ({u} & 63))", "divW({w}, {w})",
            "remW({w}, {u})", "((u64){u} << 32 | {u})", "({c} ? {w} : {w})",
            "toW({d})", "wideBits({d})", "(u64){u}"],
    "f32": ["{f} + {f}", "{f} - {f}", "{f} * {f}", "{f} / {f}", "-{f}",
            "least({f}, {f})", "most({f}, {f})", "sign({f}, {f})",
            "__builtin_fabsf({f})", "__builtin_sqrtf(__builtin_fabsf({f}))",
            "__builtin_floorf({f})", "__builtin_ceilf({f})",
            "__builtin_truncf({f})", "__builtin_rintf({f})",
            "__builtin_fmaf({f}, {f}, {f})", "(f32){u}", "(f32){i}", "(f32){w}",
            "(f32){d}", "({c} ? {f} : {f})", "{f} * {f} + {f}",
            "ofBits({u})"],
    "f64": ["{d} + {d}", "{d} - {d}", "{d} * {d}", "{d} / {d}", "-{d}",
            "(f64){f}", "(f64){i}", "(f64){u}", "(f64){w}",
            "__builtin_fma({d}, {d}, {d})", "__builtin_floor({d})",
            "({c} ? {d} : {d})"],
    "bool": ["{u} < {u}", "{i} > {i}", "{w} != {w}", "{f} < {f}", "{f} >= {f}",
             "{u} & 1", "{i} == {i}", "({u} & 3) == 2", "{d} < {d}",
             "{c} && {c}", "!({c})", "{u} % 5 < 2"],
}
LETTERS = {"u": "u32", "i": "i32", "w": "u64", "f": "f32", "d": "f64",
           "c": "bool"}


class Program:
    def __init__(self, seed, index):
        self.index = index
        self.random = random.Random(f"{seed}/{index}")
        self.phases = self.random.randint(1, 3)
        self.pointer = self.random.choice(["private ", ""])
        self.loops = 0
        self.common = self.commonLines()

    # --- expressions --------------------------------------------------------

    def leaf(self, kind):
        pick = self.random.random()
        if kind == "bool":
            return f"(({self.leaf('u32')}) & 1)"
        if pick < 0.75:
            return "s->" + self.random.choice(VARIABLES[kind])
        word = self.random.choice(WORDS + [self.random.getrandbits(32)])
        if kind == "u32":
            return self.random.choice([f"{word:#x}u", "lane"])
        if kind == "i32":
            return f"(i32){word:#x}u"
        if kind == "u64":
            return f"{word << self.random.randint(0, 32):#x}ul"
        small = self.random.choice([0.5, 1.0, 2.0, 3.25, 1e-3, 1e10, 1e-30])
        text = f"{small!r}f" if kind == "f32" else repr(small)
        return f"(-{text})" if self.random.random() < 0.2 else text

    def expression(self, kind, depth):
        if depth == 0 or self.random.random() < 0.15:
            return self.leaf(kind)
        form = self.random.choice(OPERATIONS[kind])
        parts, at = [], 0
        while (start := form.find("{", at)) >= 0:
            parts.append(form[at:start])
            parts.append(self.expression(LETTERS[form[start + 1]], depth - 1))
            at = start + 3
        return "(" + "".join(parts) + form[at:] + ")"

    # --- statements ---------------------------------------------------------

    def assignment(self):
        pick = self.random.random()
        value = self.expression("u32", 2)
        if pick < 0.12:
            return f"s->a[{self.expression('u32', 1)} & 15] ^= {value};"
        if pick < 0.2:
            return f"s->b[{self.expression('u32', 1)} & 15] += (u8){value};"
        if pick < 0.25:
            return f"s->h = (u16){value};"
        kind = self.random.choice(TYPES)
        target = self.random.choice(VARIABLES[kind])
        return f"s->{target} = {self.expression(kind, 3)};"

    def block(self, budget, depth, inLoop):
        lines = []
        for _ in range(budget):
            lines += self.statement(depth, inLoop)
        return ["  " + line for line in lines]

    def statement(self, depth, inLoop):
        pick = self.random.random()
        if inLoop and pick < 0.08:
            word = self.random.choice(["break", "continue"])
            return [f"if ({self.expression('bool', 2)})", f"  {word};"]
        if pick < 0.1:
            return [f"if ({self.expression('bool', 2)} && lane % 7 == 3)",
                    f"  return {self.expression('u32', 1)};"]
        if depth == 0 or pick < 0.65:
            return [self.assignment()]
        size = self.random.randint(1, 3)
        if pick < 0.8:
            lines = [f"if ({self.expression('bool', 2)}) {{",
                     *self.block(size, depth - 1, inLoop)]
            if self.random.random() < 0.5:
                lines += ["} else {", *self.block(size, depth - 1, inLoop)]
            return lines + ["}"]
        if pick < 0.86:
            lines = [f"switch ({self.expression('u32', 1)} & 3) {{"]
            for label in self.random.sample(range(4), 3):
                lines += [f"case {label}:", *self.block(1, 0, False)]
                if self.random.random() < 0.7:
                    lines.append("  break;")
            return lines + ["}"]
        self.loops += 1
        counter = f"k{self.loops}"
        bound = self.random.choice(["4", f"({self.expression('u32', 1)} & 7)"])
        return [f"for (u32 {counter} = 0; {counter} < {bound}; ++{counter}) {{",
                *self.block(size, depth - 1, True),
                f"  s->u0 += {counter};", "}"]

    # --- the whole ----------------------------------------------------------

    def phase(self, number):
        n, state = self.index, f"struct State{self.index}"
        lines = [f"static u32 phase{n}_{number}({self.pointer}{state} *s, "
                 "u32 lane, GLOBAL const u32 *in, LOCAL u32 *shared) {"]
        if number:
            lines.append(f"  s->u{number} ^= "
                         f"shared[{self.expression('u32', 2)} & (LANES - 1)];")
        lines += self.block(self.random.randint(4, 9), 2, False)
        return lines + [f"  return {self.expression('u32', 2)};", "}", ""]

    def commonLines(self):
        """The struct, its start, the phases and its end."""
        n = self.index
        fields = [f"  {kind} {', '.join(names)};"
                  for kind, names in VARIABLES.items()]
        lines = [f"struct State{n} {{", *fields, f"  u32 a[{ARRAY}];",
                 f"  u8 b[{ARRAY}];", "  u16 h;", "};", ""]
        lines += [f"static void start{n}({self.pointer}struct State{n} *s, "
                  "u32 lane, GLOBAL const u32 *in) {"]
        at = 0
        for kind, names in VARIABLES.items():
            for name in names:
                word = f"in[(lane * 17 + {at}) & MASK]"
                at += 1
                value = {"u64": f"(u64){word} * 0x100000801ul",
                         "f32": f"ofBits({word})",
                         "f64": f"(f64)(i32){word} / 64"}.get(kind, word)
                lines.append(f"  s->{name} = ({kind})({value});")
        lines += ["  s->h = (u16)lane;",
                  f"  for (u32 k = 0; k < {ARRAY}; ++k) {{",
                  "    s->a[k] = in[(lane + k) & MASK];",
                  "    s->b[k] = (u8)(lane * 3 + k);", "  }", "}", ""]
        for number in range(self.phases):
            lines += self.phase(number)
        lines += [f"static void finish{n}({self.pointer}struct State{n} *s, "
                  "GLOBAL u32 *out) {"]
        at = 0
        for kind, names in VARIABLES.items():
            for name in names:
                value = f"s->{name}"
                if kind == "f32":
                    value = f"bits({value})"
                if kind == "f64":
                    value = f"wideBits({value})"
                lines.append(f"  out[{at}] = (u32){value};")
                at += 1
                if kind in ("u64", "f64"):
                    lines.append(f"  out[{at}] = (u32)({value} >> 32);")
                    at += 1
        lines += [f"  out[{at}] = s->h;",
                  f"  for (u32 k = {at + 1}; k < WORDS; ++k)",
                  f"    out[k] = s->a[k & 15] + s->b[k & 15];", "}", ""]
        return lines

    def step(self, number, state):
        """A phase of one item, and the word it leaves: each in another place, and
        in the half that is not read until the next phase."""
        n = self.index
        rng = random.Random(f"{n}/{number}")
        odd, shift = rng.randrange(1, 128, 2), rng.randrange(128)
        return [f"    LOCAL u32 *shared = halves + {(number + 1) % 2} * LANES;",
                f"    u32 word = phase{n}_{number}({state}, lane, in, shared);",
                f"    shared = halves + {number % 2} * LANES;",
                f"    shared[(lane * {odd} + {shift}) & (LANES - 1)] = word;"]

    def opencl(self):
        n = self.index
        lines = self.common + [
            "kernel __attribute__((reqd_work_group_size(LANES, 1, 1)))",
            f"void program{n}(global u32 *out, global const u32 *in) {{",
            "  local u32 halves[2 * LANES];", f"  struct State{n} state;",
            "  u32 lane = __builtin_amdgcn_workitem_id_x();",
            "  u32 group = __builtin_amdgcn_workgroup_id_x();",
            "  in += group * (MASK + 1);", f"  start{n}(&state, lane, in);"]
        for number in range(self.phases):
            lines += ["  {", *self.step(number, "&state"), "    sync();", "  }"]
        lines += [f"  finish{n}(&state, out + (group * LANES + lane) * WORDS);",
                  "}", ""]
        return "\n".join(lines)

    def host(self):
        n = self.index
        loop = "  for (u32 lane = 0; lane < LANES; ++lane)"
        lines = self.common + [
            f"void program{n}(u32 *out, const u32 *in) {{",
            f"  static struct State{n} states[LANES];",
            "  static u32 halves[2 * LANES];",
            loop, f"    start{n}(&states[lane], lane, in);"]
        for number in range(self.phases):
            lines += [loop + " {", *self.step(number, "&states[lane]"), "  }"]
        lines += [loop, f"    finish{n}(&states[lane], out + lane * WORDS);", "}",
                  ""]
        return "\n".join(lines)
