#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Convolutions with pruned filters, in one process: compiled with compressed filters,
compiled dense, and PyTorch's (oneDNN) with the same filters, if it is installed. One image,
f32, channels first; blocks of calls take turns as in products.py."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

# PyTorch brings an OpenMP of its own; bound, both would have the same core.
os.environ.setdefault("OMP_PROC_BIND", "false")

import products  # sets the number of threads; before NumPy
from products import THREADS, describe_machine

import numpy as np

import sparsec_rt

try:
    import torch
    torch.set_num_threads(int(THREADS))
except ImportError:
    torch = None

# Channels, side of the image, outputs, side of the kernel: of ResNet-50.
SHAPES = ((64, 58, 64, 3), (256, 16, 256, 3), (512, 9, 512, 3), (256, 14, 1024, 1))
SPARSITIES = (0.5, 0.7, 0.9, 0.95)


def model_text(filters, x, y) -> str:
    image, result, weight = (f"tensor<{'x'.join(map(str, shape))}xf32>"
                             for shape in (x, y, filters.shape))
    return f"""
func.func @main(%x: {image}) -> {result} {{
  %w = arith.constant dense_resource<w> : {weight}
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {result}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {result}) -> {result}
  %y = linalg.conv_2d_nchw_fchw ins(%x, %w : {image}, {weight})
                                outs(%init : {result}) -> {result}
  return %y : {result}
}}
{{-# dialect_resources: {{ builtin: {{ w: "0x04000000{filters.tobytes().hex()}" }} }} #-}}
"""


def bench(shape, sparsity, build, runtime):
    channels, side, outputs, kernel = shape
    rng = np.random.default_rng(1)
    filters = rng.standard_normal((outputs, channels, kernel, kernel), dtype=np.float32)
    filters[rng.random(filters.shape) < sparsity] = 0
    x = rng.standard_normal((1, channels, side, side), dtype=np.float32)
    out = side - kernel + 1
    models, peers = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "model.mlir"
        source.write_text(model_text(filters, x.shape, (1, outputs, out, out)))
        for name in ("auto", "dense"):
            library = pathlib.Path(folder) / f"{name}.so"
            subprocess.run([build / "bin" / "sparsec", "compile", source, "-o", library,
                            f"--format={name}"], check=True)
            models[name] = runtime.load(library)
            peers[name] = models[name].prepare("main", x)
    results = [model.run("main", x)[0] for model in models.values()]
    if torch:
        image, weight = torch.from_numpy(x), torch.from_numpy(filters)
        convolution = torch.nn.functional.conv2d
        peers["torch"] = lambda: convolution(image, weight)
        results.append(peers["torch"]().numpy())
    if not all(np.allclose(results[0], other, rtol=1e-4, atol=1e-3) for other in results):
        raise SystemExit(f"{shape}: results differ")
    times = products.measure(peers)
    for model in models.values():
        model.close()
    text = f"{channels:4d} {side:3d}x{side:<3d} {outputs:5d} {kernel}x{kernel} {sparsity:9.0%}"
    ours = np.median(times["auto"], axis=1)
    low, high = np.percentile(times["auto"], [10, 90]) * 1e6
    text += f" {np.median(times['auto']) * 1e6:9.0f} ({low:.0f} to {high:.0f})".ljust(30)
    for name in list(peers)[1:]:
        ratio = np.median(np.median(times[name], axis=1) / ours)
        text += f" {np.median(times[name]) * 1e6:9.0f} {ratio:6.2f}x"
    print(text, flush=True)


def main() -> int:
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=here.parent / "build")
    build = parser.parse_args().build.resolve()
    runtime = sparsec_rt.Runtime(build / "lib")
    print(f"Machine: {describe_machine()}; {THREADS} threads. Microseconds, medians, with the "
          "10th to 90th percentile of ours; ratios above 1 mean that sparsec with "
          "compressed filters is faster than the same compiled dense"
          + (f", and than torch {torch.__version__}" if torch else "") + ".")
    print("   c   image     f    k      zeros   auto".ljust(62) + "dense"
          + ("            torch" if torch else ""))
    for shape in SHAPES:
        for sparsity in SPARSITIES:
            bench(shape, sparsity, build, runtime)
    return 0


if __name__ == "__main__":
    sys.exit(main())
