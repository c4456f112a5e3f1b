# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""AMD's kernels on the emulated card: held against float64, and counted.

    peers.py products KERNELS --dlmc DIR           every kernel against the CPU
    peers.py table KERNELS --dlmc DIR --docs FILE  FILE's table is still right
        [--update]                                 or is made so
"""

import argparse
import pathlib
import sys

import numpy as np

import smtx
from launcher import Failed
from rocsparse import Csr, RocSparse

# Long, middling and short rows: 230, 51 and 5 elements on average.
MASKS = {
    "ResNet-50 3x3, 80 %":
        ("rn50/magnitude_pruning/0.8/bottleneck_2_block_group2_3_1.smtx",
         (128, 1152), 0.8),
    "Transformer q, 90 %":
        ("transformer/magnitude_pruning/0.9/body_decoder_layer_0_self_attention_"
         "multihead_attention_q_fully_connected.smtx", (512, 512), 0.9),
    "ResNet-50 1x1, 98 %":
        ("rn50/magnitude_pruning/0.98/bottleneck_3_block_group3_2_1.smtx",
         (1024, 256), 0.98)}
COLUMNS = 64


def weights(mask, seed=0):
    rng = np.random.default_rng(seed)
    return np.where(mask, rng.standard_normal(mask.shape), 0).astype(np.float32)


def masks(folder):
    """The three weights, by name."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        print(f"no DLMC masks in {folder}: random ones of the same shapes")
    for name, (path, shape, sparsity) in MASKS.items():
        if folder.is_dir():
            yield name, weights(smtx.read(folder / path))
        else:
            rng = np.random.default_rng(1)
            yield f"random for {name}", weights(rng.random(shape) >= sparsity)


def inputs(dense, columns):
    shape = (dense.shape[1], columns) if columns else dense.shape[1]
    return np.random.default_rng(2).standard_normal(shape).astype(np.float32)


def wrong(dense, x, result):
    """Elements further from float64 than a sum of so many products may be."""
    dense, x = dense.astype(np.float64), x.astype(np.float64)
    terms = np.count_nonzero(dense, axis=1)
    bound = 2 * terms * 2.0**-24 * (np.abs(dense) @ np.abs(x)).T
    return np.count_nonzero(~(np.abs(result - dense @ x).T <= bound))


def vector_products(peer, dense, blocks):
    """Name and function for each product with one column."""
    yield "csrmv adaptive", lambda x: peer.csrmv(Csr.of(dense), x)
    yield "csrmv general", lambda x: peer.csrmv(Csr.of(dense), x, "general")
    for block in blocks:
        yield (f"bsrmv {block}x{block}",
               lambda x, block=block: peer.bsrmv(Csr.of(dense, block), x))


def matrix_products(peer, dense):
    """The same for several columns."""
    for algorithm in ("general", "row_split"):
        for order in ("row", "column"):
            yield (f"csrmm {algorithm}, {order} major",
                   lambda x, algorithm=algorithm, order=order:
                   peer.csrmm(Csr.of(dense), x, algorithm, order))


def uneven():
    """Rows of 0 to 7000 elements: every kind of block of the adaptive kernel."""
    rng = np.random.default_rng(3)
    lengths = [7000, 1100, 40, 0, 1, *rng.integers(0, 60, 600), 400, 300, 3, 3073,
               *rng.integers(0, 6, 700), 2000]
    mask = np.zeros((len(lengths), 7000), bool)
    for row, length in enumerate(lengths):
        mask[row, rng.permutation(7000)[:length]] = True
    return weights(mask)


def check(peer, folder):
    """Every product that differs from the CPU; prints each."""
    bad = 0

    def compare(name, dense, columns, product, run):
        nonlocal bad
        x = inputs(dense, columns)
        try:
            count = wrong(dense, x, run(x).result[:len(dense)])
            said = f"{count} elements differ" if count else "agrees"
        except Failed as error:
            count, said = 1, str(error)
        bad += bool(count)
        print(f"{name}, {product}, {columns or 1} columns: {said}", flush=True)

    for name, dense in masks(folder):
        for product, run in vector_products(peer, dense, (4, 8, 16)):
            compare(name, dense, 0, product, run)
        for product, run in matrix_products(peer, dense):
            compare(name, dense, COLUMNS, product, run)
    dense = uneven()
    compare("uneven rows", dense, 0, *next(vector_products(peer, dense, ())))
    # Each width of wave and number of loops, with and without a remainder.
    for per_row, columns in ((2, 7), (5, 8), (12, 43), (12, 150), (24, 37), (40, 100),
                             (90, 131), (90, 20)):
        dense = weights(np.random.default_rng(columns).random((65, 200)) < per_row / 200)
        for product, run in (*matrix_products(peer, dense),
                             *vector_products(peer, dense, (2, 3, 5, 7, 13, 20, 33))):
            compare(f"random, {per_row} of 200 a row", dense,
                    columns if "csrmm" in product else 0, product, run)
    return bad


def row_of(name, product, columns, run):
    """A line of the table; the sums are over the dispatches of a product."""
    reports = run.reports

    def total(*keys):
        result = 0
        for value in reports:
            for key in keys:
                value = value[key]
            result += value
        return result

    lines = {level: total("lines", f"{level}_read") + total("lines", f"{level}_write")
             for level in ("l2", "memory")}
    limits = " + ".join(report["limiter"] for report in reports)
    return (f"| {name} | {columns} | {product} | {total('waves')} "
            f"| {total('instructions')} "
            f"| {100 * total('lanes_active') / total('lanes_possible'):.0f} % "
            f"| {total('lines', 'l1')} | {lines['l2']} | {lines['memory']} "
            f"| {'/'.join(str(r['resources']['waves_per_simd']) for r in reports)} "
            f"| {run.seconds * 1e6:.2f} | {limits} |")


def table(peer, folder):
    rows = ["| weight | columns | product | waves | wave instructions | lanes active "
            "| lines L1 | lines L2 | lines memory | waves a SIMD | modelled µs | bound "
            "|", "|" + "---|" * 12]
    for name, dense in masks(folder):
        for columns, products in ((0, vector_products(peer, dense, (4,))),
                                  (COLUMNS, matrix_products(peer, dense))):
            x = inputs(dense, columns)
            for product, run in products:
                rows.append(row_of(name, product, columns or 1, run(x)))
    return "\n".join(rows)


def docs(peer, arguments):
    """Whether the docs have another table; --update writes it."""
    begin, end = "<!-- counts -->\n", "\n<!-- end of counts -->"
    text = arguments.docs.read_text(encoding="utf-8")
    head, rest = text.split(begin)
    old, tail = rest.split(end)
    new = table(peer, arguments.dlmc)
    if arguments.update:
        arguments.docs.write_text(head + begin + new + end + tail, encoding="utf-8")
        return 0
    if old != new:
        print(f"{arguments.docs} has other counts than these (peers.py table --update "
              f"writes them):\n{new}")
    return int(old != new)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("products", "table"))
    parser.add_argument("kernels")
    parser.add_argument("--dlmc", required=True)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--emulator", default="gfx803-emulator")
    arguments = parser.parse_args()
    peer = RocSparse(arguments.kernels, arguments.emulator)
    if arguments.what == "products":
        return int(check(peer, arguments.dlmc) > 0)
    if not arguments.docs:
        print(table(peer, arguments.dlmc))
        return 0
    return docs(peer, arguments)


if __name__ == "__main__":
    sys.exit(main())
