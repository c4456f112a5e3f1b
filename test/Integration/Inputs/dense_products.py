# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products that are large enough for each tile, of dense weights and of bitmask weights
with few zeros, against float64 and a plain C loop: sizes that are multiples of a tile,
and sizes that are not."""

import numpy as np

import matrices
from floats import F32, TYPES
from mlir_text import Module
from products import Case, Product
from session import Session, parser

# Rows and columns of A, its type, and the products.
SHAPES = (
    (640, 19, "f32", ("ab1300", "xat1300")),
    (515, 20, "f32", ("atb1301", "xba1100")),
    (1301, 21, "bf16", ("xa", "ab515", "atx")),
    (384, 64, "f32", ("ab384", "xatd")),
    (385, 36, "f16", ("ab380", "atb382", "xat301")),
    (128, 96, "f32", ("ab128", "xat128")),
    (100, 1, "f32", ("ab100", "xat7")),
    (37, 1028, "bf16", ("ax", "ab1", "xat1", "xa")),
    (70, 515, "f32", ("ax", "xat1", "atx")),
    (2, 700, "f32", ("ab3", "xat2", "xa", "atb5")),
    (16, 17, "f16", ("ab600", "xat600", "xba6")),
    (600, 15, "f32", ("ab8", "ab16", "ab4", "xat4", "ax")),
)
# The same for weights of which some rows and a quarter of the rest are zero.
MASKED = (
    (515, 130, "f32", ("ab300", "xat301", "xatd")),
    (256, 63, "f16", ("ab512", "xat512")),
    (1000, 65, "bf16", ("ab40", "xat33")),
    (700, 200, "f32", ("ab700",)),
)


def check_shapes(session, label, shapes, sparse_format, density):
    module, cases = Module(), []
    for rows, cols, type_name, products in shapes:
        float_type = TYPES[type_name]
        weight = f"{type_name}_{rows}_{cols}"
        rng = session.rng(weight)
        mask = rng.random((rows, cols)) < density
        mask[:rows // 8] &= density == 1
        array = matrices.values(rng, mask, float_type)
        for name in products:
            product = Product(name, rows, cols)
            product.define(module, weight, array, float_type)
            cases += [Case(session, product, weight,
                           float_type.widen(array),
                           matrices.inputs(rng, shape, F32))
                      for shape in product.shapes()]
    path = session.write(label, module.text())
    for mode in session.modes:
        model = session.compile(path, sparse_format, mode)
        if not model:
            continue
        with model:
            for case in cases:
                case.check(session, f"{label} {mode}", model, mode)


def main():
    options = parser(__doc__)
    options = options.parse_args()
    with Session(options) as session:
        check_shapes(session, "dense", SHAPES, "dense", 1)
        check_shapes(session, "masked", MASKED, "bitmask", 0.75)


if __name__ == "__main__":
    main()
