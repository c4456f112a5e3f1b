# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the drivers beside this file have in common: their options, the compiler,
the list of failures."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

from reference import PlainLoop
from sparsec_rt import Runtime, SparsecError

FORMATS = ("bitmask", "csr", "csc", "block", "dense")
SEED = "SPARSEC_TEST_SEED"


def parser(description):
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--build", required=True,
                        help="the build folder of sparsec")
    result.add_argument("--cc", default="clang-22", help="a C compiler")
    result.add_argument("--cpu", help="passed on to sparsec compile")
    result.add_argument("--target", default="host",
                        help="what to compile for")
    result.add_argument("--device", default="host", help="where to run it")
    result.add_argument("--formats", default=",".join(FORMATS))
    result.add_argument("--modes", default="default,strict")
    result.add_argument("--keep", metavar="DIR",
                        help="leave models and artefacts here")
    return result


class Session:
    """One run of a driver, as a context; leaves the process with status 1 if
    anything failed."""

    def __init__(self, options):
        self.options = options
        self.formats = options.formats.split(",")
        self.modes = options.modes.split(",")
        self.seed = int(os.environ.get(SEED) or time.time_ns() % 2**32)
        self.runtime = Runtime(os.path.join(options.build, "lib"))
        # gfx803 has no denormals in default mode: v_mac_f32 is faster without.
        self.flushing = options.target != "host"
        self.checks = 0
        self.failures = 0
        self.compile_seconds = 0.0

    def __enter__(self):
        print(f"{SEED}={self.seed}", flush=True)
        self.start = time.monotonic()
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = self.options.keep or self.scratch.name
        os.makedirs(self.folder, exist_ok=True)
        self.plain_loop = PlainLoop(self.options.cc, self.folder)
        return self

    def __exit__(self, kind, *_):
        self.scratch.cleanup()
        if kind:
            return
        print(f"{self.checks} checks, {self.failures} failed, "
              f"{time.monotonic() - self.start:.1f} s of which "
              f"{self.compile_seconds:.1f} s compiling")
        if self.failures or not self.checks:
            sys.exit(1)

    def rng(self, *stream):
        """Numbers of their own for each name, so that a part can be repeated."""
        return np.random.default_rng([self.seed] +
                                     [ord(c) for s in stream for c in s])

    def bound(self, exact):
        """How far a result of this target may be from the exact one."""
        return exact.flushing if self.flushing else exact.bound

    def report(self, where, problem):
        """Counts a check; `problem` is none or what is wrong."""
        self.checks += 1
        if problem:
            self.failures += 1
            print(f"FAIL {where}: {problem}", flush=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name + ".mlir")
        with open(path, "w") as file:
            file.write(text)
        return path

    def compile(self, path, sparse_format, mode="default", keep=False, options=()):
        """The loaded model, or none after a failure was reported. The file at its
        `path` is gone unless it is to be kept. `options` are more of the command's."""
        output = f"{path[:-len('.mlir')]}-{sparse_format}-{mode}.so"
        command = [os.path.join(self.options.build, "bin", "sparsec"), "compile",
                   path, "-o", output, f"--format={sparse_format}",
                   f"--target={self.options.target}", *options]
        if mode == "strict":
            command.append("--strict-fp")
        if self.options.cpu:
            command.append(f"--cpu={self.options.cpu}")
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        self.compile_seconds += time.monotonic() - start
        if done.returncode:
            self.report(" ".join(command),
                        f"exit status {done.returncode}\n{done.stderr[:2000]}")
            return None
        model = self.runtime.load(output, self.options.device)
        if not self.options.keep and not keep:
            os.unlink(output)
        return model

    def check_formats(self, where, model, sparse_format, count):
        """The model has this many weights, all in this format: nothing was left
        dense in silence."""
        got = [weight["format"] for weight in model.weights()]
        good = len(got) == count and all(
            re.split("<", f)[0] == sparse_format for f in got)
        self.report(where, None if good else
                    f"weights have formats {got}, want {count} {sparse_format}")

    def run(self, where, model, entry, *arrays):
        """The result of an entry, or none after a failure was reported."""
        try:
            return model.run(entry, *arrays)[0]
        except SparsecError as error:
            self.report(where, str(error))
            return None
