#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The pruned digits network, from digits.mlir to predictions.

Compiles the model twice, compressed and dense, runs both on every test image, and
prints what the weights take, what is predicted and how long a batch takes. Exits
with status 1 if a prediction differs from a float64 evaluation of the same weights.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

# One thread a core: left to itself the kernel may keep several on one, for seconds.
os.environ.setdefault("OMP_PROC_BIND", "true")

import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "benchmarks")]

import reference  # noqa: E402
import sparsec_rt  # noqa: E402
from machine import describe_machine  # noqa: E402

RUNS = 200


def compile_model(build: pathlib.Path, output: pathlib.Path, *options: str) -> str:
    """Compiles digits.mlir; returns what the compiler prints."""
    command = [build / "bin" / "sparsec", "compile", HERE / "digits.mlir", "-o", output]
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    return done.stdout


def time_batch(models: list[sparsec_rt.Model], images: np.ndarray) -> list[np.ndarray]:
    """Seconds of each run of each model, the models taking turns: [model][run]."""
    seconds = [[] for _ in models]
    for _ in range(RUNS + 10):
        for model, times in zip(models, seconds):
            model.run("main", images)
            times.append(model.stats.seconds)
    return [np.array(times[10:]) for times in seconds]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build")
    build = parser.parse_args().build.resolve()
    images = np.load(HERE / "test_images.npy")
    labels = np.load(HERE / "test_labels.npy")

    runtime = sparsec_rt.Runtime(build / "lib")
    with tempfile.TemporaryDirectory() as folder:
        compressed_so = pathlib.Path(folder) / "digits.so"
        dense_so = pathlib.Path(folder) / "digits-dense.so"
        print("The weights of examples/digits/digits.mlir\n")
        print(compile_model(build, compressed_so, "--report"))
        compile_model(build, dense_so, "--format=dense")
        sizes = [os.path.getsize(path) for path in (dense_so, compressed_so)]
        compressed = runtime.load(compressed_so)
        dense = runtime.load(dense_so)

        expected = reference.evaluate(images)
        [logits] = compressed.run("main", images)
        error = np.abs(logits - expected).max()
        same = int((logits.argmax(1) == expected.argmax(1)).sum())
        total = len(labels)
        right = int((logits.argmax(1) == labels).sum())
        right64 = int((expected.argmax(1) == labels).sum())
        print("Predictions on the test images")
        print(f"  compiled, compressed weights   {right}/{total} right ({right / total:.2%})")
        print(f"  dense float64 evaluation       {right64}/{total} right ({right64 / total:.2%})")
        print(f"  same prediction                {same}/{total}")
        print(f"  largest difference of a logit  {error:.1e}\n")

        print(f"Time a batch, median of {RUNS} runs with the 10th and 90th percentile, in")
        print(f"microseconds, on {describe_machine()}")
        print("  batch      dense                  compressed             dense / compressed")
        for batch in (1, 8, 64, total):
            times = time_batch([dense, compressed], images[:batch])
            cells = []
            for series in times:
                low, middle, high = np.percentile(series, [10, 50, 90]) * 1e6
                cells.append(f"{middle:7.1f} ({low:.1f} to {high:.1f})")
            ratio = np.median(times[0] / times[1])
            print(f"  {batch:5d}    {cells[0]:21s}  {cells[1]:21s}  {ratio:6.2f}")
        print(f"\nArtefact: {sizes[0]} bytes dense, {sizes[1]} compressed, "
              f"ratio {sizes[0] / sizes[1]:.2f}")
        compressed.close()
        dense.close()
    return 0 if same == total else 1


if __name__ == "__main__":
    sys.exit(main())
