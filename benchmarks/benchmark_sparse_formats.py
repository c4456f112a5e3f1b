#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The formats of the Python package: what they take, and how fast they are.

    benchmark_sparse_formats.py --all
    benchmark_sparse_formats.py --benchmark memory --size 1000
    benchmark_sparse_formats.py --benchmark matvec --sparsity 0.9
    benchmark_sparse_formats.py --benchmark construction
    benchmark_sparse_formats.py --size 5000 --sparsity 0.95
    benchmark_sparse_formats.py --all --plots plots

The figures in brackets are those that the document "Sparse Matrix Formats" states for
the module that this package replaces, measured elsewhere. SciPy and NumPy are measured
in the same run, taking turns with ours. A time is the median of the quietest turn.
Needs the package (pip install ./python), SciPy, and matplotlib for --plots.
"""

import argparse
import os
import pathlib
import sys
import time

# One thread a core: left to itself the kernel may keep both on one.
os.environ.setdefault("OMP_PROC_BIND", "true")

from machine import CORES, describe_machine  # noqa: E402

import numpy as np  # noqa: E402

try:
    import scipy
    import scipy.sparse

    import sparsec
    from sparsec import _core
    from sparsec.formats import BitmaskMatrix, BlockSparseMatrix, CSCMatrix, CSRMatrix
    from sparsec.prune import MagnitudePruner
except ImportError as error:
    sys.exit(f"benchmark_sparse_formats.py: {error}; pip install ./python, and SciPy")

MB = 2**20
THREADS = os.environ.get("OMP_NUM_THREADS", CORES)
FORMATS = {"CSR": CSRMatrix, "CSC": CSCMatrix, "Bitmask": BitmaskMatrix,
           "Block 8x8": BlockSparseMatrix}
BENCHMARKS = ("memory", "matvec", "construction", "scipy", "compress")

# What the document states, by table, (size, sparsity) or sparsity, and column.
STATED_MEMORY = {0.80: {"Dense": 3.81, "CSR": 0.79, "CSC": 0.79, "Block 8x8": 1.23},
                 0.90: {"Dense": 3.81, "CSR": 0.39, "CSC": 0.39, "Block 8x8": 0.81},
                 0.95: {"Dense": 3.81, "CSR": 0.20, "CSC": 0.20, "Block 8x8": 0.61}}
STATED_MATVEC = {0.50: (120, 80), 0.70: (120, 50), 0.80: (120, 35), 0.90: (120, 18),
                 0.95: (120, 10)}
STATED_PRODUCTS = {"A @ x": {"Dense": 145, "CSR": 25, "CSC": 27, "Block 8x8": 42},
                   "A.T @ x": {"Dense": 148, "CSR": 85, "CSC": 24, "Block 8x8": 65}}
STATED_CONSTRUCTION = {(100, 0.9): 0.15, (500, 0.9): 2.1, (1000, 0.9): 8.5, (5000, 0.9): 215}
STATED_FORMATS_CONSTRUCTION = {"CSR": 8.2, "CSC": 8.5, "Block 8x8": 12}
STATED_SCIPY = {"CSR memory": (0.39, 0.39), "CSC memory": (0.39, 0.39),
                "CSR A @ x": (25, 23), "CSC A.T @ x": (24, 22)}


def matrix(size, sparsity):
    weights = np.random.default_rng(0).standard_normal((size, size)).astype(np.float32)
    return MagnitudePruner(sparsity).prune(weights)


def build(name, dense):
    if name == "Block 8x8":  # lossless, as all others
        return BlockSparseMatrix.from_dense(dense, 8, threshold=0)
    return FORMATS[name].from_dense(dense)


def seconds_of(calls, rounds=6):
    """Seconds of each function: the median of its quietest turn. They take turns of 40
    ms, of which the first half is not counted: until then the threads of the one before
    may still spin."""
    best = {name: np.inf for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times, start = [], time.perf_counter()
            while not times or time.perf_counter() - start < 0.04:
                before = time.perf_counter()
                call()
                if before - start > 0.02:
                    times.append(time.perf_counter() - before)
            best[name] = min(best[name], float(np.median(times)))
    return best


def cell(value, stated=None, digits=2):
    text = f"{value:.{digits}f}"
    return f"{text} [{stated:g}]" if stated is not None else text


def print_table(title, header, rows):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in [header, *rows]:
        print("  " + "  ".join(str(text).rjust(width) if i else str(text).ljust(width)
                               for i, (text, width) in enumerate(zip(row, widths))))


def memory(size, sparsities):
    rows = []
    for sparsity in sparsities:
        dense = matrix(size, sparsity)
        stated = STATED_MEMORY.get(sparsity, {}) if size == 1000 else {}
        taken = {name: build(name, dense).memory_footprint()["total_sparse"] / MB
                 for name in FORMATS}
        best = dense.nbytes / MB / min(taken.values())
        rows.append([f"{sparsity:.0%}", cell(dense.nbytes / MB, stated.get("Dense")),
                     *(cell(value, stated.get(name)) for name, value in taken.items()),
                     f"{best:.1f}x"])
    print_table(f"Memory, {size}x{size}, MB", ["Sparsity", "Dense", *FORMATS, "Best"], rows)
    print("\n  The document counts values without their indices, and blocks that it dropped;"
          "\n  ours are lossless, with 16-bit indices.")


def matvec(size, sparsities):
    rng = np.random.default_rng(1)
    x = rng.standard_normal(size).astype(np.float32)
    rows = []
    for sparsity in sparsities:
        dense = matrix(size, sparsity)
        matrices = {name: build(name, dense) for name in FORMATS}
        found = seconds_of({"Dense": lambda: dense @ x,
                                **{name: lambda m=m: m.sparse_matmul(x)
                                   for name, m in matrices.items()}})
        stated = STATED_MATVEC.get(sparsity, (None, None)) if size == 1000 else (None, None)
        rows.append([f"{sparsity:.0%}", cell(found["Dense"] * 1e6, stated[0], 1),
                     cell(found["CSR"] * 1e6, stated[1], 1),
                     *(cell(found[name] * 1e6, None, 1) for name in list(FORMATS)[1:]),
                     f"{found['Dense'] / found['CSR']:.1f}x"])
    print_table(f"A @ x, {size}x{size}, microseconds",
                ["Sparsity", "Dense", *FORMATS, "Dense / CSR"], rows)

    sparsity = sparsities[0] if len(sparsities) == 1 else 0.9
    dense = matrix(size, sparsity)
    matrices = {name: build(name, dense) for name in FORMATS}
    rows = []
    for operation in ("A @ x", "A.T @ x"):
        transposed = operation == "A.T @ x"
        calls = {"Dense": (lambda: dense.T @ x) if transposed else (lambda: dense @ x)}
        for name, built in matrices.items():
            calls[name] = (lambda m=built: m.transpose_matmul(x)) if transposed else \
                (lambda m=built: m.sparse_matmul(x))
        found = seconds_of(calls)
        stated = STATED_PRODUCTS[operation] if (size, sparsity) == (1000, 0.9) else {}
        fastest = min(list(FORMATS), key=found.get)
        rows.append([operation, *(cell(value * 1e6, stated.get(name), 1)
                                  for name, value in found.items()),
                     f"{found['Dense'] / found[fastest]:.1f}x ({fastest})"])
    print_table(f"Products, {size}x{size} at {sparsity:.0%}, microseconds",
                ["Operation", "Dense", *FORMATS, "Speedup"], rows)


def construction(sizes, sparsity):
    rows = []
    for size in sizes:
        dense = matrix(size, sparsity)
        found = seconds_of({
            **{name: lambda n=name: build(n, dense) for name in FORMATS},
            "scipy": lambda: scipy.sparse.csr_matrix(dense)})
        by_format = STATED_FORMATS_CONSTRUCTION if (size, sparsity) == (1000, 0.9) else \
            {"CSR": STATED_CONSTRUCTION.get((size, sparsity))}
        rows.append([f"{size}x{size}", f"{sparsity:.0%}",
                     *(cell(found[name] * 1e3, by_format.get(name), 3) for name in FORMATS),
                     cell(found["scipy"] * 1e3, None, 3),
                     f"{found['scipy'] / found['CSR']:.1f}x"])
    print_table("Construction from dense, milliseconds",
                ["Size", "Sparsity", *FORMATS, "scipy CSR", "scipy / CSR"], rows)


def against_scipy(size, sparsity):
    dense = matrix(size, sparsity)
    x = np.random.default_rng(1).standard_normal(size).astype(np.float32)
    wide = np.random.default_rng(1).standard_normal((size, 64)).astype(np.float32)
    csr, csc = build("CSR", dense), build("CSC", dense)
    their_csr, their_csc = scipy.sparse.csr_matrix(dense), scipy.sparse.csc_matrix(dense)
    stated = STATED_SCIPY if (size, sparsity) == (1000, 0.9) else {}
    rows = []
    for name, ours, theirs in (("CSR memory", csr, their_csr), ("CSC memory", csc, their_csc)):
        taken = ours.memory_footprint()["total_sparse"] / MB
        peer = (theirs.data.nbytes + theirs.indices.nbytes + theirs.indptr.nbytes) / MB
        mine, other = stated.get(name, (None, None))
        rows.append([f"{name}, MB", cell(taken, mine), cell(peer, other), f"{peer / taken:.2f}x"])
    for name, ours, theirs in (
            ("CSR A @ x", lambda: csr @ x, lambda: their_csr @ x),
            ("CSC A.T @ x", lambda: csc.transpose_matmul(x), lambda: their_csc.T @ x),
            ("CSR A.T @ x", lambda: csr.transpose_matmul(x), lambda: their_csr.T @ x),
            ("CSR A @ B, 64 columns", lambda: csr @ wide, lambda: their_csr @ wide),
            ("CSC A.T @ B, 64 columns", lambda: csc.transpose_matmul(wide),
             lambda: their_csc.T @ wide)):
        found = seconds_of({"ours": ours, "theirs": theirs})
        mine, other = stated.get(name, (None, None))
        rows.append([f"{name}, us", cell(found["ours"] * 1e6, mine, 1),
                     cell(found["theirs"] * 1e6, other, 1),
                     f"{found['theirs'] / found['ours']:.2f}x"])
    print_table(f"Against scipy.sparse, {size}x{size} at {sparsity:.0%}",
                ["", "sparsec", "scipy", "scipy / sparsec"], rows)


def compress(size, sparsities):
    rows = []
    for sparsity in sparsities:
        dense = matrix(size, sparsity)
        compressor = sparsec.SparseCompress()
        packed = compressor.compress(dense)
        found = seconds_of({"compress": lambda: compressor.compress(dense),
                                "decompress": lambda: compressor.decompress(packed)})
        rows.append([f"{sparsity:.0%}", *(f"{dense.nbytes / value / 1e9:.2f}"
                                          for value in found.values()),
                     f"{compressor.compression_ratio(dense, packed):.2f}x"])
    print_table(f"SparseCompress, {size}x{size}, GB of dense data a second",
                ["Sparsity", "compress", "decompress", "ratio"], rows)


def plots(folder, size):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    sparsities = [0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]
    x = np.random.default_rng(1).standard_normal(size).astype(np.float32)
    times, taken = {}, {}
    for sparsity in sparsities:
        dense = matrix(size, sparsity)
        matrices = {name: build(name, dense) for name in FORMATS}
        theirs = scipy.sparse.csr_matrix(dense)
        calls = {"Dense (NumPy)": lambda: dense @ x, "CSR (SciPy)": lambda: theirs @ x,
                 **{name: lambda m=m: m.sparse_matmul(x) for name, m in matrices.items()}}
        for name, value in seconds_of(calls, rounds=3).items():
            times.setdefault(name, []).append(value * 1e6)
        footprints = {name: m.memory_footprint()["total_sparse"]
                      for name, m in matrices.items()}
        for name, value in {"Dense (NumPy)": dense.nbytes, **footprints}.items():
            taken.setdefault(name, []).append(value / MB)
    for name, series, label in (("time", times, f"A @ x, {size}x{size}, microseconds"),
                                ("bytes", taken, f"{size}x{size}, MB")):
        figure, axes = plt.subplots(figsize=(7, 4.5))
        for line, values in series.items():
            axes.plot([100 * sparsity for sparsity in sparsities], values, marker="o",
                      label=line)
        axes.set(xlabel="zeros, %", ylabel=label, yscale="log")
        axes.grid(alpha=0.3)
        axes.legend()
        figure.tight_layout()
        for suffix in ("png", "svg"):
            figure.savefig(folder / f"{name}.{suffix}")
        plt.close(figure)
    print(f"\nPlots of time and bytes against sparsity: {folder}/time.svg, {folder}/bytes.svg, "
          "and .png of both")


def fraction(text):
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"a sparsity is from 0 to 1, not {text}")
    return value


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"a size is at least 1, not {text}")
    return value


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true",
                        help="every table; without --benchmark this is what is run")
    parser.add_argument("--benchmark", choices=BENCHMARKS, help="one table")
    parser.add_argument("--size", type=positive, help="rows and columns (default 1000)")
    parser.add_argument("--sparsity", type=fraction, help="share of zeros (default several)")
    parser.add_argument("--plots", type=pathlib.Path, metavar="DIR",
                        help="also plot time and bytes against sparsity into DIR")
    args = parser.parse_args()
    if args.all and args.benchmark:
        parser.error("--all and --benchmark exclude each other")

    size = args.size or 1000
    several = [args.sparsity] if args.sparsity is not None else [0.5, 0.7, 0.8, 0.9, 0.95]
    few = [args.sparsity] if args.sparsity is not None else [0.8, 0.9, 0.95]
    one = args.sparsity if args.sparsity is not None else 0.9
    print(f"Machine: {describe_machine()}; threads: {THREADS} for sparsec and NumPy, 1 for "
          f"SciPy; kernels: {_core.instruction_set()}; NumPy {np.__version__}, SciPy "
          f"{scipy.__version__}. In brackets: the document's figures.")
    chosen = [args.benchmark] if args.benchmark else BENCHMARKS
    if "memory" in chosen:
        memory(size, few)
    if "matvec" in chosen:
        matvec(size, several)
    if "construction" in chosen:
        construction([args.size] if args.size else [100, 500, 1000, 5000], one)
    if "scipy" in chosen:
        against_scipy(size, one)
    if "compress" in chosen:
        compress(size, few)
    if args.plots:
        plots(args.plots, size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
