# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models whose weights are larger than a card may hold of them: they stay in the file
and come in windows. In strict mode the bits are those of a run with everything on the
card, in the default mode every element is within the bound of its product; device
memory is what the budget allows for weights, and the emulator enforces it. The trace of
such a run has copies beside kernels.

    streaming_device.py BUILD FOLDER [--seed N] [--formats ...] [--columns 1,7]
    streaming_device.py BUILD FOLDER --large [--layers N] [--side N] [--budget MIB]
                        [--memory MIB]

The second is by hand: one model of square layers, 2 GiB if they were dense, on a card of
64 MiB, with its times as the trace has them.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import numpy as np

from streaming import write_model

FORMATS = ("bitmask", "csr", "csc", "block")


def random_weight(rng, rows, cols):
    """90 % zeros, with rows that are empty and one that is full."""
    w = rng.standard_normal((rows, cols), dtype=np.float32)
    w[rng.random(w.shape) < 0.9] = 0
    w[rng.integers(rows, size=rows // 8)] = 0
    w[rng.integers(rows)] = 1
    return w


class Model:
    """y = W2 relu(W1 x + b) on columns, or the transpose of all that on rows. The
    second is how layers of batches are written."""

    def __init__(self, rng, columns, on_rows):
        self.columns, self.on_rows = columns, on_rows
        self.depth, self.width, self.outputs = (
            int(rng.integers(200, 300)), int(rng.integers(300, 400)),
            int(rng.integers(130, 200)))
        self.w1 = random_weight(rng, self.width, self.depth)
        self.w2 = random_weight(rng, self.outputs, self.width)
        self.bias = rng.standard_normal(self.width, dtype=np.float32)
        self.x = rng.standard_normal((self.depth, columns), dtype=np.float32)

    def input(self):
        return np.ascontiguousarray(self.x.T if self.on_rows else self.x)

    def write(self, path):
        def kind(rows, cols):
            rows, cols = (cols, rows) if self.on_rows else (rows, cols)
            return f"tensor<{rows}x{cols}xf32>"

        def product(name, w, x, out, inner):
            types = (kind(out, inner), kind(inner, self.columns))
            names = (w, x)
            if self.on_rows:
                types, names = types[::-1], names[::-1]
            result = kind(out, self.columns)
            return f"""
  %e{name} = tensor.empty() : {result}
  %f{name} = linalg.fill ins(%zero : f32) outs(%e{name} : {result}) -> {result}
  %{name} = linalg.matmul ins(%{names[0]}, %{names[1]} : {types[0]}, {types[1]})
    outs(%f{name} : {result}) -> {result}"""

        hidden = kind(self.width, self.columns)
        bias_dim = "d1" if self.on_rows else "d0"
        blobs = {"w1": self.w1, "w2": self.w2, "b": self.bias}
        if self.on_rows:
            blobs |= {"w1": self.w1.T, "w2": self.w2.T}
        resources = ", ".join(
            f'{name}: "0x04000000{np.ascontiguousarray(value).tobytes().hex()}"'
            for name, value in blobs.items())
        path.write_text(f"""
#whole = affine_map<(d0, d1) -> (d0, d1)>
#bias = affine_map<(d0, d1) -> ({bias_dim})>
func.func @main(%x: {kind(self.depth, self.columns)}) -> {kind(self.outputs, self.columns)} {{
  %w1 = arith.constant dense_resource<w1> : {kind(self.width, self.depth)}
  %w2 = arith.constant dense_resource<w2> : {kind(self.outputs, self.width)}
  %b = arith.constant dense_resource<b> : tensor<{self.width}xf32>
  %zero = arith.constant 0.0 : f32{product("h", "w1", "x", self.width, self.depth)}
  %r = linalg.generic {{indexing_maps = [#whole, #bias, #whole],
      iterator_types = ["parallel", "parallel"]}}
    ins(%h, %b : {hidden}, tensor<{self.width}xf32>) outs(%eh : {hidden}) {{
  ^bb0(%v: f32, %c: f32, %o: f32):
    %s = arith.addf %v, %c : f32
    %m = arith.maximumf %s, %zero : f32
    linalg.yield %m : f32
  }} -> {hidden}{product("y", "w2", "r", self.outputs, self.width)}
  return %y : {kind(self.outputs, self.columns)}
}}
{{-# dialect_resources: {{ builtin: {{ {resources} }} }} #-}}
""")

    def expected(self):
        """In float64, and the most that f32 may be off by."""
        w1, w2, x = (v.astype(np.float64) for v in (self.w1, self.w2, self.x))
        bias = self.bias.astype(np.float64)[:, None]
        hidden = np.maximum(w1 @ x + bias, 0)
        unit = 2 * 2.0**-24
        off = unit * ((self.depth + 2) * (np.abs(w1) @ np.abs(x) + np.abs(bias)))
        y = w2 @ hidden
        off = np.abs(w2) @ off + unit * self.width * (np.abs(w2) @ (hidden + off))
        return (y.T, off.T) if self.on_rows else (y, off)


class Tool:
    def __init__(self, build, folder):
        self.path, self.folder = build / "bin" / "sparsec", folder

    def compile(self, output, *options):
        return subprocess.run(
            [self.path, "compile", self.folder / "model.mlir", "-o",
             self.folder / output, "--target=gfx803", *options],
            capture_output=True, text=True, check=False)

    def run(self, artefact, memory=None, trace=False):
        environment = dict(os.environ)
        if memory:
            environment["GFX803_EMULATOR_VRAM"] = str(memory)
        options = [f"--trace={self.folder / 'trace.json'}"] if trace else []
        done = subprocess.run(
            [self.path, "run", self.folder / artefact, "--device=emulator",
             "--input", self.folder / "x.npy", "--output", self.folder / "y.npy",
             "--stats=json", *options],
            env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return None, done.stderr
        return np.load(self.folder / "y.npy"), json.loads(done.stdout)


def overlap(path):
    """Seconds in which a copy and a kernel run at the same time, and the number of
    copies to the card."""
    events = [e for e in json.loads(path.read_text())["traceEvents"] if e["ph"] == "X"]
    spans = {cat: [(e["ts"], e["ts"] + e["dur"]) for e in events if e["cat"] == cat]
             for cat in ("copy", "kernel")}
    for one in spans.values():  # one at a time
        assert all(a[1] <= b[0] + 1e-6 for a, b in zip(one, one[1:])), one
    both = sum(max(0, min(a[1], b[1]) - max(a[0], b[0]))
               for a in spans["copy"] for b in spans["kernel"])
    return both * 1e-6, sum(e["name"] == "copy in" for e in events)


def check(tool, model, form):
    """Whether all is well; prints what is not."""
    failed = []
    model.write(tool.folder / "model.mlir")
    np.save(tool.folder / "x.npy", model.input())
    expected, off = model.expected()
    too_small = tool.compile("none.so", f"--format={form}", "--weight-budget=1")
    least = re.search(r"the smallest that works is (\d+), of which \d+ are for "
                      r"constants that stay on the device\n$", too_small.stderr)
    if too_small.returncode != 1 or not least:
        return [f"a budget of 1 byte: {too_small.stderr}"]
    least = int(least.group(1))
    for mode in ((), ("--strict-fp",)):
        tool.compile("plain.so", f"--format={form}", *mode)
        plain, all_stats = tool.run("plain.so")
        if plain is None:
            return [f"everything on the card: {all_stats}"]
        some = (least + all_stats["compressed_bytes"]) // 2
        for budget in (least, some) if mode else (some,):
            label = f"{' '.join(mode)} budget {budget}"
            done = tool.compile("streamed.so", f"--format={form}", *mode,
                                f"--weight-budget={budget}")
            if done.returncode:
                failed.append(f"{label}: {done.stderr}")
                continue
            # Windows of columns carry sums in f32 on. The code takes a page or two.
            tensors = 2 * all_stats["peak_working_bytes"] + 4096
            y, stats = tool.run("streamed.so", budget + tensors + (256 << 10),
                                trace=True)
            if y is None:
                failed.append(f"{label}: {stats}")
                continue
            if not (np.abs(y - expected) <= off).all():
                failed.append(f"{label}: wrong")
            same = y.tobytes() == plain.tobytes()
            if mode and not same:
                failed.append(f"{label}: other bits")
            if not stats["peak_working_bytes"] <= stats["bound_working_bytes"]:
                failed.append(f"{label}: {stats}")
            if stats["peak_device_bytes"] > budget + tensors:
                failed.append(f"{label}: {stats['peak_device_bytes']} bytes on the card")
            both, copies = overlap(tool.folder / "trace.json")
            if both <= 0 or copies < 3:
                failed.append(f"{label}: {copies} copies, {both} s beside kernels")
            print(f"{form} {model.columns} {'rows' if model.on_rows else 'columns'} "
                  f"{label} of {all_stats['peak_device_bytes']}: "
                  f"{stats['peak_device_bytes']} on the card, {copies} copies, "
                  f"{'the same' if same else 'other'} bits")
        if not least < stats["compressed_bytes"]:
            failed.append(f"the smallest budget is {least}")
    return failed


def check_large(tool, options):
    """The same for one large model, and what its trace says."""
    write_model(tool.folder / "model.mlir", options.layers, options.side)
    np.save(tool.folder / "x.npy",
            np.random.default_rng(1).standard_normal(options.side, dtype=np.float32))
    failed = False
    for mode in ((), ("--strict-fp",)):
        results = []
        for name, memory, *budget in (
                ("plain.so", None),
                ("streamed.so", options.memory << 20,
                 f"--weight-budget={options.budget}MiB")):
            started = time.monotonic()
            done = tool.compile(name, f"--format={options.formats}", *mode, *budget)
            compiled = time.monotonic()
            if done.returncode:
                sys.exit(done.stderr)
            y, stats = tool.run(name, memory, trace=True)
            if y is None:
                sys.exit(stats)
            results.append(y)
            events = [e for e in json.loads((tool.folder / "trace.json").read_text())
                      ["traceEvents"] if e["ph"] == "X"]
            spent = {cat: sum(e["dur"] for e in events if e["cat"] == cat) / 1e6
                     for cat in ("copy", "kernel")}
            print(f"{' '.join(mode)} {name}: {stats['peak_device_bytes'] / 2**20:.1f} MiB "
                  f"on the card{f' of {options.memory} MiB' if memory else ''}; modelled: "
                  f"copies {spent['copy'] * 1e3:.3f} ms, kernels {spent['kernel'] * 1e3:.3f}"
                  f" ms, {overlap(tool.folder / 'trace.json')[0] * 1e3:.3f} ms of them at "
                  f"the same time, all {max(e['ts'] + e['dur'] for e in events) / 1e3:.3f}"
                  f" ms; {compiled - started:.0f} s to compile, "
                  f"{time.monotonic() - compiled:.0f} s to run", flush=True)
        same = results[0].tobytes() == results[1].tobytes()
        print("the same bits" if same else "other bits")
        failed |= bool(mode) and not same
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=np.random.SeedSequence().entropy % 2**32)
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--columns", default="1,7")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--side", type=int, default=8192)
    parser.add_argument("--budget", type=int, default=48, help="MiB")
    parser.add_argument("--memory", type=int, default=64, help="MiB")
    options = parser.parse_args()
    if options.large:
        options.folder.mkdir(parents=True, exist_ok=True)
        return check_large(Tool(options.build, options.folder), options)
    print(f"seed {options.seed}")
    rng = np.random.default_rng(options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    tool = Tool(options.build, options.folder)
    failed = False
    for form in options.formats.split(","):
        for columns in map(int, options.columns.split(",")):
            # One row is the same product as one column.
            for on_rows in (False, True) if columns > 1 else (False,):
                for why in check(tool, Model(rng, columns, on_rows), form):
                    print(f"{form} {columns} {on_rows}: FAIL: {why}")
                    failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
