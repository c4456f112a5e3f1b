# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions against float64 and, in strict mode, against the bits of the host:
each layout, strides, dilations, a batch of any size, and what comes before and
after a layer (a bias, zeros, an argument to add to; a rectifier, a residual). With
--filters, filters are constants of that density, and strict mode is held against
the bits of the same convolutions with dense filters."""

import os
import subprocess

import numpy as np

from floats import TYPES
from mlir_text import Module, filled, tensor
from session import Session, parser

NCHW = ("linalg.conv_2d_nchw_fchw", "bchw", "fchw")
HWCF = ("linalg.conv_2d_nhwc_hwcf", "bhwc", "hwcf")
FHWC = ("linalg.conv_2d_nhwc_fhwc", "bhwc", "fhwc")
BATCHES = (0, 1, 3)

# Layout, batch, channels, image, filters, their size, strides, dilations, type of
# factors, what the sum starts from, what comes after.
CASES = (
    (NCHW, 3, 1, (10, 10), 16, (3, 3), (1, 1), (1, 1), "f32", "bias", "relu"),
    (NCHW, -1, 1, (10, 10), 16, (3, 3), (1, 1), (1, 1), "f32", "bias", "relu"),
    (NCHW, 2, 5, (9, 12), 7, (2, 3), (2, 1), (1, 2), "f32", "init", ""),
    (NCHW, 1, 12, (6, 6), 9, (1, 1), (1, 1), (1, 1), "f16", "zero", "residual"),
    (NCHW, 2, 4, (7, 7), 3, (1, 1), (2, 2), (1, 1), "bf16", "bias", ""),
    (NCHW, 1, 3, (40, 40), 70, (3, 3), (1, 1), (1, 1), "f32", "zero", "relu"),
    (HWCF, 3, 1, (10, 10), 16, (3, 3), (1, 1), (1, 1), "f32", "bias", "relu"),
    (HWCF, -1, 4, (8, 9), 5, (3, 2), (2, 1), (1, 2), "f32", "init", "relu"),
    (HWCF, 2, 16, (6, 5), 12, (3, 3), (1, 1), (1, 1), "f16", "bias", "residual"),
    (HWCF, 1, 6, (5, 5), 8, (1, 1), (1, 1), (1, 1), "bf16", "zero", ""),
    (FHWC, 2, 4, (8, 9), 6, (3, 2), (1, 2), (2, 1), "f32", "bias", "relu"),
    (FHWC, -1, 16, (7, 7), 33, (2, 2), (1, 1), (1, 1), "f32", "zero", ""),
    # With so much work that images of a batch are products of their own.
    (NCHW, 2, 24, (22, 21), 20, (3, 3), (1, 1), (1, 1), "f32", "bias", "relu"),
    (HWCF, -1, 24, (22, 21), 20, (3, 3), (1, 1), (1, 1), "f32", "init", ""),
)


class Convolution:
    def __init__(self, index, case, session):
        (self.layout, self.batch, self.channels, self.image, self.filters,
         self.size, self.strides, self.dilations, self.type, self.start,
         self.after) = case
        self.entry = f"conv{index}_{self.layout[1]}_{self.start}_{self.after}"
        self.out = [(n - (k - 1) * d - 1) // s + 1
                    for n, k, s, d in zip(self.image, self.size, self.strides,
                                          self.dilations)]
        self.filter = None
        if session.options.filters is not None:
            rng = session.rng("filter", self.entry)
            shape = self.shape(self.layout[2], 0)
            keep = rng.random(shape) < session.options.filters
            self.filter = TYPES[self.type].narrow(
                np.where(keep, rng.standard_normal(shape), 0.0))

    def shape(self, order, batch, of_result=False):
        sizes = {"b": batch, "f": self.filters,
                 "c": self.filters if of_result else self.channels}
        if "f" in order:
            sizes["h"], sizes["w"] = self.size
        else:
            sizes["h"], sizes["w"] = self.out if of_result else self.image
        return tuple(sizes[d] for d in order)

    def define(self, module):
        operation, image_order, filter_order = self.layout
        x = tensor(self.shape(image_order, self.batch), self.type)
        w = tensor(self.shape(filter_order, 0), self.type)
        y = tensor(self.shape(image_order, self.batch, True), "f32")
        bias = tensor((self.filters,), "f32")
        dynamic = self.batch < 0
        body = ["%c0 = arith.constant 0 : index", f"%n = tensor.dim %x, %c0 : {x}"]
        sizes = "%n" if dynamic else ""
        arguments = [("x", x), ("w", w)]
        if self.filter is not None:
            arguments.pop()
            constant = module.constant(f"w_{self.entry}", self.filter,
                                       TYPES[self.type])
            body.append(f"%w = arith.constant {constant}")
        if self.start == "zero":
            body += filled("start", y, sizes)
        elif self.start == "bias":
            arguments.append(("bias", bias))
            others = [d for d, name in enumerate(image_order) if name != "c"]
            body += [f"%e = tensor.empty({sizes}) : {y}",
                     f"%start = linalg.broadcast ins(%bias : {bias}) "
                     f"outs(%e : {y}) dimensions = {others}"]
        else:
            arguments.append(("start", y))
        body += [f"%y = {operation} {{strides = dense<{list(self.strides)}> : "
                 f"vector<2xi64>, dilations = dense<{list(self.dilations)}> : "
                 f"vector<2xi64>}} ins(%x, %w : {x}, {w}) outs(%start : {y}) "
                 f"-> {y}"]
        result = "%y"
        if self.after:
            ins, kinds, maps = "%y", y, "affine_map<(a,b,c,d) -> (a,b,c,d)>"
            if self.after == "residual":
                arguments.append(("r", y))
                ins, kinds = "%y, %r", f"{y}, {y}"
                line = "%s = arith.addf %p, %q : f32"
            else:
                line = "%s = arith.maximumf %p, %z : f32"
            count = ins.count("%")
            block = "%p: f32, " + ("%q: f32, " if count == 2 else "") + "%o: f32"
            body += ["%z = arith.constant 0.0 : f32",
                     f"%f = tensor.empty({sizes}) : {y}",
                     "%t = linalg.generic {indexing_maps = [" +
                     ", ".join([maps] * (count + 1)) + "], iterator_types = "
                     '["parallel", "parallel", "parallel", "parallel"]} '
                     f"ins({ins} : {kinds}) outs(%f : {y}) {{",
                     f"^bb0({block}):", "  " + line, "  linalg.yield %s : f32",
                     f"}} -> {y}"]
            result = "%t"
        module.function(self.entry, arguments, y, body + [result])

    def arrays(self, rng, batch):
        operation, image_order, filter_order = self.layout
        narrow = TYPES[self.type].narrow
        result = [narrow(rng.standard_normal(self.shape(order, batch)))
                  for order in (image_order, filter_order)]
        if self.filter is not None:
            result[1] = self.filter
        shape = self.shape(image_order, batch, True)
        if self.start == "bias":
            result.append(rng.standard_normal(self.filters).astype(np.float32))
        elif self.start == "init":
            init = rng.standard_normal(shape).astype(np.float32)
            # Which a sum keeps whose products are all skipped.
            init[rng.random(shape) < 0.2] = -0.0 if self.filter is None else 0.0
            result.append(init)
        if self.after == "residual":
            result.append(rng.standard_normal(shape).astype(np.float32))
        return result

    def expected(self, arrays):
        """The result in float64, and a bound of the error."""
        _, image_order, filter_order = self.layout
        widen = TYPES[self.type].widen
        move = lambda a, order, to: a.transpose([order.index(d) for d in to])
        x = move(widen(arrays[0]).astype(np.float64), image_order, "bchw")
        w = move(widen(arrays[1]).astype(np.float64), filter_order, "fchw")
        y = np.zeros((x.shape[0], self.filters, *self.out))
        size = np.zeros_like(y)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                top, left = i * self.dilations[0], j * self.dilations[1]
                part = x[:, :, top: top + self.strides[0] * self.out[0]:
                         self.strides[0], left: left + self.strides[1] *
                         self.out[1]: self.strides[1]]
                part = part[:, :, :self.out[0], :self.out[1]]
                y += np.einsum("bchw,fc->bfhw", part, w[:, :, i, j])
                size += np.einsum("bchw,fc->bfhw", abs(part), abs(w[:, :, i, j]))
        rest = list(arrays[2:])
        if self.start == "bias":
            start = rest.pop(0).astype(np.float64)[None, :, None, None]
        elif self.start == "init":
            start = move(rest.pop(0).astype(np.float64), image_order, "bchw")
        else:
            start = 0.0
        y, size = y + start, size + abs(start)
        depth = self.channels * self.size[0] * self.size[1] + 1
        if self.after == "relu":
            y = np.maximum(y, 0)
        elif self.after == "residual":
            y = y + move(rest.pop(0).astype(np.float64), image_order, "bchw")
        bound = 2 * depth * 2.0**-24 * (size + abs(y)) + 1e-30
        return move(y, "bchw", image_order), move(bound, "bchw", image_order)


def compile_reference(session, path, output):
    command = [os.path.join(session.options.build, "bin", "sparsec"), "compile",
               path, "-o", output, "--strict-fp", "--format=dense"]
    subprocess.run(command, check=True)


def main():
    options = parser(__doc__)
    options.add_argument("--filters", type=float, metavar="DENSITY")
    options = options.parse_args()
    with Session(options) as session:
        module = Module()
        convolutions = [Convolution(i, case, session) for i, case in enumerate(CASES)]
        for convolution in convolutions:
            convolution.define(module)
        path = session.write("convolutions", module.text())
        host = os.path.join(session.folder, "host.so")
        compile_reference(session, path, host)
        with session.runtime.load(host) as reference:
            for mode in session.modes:
                model = session.compile(path, "auto", mode)
                if not model:
                    continue
                with model:
                    for convolution in convolutions:
                        check(session, mode, convolution, model, reference)


def check(session, mode, convolution, model, reference):
    rng = session.rng(convolution.entry)
    for batch in BATCHES if convolution.batch < 0 else (convolution.batch,):
        arrays = convolution.arrays(rng, batch)
        where = f"{mode} {convolution.entry} x{list(arrays[0].shape)}"
        inputs = arrays if convolution.filter is None else [arrays[0], *arrays[2:]]
        y = session.run(where, model, convolution.entry, *inputs)
        if y is None:
            continue
        values, bound = convolution.expected(arrays)
        wrong = ~(abs(y - values) <= bound)
        session.report(where, f"{wrong.sum()} of {y.size} are off by up to "
                       f"{abs(y - values).max()}" if wrong.any() else None)
        if mode == "strict":
            want = reference.run(convolution.entry, *inputs)[0]
            same = y.tobytes() == want.tobytes()
            session.report(where, None if same else "not the bits of the reference")


if __name__ == "__main__":
    main()
