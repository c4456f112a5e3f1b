# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles and runs whole models through the command line and compares what they
give with NumPy in float64.

    from whole_model import Suite, const
    suite = Suite()                      # reads the arguments of the RUN line
    suite.check("mlp", text, [x], lambda x: [y])
    suite.finish()
"""

import argparse
import os
import subprocess
import sys

import numpy as np

MLIR_TYPES = {"float32": "f32", "float16": "f16", "float64": "f64", "int8": "i8",
              "int32": "i32", "int64": "i64", "bool": "i1"}

# What each model is compiled with unless its check says otherwise.
MODES = {"auto": [], "dense": ["--format=dense"], "strict": ["--strict-fp"]}


def tensor_type(array, dynamic=()):
    dims = ["?" if i in dynamic else str(d) for i, d in enumerate(array.shape)]
    return "tensor<%s>" % "x".join(dims + [MLIR_TYPES[array.dtype.name]])


def const(array):
    """A constant as an attribute with its type: `dense<"0x..."> : tensor<...>`."""
    array = np.ascontiguousarray(array)
    if array.dtype == bool:
        body = np.array2string(array.astype(int), separator=", ",
                               threshold=sys.maxsize)
        body = body.replace("1", "true").replace("0", "false")
    elif array.size == 1 or array.dtype.kind == "i" and array.size < 64:
        return "dense<%s> : %s" % (array.tolist(), tensor_type(array))
    else:
        body = '"0x%s"' % array.tobytes().hex().upper()
    return "dense<%s> : %s" % (body, tensor_type(array))


def pruned(rng, shape, sparsity=0.9, dtype=np.float32, scale=1.0):
    """A random weight with this share of zeros."""
    weight = rng.standard_normal(shape) * scale
    weight[rng.random(shape) < sparsity] = 0
    return weight.astype(dtype)


class Suite:
    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("build")
        parser.add_argument("directory")
        parser.add_argument("only", nargs="*")
        parser.add_argument("--target", default="host")
        parser.add_argument("--device", default="host")
        options = parser.parse_args()
        self.build, self.directory = options.build, options.directory
        self.only = options.only
        self.target, self.device = options.target, options.device
        os.makedirs(self.directory, exist_ok=True)
        self.problems = []
        self.checks = 0

    def tool(self, *arguments):
        return subprocess.run(
            [os.path.join(self.build, "bin", "sparsec"), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def problem(self, what):
        self.problems.append(what)
        print("FAIL " + what, flush=True)

    def failed(self, what, process):
        text = process.stderr.strip()
        if process.returncode < 0:
            # What crashed is among the first frames that are not LLVM's own.
            frames = [line for line in text.split("\n") if "bin/sparsec-compiler+" in line
                      or "libMLIR" in line][:3]
            text = "; ".join(frames)
        self.problem("%s: exit %d: %s" % (what, process.returncode, text[:800]))

    def check(self, name, text, inputs, expected, rtol=2e-5, atol=None,
              modes=None, options=(), entry=None):
        """`expected` maps the inputs (floats widened to f64) to the list of
        results; `rtol` is relative to the largest element of a result."""
        if self.only and name not in self.only:
            return
        path = os.path.join(self.directory, name)
        with open(path + ".mlir", "w") as file:
            file.write(text)
        wide = [x.astype(np.float64) if x.dtype.kind == "f" else x
                for x in inputs]
        with np.errstate(all="ignore"):
            reference = [np.asarray(y) for y in expected(*wide)]
        for mode, flags in (MODES if modes is None else modes).items():
            self.checks += 1
            self._check(name + " (" + mode + ")", path, mode,
                        [*flags, *options], inputs, reference, rtol, atol, entry)

    def _check(self, name, path, mode, options, inputs, reference, rtol, atol,
               entry):
        model = path + "-" + mode + ".so"
        made = self.tool("compile", path + ".mlir", "-o", model,
                         "--target=" + self.target, *options)
        if made.returncode != 0 or made.stderr:
            return self.failed(name + ": compile", made)
        sources, results = [], []
        for i, x in enumerate(inputs):
            sources.append("%s-in%d.npy" % (path, i))
            np.save(sources[-1], x)
        for i in range(len(reference)):
            results.append("%s-%s-out%d.npy" % (path, mode, i))
            if os.path.exists(results[-1]):
                os.remove(results[-1])
        command = ["run", model, "--device=" + self.device]
        if entry:
            command.append("--entry=" + entry)
        if sources:
            command += ["--input", ",".join(sources)]
        if results:
            command += ["--output", ",".join(results)]
        ran = self.tool(*command)
        if ran.returncode != 0 or ran.stderr:
            return self.failed(name + ": run", ran)
        for i, (file, want) in enumerate(zip(results, reference)):
            self._compare("%s: result %d" % (name, i), np.load(file), want, rtol,
                          atol)

    def _compare(self, name, got, want, rtol, atol):
        if got.shape != want.shape:
            return self.problem("%s: shape %s, expected %s" %
                                (name, got.shape, want.shape))
        if want.dtype.kind in "ib" or got.dtype.kind in "ib":
            if got.dtype != want.dtype:
                return self.problem("%s: type %s, expected %s" %
                                    (name, got.dtype, want.dtype))
            if not np.array_equal(got, want):
                at = tuple(np.argwhere(np.atleast_1d(got != want))[0])
                return self.problem("%s: at %s %s, expected %s" % (
                    name, at, np.atleast_1d(got)[at], np.atleast_1d(want)[at]))
            return
        if want.size == 0:
            return
        want = want.astype(np.float64)
        got = got.astype(np.float64)
        odd = ~np.isfinite(want)
        if not np.array_equal(got[odd], want[odd], equal_nan=True):
            return self.problem("%s: infinities or NaN differ" % name)
        if not np.isfinite(got[~odd]).all():
            return self.problem("%s: not finite where it should be" % name)
        scale = np.abs(want[~odd]).max(initial=0.0)
        bound = rtol * scale if atol is None else atol
        error = np.abs(got[~odd] - want[~odd]).max(initial=0.0)
        if error > bound:
            self.problem("%s: off by %.3g of at most %.3g (largest %.3g)" %
                         (name, error, bound, scale))

    def finish(self):
        print("%d checks, %d problems" % (self.checks, len(self.problems)))
        sys.exit(1 if self.problems else 0)
