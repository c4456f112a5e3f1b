# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Train a small digit classifier, prune its linear layers to 90 %, fine-tune.

    x      [N, 1, 8, 8]    pixels / 16
    conv1  [N, 16, 8, 8]   3x3, padding 1, bias, relu
    pool   [N, 16, 4, 4]   2x2 max, then flattened to [N, 256]
    fc1    [N, 512]        relu
    fc2    [N, 256]        relu
    fc3    [N, 10]         logits

Plain NumPy in float32. Writes the weights (an .npz that export.py reads), the
held-out images and their labels.
"""

import os

# The committed files are reproduced to the bit only if every machine adds in the
# same order: one BLAS thread, and the AVX2 kernels of OpenBLAS and NumPy.
# Must come before NumPy is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OPENBLAS_CORETYPE"] = "Haswell"
os.environ["NPY_DISABLE_CPU_FEATURES"] = (
    "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"
)

import argparse
from pathlib import Path
from typing import Dict, Iterator, Tuple

import numpy as np
from sklearn.datasets import load_digits

HERE = Path(__file__).resolve().parent
SEED = 0
BATCH = 64
EPOCHS = 40  # each: dense, pruning, fine-tuning
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-4
SPARSITY = 0.9
PRUNED = ("fc1.weight", "fc2.weight", "fc3.weight")

Tensors = Dict[str, np.ndarray]


def load(rng: np.random.Generator) -> Tuple[np.ndarray, ...]:
    """Train and test images [N, 1, 8, 8] and labels [N]: a quarter of each digit
    is held out."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    labels = digits.target.astype(np.int64)
    held_out = np.zeros(len(labels), bool)
    for digit in range(10):
        members = rng.permutation(np.flatnonzero(labels == digit))
        held_out[members[: len(members) // 4]] = True
    return images[~held_out], labels[~held_out], images[held_out], labels[held_out]


def initialise(rng: np.random.Generator) -> Tensors:
    """He-normal weights as [out, in, ...], zero biases."""
    shapes = {
        "conv1": (16, 1, 3, 3),
        "fc1": (512, 256),
        "fc2": (256, 512),
        "fc3": (10, 256),
    }
    weights = {}
    for layer, shape in shapes.items():
        scale = np.sqrt(2 / np.prod(shape[1:]))
        weights[f"{layer}.weight"] = rng.normal(0, scale, shape).astype(np.float32)
        weights[f"{layer}.bias"] = np.zeros(shape[0], np.float32)
    return weights


def patches(x: np.ndarray) -> np.ndarray:
    """[N, 1, 8, 8] to the 3x3 neighbourhoods [N, 8, 8, 9] of a padded image."""
    padded = np.pad(x[:, 0], ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return windows.reshape(len(x), 8, 8, 9)


def forward(w: Tensors, x: np.ndarray) -> Tensors:
    """The activations the backward pass needs; 'logits' is [N, 10]."""
    n = len(x)
    a = {"patches": patches(x)}
    conv = a["patches"] @ w["conv1.weight"].reshape(16, 9).T + w["conv1.bias"]
    # [N, y, x, c] to [N, c, pooled y, pooled x, 4 candidates]
    conv = np.maximum(conv, 0).reshape(n, 4, 2, 4, 2, 16).transpose(0, 5, 1, 3, 2, 4)
    a["candidates"] = conv.reshape(n, 16, 4, 4, 4)
    a["flat"] = a["candidates"].max(-1).reshape(n, 256)
    a["h1"] = np.maximum(a["flat"] @ w["fc1.weight"].T + w["fc1.bias"], 0)
    a["h2"] = np.maximum(a["h1"] @ w["fc2.weight"].T + w["fc2.bias"], 0)
    a["logits"] = a["h2"] @ w["fc3.weight"].T + w["fc3.bias"]
    return a


def gradients(w: Tensors, x: np.ndarray, labels: np.ndarray) -> Tensors:
    """Gradients of the mean cross entropy of one batch."""
    n = len(x)
    a = forward(w, x)
    d = np.exp(a["logits"] - a["logits"].max(1, keepdims=True))
    d /= d.sum(1, keepdims=True)
    d[np.arange(n), labels] -= 1
    d /= n
    g = {}
    for layer, source in (("fc3", "h2"), ("fc2", "h1"), ("fc1", "flat")):
        g[f"{layer}.weight"] = d.T @ a[source]
        g[f"{layer}.bias"] = d.sum(0)
        d = (d @ w[f"{layer}.weight"]) * (a[source] > 0)
    # Only the largest of four candidates passes its gradient on.
    winner = a["candidates"].argmax(-1)[..., None] == np.arange(4)
    d = (winner * d.reshape(n, 16, 4, 4, 1)).reshape(n, 16, 4, 4, 2, 2)
    d = d.transpose(0, 2, 4, 3, 5, 1).reshape(-1, 16)
    g["conv1.weight"] = (d.T @ a["patches"].reshape(-1, 9)).reshape(16, 1, 3, 3)
    g["conv1.bias"] = d.sum(0)
    return g


class Adam:
    """ADAM with decoupled weight decay, as in AdamW."""

    def __init__(self, w: Tensors) -> None:
        self.step_count = 0
        self.mean = {k: np.zeros_like(v) for k, v in w.items()}
        self.square = {k: np.zeros_like(v) for k, v in w.items()}

    def step(self, w: Tensors, g: Tensors, rate: float) -> None:
        self.step_count += 1
        rate_t = rate * np.sqrt(1 - 0.999**self.step_count)
        rate_t /= 1 - 0.9**self.step_count
        for k in w:
            self.mean[k] += np.float32(0.1) * (g[k] - self.mean[k])
            self.square[k] += np.float32(0.001) * (g[k] * g[k] - self.square[k])
            w[k] *= np.float32(1 - rate * WEIGHT_DECAY)
            w[k] -= np.float32(rate_t) * self.mean[k] / (
                np.sqrt(self.square[k]) + np.float32(1e-8)
            )


def batches(
    rng: np.random.Generator, images: np.ndarray, labels: np.ndarray
) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
    """One epoch in random order; half of the images move by up to one pixel."""
    order = rng.permutation(len(images))
    for start in range(0, len(order), BATCH):
        picked = order[start : start + BATCH]
        n = len(picked)
        moved = rng.random((n, 1)) < 0.5
        dy, dx = np.where(moved, rng.integers(0, 3, (n, 2)), 1).T
        rows = dy[:, None, None] + np.arange(8)[:, None]  # [n, 8, 1]
        columns = dx[:, None, None] + np.arange(8)  # [n, 1, 8]
        padded = np.pad(images[picked, 0], ((0, 0), (1, 1), (1, 1)))
        shifted = padded[np.arange(n)[:, None, None], rows, columns]
        yield shifted[:, None], labels[picked]


def magnitude_masks(w: Tensors, sparsity: float) -> Tensors:
    """True for what each linear layer keeps: all but its smallest weights."""
    masks = {}
    for name in PRUNED:
        zeros = int(np.ceil(sparsity * w[name].size))
        order = np.argsort(np.abs(w[name]), axis=None, kind="stable")
        keep = np.ones(w[name].size, bool)
        keep[order[:zeros]] = False
        masks[name] = keep.reshape(w[name].shape)
    return masks


def train(
    w: Tensors, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> Iterator[str]:
    """Train, prune and fine-tune `w` in place; yields the name of a finished phase.

    Sparsity follows the cubic schedule of Zhu and Gupta (2017): fast while there
    is much to choose from, slow towards the end. Then the masks stay. The learning
    rate falls to zero at the end of the dense phase and again of fine-tuning.
    """
    adam = Adam(w)
    masks: Tensors = {}
    for phase in ("dense", "pruning", "pruned"):
        for epoch in range(EPOCHS):
            done = epoch / EPOCHS
            rate = LEARNING_RATE * (1 if phase == "pruning" else 1 - done)
            if phase == "pruning":
                left = 1 - (epoch + 1) / EPOCHS
                masks = magnitude_masks(w, SPARSITY * (1 - left**3))
            for x, y in batches(rng, images, labels):
                adam.step(w, gradients(w, x, y), rate)
                for name, keep in masks.items():
                    w[name][~keep] = 0.0  # a product with the mask could give -0.0
        if phase != "pruning":
            yield phase


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=HERE / "weights.npz")
    args = parser.parse_args()

    rng = np.random.default_rng(SEED)
    images, labels, test_images, test_labels = load(rng)
    weights = initialise(rng)
    for phase in train(weights, images, labels, rng):
        predicted = forward(weights, test_images)["logits"].argmax(1)
        right = int((predicted == test_labels).sum())
        share = 100 * right / len(test_labels)
        print(f"{phase}: {right} of {len(test_labels)} right, {share:.2f} %")
    for name in PRUNED:
        zeros = int((weights[name] == 0).sum())
        print(f"{name}: {zeros} of {weights[name].size} are zero")
    np.savez(args.weights, **weights)
    np.save(HERE / "test_images.npy", test_images)
    np.save(HERE / "test_labels.npy", test_labels)


if __name__ == "__main__":
    main()
