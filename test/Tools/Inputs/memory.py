# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles a model with a large weight and prints the compiler's peak memory beside
the weight's size. Fails above three times the size.

    memory.py BUILD FOLDER SIDE    a SIDE x SIDE f32 weight, 90 % zeros
"""

import os
import pathlib
import subprocess
import sys

import numpy as np


def write_text(path: pathlib.Path, side: int, inline: bool) -> None:
    """The model as text: y = W x + b, the weight as a resource, or inline."""
    rng = np.random.default_rng(0)
    w = f"tensor<{side}x{side}xf32>"
    v = f"tensor<{side}xf32>"

    def write_weight(file):
        for _ in range(0, side, 256):
            rows = rng.standard_normal((256, side), dtype=np.float32)
            rows[rng.random((256, side), dtype=np.float32) < 0.9] = 0
            file.write(rows.tobytes().hex())

    with open(path, "w", encoding="ascii") as file:
        file.write(f"""func.func @main(%x: {v}) -> {v} {{
  %w = arith.constant """)
        if inline:
            file.write('dense<"0x')
            write_weight(file)
            file.write('">')
        else:
            file.write("dense_resource<w>")
        file.write(f""" : {w}
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {v}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {v}) -> {v}
  %y = linalg.matvec ins(%w, %x : {w}, {v}) outs(%init : {v}) -> {v}
  return %y : {v}
}}
""")
        if not inline:
            file.write('{-# dialect_resources: { builtin: { w: "0x04000000')
            write_weight(file)
            file.write('" } } #-}\n')


def peak_of(command: list) -> int:
    """Runs a command; its peak resident size in bytes."""
    pid = os.posix_spawn(command[0], [str(part) for part in command], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{command} failed")
    return usage.ru_maxrss * 1024


def main() -> int:
    build, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    side = int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    text, bytecode = folder / "model.mlir", folder / "model.mlirbc"
    inline = folder / "inline.mlir"
    write_text(text, side, inline=False)
    write_text(inline, side, inline=True)
    subprocess.run([build / "bin" / "sparsec-opt", text, "--emit-bytecode",
                    "-o", bytecode], check=True)
    size = 4 * side * side
    worst = 0.0
    for path in (bytecode, text, inline):
        peak = peak_of([str(build / "bin" / "sparsec"), "compile", path, "-o",
                        folder / "model.so"])
        print(f"{path.name}: weight {size / 2**20:.0f} MiB, file "
              f"{path.stat().st_size / 2**20:.0f} MiB, peak {peak / 2**20:.0f} MiB, "
              f"{peak / size:.2f} times the weight")
        worst = max(worst, peak / size)
        path.unlink()
    (folder / "model.so").unlink()
    return worst >= 3


if __name__ == "__main__":
    sys.exit(main())
