# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products with a constant matrix A, of each shape, element type, format and mode,
against float64 and a plain C loop.

One module has every product of one A with x or with matrices of 1 to 200 columns,
A on either side and transposed or not:

    ax     A x            ab<n>   A B         atx    A^T x       atb<n>  A^T B
    xa     x A            xba<n>  X A         xat<n> X A^T       xatd    X A^T,
                                                                 X of any height
The type "i8i8" is i8 by i8, summed in i32 without error; x is f32 in the others.
With --all each product has each type of A; without, types take turns from matrix to
matrix, and of the products that take longest to compile every other one is left out.
"""

import os

import numpy as np

import matrices
import smtx
from floats import F32, I8, TYPES
from mlir_text import (Module, TRANSPOSED_LHS, TRANSPOSED_RHS, filled,
                       tensor)
from reference import Exact, compare_bits, compare_bound
from session import Session, parser

TRANSPOSED_MATVEC = ("indexing_maps = [affine_map<(m, k) -> (k, m)>, "
                     "affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>], "
                     'iterator_types = ["parallel", "reduction"]')
DYNAMIC_SIZES = (1, 5, 40)


class Product:
    """One function of the module: y = A x in one of its forms."""

    def __init__(self, name, rows, cols):
        self.name = name
        kind = name.rstrip("0123456789")
        n = int(name[len(kind):] or 0)
        transposed = kind in ("atx", "atb", "xa", "xba")
        self.transposed = transposed
        depth, height = (rows, cols) if transposed else (cols, rows)
        self.weight_first = kind in ("ax", "ab", "atx", "atb")
        self.kind = kind
        if kind in ("ax", "atx", "xa"):
            self.argument, self.result = (depth,), (height,)
        elif self.weight_first:
            self.argument, self.result = (depth, n), (height, n)
        else:
            n = -1 if kind == "xatd" else n
            self.argument, self.result = (n, depth), (n, height)

    def define(self, module, weight, array, float_type, x_type="f32",
               y_type="f32"):
        """Adds the function to the module."""
        a = tensor(array.shape, float_type.name)
        x = tensor(self.argument, x_type)
        y = tensor(self.result, y_type)
        constant = module.constant(weight, array, float_type)
        body = [f"%a = arith.constant {constant}"]
        if self.kind == "xatd":
            body += ["%c0 = arith.constant 0 : index",
                     f"%n = tensor.dim %x, %c0 : {x}"]
        body += filled("zero", y, "%n" if self.kind == "xatd" else "")
        body += self.operation(a, x, y)
        module.function(f"{self.name}_{weight}", [("x", x)], y, body + ["%y"])

    def operation(self, a, x, y, init="%zero"):
        """Lines that make %y of %a and %x."""
        if self.kind == "atx":
            element = lambda kind: kind[:-1].split("x")[-1]
            out = element(y)
            lines = [f"%y = linalg.generic {{{TRANSPOSED_MATVEC}}} "
                     f"ins(%a, %x : {a}, {x}) outs({init} : {y}) {{",
                     f"^bb0(%p: {element(a)}, %q: {element(x)}, %o: {out}):"]
            names = []
            for name, kind in (("%p", element(a)), ("%q", element(x))):
                if kind != out:
                    widen = ("extsi" if out == "i32" else
                             "sitofp" if kind == "i8" else "extf")
                    lines.append(f"  {name}w = arith.{widen} {name} : {kind} "
                                 f"to {out}")
                    name += "w"
                names.append(name)
            suffix = "i" if out == "i32" else "f"
            return lines + [f"  %m = arith.mul{suffix} {names[0]}, {names[1]} "
                            f": {out}",
                            f"  %s = arith.add{suffix} %o, %m : {out}",
                            f"  linalg.yield %s : {out}", f"}} -> {y}"]
        operation, maps = {
            "ax": ("matvec", None), "ab": ("matmul", None),
            "atb": ("matmul", TRANSPOSED_LHS), "xa": ("vecmat", None),
            "xba": ("matmul", None), "xat": ("matmul", TRANSPOSED_RHS),
            "xatd": ("matmul", TRANSPOSED_RHS)}[self.kind]
        maps = f"indexing_maps = {maps} " if maps else ""
        operands = (f"%a, %x : {a}, {x}" if self.weight_first
                    else f"%x, %a : {x}, {a}")
        return [f"%y = linalg.{operation} {maps}ins({operands}) "
                f"outs({init} : {y}) -> {y}"]

    def shapes(self):
        """Concrete shapes of x."""
        if -1 not in self.argument:
            return [self.argument]
        return [(n, self.argument[1]) for n in DYNAMIC_SIZES]

    def as_rows(self, array, vector):
        """x or init with one row for each column of the other factor, or the
        reverse for the result: what reference.py works on is w @ x.T."""
        if vector:
            return array.reshape(1, -1)
        return array.T if self.weight_first else array

    def expected(self, w, x, product):
        """product(w, x) of reference.py in the shape of the result."""
        w = w.T if self.transposed else w
        y = product(w, self.as_rows(x, x.ndim == 1))
        if x.ndim == 1:
            return y.reshape(-1)
        return y if self.weight_first else y.T


PRODUCTS = ("ax", "ab1", "ab7", "ab64", "ab200", "atx", "atb7", "xa", "xba7",
            "xat1", "xat7", "xat33", "xatd")
SLOW = ("xba7", "xat7", "xat33", "xatd")


class Case:
    """One call of one entry, and what it should return in either mode."""

    def __init__(self, session, product, weight, w, x):
        self.entry = f"{product.name}_{weight}"
        self.x = x
        if x.dtype == np.int8:
            self.integers = product.expected(
                w, x, lambda a, b: (a.astype(np.int64) @ b.T.astype(np.int64))
                .astype(np.int32))
            return
        self.integers = None
        self.values = product.expected(w, x, lambda a, b: Exact(a, b).values)
        self.bound = product.expected(
            w, x, lambda a, b: session.bound(Exact(a, b)))
        self.strict = product.expected(w, x, session.plain_loop.product)

    def check(self, session, label, model, mode):
        where = f"{label} {self.entry} x{list(self.x.shape)}"
        y = session.run(where, model, self.entry, self.x)
        if y is None:
            return
        if self.integers is not None:
            session.report(where, compare_bits(y, self.integers))
        elif mode == "strict":
            session.report(where, compare_bits(y, self.strict))
        else:
            session.report(where, compare_bound(y, self.values, self.bound))


def turn(products, types, index):
    """Pairs of product and type for the matrix of this index: in six matrices in a
    row, every product meets every type."""
    return [(product, types[(index + i) % len(types)])
            for i, product in enumerate(products)
            if product not in SLOW or (index + i) % 2 == 0]


def check_matrix(session, name, mask, pairs):
    """Pairs of product and type, in every format and mode, with one matrix."""
    rows, cols = mask.shape
    rng = session.rng(name)
    module, cases = Module(), []
    weights = {}
    for product_name, type_name in pairs:
        integers = type_name == "i8i8"
        float_type = I8 if integers else TYPES[type_name]
        x_type = I8 if integers else F32
        if type_name not in weights:
            weights[type_name] = matrices.values(rng, mask, float_type)
        array = weights[type_name]
        product = Product(product_name, rows, cols)
        product.define(module, type_name, array, float_type,
                       x_type.name, "i32" if integers else "f32")
        cases += [Case(session, product, type_name, float_type.widen(array),
                       matrices.inputs(rng, shape, x_type))
                  for shape in product.shapes()]
    # Equal constants are one weight: zeros of i8, whatever they are multiplied with.
    count = len({t if w.any() else t.replace("i8i8", "i8") for t, w in weights.items()})
    path = session.write(name, module.text())
    for sparse_format in session.formats:
        for mode in session.modes:
            model = session.compile(path, sparse_format, mode)
            if not model:
                continue
            with model:
                session.check_formats(f"{name} {sparse_format} {mode}", model,
                                      sparse_format, count)
                for case in cases:
                    case.check(session, f"{name} {sparse_format} {mode}", model,
                               mode)


def dlmc_masks(folder, parts):
    """The masks whose name has one of these parts: {name: path}."""
    return {os.path.splitext(name)[0].replace("/", "_"): path
            for (_, name), path in smtx.find(folder).items()
            if any(part in name for part in parts)}


def main():
    options = parser(__doc__)
    options.add_argument("--shapes", metavar="odd|NAME,...",
                         help="odd shapes: all, or the named ones")
    options.add_argument("--dlmc", metavar="DIR", help="masks from .smtx files")
    options.add_argument("--masks", default="bottleneck_2_block,attention_q",
                         help="parts of the names of those of --dlmc: two shapes "
                         "in each sparsity unless told")
    options.add_argument("--all", action="store_true",
                         help="every product with every type")
    options.add_argument("--products", default=",".join(PRODUCTS))
    options.add_argument("--types", default="f32,f16,bf16")
    options = options.parse_args()
    products, types = options.products.split(","), options.types.split(",")
    with Session(options) as session:
        masks = {}
        if options.shapes:
            masks = matrices.odd_masks(session.rng("masks"))
            if options.shapes != "odd":
                masks.update(matrices.empty_masks())
                masks = {n: masks[n] for n in options.shapes.split(",")}
        if options.dlmc:
            masks.update(dlmc_masks(options.dlmc, options.masks.split(",")))
        for index, (name, mask) in enumerate(masks.items()):
            pairs = ([(p, t) for t in types for p in products] if options.all
                     else turn(products, types, index))
            check_matrix(session, name,
                         smtx.read(mask) if isinstance(mask, str) else mask,
                         pairs)
            print(f"{name}: {session.checks} checks, {session.failures} failed",
                  flush=True)


if __name__ == "__main__":
    main()
