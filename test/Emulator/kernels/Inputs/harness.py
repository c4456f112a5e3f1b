# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles kernels for gfx803, runs them on the emulator, and compares what they
leave in memory with what numpy says."""

import os
import subprocess

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
TARGET = ["-target", "amdgcn-amd-amdhsa", "-mcpu=gfx803", "-nogpulib"]
LANGUAGES = {
    ".cl": ["-x", "cl", "-cl-std=CL2.0"],
    ".cpp": ["-x", "c++", "-std=c++17", "-ffreestanding", "-fno-exceptions",
             "-fno-rtti"],
}
# As a C compiler for the host would have it.
IEEE = ["-Xclang", "-fdenormal-fp-math-f32=ieee", "-ffp-contract=off",
        "-cl-fp32-correctly-rounded-divide-sqrt"]
NAMES = {"float16": "f16", "float32": "f32", "float64": "f64", "int8": "i8",
         "uint8": "u8", "int16": "i16", "uint16": "u16", "int32": "i32",
         "uint32": "u32", "int64": "i64", "uint64": "u64"}


class Failure(Exception):
    pass


def call(command):
    """Standard output of a command that must succeed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=120)
    except subprocess.TimeoutExpired:
        raise Failure("it does not end") from None
    if done.returncode:
        raise Failure((done.stderr or done.stdout).strip() or
                      f"exit status {done.returncode}")
    return done.stdout


def codeObjectVersion(level):
    """5, but 4 without optimisation: there clang keeps variables of plain
    functions behind generic pointers, whose aperture LLVM 22 reads from a null
    pointer if it is in the kernel arguments, as it is from version 5 on."""
    return f"-mcode-object-version={5 if int(level) else 4}"


class Compiler:
    """Code objects of a source file, each compiled once a level."""

    def __init__(self, clang, work):
        self.clang, self.work, self.done = clang, work, set()

    def compile(self, source, level, ieee=False):
        stem, extension = os.path.splitext(source)
        flags = IEEE if ieee else []
        result = os.path.join(self.work,
                              f"{stem}{'.ieee' * ieee}.O{level}.hsaco")
        if result not in self.done:
            # No warnings: clang gives every OpenCL kernel a second body that is
            # a plain function, and warns of the LDS in it.
            call([self.clang, *LANGUAGES[extension], *TARGET, "-w",
                  codeObjectVersion(level), f"-O{level}", *flags,
                  os.path.join(FOLDER, source), "-o", result])
            self.done.add(result)
        return result


class In:
    """A buffer that the kernel reads."""

    def __init__(self, data):
        self.data = np.ascontiguousarray(data)


class Out(In):
    """A buffer that starts as `data`, or uninitialised, and must end as
    `expected`. `bound` is by how much an element may differ; None: not at all,
    but one NaN is as good as another. Elements that `only` excludes may be
    anything, and be uninitialised."""

    def __init__(self, expected, data=None, bound=None, dtype=None, only=None):
        expected = np.asarray(expected)
        self.dtype = np.dtype(dtype or expected.dtype)
        self.fresh = data is None
        super().__init__(np.zeros(expected.shape, self.dtype)
                         if self.fresh else data)
        self.expected, self.bound, self.only = expected, bound, only

    def differences(self, got):
        if self.bound is None:
            same = got == self.expected
            if got.dtype.kind == "f":
                same = same & (np.signbit(got) == np.signbit(self.expected))
                same |= np.isnan(got) & np.isnan(self.expected)
        else:
            with np.errstate(invalid="ignore"):
                same = (np.abs(got.astype(np.float64) - self.expected) <=
                        self.bound)
            same |= got == self.expected
            same |= np.isnan(got) & np.isnan(self.expected)
        if self.only is not None:
            same |= ~self.only
        return np.argwhere(~same)


class Scalar:
    """`dtype:value` as the tool takes it."""

    def __init__(self, dtype, value):
        self.text = f"{dtype}:{value}"


class Local(Scalar):
    """A pointer to LDS that the packet, not the kernel, asks for."""

    def __init__(self, size):
        super().__init__("lds", size)


class Case:
    def __init__(self, source, kernel, grid, workgroup, arguments, ieee=False):
        self.source, self.kernel = source, kernel
        self.grid, self.workgroup = grid, workgroup
        self.arguments, self.ieee = arguments, ieee


def dimensions(sizes):
    return ",".join(map(str, sizes)) if isinstance(sizes, tuple) else str(sizes)


class Emulator:
    def __init__(self, tool, work):
        self.tool, self.work = tool, work

    def run(self, case, code, options=()):
        """The contents of the Out buffers, and what the tool printed."""
        command = [self.tool, "run", code, f"--kernel={case.kernel}",
                   f"--grid={dimensions(case.grid)}",
                   f"--workgroup={dimensions(case.workgroup)}", *options]
        results = []
        for index, argument in enumerate(case.arguments):
            path = os.path.join(self.work, f"{case.kernel}.{index}")
            if isinstance(argument, Scalar):
                spec = argument.text
            elif isinstance(argument, Out) and argument.fresh:
                shape = "x".join(map(str, argument.expected.shape))
                spec = (f"uninit:{NAMES[argument.dtype.name]}[{shape}]:"
                        f"{path}.out.npy")
            else:
                np.save(path + ".npy", argument.data)
                spec = path + ".npy"
                if isinstance(argument, Out):
                    spec += f":{path}.out.npy"
            if isinstance(argument, Out):
                results.append(f"{path}.out.npy")
                if argument.only is not None:
                    spec += ":partial"
            command.append("--arg=" + spec)
        printed = call(command)
        return [np.load(path) for path in results], printed


def check(case, results):
    """Sentences about what is wrong."""
    outputs = [a for a in case.arguments if isinstance(a, Out)]
    for number, (output, got) in enumerate(zip(outputs, results)):
        wrong = output.differences(got)
        if len(wrong):
            at = tuple(wrong[0])
            yield (f"output {number}: {len(wrong)} of {got.size} elements wrong, "
                   f"first {list(map(int, at))}: {got[at]!r} instead of "
                   f"{output.expected[at]!r}")
