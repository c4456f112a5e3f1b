# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products that start from an argument instead of zero, and products whose x and y
are f16 or bf16: f32 accumulation, one rounding at the end; and products of bytes,
whose sums of i32 are exact."""

import numpy as np

import matrices
from floats import I32, TYPES
from mlir_text import Module, tensor
from products import Product
from reference import Exact, compare_bits, compare_bound
from session import Session, parser

# Types of weight, x and y.
MIXED = (("f32", "f32", "f32"), ("f16", "f32", "f32"), ("bf16", "f32", "f32"),
         ("f16", "f16", "f32"), ("f16", "f16", "f16"), ("bf16", "bf16", "f32"),
         ("bf16", "bf16", "bf16"), ("f32", "f16", "f32"), ("bf16", "f16", "f32"),
         ("i8", "i8", "i32"), ("i8", "f16", "f16"))
PRODUCTS = ("ax", "ab7", "ab64", "atx", "atb7", "xa", "xba7", "xat7", "xatd")


def define_into(product, module, weight, array, types):
    """The function of a product with its outs as a second argument."""
    w_type, x_type, y_type = types
    a = tensor(array.shape, w_type)
    x, y = tensor(product.argument, x_type), tensor(product.result, y_type)
    constant = module.constant(weight, array, TYPES[w_type])
    module.function(f"into_{product.name}_{weight}", [("x", x), ("init", y)], y,
                    [f"%a = arith.constant {constant}"] +
                    product.operation(a, x, y, "%init") + ["%y"])


class Case:
    """One call, from zero or from an argument."""

    def __init__(self, session, rng, product, weight, w, types, shape, into):
        self.entry = f"{'into_' if into else ''}{product.name}_{weight}"
        _, x_type, y_type = (TYPES[t] for t in types)
        self.y_type = y_type
        self.arrays = [matrices.inputs(rng, shape, x_type)]
        x = x_type.widen(self.arrays[0])
        init = None
        if into:
            result = tuple(shape[0] if d < 0 else d for d in product.result)
            self.arrays.append(y_type.narrow(rng.standard_normal(result)))
            init = y_type.widen(self.arrays[1])
            init = (init.reshape(-1, 1) if init.ndim == 1 else
                    init if product.weight_first else init.T)
        exact = lambda a, b: Exact(a, b, init)
        self.values = product.expected(w, x, lambda a, b: exact(a, b).values)
        self.bound = product.expected(w, x, lambda a, b:
                                      session.bound(exact(a, b)))
        self.bound = self.bound + y_type.rounding(np.abs(self.values) +
                                                  self.bound)
        self.strict = y_type.round(product.expected(
            w, x, lambda a, b: session.plain_loop.product(a, b, init)))

    def check(self, session, label, model, mode):
        where = f"{label} {self.entry} x{list(self.arrays[0].shape)}"
        before = [a.tobytes() for a in self.arrays]
        y = session.run(where, model, self.entry, *self.arrays)
        if y is None:
            return
        # Sums here are far below 2^24, so that the loop in f32 is exact too.
        if mode == "strict" or self.y_type is I32:
            session.report(where, compare_bits(y, self.strict))
        else:
            session.report(where, compare_bound(self.y_type.widen(y),
                                                self.values, self.bound))
        session.report(where, "wrote into its argument" if before !=
                       [a.tobytes() for a in self.arrays] else None)


def main():
    options = parser(__doc__)
    options.add_argument("--shapes", default="3x65,53x1,40x64_blocks")
    options = options.parse_args()
    with Session(options) as session:
        masks = matrices.odd_masks(session.rng("masks"))
        for index, name in enumerate(options.shapes.split(",")):
            check_matrix(session, index, name, masks[name])


def check_matrix(session, index, name, mask):
    """A third of the combinations of product and types: three matrices in a row have
    all of them."""
    module, cases = Module(), []
    rng = session.rng(name)
    for i, types in enumerate(MIXED):
        w_type, _, y_type = types
        array = matrices.values(rng, mask, TYPES[w_type])
        w = TYPES[w_type].widen(array)
        weight = "_".join(types)
        for j, product_name in enumerate(PRODUCTS):
            if (index + i + j) % 3:
                continue
            product = Product(product_name, *mask.shape)
            for into in (True, False) if i < 3 or y_type != "f32" else (False,):
                if into:
                    define_into(product, module, weight, array, types)
                else:
                    product.define(module, weight, array, TYPES[w_type],
                                   types[1], y_type)
                cases += [Case(session, rng, product, weight, w, types, shape,
                               into) for shape in product.shapes()]
    path = session.write(f"into_{name}", module.text())
    for sparse_format in session.formats:
        for mode in session.modes:
            model = session.compile(path, sparse_format, mode)
            if model:
                with model:
                    for case in cases:
                        case.check(session, f"{name} {sparse_format} {mode}",
                                   model, mode)


if __name__ == "__main__":
    main()
