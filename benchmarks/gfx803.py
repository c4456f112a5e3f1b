# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Modelled times of products compiled for gfx803 beside AMD's rocSPARSE 5.3 on the same
emulated card: DLMC transformer masks, 1 and 64 columns."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "test/Emulator/rocsparse/Inputs"),
                str(HERE.parent / "test/Integration/Inputs")]

import smtx  # noqa: E402
from floats import F32  # noqa: E402
from mlir_text import Module, filled, tensor  # noqa: E402
from rocsparse import Csr, RocSparse  # noqa: E402

MASK = ("transformer/magnitude_pruning/{}/body_decoder_layer_0_self_attention_"
        "multihead_attention_q_fully_connected.smtx")
SPARSITIES = ("0.7", "0.8", "0.9", "0.95")


def compile_product(build, folder, weight, columns):
    """y = w x, in bitmask."""
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
                    "--target=gfx803", "--format=bitmask"], check=True)
    return output


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--dlmc", default=HERE.parents[1] / "shared/dlmc")
    options = parser.parse_args()
    build = options.build.resolve()
    peer = RocSparse(str(build / "rocsparse-kernels"),
                     str(build / "bin/gfx803-emulator"))
    rng = np.random.default_rng(0)
    ratios = []
    print("Modelled microseconds, not measured: docs/gfx803-model.md\n")
    print("zeros  columns  sparsec  rocSPARSE  ratio")
    for sparsity in SPARSITIES:
        mask = smtx.read(os.path.join(options.dlmc, MASK.format(sparsity)))
        weight = np.where(mask, rng.standard_normal(mask.shape), 0)
        weight = weight.astype(np.float32)
        for columns in (1, 64):
            shape = mask.shape[1:] if columns == 1 else (mask.shape[1], columns)
            x = rng.standard_normal(shape).astype(np.float32)
            with tempfile.TemporaryDirectory() as folder:
                path = compile_product(build, folder, weight, columns)
                seconds = run(build, folder, path, x)
            theirs = peer.multiply(Csr.of(weight), x).seconds
            ratios.append(seconds / theirs)
            print(f"{float(sparsity):5.0%}  {columns:7d}  {seconds * 1e6:7.2f}  "
                  f"{theirs * 1e6:9.2f}  {ratios[-1]:5.2f}")
    print(f"\ngeometric mean {np.exp(np.log(ratios).mean()):.2f}, "
          f"largest {max(ratios):.2f}")


def run(build, folder, path, x):
    """Modelled seconds of all kernels of one run."""
    source = os.path.join(folder, "x.npy")
    np.save(source, x)
    done = subprocess.run([build / "bin/sparsec", "run", path, "--device=emulator",
                           "--input", source, "--stats=json"], check=True,
                          capture_output=True, text=True)
    text = done.stdout[done.stdout.index("{\n"):]
    return sum(kernel["modelled_seconds"] for kernel in json.loads(text)["kernels"])


if __name__ == "__main__":
    main()
