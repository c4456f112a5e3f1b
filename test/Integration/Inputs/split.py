# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights of which some outputs are dense and others sparse, by a cost table that has them
split: the products are those of products.py, against float64 and a plain C loop. One
module has several functions with the weight, which is in the file once."""

import matrices
from floats import F32, TYPES
from mlir_text import Module
from products import Case, Product
from session import Session, parser

# By the dimension of the weight that is not summed over.
PRODUCTS = {"rows": ("ax", "ab7", "ab64", "xat1", "xat33", "xatd"),
            "columns": ("atx", "atb7", "xa", "xba7")}


def mixed_mask(rng, outputs, inputs):
    """Dense outputs first or last, or in the middle."""
    mask = rng.random((outputs, inputs)) < rng.uniform(0, 0.04)
    begin = rng.integers(0, outputs // 2)
    end = begin + outputs // 4
    mask[begin:end] = rng.random((end - begin, inputs)) < rng.uniform(0.8, 1)
    return mask


def check(session, kind, type_name, outputs, inputs):
    name = f"{kind} {type_name} {outputs}x{inputs}"
    rng = session.rng(name)
    mask = mixed_mask(rng, outputs, inputs)
    if kind == "columns":
        mask = mask.T
    float_type = TYPES[type_name]
    array = matrices.values(rng, mask, float_type)
    module, cases = Module(), []
    for product_name in PRODUCTS[kind]:
        product = Product(product_name, *mask.shape)
        product.define(module, type_name, array, float_type)
        cases += [Case(session, product, type_name, float_type.widen(array),
                       matrices.inputs(rng, shape, F32))
                  for shape in product.shapes()]
    path = session.write(name.replace(" ", "-"), module.text())
    for mode in session.modes:
        model = session.compile(path, "auto", mode, options=[
            "--strategy=cost", f"--cost-table={session.options.table}"])
        if not model:
            continue
        with model:
            weights = model.weights()
            dense = sum(weight["dense_bytes"] for weight in weights)
            good = len(weights) > 1 and dense == array.nbytes and all(
                "[" in weight["name"] for weight in weights)
            session.report(f"{name} {mode}", None if good else f"weights are {weights}")
            for case in cases:
                case.check(session, f"{name} {mode}", model, mode)


def main():
    options = parser(__doc__)
    options.add_argument("--table", required=True)
    with Session(options.parse_args()) as session:
        check(session, "rows", "f32", 1024, 700)
        check(session, "rows", "f16", 775, 512)
        check(session, "columns", "f32", 1000, 512)
        check(session, "columns", "bf16", 2100, 640)


if __name__ == "__main__":
    main()
