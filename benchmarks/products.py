#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compressed products beside SciPy and OpenBLAS, in one process.

For each weight: A @ x with one column and A @ B with 64, in every format, against
scipy.sparse CSR and CSC (which use one thread) and NumPy's dense product (OpenBLAS
with as many threads as ours). In each round every peer makes a block of calls, so that
a change of the machine's speed meets all of them; the table gives the median over all
calls, the spread (10th to 90th percentile) of ours, and the median over rounds of the
ratio of the blocks' medians.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

THREADS = os.environ.setdefault("OMP_NUM_THREADS",
                                str(len(os.sched_getaffinity(0))))
os.environ["OPENBLAS_NUM_THREADS"] = THREADS
# One thread a core: left to itself the kernel may keep both on one, for seconds.
os.environ.setdefault("OMP_PROC_BIND", "true")
# Idle threads of either library stop spinning within SETTLE seconds.
SETTLE = 0.05
os.environ.setdefault("KMP_BLOCKTIME", "20")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "22")

import numpy as np  # noqa: E402
import scipy  # noqa: E402
import scipy.sparse  # noqa: E402

import smtx  # noqa: E402
import sparsec_rt  # noqa: E402
from machine import describe_machine  # noqa: E402

FORMATS = ("bitmask", "csr", "csc", "block", "dense")
COLUMNS = (1, 64)
ROUNDS, CALLS = 5, 11


def function_text(shape, columns: int, resource: str) -> str:
    """A function `columnsN` that multiplies the weight `resource` with N columns."""
    rows, cols = shape
    if columns == 1:
        x, y, name = f"tensor<{cols}xf32>", f"tensor<{rows}xf32>", "matvec"
    else:
        x, y = f"tensor<{cols}x{columns}xf32>", f"tensor<{rows}x{columns}xf32>"
        name = "matmul"
    w = f"tensor<{rows}x{cols}xf32>"
    return f"""
func.func @columns{columns}(%x: {x}) -> {y} {{
  %w = arith.constant dense_resource<{resource}> : {w}
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {y}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {y}) -> {y}
  %y = linalg.{name} ins(%w, %x : {w}, {x}) outs(%init : {y}) -> {y}
  return %y : {y}
}}"""


def model_text(weight: np.ndarray) -> str:
    """One function for each number of columns, all on the same weight."""
    functions = [function_text(weight.shape, columns, "w") for columns in COLUMNS]
    data = "0x04000000" + weight.tobytes().hex()
    return "".join(functions) + (
        "\n{-# dialect_resources: { builtin: { w: \"" + data + "\" } } #-}\n")


def compile_formats(source, build, folder, *options):
    """The model in each format: {format: path}."""
    libraries = {}
    for name in FORMATS:
        libraries[name] = pathlib.Path(folder) / f"{name}.so"
        subprocess.run([build / "bin" / "sparsec", "compile", source, "-o",
                        libraries[name], f"--format={name}", *options], check=True)
    return libraries


def measure(peers: dict) -> dict:
    """Seconds of each call of each peer, [round][call]: blocks of calls, taking turns."""
    times = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, call in peers.items():
            # The threads of the peer before spin for a while after its last call.
            time.sleep(SETTLE)
            for _ in range(3):
                call()
            block = []
            for _ in range(CALLS):
                start = time.perf_counter()
                call()
                block.append(time.perf_counter() - start)
            times[name].append(block)
    return {name: np.array(series) for name, series in times.items()}


def bench(label, weight, build, runtime, summary):
    rng = np.random.default_rng(1)
    csr, csc = scipy.sparse.csr_matrix(weight), scipy.sparse.csc_matrix(weight)
    sparsity = 1 - csr.nnz / weight.size
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "model.mlir"
        source.write_text(model_text(weight))
        models = {name: runtime.load(path)
                  for name, path in compile_formats(source, build, folder).items()}
        for columns in COLUMNS:
            shape = (weight.shape[1],) if columns == 1 else (weight.shape[1], columns)
            x = rng.standard_normal(shape, dtype=np.float32)
            expected = weight.astype(np.float64) @ x
            bound = 2 * weight.shape[1] * 2.0**-24 * (np.abs(weight) @ np.abs(x)) + 1e-30
            peers = {"scipy csr": lambda: csr @ x, "scipy csc": lambda: csc @ x,
                     "OpenBLAS": lambda: weight @ x}
            for name, model in models.items():
                [result] = model.run(f"columns{columns}", x)
                if not (np.abs(result - expected) <= bound).all():
                    raise SystemExit(f"{label}: {name} is wrong")
                peers[name] = model.prepare(f"columns{columns}", x)
            times = measure(peers)
            medians = {name: np.median(series) * 1e6 for name, series in times.items()}
            print(f"\n{label}: {weight.shape[0]}x{weight.shape[1]}, {sparsity:.1%} zeros, "
                  f"{columns} column{'s' if columns > 1 else ''}: "
                  f"scipy csr {medians['scipy csr']:.0f} us, csc "
                  f"{medians['scipy csc']:.0f} us, OpenBLAS dense "
                  f"{medians['OpenBLAS']:.0f} us")
            print("  ours        median us  (p10 to p90)          vs scipy csr  "
                  "vs scipy csc  vs OpenBLAS")
            for name in FORMATS:
                low, high = np.percentile(times[name], [10, 90]) * 1e6
                ratios = [np.median(np.median(times[peer], axis=1)
                                    / np.median(times[name], axis=1))
                          for peer in ("scipy csr", "scipy csc", "OpenBLAS")]
                print(f"  {name:8s}  {medians[name]:11.1f}  ({low:.1f} to {high:.1f})"
                      .ljust(46) + "".join(f"{ratio:12.2f}x " for ratio in ratios))
                summary.setdefault((round(sparsity, 2), columns, name), []).append(ratios)
        for model in models.values():
            model.close()


def random_weight(size, sparsity, rng):
    weight = rng.standard_normal((size, size), dtype=np.float32)
    weight[rng.random((size, size)) < sparsity] = 0
    return weight


def main() -> int:
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=here.parent / "build")
    parser.add_argument("--dlmc", type=pathlib.Path,
                        default=here.parents[1] / "shared" / "dlmc",
                        help="folder of DLMC masks (.smtx); left out if missing")
    args = parser.parse_args()
    build = args.build.resolve()
    runtime = sparsec_rt.Runtime(build / "lib")
    rng = np.random.default_rng(0)
    print(f"Machine: {describe_machine()}; {THREADS} threads for sparsec and OpenBLAS, "
          f"1 for SciPy; NumPy {np.__version__}, SciPy {scipy.__version__}. Ratios above 1 "
          "mean that sparsec is faster.")
    summary = {}
    for size, sparsity in ((1000, 0.9), (1024, 0.9), (4096, 0.9)):
        bench(f"random {size}", random_weight(size, sparsity, rng), build, runtime, summary)
    masks = sorted(args.dlmc.rglob("*.smtx")) if args.dlmc.is_dir() else []
    if not masks:
        print(f"\nNo DLMC masks in {args.dlmc}: their part of the table is left out.")
    for path in masks:
        mask = smtx.read(path)
        weight = np.where(mask, rng.standard_normal(mask.shape, dtype=np.float32), 0)
        label = "/".join(path.relative_to(args.dlmc).with_suffix("").parts[-2:])
        bench(f"DLMC {label}", weight.astype(np.float32), build, runtime, summary)

    print("\nGeometric means by sparsity, columns and format: vs scipy csr, vs scipy csc, "
          "vs OpenBLAS dense")
    for (sparsity, columns, name), ratios in sorted(summary.items()):
        means = np.exp(np.log(np.array(ratios)).mean(axis=0))
        print(f"  {sparsity:.0%}  {columns:3d}  {name:8s}"
              + "".join(f"{mean:9.2f}x" for mean in means) + f"   ({len(ratios)} weights)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
