#!/usr/bin/env python3
# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures products in every format and writes the cost table of a target.

    benchmarks/calibrate.py -o table.json                      this machine
    benchmarks/calibrate.py --target=gfx803 -o table.json      the emulator's model

Weights of a few shapes, densities and structures are compiled in each format and
multiplied with a few numbers of columns; on one thread, so that a machine that does
something else as well disturbs little, and the fastest call counts. The costs of a
line are the non-negative ones whose predictions are off by the least, in proportion.
docs/cost-model.md says what they are; `sparsec compile --strategy=cost
--cost-table=table.json` uses the table, and passes/costs/TARGET.json is built in.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import typing

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
from scipy.optimize import nnls  # noqa: E402

import emulated  # noqa: E402
import sparsec_rt  # noqa: E402

COSTS = ("fixed", "outer", "step", "entry", "vector", "operand", "result")
WAVE_COSTS = ("wave_fixed", "wave_input", "wave_step", "wave_entry")
# Of a line: the types of the weight, the other operand and the result.
DTYPES = {"f32": ("f32", "f32", "f32"), "f16": ("f16", "f16", "f16"),
          "bf16": ("bf16", "bf16", "bf16"), "i8 x float": ("i8", "f32", "f32"),
          "i8": ("i8", "i8", "i32")}
BLOCKS = (8, 4, 16, 32)
FORMATS = ("dense", "bitmask", "csr", "csc", *(f"block<{b}x{b}>" for b in BLOCKS))
TILE_VECTORS = 4
# Where other kernels begin. On the host the bitmask kernel for one column goes through
# bits below a density, and through words above; on the card there are kernels for one
# column, for fewer than 16, for those of a wave, and for more.
DENSITY_RANGES = {"host": {"bitmask": (0.08, None)}}
COLUMN_RANGES = {"host": (None,), "gfx803": (2, 16, 65, None)}

# Rows, columns, density, and the side of the blocks that are kept or dropped whole.
WEIGHTS = [(512, 512, 0.02, 1), (512, 512, 0.05, 1), (512, 512, 0.1, 1),
           (512, 512, 0.2, 1), (512, 512, 0.3, 1), (512, 512, 0.5, 1),
           (128, 1152, 0.1, 1), (128, 1152, 0.4, 1), (2048, 512, 0.05, 1),
           (2048, 512, 0.3, 1), (512, 2048, 0.02, 1), (512, 2048, 0.1, 1),
           (512, 2048, 0.5, 1), (1024, 256, 0.06, 1), (1024, 256, 0.25, 1),
           (512, 512, 0.1, 8), (512, 1024, 0.3, 32), (1024, 512, 0.15, 4)]
COLUMNS = {
    "host": {"A x": (1,), "A X": (4, 8, 16, 64, 256), "A^T x": (1,), "A^T X": (8, 64)},
    "gfx803": {"A x": (1,), "A X": (4, 8, 32, 64, 256), "A^T x": (1,),
               "A^T X": (8, 64, 256)}}
# Nanoseconds of an element from rows to columns: measured; 8 bytes at 256 GB/s.
MOVE = {"host": 0.5, "gfx803": 0.03}


def narrow(values, dtype) -> np.ndarray:
    """Numbers between -1.5 and 1.5 in an element type; of bf16, the bits."""
    if dtype == "bf16":
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    if dtype == "i8":
        return np.rint(values * 80).astype(np.int8)
    return values.astype({"f32": np.float32, "f16": np.float16}[dtype])


def make_weight(rows, cols, density, side, dtype, rng) -> np.ndarray:
    keep = rng.random((-(-rows // side), -(-cols // side))) < density
    mask = np.kron(keep, np.ones((side, side), bool))[:rows, :cols]
    return narrow(np.where(mask, rng.uniform(0.5, 1.5, mask.shape), 0), dtype)


def function_text(name, shape, product, columns, dtypes, format_name) -> str:
    """y = product of the weight in a format and x, both with their columns last."""
    rows, cols = shape
    inputs, outputs = (rows, cols) if "^T" in product else (cols, rows)
    tail = "" if columns == 1 else f"x{columns}"
    w, x, y = (f"tensor<{size}x{dtype}>" for size, dtype in
               zip((f"{rows}x{cols}", f"{inputs}{tail}", f"{outputs}{tail}"), dtypes))
    body = [f"%w = arith.constant dense_resource<w> : {w}"]
    weight, transposed = "%w", "transpose_lhs " if "^T" in product else ""
    if format_name != "dense":
        parameters = "<index = i16>" if format_name in ("csr", "csc") else ""
        typed = f"{w[:-1]}, #sparsec.{format_name}{parameters}>"
        body.append(f"%c = sparsec.compress %w : {w} to {typed}")
        weight, w = "%c", typed
    if transposed and columns == 1:
        operands = f"ins(%x, {weight} : {x}, {w})"
    else:
        operands = f"{transposed}ins({weight}, %x : {w}, {x})"
    sum_type = dtypes[2]
    body += [f"%zero = arith.constant {'0' if sum_type == 'i32' else '0.0'} : {sum_type}",
             f"%empty = tensor.empty() : {y}",
             f"%init = linalg.fill ins(%zero : {sum_type}) outs(%empty : {y}) -> {y}",
             f"%y = sparsec.matmul {operands} outs(%init : {y}) -> {y}",
             f"return %y : {y}"]
    lines = "".join(f"\n  {line}" for line in body)
    return f"func.func @{name}(%x: {x}) -> {y} {{{lines}\n}}\n"


class Point(typing.NamedTuple):
    """A product that was measured."""
    format: str
    product: str
    dtype: str
    density: float
    columns: int
    features: tuple
    wave: tuple  # what the costs of one wave are multiplied with
    seconds: float


class Calibration:
    def __init__(self, args):
        self.args = args
        self.build = args.build.resolve()
        self.emulated = args.target != "host"
        self.lanes = args.lanes
        self.columns = COLUMNS[args.target]
        self.points = []
        if not self.emulated:
            self.runtime = sparsec_rt.Runtime(self.build / "lib")

    def features(self, name, shape, weight, product, columns):
        """What each cost is multiplied with, and each of a wave: passes/CostModel.h."""
        rows, cols = shape
        nonzero = weight != 0
        nnz = np.count_nonzero(nonzero)
        work = {"dense": (rows, 0, rows * cols), "csr": (rows, 0, nnz),
                "csc": (cols, 0, nnz),
                "bitmask": (rows, rows * -(-cols // 64), nnz)}
        if name.startswith("block"):
            side = int(name[6:].split("x")[0])
            padded = np.pad(nonzero, ((0, -rows % side), (0, -cols % side)))
            tiles = padded.reshape(padded.shape[0] // side, side, -1, side)
            occupied = int(tiles.any(axis=(1, 3)).sum())
            work[name] = (-(-rows // side), occupied, occupied * side * side)
        outer, steps, entries = work[name]
        inputs, outputs = (rows, cols) if "^T" in product else (cols, rows)
        vectors = -(-columns // self.lanes)
        tiles = -(-vectors // TILE_VECTORS)
        return ((1, tiles * outer, tiles * steps, tiles * entries, vectors * entries,
                 vectors * inputs, vectors * outputs),
                (1, inputs, steps / outer, entries / outer))

    def compile(self, folder, text):
        source, output = folder / "model.mlir", folder / "model.so"
        source.write_text(text)
        command = [self.build / "bin/sparsec", "compile", source, "-o", output,
                   f"--target={self.args.target}"]
        if self.args.cpu:
            command.append(f"--cpu={self.args.cpu}")
        subprocess.run(command, check=True)
        return output

    def run_host(self, library, calls):
        """Seconds of each entry: the least of several calls, the entries taking turns."""
        with self.runtime.load(library) as model:
            prepared = [model.prepare(entry, x) for entry, x in calls]
            best = [float("inf")] * len(calls)
            for round_ in range(self.args.rounds):
                for index, call in enumerate(prepared):
                    call()
                    for _ in range(3):
                        start = time.perf_counter()
                        call()
                        best[index] = min(best[index], time.perf_counter() - start)
        return best

    def run_emulated(self, library, calls):
        """Modelled seconds of the kernels of each entry."""
        return [emulated.call(self.build, library, entry, x).seconds
                for entry, x in calls]

    def measure(self, shape, density, side, dtype):
        rng = np.random.default_rng(1)
        dtypes = DTYPES[dtype]
        weight = make_weight(*shape, density, side, dtypes[0], rng)
        entries = []  # product, columns, name, x
        for product, counts in self.columns.items():
            for columns in counts:
                inputs = shape[0] if "^T" in product else shape[1]
                x = rng.uniform(-1, 1, (inputs,) if columns == 1 else (inputs, columns))
                entries.append((product, columns, f"p{len(entries)}",
                                narrow(x, dtypes[1])))
        data = f"0x{weight.itemsize:02x}000000" + weight.tobytes().hex()
        resources = "{-# dialect_resources: { builtin: { w: \"" + data + "\" } } #-}\n"
        actual = np.count_nonzero(weight) / weight.size
        run = self.run_emulated if self.emulated else self.run_host
        for name in FORMATS:
            # Blocks of other sizes than 8 matter where weights are in blocks.
            if name in FORMATS[-3:] and side == 1 and density not in (0.02, 0.1):
                continue
            text = "".join(function_text(entry, shape, product, columns, dtypes, name)
                           for product, columns, entry, _ in entries)
            with tempfile.TemporaryDirectory() as folder:
                library = self.compile(pathlib.Path(folder), text + resources)
                seconds = run(library, [(entry, x) for _, _, entry, x in entries])
            for (product, columns, _, _), took in zip(entries, seconds):
                self.points.append(Point(
                    name, product, dtype, actual, columns,
                    *self.features(name, shape, weight, product, columns), took))
        print(f"  {dtype} {shape[0]}x{shape[1]}, {density:.0%}"
              + (f" in blocks of {side}" if side > 1 else ""), file=sys.stderr, flush=True)

    def call_overhead(self):
        """Seconds of ctypes around a call, which are not the product's."""
        text = ("func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {\n"
                "  return %x : tensor<1xf32>\n}\n")
        with tempfile.TemporaryDirectory() as folder:
            library = self.compile(pathlib.Path(folder), text)
            return self.run_host(library, [("main", np.zeros(1, np.float32))])[0]

    def lines(self):
        overhead = 0 if self.emulated else self.call_overhead()
        keys = sorted({(p.format, p.product, p.dtype) for p in self.points},
                      key=lambda key: (list(DTYPES).index(key[2]), FORMATS.index(key[0]),
                                       list(self.columns).index(key[1])))
        densities = DENSITY_RANGES.get(self.args.target, {})
        errors = []
        for key in keys:
            points = [p for p in self.points if (p.format, p.product, p.dtype) == key]
            for density, some in ranges(points, densities.get(key[0], (None,)),
                                        lambda p: p.density):
                for columns, chosen in ranges(some, COLUMN_RANGES[self.args.target],
                                              lambda p: p.columns):
                    matrix = np.array([p.features for p in chosen], float)
                    took = np.maximum([(p.seconds - overhead) * 1e9 for p in chosen], 1)
                    costs, predicted = fit(matrix, took)
                    wave_costs = []
                    if self.emulated:
                        waves = np.array([p.wave for p in chosen], float)
                        costs, wave_costs, predicted = fit_card(matrix, waves, took)
                    errors.extend(predicted / took)
                    line = dict(zip(("format", "product", "dtype"), key))
                    if density:
                        line["density_below"] = density
                    if columns:
                        line["columns_below"] = columns
                    line |= {f"{cost}_ns": float(f"{value:.4g}")
                             for cost, value in zip(COSTS + WAVE_COSTS,
                                                    (*costs, *wave_costs))}
                    line["scaling"] = 1
                    yield line
        spread = np.percentile(np.abs(np.log(errors)), [50, 90])
        print(f"predictions are off by {np.expm1(spread[0]):.1%} in the median, "
              f"{np.expm1(spread[1]):.1%} at the 90th percentile, of "
              f"{len(errors)} products", file=sys.stderr)


def ranges(points, bounds, key):
    """Each bound with the points below it that are not below the one before; None is
    beyond all."""
    low = 0
    for high in bounds:
        chosen = [p for p in points if low <= key(p) and (not high or key(p) < high)]
        low = high
        if chosen:
            yield high, chosen


def fit(matrix, took):
    """Costs whose predictions have the least sum of relative errors."""
    scale = matrix.max(axis=0)
    scale[scale == 0] = 1
    importance = np.ones(len(took))
    for _ in range(20):
        weights = importance / took
        solution, _ = nnls(matrix / scale * weights[:, None], took * weights)
        predicted = np.maximum(matrix / scale @ solution, 1)
        # Least squares, reweighted into absolute values: outliers count for less.
        importance = 1 / np.sqrt(np.maximum(np.abs(predicted / took - 1), 0.02))
    return solution / scale, predicted


def fit_card(matrix, waves, took):
    """Costs of all waves together and of one; the larger time is that of a product. Which
    that is for each point and the costs are found in turns, from a few beginnings."""
    costs, predicted = fit(matrix, took)
    best = costs, np.zeros(waves.shape[1]), predicted
    error = mean_error(predicted, took)
    slow = took / predicted
    for part in (0.3, 0.5, 0.7):
        by_wave = slow > np.quantile(slow, part)
        for _ in range(15):
            if not 2 <= by_wave.sum() <= len(took) - 2:
                break
            costs = fit(matrix[~by_wave], took[~by_wave])[0]
            wave_costs = fit(waves[by_wave], took[by_wave])[0]
            predicted = np.maximum(np.maximum(matrix @ costs, waves @ wave_costs), 1)
            if mean_error(predicted, took) < error:
                error = mean_error(predicted, took)
                best = costs, wave_costs, predicted
            by_wave = waves @ wave_costs > matrix @ costs
    return best


def mean_error(predicted, took) -> float:
    return np.abs(np.log(predicted / took)).mean()


def main() -> int:
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, default=here.parent / "build")
    parser.add_argument("--target", default="host", choices=COLUMNS)
    parser.add_argument("--cpu", help="as sparsec compile takes it; must run here")
    parser.add_argument("--dtypes", default=",".join(DTYPES))
    parser.add_argument("--rounds", type=int, default=5, help="of calls, on the host")
    parser.add_argument("--weights", type=int, help="measure the first N weights only")
    args = parser.parse_args()
    args.lanes = 64 if args.target != "host" else vector_lanes(args.cpu)
    calibration = Calibration(args)
    start = time.time()
    for dtype in args.dtypes.split(","):
        for index, (rows, cols, density, side) in enumerate(WEIGHTS[:args.weights]):
            # Other types differ in how an element is loaded: fewer weights tell.
            if dtype == "f32" or index % 3 == 0:
                calibration.measure((rows, cols), density, side, dtype)
    host = args.target == "host"
    table = {"version": 1, "target": args.target, "lanes": args.lanes,
             "threads": 2 if host else 1, "parallel_work": 65536 if host else 0,
             "parallel_ns": 2000 if host else 0, "move_ns": MOVE[args.target],
             "splits_weights": host}
    lines = ",\n  ".join(json.dumps(line) for line in calibration.lines())
    text = json.dumps(table)[:-1] + ",\n \"lines\": [\n  " + lines + "\n]}\n"
    args.output.write_text(text)
    print(f"{args.output}: {time.time() - start:.0f} s", file=sys.stderr)
    return 0


def vector_lanes(cpu) -> int:
    """f32 elements of a vector register, as lowering/TargetInfo.cpp chooses."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    wide = "avx512bw" in flags if cpu in (None, "native") else "v4" in cpu or "znver4" == cpu
    return 16 if wide else 8


if __name__ == "__main__":
    sys.exit(main())
