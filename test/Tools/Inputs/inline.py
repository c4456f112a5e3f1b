# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models with a weight of many hexadecimal digits inline, which the tool takes out
of the text: the same artefact as where it cannot, or the parser's own words where
the digits do not fit the type.

    inline.py BUILD FOLDER
"""

import pathlib
import subprocess
import sys

import numpy as np

SIDE = 256


def model(constant: str) -> str:
    v, w = f"tensor<{SIDE}xf32>", f"tensor<{SIDE}x{SIDE}xf32>"
    return f"""// A comment with dense<"0x00"> in it.
func.func @main(%x: {v}) -> {v} {{
  %w = arith.constant {constant}
  %small = arith.constant dense<"0x0000803F"> : tensor<1xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : {v}
  %init = linalg.fill ins(%zero : f32) outs(%empty : {v}) -> {v}
  %y = linalg.matvec ins(%w, %x : {w}, {v}) outs(%init : {v}) -> {v}
  return %y : {v}
}}
"""


def main() -> int:
    build, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    tool = build / "bin" / "sparsec"

    def run(command, name, text, *options):
        (folder / f"{name}.mlir").write_text(text)
        return subprocess.run([tool, command, folder / f"{name}.mlir", *options],
                              capture_output=True, text=True, check=False)

    def compiled(name, text):
        output = folder / f"{name}.so"
        done = run("compile", name, text, "-o", output)
        assert done.returncode == 0, done.stderr
        return output.read_bytes()

    rng = np.random.default_rng(0)
    w = rng.standard_normal((SIDE, SIDE), dtype=np.float32)
    w[rng.random(w.shape) < 0.9] = 0
    digits = w.tobytes().hex()
    kind = f"tensor<{SIDE}x{SIDE}xf32>"
    # A type on the next line is left to the parser.
    parsed = compiled("line", model(f'dense<"0x{digits}">\n    : {kind}'))
    for name, constant in (
            ("inline", f'dense<"0x{digits}"> : {kind}'),
            ("spaces", f'dense<"0x{digits}"> :  {kind}'),
            ("upper", f'dense<"0x{digits.upper()}"> : {kind}')):
        assert compiled(name, model(constant)) == parsed, name

    # Too short by one element, and no digits at all.
    for name, text, words in (
            ("short", digits[:-8], "elements hex data size is invalid"),
            ("odd", digits[:-1], "hex"),
            ("letter", digits[:-1] + "g", "hex")):
        done = run("inspect", name, model(f'dense<"0x{text}"> : {kind}'))
        assert done.returncode == 1 and words in done.stderr, done.stderr[:300]
        assert len(done.stderr.splitlines()[0]) < 1000, "the digits in an error"
        assert f"{name}.mlir:3:" in done.stderr, done.stderr[:300]
    return 0


if __name__ == "__main__":
    sys.exit(main())
