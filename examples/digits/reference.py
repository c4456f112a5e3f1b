# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Evaluate the digit classifier in dense float64, to compare compiled code against.

The weights come from the resource section of digits.mlir, so they are the ones
the compiler saw. Needs NumPy only.

    reference.py --images test_images.npy --labels test_labels.npy --logits out.npy
"""

import argparse
import re
from pathlib import Path
from typing import Dict

import numpy as np

MODEL = Path(__file__).resolve().parent / "digits.mlir"
USE = re.compile(r"dense_resource<([\w.$]+)> : tensor<((?:\d+x)+)f32>")
BLOB = re.compile(r'([\w.$]+): "0x([0-9A-Fa-f]+)"')


def read_weights(model: Path = MODEL) -> Dict[str, np.ndarray]:
    """The f32 weights of an MLIR file, by resource name."""
    body, _, resources = model.read_text().partition("{-#")
    blobs = {name: bytes.fromhex(digits) for name, digits in BLOB.findall(resources)}
    weights = {}
    for name, sizes in USE.findall(body):
        shape = [int(size) for size in sizes.split("x")[:-1]]
        # The first four bytes of a blob are its alignment.
        weights[name] = np.frombuffer(blobs[name], "<f4", offset=4).reshape(shape)
    return weights


def evaluate(images: np.ndarray, model: Path = MODEL) -> np.ndarray:
    """Images [N, 1, 8, 8], pixels in [0, 1], to float64 logits [N, 10]."""
    w = {name: v.astype(np.float64) for name, v in read_weights(model).items()}
    n = len(images)

    # 3x3 convolution, padding 1: the sum of nine shifted images. [N, 16, 8, 8]
    padded = np.pad(images.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    x = np.zeros((n, 16, 8, 8)) + w["conv1.bias"][:, None, None]
    for dy in range(3):
        for dx in range(3):
            kernel = w["conv1.weight"][:, 0, dy, dx]
            x += kernel[:, None, None] * padded[:, :, dy : dy + 8, dx : dx + 8]
    x = np.maximum(x, 0)
    x = x.reshape(n, 16, 4, 2, 4, 2).max(axis=(3, 5))  # [N, 16, 4, 4]

    x = x.reshape(n, 256)
    x = np.maximum(x @ w["fc1.weight"].T + w["fc1.bias"], 0)
    x = np.maximum(x @ w["fc2.weight"].T + w["fc2.bias"], 0)
    return x @ w["fc3.weight"].T + w["fc3.bias"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="f32 [N, 1, 8, 8]")
    parser.add_argument("--labels", type=Path, required=True, help="i64 [N]")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--logits", type=Path, help="write f64 [N, 10] here")
    args = parser.parse_args()

    labels = np.load(args.labels)
    logits = evaluate(np.load(args.images), args.model)
    right = int((logits.argmax(1) == labels).sum())
    second, best = np.sort(logits, axis=1)[:, -2:].T
    print(f"accuracy: {100 * right / len(labels):.2f} % ({right} of {len(labels)})")
    print(f"smallest gap between the two best logits: {(best - second).min():.6f}")
    if args.logits:
        np.save(args.logits, logits)


if __name__ == "__main__":
    main()
