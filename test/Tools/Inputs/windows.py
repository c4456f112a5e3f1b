# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A 1024x512 weight with 90 % zeros times a batch of 32, in windows of 64 and of 128
rows: a run holds no more of it decompressed than a window, and in strict mode has the
bits of a run that holds nothing.

    windows.py BUILD FOLDER
"""

import json
import pathlib
import subprocess
import sys

import numpy as np

ROWS, COLS, BATCH = 1024, 512, 32
SLACK = 1024


def write_model(path: pathlib.Path, w: np.ndarray) -> None:
    kind = f"tensor<{ROWS}x{COLS}xf32>"
    x, y = f"tensor<{BATCH}x{COLS}xf32>", f"tensor<{BATCH}x{ROWS}xf32>"
    path.write_text(f"""func.func @main(%x: {x}) -> {y} {{
  %w = arith.constant dense_resource<w> : {kind}
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : {y}
  %f = linalg.fill ins(%zero : f32) outs(%e : {y}) -> {y}
  %y = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
    affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : {x}, {kind}) outs(%f : {y}) -> {y}
  return %y : {y}
}}
{{-# dialect_resources: {{ builtin: {{ w: "0x04000000{w.tobytes().hex()}" }} }} #-}}
""")


def main() -> int:
    build, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    w = rng.standard_normal((ROWS, COLS), dtype=np.float32)
    w[rng.random(w.shape) < 0.9] = 0
    x = rng.standard_normal((BATCH, COLS), dtype=np.float32)
    np.save(folder / "x.npy", x)
    write_model(folder / "model.mlir", w)
    expected = x.astype(np.float64) @ w.T.astype(np.float64)
    bound = 2 * COLS * 2.0**-24 * (np.abs(x) @ np.abs(w.T)) + 2.0**-100

    def run(target, device, *options):
        tool, artefact = build / "bin" / "sparsec", folder / "model.so"
        subprocess.run([tool, "compile", folder / "model.mlir", "-o", artefact,
                        f"--target={target}", *options], check=True)
        done = subprocess.run(
            [tool, "run", artefact, f"--device={device}", "--input",
             folder / "x.npy", "--output", folder / "y.npy", "--stats=json"],
            check=True, capture_output=True, text=True)
        return np.load(folder / "y.npy"), json.loads(done.stdout)

    failed = False
    plain, stats = run("host", "host", "--strict-fp")
    failed |= stats["peak_decompressed_bytes"] != 0
    for target, device in (("host", "host"), ("gfx803", "emulator")):
        for rows, mode in ((64, ()), (64, ("--strict-fp",)), (128, ())):
            y, stats = run(target, device, f"--window-rows={rows}", *mode)
            peak, stated = (stats[f"{what}_decompressed_bytes"]
                            for what in ("peak", "bound"))
            most = w.nbytes * rows / ROWS + SLACK
            good = (0 < peak <= stated <= most and
                    (np.abs(y - expected) <= bound).all() and
                    stats["peak_working_bytes"] <= stats["bound_working_bytes"])
            if mode:
                good &= y.tobytes() == plain.tobytes()
            print(f"{target} {rows} rows {' '.join(mode)}: {peak} of {w.nbytes} "
                  f"bytes, {w.nbytes / peak:.1f} times fewer"
                  f"{'' if good else ': FAIL'}")
            failed |= not good
    return failed


if __name__ == "__main__":
    sys.exit(main())
