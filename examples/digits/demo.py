#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The pruned digits network, from digits.mlir to predictions.

Compiles the model for this CPU and for gfx803 (which an emulator stands in for),
compressed and dense, runs it on every test image, and prints what the weights take,
what is predicted and how long a batch takes. Exits with status 1 if a prediction
differs from a float64 evaluation of the same weights, or strict mode from one target
to the other.
"""

import argparse
import json
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
BATCHES = (1, 8, 64, 445)


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


def run_on_card(build: pathlib.Path, model: pathlib.Path,
                images: np.ndarray) -> tuple[np.ndarray, float]:
    """The logits, and the modelled seconds of all kernels."""
    folder = model.parent
    np.save(folder / "images.npy", images)
    command = [build / "bin" / "sparsec", "run", model, "--device=emulator", "--input",
               folder / "images.npy", "--output", folder / "logits.npy", "--stats=json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    kernels = json.loads(done.stdout)["kernels"]
    return (np.load(folder / "logits.npy"),
            sum(kernel["modelled_seconds"] for kernel in kernels))


def print_predictions(logits: dict[str, np.ndarray], expected: np.ndarray,
                      labels: np.ndarray) -> bool:
    """A row a target; whether all predict what the float64 evaluation does."""
    total = len(labels)
    right = int((expected.argmax(1) == labels).sum())
    print(f"Predictions on the {total} test images\n"
          f"                          right              as float64  largest difference\n"
          f"  dense float64           {right} ({right / total:.2%})")
    all_same = True
    for target, values in logits.items():
        right = int((values.argmax(1) == labels).sum())
        same = int((values.argmax(1) == expected.argmax(1)).sum())
        error = np.abs(values - expected).max()
        print(f"  {target:22s}  {right} ({right / total:.2%})  {same:6d}/{total}"
              f"  {error:18.1e}")
        all_same &= same == total
    return all_same


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

        cards = {}
        for name, options in (("dense", ["--format=dense"]), ("compressed", []),
                              ("strict", ["--strict-fp"])):
            cards[name] = pathlib.Path(folder) / f"card-{name}.so"
            compile_model(build, cards[name], "--target=gfx803", *options)
        strict_so = pathlib.Path(folder) / "digits-strict.so"
        compile_model(build, strict_so, "--strict-fp")

        [logits] = compressed.run("main", images)
        on_card, _ = run_on_card(build, cards["compressed"], images)
        same = print_predictions(
            {"host": logits, "gfx803, emulated": on_card},
            reference.evaluate(images), labels)
        with runtime.load(strict_so) as strict:
            [bits] = strict.run("main", images)
        on_card, _ = run_on_card(build, cards["strict"], images)
        same_bits = bits.tobytes() == on_card.tobytes()
        print(f"  with --strict-fp both targets give "
              f"{'the same bits' if same_bits else 'DIFFERENT BITS'}\n")

        print(f"Time a batch, median of {RUNS} runs with the 10th and 90th percentile, in")
        print(f"microseconds, on {describe_machine()}")
        print("  batch      dense                  compressed             dense / compressed")
        for batch in BATCHES:
            times = time_batch([dense, compressed], images[:batch])
            cells = []
            for series in times:
                low, middle, high = np.percentile(series, [10, 50, 90]) * 1e6
                cells.append(f"{middle:7.1f} ({low:.1f} to {high:.1f})")
            ratio = np.median(times[0] / times[1])
            print(f"  {batch:5d}    {cells[0]:21s}  {cells[1]:21s}  {ratio:6.2f}")
        print("\nThe same on gfx803: microseconds of all kernels, modelled (a lower bound), "
              "not measured\n  batch      dense       compressed  dense / compressed")
        for batch in BATCHES:
            dense_time, time = (run_on_card(build, cards[name], images[:batch])[1]
                                for name in ("dense", "compressed"))
            print(f"  {batch:5d}    {dense_time * 1e6:7.1f}     {time * 1e6:7.1f}     "
                  f"{dense_time / time:6.2f}")
        print(f"\nArtefact: {sizes[0]} bytes dense, {sizes[1]} compressed, "
              f"ratio {sizes[0] / sizes[1]:.2f}")
        compressed.close()
        dense.close()
    return 0 if same and same_bits else 1


if __name__ == "__main__":
    sys.exit(main())
