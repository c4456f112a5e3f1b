#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Is the format that `--strategy=cost` chooses the fastest one?

For each DLMC mask, a mask with a dense quarter, and 1, 8, 64 and 256 columns: the product as --strategy=cost compiles
it, in every format, and NumPy's dense product (OpenBLAS, as many threads) take turns in
rounds of blocks of calls. The choice's figure is the median over rounds of the ratio of
its block's median to that of the best format, so that a change of the machine's speed
meets both. It is right where it is within 10 % of the best. Where it is one of the formats
as such, both are the same code, and the time of each is the mean of both.

With --target=gfx803 it is the modelled time of the emulated card, which has no noise, and
the peer is the dense product that is compiled for it.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import products  # sets the number of threads; before NumPy
from products import FORMATS, THREADS, describe_machine

import numpy as np

import emulated
import smtx
import sparsec_rt

COLUMNS = (1, 8, 64, 256)
CHOICE = "choice"
NEAR = 1.10
NOT_BELOW = 0.95


def model_text(weight: np.ndarray) -> str:
    """A function and a copy of the weight for each number of columns: a format is chosen
    for each."""
    data = "0x04000000" + weight.tobytes().hex()
    functions = [products.function_text(weight.shape, columns, f"w{columns}")
                 for columns in COLUMNS]
    resources = ", ".join(f'w{columns}: "{data}"' for columns in COLUMNS)
    return "".join(functions) + (
        "\n{-# dialect_resources: { builtin: { " + resources + " } } #-}\n")


def compile_all(source, build, folder, options) -> tuple:
    """The model by the cost table and in each format, {name: path}, and the formats that
    the table chooses, by number of columns; of a weight in parts, those of all."""
    libraries = products.compile_formats(source, build, folder, options[0])
    libraries[CHOICE] = pathlib.Path(folder) / f"{CHOICE}.so"
    tool = build / "bin" / "sparsec"
    subprocess.run([tool, "compile", source, "-o", libraries[CHOICE], "--strategy=cost",
                    *options], check=True)
    done = subprocess.run([tool, "inspect", libraries[CHOICE], "--json"], check=True,
                          capture_output=True, text=True)
    chosen = {}
    for weight in json.loads(done.stdout)["weights"]:
        columns = int(weight["name"].split("[")[0][1:])
        chosen.setdefault(columns, []).append(weight["format"].replace("<index = i16>", ""))
    return libraries, {columns: "+".join(names) for columns, names in chosen.items()}


class Host:
    """This machine, beside OpenBLAS."""
    peer = "OpenBLAS"

    def __init__(self, build):
        self.build = build
        self.runtime = sparsec_rt.Runtime(build / "lib")
        print(f"Machine: {describe_machine()}; {THREADS} threads. Microseconds, medians.\n")

    def measure(self, libraries, weight, inputs):
        """The seconds of each peer, an array of rounds, by columns."""
        result = {}
        models = {name: self.runtime.load(path) for name, path in libraries.items()}
        for columns, x in inputs.items():
            y = np.empty(weight.shape[:1] + x.shape[1:], np.float32)
            peers = {self.peer: lambda x=x, y=y: np.matmul(weight, x, out=y)}
            for name, model in models.items():
                peers[name] = model.prepare(f"columns{columns}", x)
            result[columns] = {name: np.median(series, axis=1)
                               for name, series in products.measure(peers).items()}
        for model in models.values():
            model.close()
        return result


class Card:
    """The emulated card."""
    peer = "dense"

    def __init__(self, build):
        self.build = build
        print("gfx803, emulated. Modelled microseconds.\n")

    def measure(self, libraries, weight, inputs):
        return {columns: {name: np.array([emulated.call(self.build, path,
                                                        f"columns{columns}", x).seconds])
                          for name, path in libraries.items()}
                for columns, x in inputs.items()}


TARGETS = {"host": Host, "gfx803": Card}


def bench(weight, target, options) -> dict:
    """The choice and the seconds of each peer: {columns: (choice, times)}."""
    rng = np.random.default_rng(1)
    inputs = {}
    for columns in COLUMNS:
        shape = (weight.shape[1],) if columns == 1 else (weight.shape[1], columns)
        inputs[columns] = rng.standard_normal(shape, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "model.mlir"
        source.write_text(model_text(weight))
        libraries, chosen = compile_all(source, target.build, folder, options)
        measured = target.measure(libraries, weight, inputs)
    return {columns: (chosen[columns], measured[columns]) for columns in COLUMNS}


def masks(folder, rng):
    """Those of DLMC by name, and one of which a quarter of the rows is nearly dense."""
    paths = sorted(folder.rglob("*.smtx")) if folder.is_dir() else []
    if not paths:
        print(f"No DLMC masks in {folder}.")
    for path in paths:
        yield "/".join(path.relative_to(folder).with_suffix("").parts[-2:]), smtx.read(path)
    mixed = rng.random((1024, 1024)) < 0.03
    mixed[:256] = rng.random((256, 1024)) < 0.9
    yield "random, a quarter of 1024x1024 dense", mixed


def judge(times, peer, choice):
    """How much longer the choice takes than the best format, which that is, and how many
    times as fast as the peer it is."""
    if choice in FORMATS:
        times[choice] = times[CHOICE] = (times[choice] + times[CHOICE]) / 2
    best = min(FORMATS, key=lambda name: np.median(times[name]))
    return (np.median(times[CHOICE] / times[best]), best,
            np.median(times[peer] / times[CHOICE]))


def main() -> int:
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=here.parent / "build")
    parser.add_argument("--dlmc", type=pathlib.Path,
                        default=here.parents[1] / "shared" / "dlmc",
                        help="folder of DLMC masks (.smtx)")
    parser.add_argument("--target", default="host", choices=TARGETS)
    parser.add_argument("--table", help="choose by this cost table, not the built-in one")
    parser.add_argument("--save", type=pathlib.Path, help="write the medians as JSON")
    args = parser.parse_args()
    build = args.build.resolve()
    options = [f"--target={args.target}"]
    if args.table:
        options.append(f"--cost-table={args.table}")
    rng = np.random.default_rng(0)
    target = TARGETS[args.target](build)
    peer = target.peer
    names = list(dict.fromkeys((*FORMATS, peer, CHOICE)))
    print(f"{'mask':66s}  zeros  columns" + "".join(f"{name:>10s} " for name in names)
          + f"  / best  x {peer}  chosen")
    lost, beaten, dense_beaten, saved = [], [], [], []
    total = 0
    for label, mask in masks(args.dlmc, rng):
        weight = np.where(mask, rng.standard_normal(mask.shape, dtype=np.float32), 0)
        measured = bench(weight.astype(np.float32), target, options)
        for columns, (choice, times) in measured.items():
            ratio, best, speedup = judge(times, peer, choice)
            total += 1
            where = f"{label}, {columns} columns"
            if ratio > NEAR:
                lost.append(f"{where}: {choice} takes {ratio:.2f} times as long as {best}")
            if speedup < NOT_BELOW:
                beaten.append(f"{where}: {choice} at {speedup:.2f} of {peer}'s speed")
            dense = np.median(times[peer] / times["dense"])
            if dense < NOT_BELOW:
                dense_beaten.append(f"{where}: {dense:.2f}")
            saved.append({"mask": label, "columns": columns, "choice": choice,
                          "seconds": {name: float(np.median(series))
                                      for name, series in times.items()}})
            print(f"{label:66s} {1 - mask.mean():6.1%}  {columns:7d}"
                  + "".join(f"{np.median(times[name]) * 1e6:10.1f} " for name in names)
                  + f"  {ratio:6.2f}  {speedup:{len(peer) + 2}.2f}  {choice}", flush=True)
    print(f"\nWithin 10 % of the best format: {total - len(lost)} of {total} "
          f"({1 - len(lost) / total:.1%})")
    for title, lines in (("Farther from it", lost),
                         (f"Below {NOT_BELOW} of {peer}'s speed", beaten),
                         (f"Our dense kernel below {NOT_BELOW} of it", dense_beaten)):
        print(f"{title}: {len(lines) or 'none'}")
        for line in lines:
            print(f"  {line}")
    if args.save:
        args.save.write_text(json.dumps(saved, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
