# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What follows a product: bias, activations, residuals, in every place and layout
that an elementwise operation can have them, against float64.

Each model is a function of NumPy arrays beside the same function in MLIR. Where all
operations after the product are exact or correctly rounded, strict mode has the
bits of the plain loop followed by NumPy's f32.
"""

import re

import numpy as np

import matrices
from floats import F32, TYPES
from mlir_text import Module, TRANSPOSED_LHS, TRANSPOSED_RHS, filled, tensor
from reference import Exact, compare_bits, compare_bound
from session import Session, parser

ROWS, COLS = 37, 37  # square, so that a wrong dimension gives numbers, not errors
WIDTH = 9
BATCHES = (1, 5, 40)
MAPS = {"id": "affine_map<(i, j) -> (i, j)>", "t": "affine_map<(i, j) -> (j, i)>",
        "row": "affine_map<(i, j) -> (i)>", "col": "affine_map<(i, j) -> (j)>",
        "none": "affine_map<(i, j) -> ()>", "vec": "affine_map<(i) -> (i)>",
        "scalar": "affine_map<(i) -> ()>"}


def generic(result, inputs, out, body, size="", init=None):
    """An elementwise linalg.generic: `inputs` are triples of value, type and map,
    `out` a pair of type and map. In `body`, %0, %1, ... are the inputs, %< is the
    element of outs, and names that begin with %: are its own."""
    kind, out_map = out
    rank = 1 if out_map in ("vec", "scalar") else 2
    element = lambda t: t[:-1].split("x")[-1].split("<")[-1]
    maps = ", ".join(MAPS[m] for _, _, m in inputs) + f", {MAPS[out_map]}"
    arguments = ", ".join(f"%{result}_{i}: {element(t)}"
                          for i, (_, t, _) in enumerate(inputs))
    lines = [] if init else [f"%{result}_e = tensor.empty({size}) : {kind}"]
    iterators = ", ".join(['"parallel"'] * rank)
    lines.append(f"%{result} = linalg.generic {{indexing_maps = [{maps}], "
                 f"iterator_types = [{iterators}]}} "
                 f"ins({', '.join(v for v, _, _ in inputs)} : "
                 f"{', '.join(t for _, t, _ in inputs)}) "
                 f"outs({init or f'%{result}_e'} : {kind}) {{")
    lines.append(f"^bb0({arguments}, %{result}_o: {element(kind)}):")
    for line in body:
        for i in range(9):
            line = line.replace(f"%{i}", f"%{result}_{i}")
        line = line.replace("%<", f"%{result}_o").replace("%:", f"%{result}_b")
        lines.append("  " + line)
    return lines + [f"}} -> {kind}"]


ADD = ["%:s = arith.addf %0, %1 : f32", "linalg.yield %:s : f32"]
RELU = ["%:z = arith.constant 0.0 : f32",
        "%:m = arith.maximumf %0, %:z : f32", "linalg.yield %:m : f32"]
# relu as torch-mlir prints it.
SELECT_RELU = ["%:z = arith.constant 0.0 : f32",
               "%:c = arith.cmpf ugt, %0, %:z : f32",
               "%:m = arith.select %:c, %0, %:z : f32", "linalg.yield %:m : f32"]
SIGMOID = ["%:1 = arith.constant 1.0 : f32", "%:n = arith.negf %0 : f32",
           "%:e = math.exp %:n : f32", "%:d = arith.addf %:e, %:1 : f32",
           "%:q = arith.divf %:1, %:d : f32", "linalg.yield %:q : f32"]
TANH = ["%:t = math.tanh %0 : f32", "linalg.yield %:t : f32"]
EXP = ["%:t = math.exp %0 : f32", "linalg.yield %:t : f32"]


def relu(v):
    return np.maximum(v, v.dtype.type(0))


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


class Model:
    """A product, what follows it, and the same with NumPy.

    `form` is ab (W @ x), atb (W.T @ x), xa (x @ W), xat (x @ W.T), ax (W @ vector)
    or xat? (a dynamic batch). `after` takes the product and the extra arguments;
    `lines` makes %out of %y. `slope` bounds what after's derivative makes of an
    error in the product; `exact` says that strict mode fixes every bit."""

    def __init__(self, name, form, extras, lines, after, result="id", slope=1.0,
                 exact=True, result_type="f32", last="%out"):
        self.name, self.form, self.extras = name, form, extras
        self.lines, self.after = lines, after
        self.slope, self.exact, self.last = slope, exact, last
        height = -1 if form == "xat?" else WIDTH
        self.y_shape = {"ab": (ROWS, WIDTH), "atb": (COLS, WIDTH),
                        "ax": (ROWS,)}.get(form, (height, ROWS))
        self.y = tensor(self.y_shape, "f32")
        self.result_shape = {"id": self.y_shape,
                             "t": self.y_shape[::-1]}.get(result, result)
        self.result = tensor(self.result_shape, result_type)

    def x_shape(self, batch):
        return {"ab": (COLS, WIDTH), "atb": (ROWS, WIDTH), "ax": (COLS,),
                "xat?": (batch, COLS)}.get(self.form, (WIDTH, COLS))

    def define(self, module, weight, array, float_type):
        a = self.a = tensor(array.shape, float_type.name)
        x = tensor(self.x_shape(-1), "f32")
        body = ["%a = arith.constant "
                f"{module.constant(weight, array, float_type)}"]
        size = "%n" if self.form == "xat?" else ""
        if size:
            body += ["%c0 = arith.constant 0 : index",
                     f"%n = tensor.dim %x, %c0 : {x}"]
        body += filled("zero", self.y, size)
        first = self.form in ("ab", "atb", "ax")
        operands = f"%a, %x : {a}, {x}" if first else f"%x, %a : {x}, {a}"
        maps = {"atb": f"indexing_maps = {TRANSPOSED_LHS} ",
                "xat": f"indexing_maps = {TRANSPOSED_RHS} ",
                "xat?": f"indexing_maps = {TRANSPOSED_RHS} "}.get(self.form, "")
        operation = "matvec" if self.form == "ax" else "matmul"
        body.append(f"%y = linalg.{operation} {maps}ins({operands}) "
                    f"outs(%zero : {self.y}) -> {self.y}")
        body += self.lines(self, size) + [self.last]
        arguments = [("x", x)] + [(name, tensor(shape, "f32"))
                                  for name, shape in self.extras]
        module.function(f"{self.name}_{weight}", arguments, self.result, body)

    def product(self, w, x, compute):
        w = w.T if self.form in ("atb", "xa") else w
        if self.form == "ax":
            return compute(w, x.reshape(1, -1)).reshape(-1)
        if self.form in ("ab", "atb"):
            return compute(w, x.T)
        return compute(w, x).T


def models():
    """All models. Their NumPy side works in the type it is given."""
    row, col, vector = (ROWS,), (COLS,), (ROWS,)

    def one(*inputs, body, out="id"):
        return lambda m, size: generic(
            "out", [(v, tensor(s, "f32") if s else m.y, at)
                    for v, s, at in inputs], (m.result, out), body, size)

    def chain(*steps):
        """Steps after each other: (inputs, body); the first input is implied."""
        def lines(m, size):
            text, previous = [], "%y"
            for i, (extra, body) in enumerate(steps):
                name = "out" if i + 1 == len(steps) else f"v{i}"
                at = "vec" if m.form == "ax" else "id"
                text += generic(name, [(previous, m.y, at)] +
                                [(v, tensor(s, "f32") if s else m.y, e)
                                 for v, s, e in extra], (m.y, at), body, size)
                previous = "%" + name
            return text
        return lines

    bias_relu = lambda at, shape, body=RELU: chain(
        ([("%b", shape, at)], ADD), ([], body))
    result = []
    for form in ("ab", "atb", "xa", "xat"):
        height = ROWS if form in ("ab", "atb") else WIDTH
        width = WIDTH if form in ("ab", "atb") else ROWS
        result += [
            Model(f"bias_relu_rows_{form}", form, [("b", (height,))],
                  bias_relu("row", (height,)),
                  lambda y, b: relu(y + b[:, None])),
            Model(f"bias_relu_cols_{form}", form, [("b", (width,))],
                  bias_relu("col", (width,), SELECT_RELU),
                  lambda y, b: relu(y + b)),
            Model(f"residual_{form}", form, [("r", (height, width))],
                  chain(([("%r", (height, width), "id")], ADD), ([], RELU)),
                  lambda y, r: relu(y + r)),
            Model(f"residual_transposed_{form}", form, [("r", (width, height))],
                  chain(([("%r", (width, height), "t")], ADD)),
                  lambda y, r: y + r.T),
            Model(f"output_transposed_{form}", form, [("b", (height,))],
                  lambda m, size: generic(
                      "out", [("%y", m.y, "t"),
                              ("%b", tensor(m.extras[0][1], "f32"), "col")],
                      (m.result, "id"), ADD, size),
                  lambda y, b: (y + b[:, None]).T, result="t"),
        ]
    result += [
        Model("scalar_bias", "xat", [("b", ())],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id"), ("%b", "tensor<f32>", "none")],
                  (m.y, "id"), ADD, size),
              lambda y, b: y + b),
        Model("vector_bias_exp", "ax", [("b", vector)],
              chain(([("%b", vector, "vec")], ADD), ([], EXP)),
              lambda y, b: np.exp(y + b), slope=None, exact=False),
        Model("vector_bias_relu", "ax", [("b", vector)],
              chain(([("%b", vector, "vec")], ADD), ([], RELU)),
              lambda y, b: relu(y + b)),
        Model("sigmoid", "xat", [], chain(([], SIGMOID)), sigmoid, slope=0.25,
              exact=False),
        Model("tanh_of_sigmoid_times", "xat", [("b", (ROWS,))],
              chain(([("%b", (ROWS,), "col")], ADD), ([], SIGMOID), ([], TANH)),
              lambda y, b: np.tanh(sigmoid(y + b)), slope=0.25, exact=False),
        Model("tanh_ab", "ab", [], chain(([], TANH)), np.tanh, exact=False),
        Model("exp_atb", "atb", [], chain(([], EXP)), np.exp, slope=None,
              exact=False),
        Model("batch_bias_relu", "xat?", [("b", (ROWS,))],
              bias_relu("col", (ROWS,)), lambda y, b: relu(y + b)),
        Model("batch_row_bias", "xat?", [("b", (-1,))],
              chain(([("%b", (-1,), "row")], ADD)),
              lambda y, b: y + b[:, None]),
        Model("batch_residual", "xat?", [("r", (-1, ROWS))],
              chain(([("%r", (-1, ROWS), "id")], ADD), ([], SIGMOID)),
              lambda y, r: sigmoid(y + r), slope=0.25, exact=False),
        Model("own_input", "xat?", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id"), ("%x", m.y, "id")], (m.y, "id"),
                  ADD, size), None),
        # Not simply "the product, then an element": uses of the product in more
        # than one place, an operand behind it, an index, a value of outs.
        Model("square", "xat", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id"), ("%y", m.y, "id")], (m.y, "id"),
                  ["%:p = arith.mulf %0, %1 : f32", "linalg.yield %:p : f32"],
                  size), lambda y: y * y, slope=None),
        Model("two_users", "xat", [],
              lambda m, size: generic("r", [("%y", m.y, "id")], (m.y, "id"), RELU,
                                      size) +
              generic("out", [("%r", m.y, "id"), ("%y", m.y, "id")],
                      (m.y, "id"), ADD, size),
              lambda y: relu(y) + y, slope=2.0),
        Model("outs_is_read", "xat", [("r", (WIDTH, ROWS))],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id")], (m.y, "id"),
                  ["%:s = arith.addf %0, %< : f32", "linalg.yield %:s : f32"],
                  size, init="%r"),
              lambda y, r: y + r),
        Model("product_is_outs", "xat", [("r", (WIDTH, ROWS))],
              lambda m, size: generic(
                  "out", [("%r", m.y, "id")], (m.y, "id"),
                  ["%:s = arith.subf %0, %< : f32", "linalg.yield %:s : f32"],
                  size, init="%y"),
              lambda y, r: r - y),
        Model("product_overwritten", "xat", [("r", (WIDTH, ROWS))],
              lambda m, size: generic(
                  "out", [("%r", m.y, "id")], (m.y, "id"),
                  ["%:s = arith.addf %0, %0 : f32", "linalg.yield %:s : f32"],
                  size, init="%y"),
              lambda y, r: r + r),
        Model("index_mask", "xat", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id")], (m.y, "id"),
                  ["%:i = linalg.index 0 : index", "%:j = linalg.index 1 : index",
                   "%:c = arith.cmpi ule, %:j, %:i : index",
                   "%:z = arith.constant 0.0 : f32",
                   "%:s = arith.select %:c, %0, %:z : f32",
                   "linalg.yield %:s : f32"], size),
              lambda y: np.where(np.tri(*y.shape, dtype=bool), y,
                                 y.dtype.type(0))),
        Model("constant_result", "xat", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id")], (m.y, "id"),
                  ["%:z = arith.constant 2.5 : f32", "linalg.yield %:z : f32"],
                  size), lambda y: np.full_like(y, 2.5)),
        Model("broadcast_result", "ax", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "col")], (m.result, "id"),
                  ["linalg.yield %0 : f32"], size),
              lambda y: np.broadcast_to(y, (4, ROWS)).copy(),
              result=(4, ROWS)),
        Model("row_sum", "xat", [],
              lambda m, size: filled("s0", m.result) +
              [f"%out = linalg.reduce {{arith.addf}} ins(%y : {m.y}) "
               f"outs(%s0 : {m.result}) dimensions = [1]"],
              lambda y: y.sum(1), result=(WIDTH,), slope=None, exact=False),
        Model("truncated", "xat", [],
              lambda m, size: generic(
                  "out", [("%y", m.y, "id")], (m.result, "id"),
                  ["%:t = arith.truncf %0 : f32 to f16", "linalg.yield %:t : f16"],
                  size), lambda y: y.astype(np.float16) if y.dtype == np.float32
              else y, result_type="f16"),
        Model("named_operations", "xat", [("b", (ROWS,))],
              lambda m, size: [
                  f"%e0 = tensor.empty() : {m.y}",
                  f"%bb = linalg.broadcast ins(%b : {tensor((ROWS,), 'f32')}) "
                  f"outs(%e0 : {m.y}) dimensions = [0]",
                  f"%e1 = tensor.empty() : {m.y}",
                  f"%s = linalg.add ins(%y, %bb : {m.y}, {m.y}) "
                  f"outs(%e1 : {m.y}) -> {m.y}",
                  f"%e2 = tensor.empty() : {m.y}",
                  f"%q = linalg.tanh ins(%s : {m.y}) outs(%e2 : {m.y}) -> {m.y}",
                  f"%e3 = tensor.empty() : {m.y}",
                  f"%out = linalg.exp ins(%q : {m.y}) outs(%e3 : {m.y}) "
                  f"-> {m.y}"],
              lambda y, b: np.exp(np.tanh(y + b)), slope=np.e, exact=False),
        # A second product with the same weight, and a residual around both.
        Model("next_layer", "xat", [("b", (ROWS,))],
              lambda m, size: bias_relu("col", (ROWS,))(m, size) +
              [f"%y2 = linalg.matmul indexing_maps = {TRANSPOSED_RHS} "
               f"ins(%out, %a : {m.y}, {m.a}) outs(%zero : {m.y}) -> {m.y}",
               f"%e9 = tensor.empty() : {m.y}",
               f"%out2 = linalg.add ins(%y2, %x : {m.y}, {m.y}) "
               f"outs(%e9 : {m.y}) -> {m.y}"],
              None, slope=50.0, exact=False, last="%out2"),
    ]
    return result


class Case:
    def __init__(self, session, rng, model, weight, w, batch):
        self.model, self.entry = model, f"{model.name}_{weight}"
        x = matrices.inputs(rng, model.x_shape(batch), F32)
        extras = [rng.standard_normal(tuple(batch if d < 0 else d for d in shape))
                  .astype(np.float32) for _, shape in model.extras]
        self.arrays = [x] + extras
        after = model.after
        if model.name == "own_input":
            after = lambda y: y + x.astype(y.dtype)
        elif model.name == "next_layer":
            after = lambda y, b: relu(y + b) @ w.T.astype(y.dtype) + x
        wide = [e.astype(np.float64) for e in extras]
        exact = model.product(w, x, lambda a, b: Exact(a, b).values)
        bound = model.product(w, x, lambda a, b: session.bound(Exact(a, b)))
        self.want = after(exact, *wide)
        # The error of the product, carried through; and a few roundings after it.
        slope = model.slope
        if slope is None:
            low, high = after(exact - bound, *wide), after(exact + bound, *wide)
            carried = np.abs(high - low) + np.abs(self.want) * 1e-5
        else:
            carried = slope * bound
            carried = carried if carried.shape == self.want.shape else \
                np.broadcast_to(carried.max(), self.want.shape)
        largest = max([np.abs(exact).max()] + [np.abs(e).max() for e in wide])
        self.bound = 2 * carried + 2e-6 * (np.abs(self.want) + largest)
        if model.result.endswith("f16>"):
            self.bound = self.bound + np.abs(self.want) * 2.0**-10 + 2.0**-24
        self.strict = None
        if model.exact:
            self.strict = after(model.product(w, x, session.plain_loop.product),
                                *extras)

    def check(self, session, label, loaded, mode):
        where = f"{label} {self.entry} x{list(self.arrays[0].shape)}"
        y = session.run(where, loaded, self.entry, *self.arrays)
        if y is None:
            return
        if mode == "strict" and self.strict is not None:
            session.report(where, compare_bits(y, np.ascontiguousarray(
                self.strict)))
        session.report(where, compare_bound(y, self.want, self.bound))


def main():
    options = parser(__doc__)
    options.add_argument("--types", default="f32,bf16")
    options.add_argument("--models", default="", metavar="REGEX",
                         help="only those with such a name")
    options = options.parse_args()
    with Session(options) as session:
        module, cases = Module(), []
        mask = session.rng("mask").random((ROWS, COLS)) < 0.3
        mask[5], mask[:, 7] = False, False
        for i, model in enumerate(models()):
            if not re.search(options.models, model.name):
                continue
            rng = session.rng(model.name)
            types = options.types.split(",")
            weight = types[i % len(types)]
            array = matrices.values(session.rng(weight), mask, TYPES[weight])
            model.define(module, weight, array, TYPES[weight])
            batches = BATCHES if model.form == "xat?" else (WIDTH,)
            cases += [Case(session, rng, model, weight,
                           TYPES[weight].widen(array), batch)
                      for batch in batches]
        path = session.write("epilogue", module.text())
        for sparse_format in session.formats:
            for mode in session.modes:
                loaded = session.compile(path, sparse_format, mode)
                if loaded:
                    with loaded:
                        for case in cases:
                            case.check(session, f"{sparse_format} {mode}", loaded,
                                       mode)


if __name__ == "__main__":
    main()
