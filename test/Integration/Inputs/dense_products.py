# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dense products that are large enough for each tile, against float64 and a plain C
loop: sizes that are multiples of a tile, and sizes that are not."""

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
    (2, 700, "f32", ("ab3", "xat2", "xa", "atb5")),
    (16, 17, "f16", ("ab600", "xat600", "xba6")),
    (600, 15, "f32", ("ab8", "ab16", "ab4", "xat4", "ax")),
)


def main():
    options = parser(__doc__)
    options = options.parse_args()
    with Session(options) as session:
        module, cases = Module(), []
        for rows, cols, type_name, products in SHAPES:
            float_type = TYPES[type_name]
            weight = f"{type_name}_{rows}_{cols}"
            rng = session.rng(weight)
            array = matrices.values(rng, np.ones((rows, cols), bool),
                                    float_type)
            for name in products:
                product = Product(name, rows, cols)
                product.define(module, weight, array, float_type)
                cases += [Case(session, product, weight,
                               float_type.widen(array),
                               matrices.inputs(rng, shape, F32))
                          for shape in product.shapes()]
        path = session.write("dense", module.text())
        for mode in session.modes:
            model = session.compile(path, "dense", mode)
            if not model:
                continue
            with model:
                for case in cases:
                    case.check(session, mode, model, mode)


if __name__ == "__main__":
    main()
