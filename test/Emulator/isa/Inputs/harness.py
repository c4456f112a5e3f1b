# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases become kernels, kernels become code objects, and what the emulator
leaves in memory is compared with what each case expects.

A case is a few instructions that run once for every *set* of operands, in one
wave. A set has sixteen scalars, which arrive in s[16:31], and rows of 64 dwords,
which arrive in vector registers. Registers with a meaning to all cases:

    s[16:17] EXEC while the body runs      v0   lane
    s[18:19] VCC                           v1   4 * lane + 64
    s[20:25] scalar operands               s26  SCC (zero or not)
    s27      M0

The body leaves its results in registers, which are stored as rows. SCC, EXEC and
VCC as the body left them are in s80, s[82:83] and s[84:85]."""

import os
import random
import subprocess
import zlib

import numpy as np

LANES = 64
ALL = (1 << 64) - 1
HEADER = 16


class Mode:
    """What of the MODE register a kernel starts with."""

    def __init__(self, flush32=False, flush64=False, ieee=True, dx10=True,
                 round32=0, round64=0):
        self.flush32, self.flush64 = flush32, flush64
        self.ieee, self.dx10 = ieee, dx10
        self.round32, self.round64 = round32, round64

    def key(self):
        return tuple(vars(self).values())

    def flush(self, f):
        return self.flush32 if f.bits == 32 else self.flush64

    def rounding(self, f):
        return self.round32 if f.bits == 32 else self.round64

    def directives(self):
        return f"""
  .amdhsa_float_denorm_mode_32 {0 if self.flush32 else 3}
  .amdhsa_float_denorm_mode_16_64 {0 if self.flush64 else 3}
  .amdhsa_float_round_mode_32 {self.round32}
  .amdhsa_float_round_mode_16_64 {self.round64}
  .amdhsa_ieee_mode {int(self.ieee)}
  .amdhsa_dx10_clamp {int(self.dx10)}"""


KEEP = Mode()
FLUSH = Mode(flush32=True, flush64=True)
# Output modifiers only work here: neither IEEE mode nor denormals.
FAST = Mode(flush32=True, flush64=True, ieee=False)


class Set:
    """One set of operands."""

    def __init__(self, rows, exec=ALL, vcc=0, scalars=(), scc=0, m0=0):
        self.rows, self.exec, self.vcc = rows, exec, vcc
        self.scalars = list(scalars) + [0] * (6 - len(scalars))
        self.scc, self.m0 = scc, m0

    def words(self):
        head = [self.exec & 0xffffffff, self.exec >> 32, self.vcc & 0xffffffff,
                self.vcc >> 32, *self.scalars, self.scc, self.m0]
        yield head + [0] * (HEADER - len(head))
        yield from self.rows

    def active(self, lane):
        return self.exec >> lane & 1

    def scalar64(self, index):
        return self.scalars[index] | self.scalars[index + 1] << 32


class Case:
    """`body` runs for each of `sets`; `inputs` names the register of each row,
    `outputs` those that are stored. `expect(set)` gives for each output a list
    of 64 (or, if `scalar`, one) of: an integer, None for "anything", or a
    predicate. An @ in the body is a prefix for labels. `covers` are the
    mnemonics the case is a test of."""

    def __init__(self, name, body, sets, inputs, outputs, expect, covers,
                 mode=KEEP, scalar=False):
        self.name, self.body, self.sets = name, body, sets
        self.inputs, self.outputs, self.expect = inputs, outputs, expect
        self.covers, self.mode, self.scalar = list(covers), mode, scalar

    @property
    def lanes(self):
        return 1 if self.scalar else LANES

    def inputBytes(self):
        return 4 * (HEADER + LANES * len(self.inputs))

    def outputBytes(self):
        return 4 * self.lanes * len(self.outputs)


def random64(rng):
    return rng.getrandbits(64)


def seeded(seed, name):
    """The same operands whatever else runs."""
    return random.Random(seed ^ zlib.crc32(name.encode()))


def caseText(case, label, inputAt, outputAt):
    """Assembly of a case whose operands and results lie at these offsets."""
    lines = [f"  s_mov_b32 s8, {len(case.sets)}", f"  s_mov_b32 s10, {inputAt}",
             f"  s_mov_b32 s11, {outputAt}", f"{label}:",
             "  s_load_dwordx16 s[16:31], s[12:13], s10"]
    lines += [f"  buffer_load_dword {register}, v1, s[0:3], s10 offen "
              f"offset:{4 * LANES * row}"
              for row, register in enumerate(case.inputs)]
    lines += ["  s_waitcnt vmcnt(0) lgkmcnt(0)", "  s_mov_b64 vcc, s[18:19]",
              "  s_mov_b32 m0, s27", "  s_mov_b64 exec, s[16:17]",
              "  s_cmp_lg_u32 s26, 0"]
    lines += ["  " + line.replace("@", label) for line in case.body]
    lines += ["  s_cselect_b32 s80, 1, 0", "  s_mov_b64 s[82:83], exec",
              "  s_mov_b64 s[84:85], vcc", "  s_waitcnt vmcnt(0) lgkmcnt(0)",
              f"  s_mov_b64 exec, {1 if case.scalar else -1}",
              "  v_subrev_u32_e32 v2, vcc, 64, v1"]
    for row, register in enumerate(case.outputs):
        if register[0] == "s":
            lines.append(f"  v_mov_b32_e32 v3, {register}")
            register = "v3"
        lines.append(f"  buffer_store_dword {register}, v2, s[4:7], s11 offen "
                     f"offset:{4 * case.lanes * row}")
        if register == "v3":
            lines.append("  s_waitcnt vmcnt(0)")
    return lines + [
        "  s_waitcnt vmcnt(0)", "  s_mov_b64 exec, -1",
        f"  s_add_u32 s10, s10, {case.inputBytes()}",
        f"  s_add_u32 s11, s11, {case.outputBytes()}",
        "  s_sub_u32 s8, s8, 1", "  s_cmp_lg_u32 s8, 0",
        f"  s_cbranch_scc1 {label}"
    ]


PROLOGUE = """
  s_load_dwordx4 s[12:15], s[0:1], 0x0
  v_lshlrev_b32_e32 v1, 2, v0
  v_add_u32_e32 v1, vcc, 64, v1
  s_waitcnt lgkmcnt(0)
  s_mov_b32 s0, s12
  s_and_b32 s1, s13, 0xffff
  s_mov_b32 s2, -1
  s_mov_b32 s3, 0x00027000
  s_mov_b32 s4, s14
  s_and_b32 s5, s15, 0xffff
  s_mov_b32 s6, -1
  s_mov_b32 s7, 0x00027000""".split("\n")[1:]


def kernelText(name, lines, mode=KEEP, lds=16384, vgprs=128, extra="",
               arguments=("global_buffer", "global_buffer")):
    """A kernel with its descriptor, and its part of the metadata."""
    text = "\n".join([f"""
.globl {name}
.p2align 8
.type {name},@function
{name}:""", *lines, f"""  s_endpgm
.size {name}, .-{name}
.rodata
.p2align 6
.amdhsa_kernel {name}
  .amdhsa_next_free_vgpr {vgprs}
  .amdhsa_next_free_sgpr 96
  .amdhsa_group_segment_fixed_size {lds}
  .amdhsa_user_sgpr_kernarg_segment_ptr 1
  .amdhsa_kernarg_size {8 * len(arguments)}{mode.directives()}{extra}
.end_amdhsa_kernel
.text"""])
    private = 256 if "private_segment" in extra else 0
    metadata = f"""
  - .name: {name}
    .symbol: {name}.kd
    .kernarg_segment_size: {8 * len(arguments)}
    .kernarg_segment_align: 8
    .group_segment_fixed_size: {lds}
    .private_segment_fixed_size: {private}
    .wavefront_size: 64
    .sgpr_count: 102
    .vgpr_count: {vgprs}
    .max_flat_workgroup_size: 1024
    .args:"""
    for index, kind in enumerate(arguments):
        space = "\n        .address_space: global" if kind != "by_value" else ""
        metadata += f"""
      - .offset: {8 * index}
        .size: {4 if kind == "by_value" else 8}
        .value_kind: {kind}{space}"""
    return text, metadata


def objectText(kernels):
    texts, metadata = zip(*kernels)
    return f""".amdgcn_target "amdgcn-amd-amdhsa--gfx803"
.amdhsa_code_object_version 5
.text{"".join(texts)}
.amdgpu_metadata
amdhsa.version: [1, 2]
amdhsa.target: amdgcn-amd-amdhsa--gfx803
amdhsa.kernels:{"".join(metadata)}
.end_amdgpu_metadata
"""


class Failure(Exception):
    pass


class Machine:
    """The assembler, the linker and the emulator."""

    def __init__(self, emulator, tools, folder):
        self.emulator, self.tools, self.folder = emulator, tools, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def call(self, *command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failure((done.stderr or done.stdout).strip() or
                          f"exit status {done.returncode}")
        return done.stdout

    def assemble(self, name, kernels):
        with open(self.path(name + ".s"), "w") as file:
            file.write(objectText(kernels))
        self.call(os.path.join(self.tools, "llvm-mc"),
                  "-triple=amdgcn-amd-amdhsa", "-mcpu=gfx803", "-filetype=obj",
                  self.path(name + ".s"), "-o", self.path(name + ".o"))
        self.call(os.path.join(self.tools, "ld.lld"), "-shared",
                  self.path(name + ".o"), "-o", self.path(name + ".hsaco"))

    def run(self, name, kernel, inputs, outputs, grid=LANES, workgroup=LANES,
            options=()):
        """Arrays for input buffers; dword counts for output buffers, which start
        as zeros. Returns the output arrays."""
        arguments = []
        for index, data in enumerate(inputs):
            path = self.path(f"{name}.in{index}.npy")
            np.save(path, data)
            arguments.append("--arg=" + path)
        results = [self.path(f"{name}.out{i}.npy") for i in range(len(outputs))]
        for words, path in zip(outputs, results):
            arguments.append(f"--arg=zeros:u32[{words}]:{path}")
        self.call(self.emulator, "run", self.path(name + ".hsaco"),
                  f"--kernel={kernel}", f"--grid={grid}",
                  f"--workgroup={workgroup}", *options, *arguments)
        return [np.load(path) for path in results]


def show(value):
    return "any" if value is None else hex(value) if isinstance(
        value, int) else getattr(value, "text", "see predicate")


def compare(case, words):
    """The first few differences of a case, as lines."""
    differences = []
    words = words.reshape(len(case.sets), len(case.outputs), case.lanes).tolist()
    for number, (operands, rows) in enumerate(zip(case.sets, words)):
        expected = case.expect(operands)
        for register, want, got in zip(case.outputs, expected, rows):
            for lane in range(case.lanes):
                wanted = want[lane]
                if wanted is None or (wanted(got[lane]) if callable(wanted) else
                                      wanted == got[lane]):
                    continue
                if len(differences) < 4:
                    given = ", ".join(f"{r}={row[lane]:#x}" for r, row in zip(
                        case.inputs, operands.rows))
                    differences.append(
                        f"{case.name}: set {number} lane {lane} {register}: "
                        f"expected {show(wanted)}, got {got[lane]:#x}; {given}; "
                        f"scalars {[hex(s) for s in operands.scalars]} "
                        f"exec={operands.exec:#x} vcc={operands.vcc:#x} "
                        f"scc={operands.scc} m0={operands.m0:#x}")
    return differences


def runBatch(machine, name, cases):
    """One kernel for all cases, which share a mode."""
    lines, inputs, outputs = list(PROLOGUE), [], 0
    inputAt = 0
    for index, case in enumerate(cases):
        lines += caseText(case, f"{name}_{index}", inputAt, outputs)
        for operands in case.sets:
            for words in operands.words():
                inputs.extend(words)
        inputAt += case.inputBytes() * len(case.sets)
        outputs += case.outputBytes() * len(case.sets)
    machine.assemble(name, [kernelText(name, lines, cases[0].mode)])
    if not machine.emulator:
        return []
    (words,) = machine.run(name, name, [np.array(inputs, dtype=np.uint32)],
                           [max(outputs // 4, 1)])
    differences, at = [], 0
    for case in cases:
        count = case.outputBytes() * len(case.sets) // 4
        differences += compare(case, words[at:at + count])
        at += count
    return differences


def runCases(machine, prefix, cases, batch=48):
    """All cases, in batches; a batch that stops is taken apart, so that one
    opcode nobody emulates hides no other."""
    byMode = {}
    for case in cases:
        byMode.setdefault(case.mode.key(), []).append(case)
    differences = []
    for number, group in enumerate(byMode.values()):
        for at in range(0, len(group), batch):
            part = group[at:at + batch]
            pending = [(f"{prefix}_{number}_{at}", part)]
            while pending:
                name, part = pending.pop()
                try:
                    differences += runBatch(machine, name, part)
                except Failure as failure:
                    if len(part) == 1:
                        differences.append(f"{part[0].name}: {failure}")
                        continue
                    half = len(part) // 2
                    pending += [(name + "b", part[half:]),
                                (name + "a", part[:half])]
    return differences
