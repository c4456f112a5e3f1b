# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products whose weight is large enough for several threads: within the bound (in
strict mode equal to a plain C loop), and the same bits whatever OMP_NUM_THREADS is.
Among them is a batch of unknown size that turns out to be one."""

import os
import subprocess

import numpy as np

from floats import F32
from matrices import inputs, values
from mlir_text import Module
from products import Case, Product
from reference import compare_bits
from session import Session, parser

ROWS, COLS, SPARSITY = 523, 650, 0.6
PRODUCTS = ("ax", "ab7", "atx", "xa", "xat1", "xatd")
THREADS = (1, 2, 3, 7)


def run(session, model, entry, x, threads):
    """The result of `sparsec run` with this many threads."""
    source = os.path.join(session.folder, "x.npy")
    target = os.path.join(session.folder, "y.npy")
    np.save(source, x)
    subprocess.run([os.path.join(session.options.build, "bin", "sparsec"), "run",
                    model, f"--entry={entry}", f"--input={source}",
                    f"--output={target}"], check=True,
                   env=os.environ | {"OMP_NUM_THREADS": str(threads)})
    return np.load(target)


def check(session, cases, path, sparse_format, mode):
    label = f"{sparse_format} {mode}"
    model = session.compile(path, sparse_format, mode, keep=True)
    if not model:
        return
    with model:
        for case in cases:
            case.check(session, label, model, mode)
            results = [run(session, model.path, case.entry, case.x, threads)
                       for threads in THREADS]
            for threads, result in zip(THREADS[1:], results[1:]):
                session.report(f"{label} {case.entry} {threads} threads",
                               compare_bits(result, results[0]))
    if not session.options.keep:
        os.unlink(model.path)


def main():
    with Session(parser(__doc__).parse_args()) as session:
        rng = session.rng("threads")
        mask = rng.random((ROWS, COLS)) >= SPARSITY
        mask[100:300] &= rng.random((200, COLS)) < 0.1
        array = values(rng, mask, F32)
        module, cases = Module(), []
        for name in PRODUCTS:
            product = Product(name, ROWS, COLS)
            product.define(module, "w", array, F32)
            cases += [Case(session, product, "w", array, inputs(rng, shape, F32))
                      for shape in product.shapes()]
        path = session.write("threads", module.text())
        for sparse_format in session.formats:
            for mode in session.modes:
                check(session, cases, path, sparse_format, mode)


if __name__ == "__main__":
    main()
