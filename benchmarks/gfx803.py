# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Modelled times of products compiled for gfx803: bitmask x vector against the bandwidth
of the memory, and products with DLMC's transformer masks, 1 and 64 columns, beside AMD's
rocSPARSE 5.3 on the same emulated card. Every product is checked against float64."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "test/Emulator/rocsparse/Inputs"),
                str(HERE.parent / "test/Integration/Inputs")]

import emulated  # noqa: E402
import smtx  # noqa: E402
from floats import F32  # noqa: E402
from mlir_text import Module, filled, tensor  # noqa: E402
from rocsparse import Csr, RocSparse  # noqa: E402
from code_objects import Unavailable  # noqa: E402

SPARSITIES = ("0.7", "0.8", "0.9", "0.95")
FORMATS = ("bitmask", "csr")
ROOF = (4096, (0.5, 0.8, 0.9))  # GEMV against the memory: size, sparsities


def compile_product(build, folder, weight, columns, storage):
    """y = w x."""
    rows, depth = weight.shape
    vector = columns == 1
    x = tensor((depth,) if vector else (depth, columns), "f32")
    y = tensor((rows,) if vector else (rows, columns), "f32")
    w = tensor(weight.shape, "f32")
    module = Module()
    body = [f"%w = arith.constant {module.constant('w', weight, F32)}"]
    body += filled("zero", y, "")
    body += [f"%y = linalg.{'matvec' if vector else 'matmul'} ins(%w, %x : {w}, {x}) "
             f"outs(%zero : {y}) -> {y}", "%y"]
    module.function("main", [("x", x)], y, body)
    path = os.path.join(folder, "product.mlir")
    with open(path, "w") as file:
        file.write(module.text())
    output = os.path.join(folder, "product.so")
    subprocess.run([os.path.join(build, "bin/sparsec"), "compile", path, "-o", output,
                    "--target=gfx803", f"--format={storage}"], check=True)
    return output


def run(build, folder, weight, columns, storage, x):
    """The product on the emulated card, checked."""
    done = emulated.call(build, compile_product(build, folder, weight, columns, storage),
                         "main", x)
    check(done.result, weight, x)
    return done


def check(result, weight, x):
    """The bound of docs/rationale.md for default mode, denormals as zero."""
    w, x = weight.astype(np.float64), x.astype(np.float64)
    depth = w.shape[1]
    bound = 2 * depth * 2.0**-24 * (abs(w) @ abs(x)) + 2.0**-126 * (
        abs(w).sum() + abs(x).sum() + 2 * depth)
    if not (abs(result - w @ x) <= bound).all():
        sys.exit("gfx803.py: a product is wrong")


def compare(build, folder, masks, dlmc):
    """Ours beside rocSPARSE's; returns the ratios of our faster format."""
    try:
        peer = RocSparse(str(build / "rocsparse-kernels"),
                         str(build / "bin/gfx803-emulator"))
    except Unavailable as reason:
        print(f"\nrocSPARSE is left out: {reason}")
        return
    print("\nProducts with DLMC's transformer masks beside rocSPARSE 5.3, microseconds; "
          "MB: millions\nof bytes that all lanes ask of memory; the ratio is that of our faster "
          "format\n")
    print("zeros  shape      columns  " + "".join(f"{f:>9s}     MB" for f in FORMATS) +
          "  rocSPARSE     MB  ratio")
    rng = np.random.default_rng(0)
    ratios = []
    for path in masks:
        mask = smtx.read(path)
        weight = np.where(mask, rng.standard_normal(mask.shape), 0).astype(np.float32)
        sparsity = float(path.relative_to(dlmc).parts[2])
        for columns in (1, 64):
            shape = mask.shape[1:] if columns == 1 else (mask.shape[1], columns)
            x = rng.standard_normal(shape).astype(np.float32)
            ours = [run(build, folder, weight, columns, f, x) for f in FORMATS]
            theirs = peer.multiply(Csr.of(weight), x)
            check(theirs.result, weight, x)
            ratios.append(min(call.seconds for call in ours) / theirs.seconds)
            cells = [*((call.seconds, call.bytes) for call in ours), (theirs.seconds, sum(
                report["bytes"][kind] for report in theirs.reports
                for kind in ("load", "store", "smem")))]
            print(f"{sparsity:5.0%}  {mask.shape[0]:4d}x{mask.shape[1]:<4d}  {columns:8d}  " +
                  "".join(f"{seconds * 1e6:9.2f} {count / 1e6:6.2f}"
                          for seconds, count in cells[:-1]) +
                  f"  {cells[-1][0] * 1e6:9.2f} {cells[-1][1] / 1e6:6.2f}"
                  f"  {ratios[-1]:5.2f}", flush=True)
    print(f"\ngeometric mean {np.exp(np.log(ratios).mean()):.2f}, "
          f"largest {max(ratios):.2f}")


def against_memory(build, folder):
    size, sparsities = ROOF
    bandwidth = 256e9
    print(f"\nbitmask x vector, {size}x{size}, at random\n\n"
          "zeros  stored bytes  microseconds  of 256 GB/s")
    rng = np.random.default_rng(0)
    for sparsity in sparsities:
        weight = rng.standard_normal((size, size), dtype=np.float32)
        weight[rng.random(weight.shape) < sparsity] = 0
        x = rng.standard_normal(size).astype(np.float32)
        done = run(build, folder, weight, 1, "bitmask", x)
        reached = done.compressed_bytes / bandwidth / done.seconds
        print(f"{sparsity:5.0%}  {done.compressed_bytes:12d}  {done.seconds * 1e6:12.1f}  "
              f"{reached:11.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--dlmc", type=pathlib.Path,
                        default=HERE.parents[1] / "shared" / "dlmc")
    options = parser.parse_args()
    build = options.build.resolve()
    masks = [path for sparsity in SPARSITIES for path in sorted(
        options.dlmc.glob(f"transformer/*/{sparsity}/*.smtx"))]
    print("Kernels for gfx803 on the emulated card: modelled, not measured "
          "(docs/gfx803-model.md)")
    with tempfile.TemporaryDirectory() as folder:
        against_memory(build, folder)
        if masks:
            compare(build, folder, masks, options.dlmc)
        else:
            print(f"\nNo DLMC masks in {options.dlmc}: their table is left out.")


if __name__ == "__main__":
    main()
