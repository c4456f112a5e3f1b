# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model whose weights do not fit a budget of memory: they are read from the file in
windows. The bits are those of a run without a budget, and the peak resident size that
the operating system measured is that of a small model plus the budget.

    streaming.py BUILD FOLDER [--layers N] [--side N] [--budget MIB]
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

# Pages of code and heap that one run touches and another does not.
SLACK = 3 << 20
FORMATS = ("bitmask", "csr", "csc")


def write_model(path: pathlib.Path, layers: int, side: int) -> None:
    """y = Wn ... W1 x, 90 % zeros."""
    w, v = f"tensor<{side}x{side}xf32>", f"tensor<{side}xf32>"
    body = "".join(f"""
  %w{i} = arith.constant dense_resource<w{i}> : {w}
  %x{i + 1} = linalg.matvec ins(%w{i}, %x{i} : {w}, {v}) outs(%init : {v}) -> {v}"""
                   for i in range(layers))
    rng = np.random.default_rng(0)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"""func.func @main(%x0: {v}) -> {v} {{
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {v}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {v}) -> {v}{body}
  return %x{layers} : {v}
}}
{{-# dialect_resources: {{ builtin: {{""")
        for i in range(layers):
            file.write(f'{", " if i else " "}w{i}: "0x04000000')
            for first in range(0, side, 256):
                rows = min(256, side - first)
                part = rng.standard_normal((rows, side), dtype=np.float32)
                part[rng.random(part.shape, dtype=np.float32) < 0.9] = 0
                file.write(part.tobytes().hex())
            file.write('"')
        file.write(" } } #-}\n")


# The peak that the system reports for a process starts with that of the one that it
# was before exec, which should be small: this Python has NumPy.
LAUNCHER = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Tool:
    def __init__(self, build, folder):
        self.path, self.folder = build / "bin" / "sparsec", folder

    def compile(self, model, output, *options):
        subprocess.run([self.path, "compile", self.folder / model, "-o",
                        self.folder / output, "--strict-fp", *options], check=True)

    def trace(self, artefact):
        """Whether pages were read ahead while the run computed, in its trace."""
        trace = self.folder / "trace.json"
        subprocess.run([self.path, "run", self.folder / artefact, "--input",
                        self.folder / "x.npy", "--output", self.folder / "z.npy",
                        f"--trace={trace}"], check=True)
        spans = {"compute": [], "read": []}
        for event in json.loads(trace.read_text())["traceEvents"]:
            if event["ph"] == "X":
                spans[event["cat"]].append((event["ts"], event["ts"] + event["dur"]))
        return any(min(a[1], b[1]) > max(a[0], b[0])
                   for a in spans["read"] for b in spans["compute"])

    def run(self, artefact, x):
        """The result and the peak resident size in bytes."""
        np.save(self.folder / "x.npy", x)
        done = subprocess.run(
            [sys.executable, "-ISc", LAUNCHER, self.path, "run",
             self.folder / artefact, "--input", self.folder / "x.npy", "--output",
             self.folder / "y.npy"], env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{artefact}: run failed")
        return np.load(self.folder / "y.npy"), int(done.stdout) * 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--budget", type=int, default=1, help="MiB")
    parser.add_argument("--formats", default=",".join(FORMATS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    tool = Tool(options.build, options.folder)
    x = np.random.default_rng(1).standard_normal(options.side, dtype=np.float32)
    write_model(options.folder / "small.mlir", 1, 64)
    write_model(options.folder / "model.mlir", options.layers, options.side)
    tool.compile("small.mlir", "small.so")
    # The tool itself peaks at one size or another, some MiB apart.
    base = max(tool.run("small.so", x[:64])[1] for _ in range(5))
    failed = False
    for form in options.formats.split(","):
        tool.compile("model.mlir", "plain.so", f"--format={form}")
        tool.compile("model.mlir", "streamed.so", f"--format={form}",
                     f"--weight-budget={options.budget}MiB")
        size = (options.folder / "streamed.so").stat().st_size
        y, plain = tool.run("plain.so", x)
        z, streamed = tool.run("streamed.so", x)
        # What the unlimited run peaks at is no promise, and printed only.
        good = (y.tobytes() == z.tobytes() and tool.trace("streamed.so") and
                streamed - base <= (options.budget << 20) + SLACK)
        print(f"{form}: file {size / 2**20:.1f} MiB, resident {plain / 2**20:.1f} MiB, "
              f"with a budget of {options.budget} MiB {streamed / 2**20:.1f} MiB, a "
              f"small model {base / 2**20:.1f} MiB{'' if good else ': FAIL'}")
        failed |= not good
    for name in ("model.mlir", "plain.so", "streamed.so"):
        (options.folder / name).unlink()
    return failed


if __name__ == "__main__":
    sys.exit(main())
