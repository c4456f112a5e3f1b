# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random models whose weights are expanded when they run, under random memory
budgets: what a run held is within the stated bound, that is within the budget, and
the results are those of the model without windows, in strict mode to the bit. A
budget that is too small is refused with the smallest that works, and that one works.

    windows.py --build BUILD [--models N] [--budgets N] [--target=gfx803 ...]
"""

import json
import os
import re
import subprocess

import numpy as np

import matrices
from floats import TYPES
from mlir_text import Module, filled, tensor
from session import Session, parser

F32 = TYPES["f32"]
FORMATS = ("bitmask", "csr", "csc", "block<8x8>")


class Model:
    """A few layers, each with a weight of its own, from one argument to one
    result. `x` is [batch, features]."""

    KINDS = ("rows", "columns", "product", "sum", "convolution", "again",
             "loop", "inner_sum")

    def __init__(self, rng, strict, kinds=None, batch=None):
        self.rng, self.strict = rng, strict
        self.module = Module()
        self.body, self.count = [], 0
        self.sums = {}  # weights by number
        self.has_loop = False
        self.batch = batch or int(rng.integers(1, 20))
        self.features = int(rng.integers(1, 300))
        self.x = F32.narrow(rng.standard_normal((self.batch, self.features)))
        self.bits = self.x  # what strict mode gives
        self.y = self.x.astype(np.float64)
        self.scale = np.abs(self.y)
        self.value = "%x"
        if kinds is None:
            kinds = rng.choice(self.KINDS, rng.integers(1, 5))
        for kind in kinds:
            getattr(self, kind)()
        result = tensor(self.y.shape, "f32")
        self.module.function("main", [("x", tensor(self.x.shape, "f32"))],
                             result, self.body + [self.value])

    def weight(self, rows, cols):
        """The lines that expand a weight to %d<count>, and its content."""
        self.count += 1
        mask = matrices.skewed(self.rng, rows, cols, 0.8)
        w = F32.narrow(self.rng.standard_normal(mask.shape) * mask + 0.0)
        n, dense = self.count, tensor((rows, cols), "f32")
        form = self.rng.choice(FORMATS)
        packed = f"{dense[:-1]}, #sparsec.{form}>"
        constant = self.module.constant(f"w{n}", w, F32)
        self.body += [
            f"%w{n} = arith.constant {constant}",
            f"%c{n} = sparsec.compress %w{n} : {dense} to {packed}",
            f"%d{n} = sparsec.decompress %c{n} : {packed} to {dense}"]
        return w.astype(np.float64)

    def multiply(self, w):
        """The product of a plain loop in f32, k ascending."""
        total = np.zeros((self.batch, w.shape[1]), np.float32)
        for k, row in enumerate(w.astype(np.float32)):
            total += self.bits[:, k:k + 1] * row
        return total

    def append(self, lines, y, scale, bits):
        self.body += lines
        self.bits = bits
        self.value, self.y, self.scale = f"%y{self.count}", y, scale

    def matmul(self, w, operand, kind, extra=""):
        n = self.count
        x, y = tensor(self.y.shape, "f32"), tensor((self.batch, w.shape[1]), "f32")
        self.append(
            filled(f"z{n}", y) +
            [f"%y{n} = linalg.matmul {extra}ins({self.value}, {operand} : {x}, "
             f"{kind}) outs(%z{n} : {y}) -> {y}"],
            self.y @ w, (self.scale @ np.abs(w)) * (1 + w.shape[0] * 2.0**-23),
            self.multiply(w))
        self.features = w.shape[1]

    def columns(self):
        """x W: the sum is over the rows of W."""
        w = self.weight(self.features, int(self.rng.integers(1, 400)))
        self.matmul(w, f"%d{self.count}", tensor(w.shape, "f32"))

    def rows(self):
        """x transposed(W): the rows of W are parts of the result."""
        w = self.weight(int(self.rng.integers(1, 400)), self.features)
        maps = ("indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
                "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>] ")
        self.matmul(w.T, f"%d{self.count}", tensor(w.shape, "f32"), maps)

    def product(self):
        """Nothing is expanded: kernels read the weight as it is."""
        w = self.weight(self.features, int(self.rng.integers(1, 400)))
        self.body.pop()
        self.body.pop()
        self.matmul(w, f"%w{self.count}", tensor(w.shape, "f32"))

    def sum(self):
        """x + W."""
        w = self.weight(self.batch, self.features)
        self.sums[self.count] = w
        self.add(self.count)

    def again(self):
        """The sum with a weight that was added before, if there is one."""
        fitting = [n for n, w in self.sums.items()
                   if w.shape == (self.batch, self.features)]
        if fitting:
            self.count += 1
            self.add(self.rng.choice(fitting))

    def add(self, weight):
        n, w = self.count, self.sums[weight]
        kind = tensor(w.shape, "f32")
        operands = self.rng.permutation([self.value, f"%d{weight}"])
        self.append([f"%y{n} = arith.addf {', '.join(operands)} : {kind}"],
                    self.y + w, self.scale + np.abs(w),
                    self.bits + w.astype(np.float32))

    def loop(self):
        """Two additions of W, in a loop around the operation."""
        self.has_loop = True
        w = self.weight(self.batch, self.features)
        n, kind = self.count, tensor(w.shape, "f32")
        single = w.astype(np.float32)
        self.append(
            [f"%lo{n} = arith.constant 0 : index", f"%up{n} = arith.constant 2 : index",
             f"%by{n} = arith.constant 1 : index",
             f"%y{n} = scf.for %i = %lo{n} to %up{n} step %by{n} "
             f"iter_args(%a = {self.value}) -> ({kind}) {{",
             f"  %s = arith.addf %a, %d{n} : {kind}", f"  scf.yield %s : {kind}", "}"],
            self.y + 2 * w, self.scale + 2 * np.abs(w), self.bits + single + single)

    def inner_sum(self):
        """Sums over a and b, of which W has b as its rows: y[m, n] += x[m, b] w[b, n],
        twice."""
        w = self.weight(self.features, int(self.rng.integers(1, 100)))
        n, cols = self.count, w.shape[1]
        x, y = tensor(self.y.shape, "f32"), tensor((self.batch, cols), "f32")
        maps = ["(m, b)", "(b, n)", "(a)", "(m, n)"]
        text = ", ".join(f"affine_map<(m, n, a, b) -> {one}>" for one in maps)
        total = np.zeros((self.batch, cols), np.float32)
        for _ in range(2):
            for k, row in enumerate(w.astype(np.float32)):
                total += self.bits[:, k:k + 1] * row
        self.append(
            filled(f"z{n}", y) +
            [f"%t{n} = tensor.empty() : tensor<2xf32>",
             f"%y{n} = linalg.generic {{indexing_maps = [{text}], iterator_types = "
             '["parallel", "parallel", "reduction", "reduction"]} '
             f"ins({self.value}, %d{n}, %t{n} : {x}, {tensor(w.shape, 'f32')}, "
             f"tensor<2xf32>) outs(%z{n} : {y}) {{",
             "^bb0(%p: f32, %q: f32, %r: f32, %o: f32):",
             "  %u = arith.mulf %p, %q : f32", "  %s = arith.addf %o, %u : f32",
             "  linalg.yield %s : f32", f"}} -> {y}"],
            2 * (self.y @ w), 2 * (self.scale @ np.abs(w)) * (1 + w.shape[0] * 2.0**-22),
            total)
        self.features = cols

    def convolution(self):
        """The features as channels of one pixel, and the weight as a filter."""
        w = self.weight(int(self.rng.integers(1, 100)), self.features)
        n, (outputs, inputs) = self.count, w.shape
        x2, x4 = tensor(self.y.shape, "f32"), tensor(self.y.shape + (1, 1), "f32")
        w2, w4 = tensor(w.shape, "f32"), tensor(w.shape + (1, 1), "f32")
        y2 = tensor((self.batch, outputs), "f32")
        y4 = tensor((self.batch, outputs, 1, 1), "f32")
        self.append(
            filled(f"z{n}", y4) +
            [f"%a{n} = tensor.expand_shape {self.value} [[0], [1, 2, 3]] "
             f"output_shape [{self.batch}, {inputs}, 1, 1] : {x2} into {x4}",
             f"%f{n} = tensor.expand_shape %d{n} [[0], [1, 2, 3]] "
             f"output_shape [{outputs}, {inputs}, 1, 1] : {w2} into {w4}",
             f"%v{n} = linalg.conv_2d_nchw_fchw ins(%a{n}, %f{n} : {x4}, {w4}) "
             f"outs(%z{n} : {y4}) -> {y4}",
             f"%y{n} = tensor.collapse_shape %v{n} [[0], [1, 2, 3]] : {y4} into "
             f"{y2}"],
            self.y @ w.T, (self.scale @ np.abs(w.T)) * (1 + inputs * 2.0**-23),
            self.multiply(w.T))
        self.features = outputs


class Windows(Session):
    def tool(self, *arguments):
        return subprocess.run(
            [os.path.join(self.options.build, "bin", "sparsec"), *arguments],
            capture_output=True, text=True)

    def build(self, path, strict, *options):
        output = path[:-len(".mlir")] + ".so"
        flags = ["--strict-fp"] if strict else []
        return output, self.tool("compile", path, "-o", output, *flags,
                                 f"--target={self.options.target}", *options)

    def measure(self, where, artefact, model):
        """The result and what the run held, or none."""
        x, y = (os.path.join(self.folder, f) for f in ("x.npy", "y.npy"))
        np.save(x, model.x)
        done = self.tool("run", artefact, f"--device={self.options.device}",
                         "--input", x, "--output", y, "--stats=json")
        self.report(where, done.stderr if done.returncode else None)
        if done.returncode:
            return None, None
        stats = json.loads(done.stdout)
        for kind in ("decompressed", "working"):
            peak, bound = (stats[f"{what}_{kind}_bytes"]
                           for what in ("peak", "bound"))
            # Buffers that a loop of the model hands on have no bound.
            known = bound is not None or (kind == "working" and model.has_loop)
            self.report(where, None if known and (bound is None or peak <= bound) else
                        f"{kind}: peak {peak} bytes, bound {bound}")
        return np.load(y), stats

    def budget(self, where, path, model, budget):
        """One budget; returns the smallest that works if this one does not."""
        artefact, done = self.build(path, model.strict,
                                    f"--memory-budget={budget}")
        if done.returncode:
            line = re.fullmatch(r".*: a memory budget of (\d+) bytes is too small: "
                                r"the smallest that works is (\d+), .*\n",
                                done.stderr)
            good = (done.returncode == 1 and line and
                    int(line[1]) == budget < int(line[2]))
            self.report(where, None if good else done.stderr)
            return int(line[2]) if good else None
        y, stats = self.measure(where, artefact, model)
        if y is None:
            return None
        bound = stats["bound_decompressed_bytes"]
        self.report(where, None if bound <= budget else
                    f"bound {bound} over the budget")
        self.compare(where, model, y)
        return None

    def compare(self, where, model, y):
        worst = np.abs(y - model.y) - 6 * 400 * 2.0**-24 * model.scale
        self.report(where, None if (worst <= 2.0**-100).all() else
                    f"error above the bound by {worst.max()}")
        if model.strict:
            self.report(where, None if y.tobytes() == model.bits.tobytes() else
                        "bits differ from those of a plain loop")

    def without_budget(self, where, path, model):
        artefact, done = self.build(path, model.strict)
        self.report(where, done.stderr if done.returncode else None)
        if done.returncode:
            return
        y, _ = self.measure(where, artefact, model)
        if y is not None:
            self.compare(where, model, y)

    def parts(self, strict):
        """So many rows that the windows are gone over for parts of them."""
        rng = self.rng("parts", str(strict))
        kinds = rng.permutation(("rows", "columns", "convolution", "product"))
        model = Model(rng, strict, kinds, batch=int(rng.integers(30000, 40000)))
        where = f"batch of {model.batch}" + ", strict" * strict
        path = self.write(f"parts{strict}", model.module.text())
        self.without_budget(where, path, model)
        self.budget(where, path, model, 4096)

    def check(self, index, budgets):
        rng = self.rng("model", str(index))
        model = Model(rng, strict=index % 2 == 0)
        path = self.write(f"m{index}", model.module.text())
        where = f"model {index}"
        self.without_budget(where, path, model)
        # A launch takes the emulator milliseconds: no windows of single rows there.
        on_host = self.options.device == "host"
        for _ in range(budgets):
            budget = int(2 ** rng.uniform(12 if on_host else 16, 20 if rng.random() < 0.8 else 26))
            least = self.budget(f"{where} budget {budget}", path, model, budget)
            if least and on_host:
                again = self.budget(f"{where} budget {least}", path, model,
                                    least)
                self.report(where, again and f"{least} is said to work")
        # Smaller than any: the message, and what it promises.
        least = self.budget(f"{where} budget 3", path, model, 3)
        if least and on_host:
            self.budget(f"{where} budget {least}", path, model, least)


def main():
    options = parser(__doc__)
    options.add_argument("--models", type=int, default=5)
    options.add_argument("--budgets", type=int, default=2)
    options = options.parse_args()
    with Windows(options) as session:
        for index in range(options.models):
            session.check(index, options.budgets)
        if options.device == "host":  # a card has no such loops
            session.parts(strict=False)
            session.parts(strict=True)


if __name__ == "__main__":
    main()
