# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Matrices that tests multiply with: masks, and values with a few odd ones."""

import numpy as np


def skewed(rng, rows, cols, sparsity):
    """Rows as full as rows of pruned networks are: some nearly empty, a few dense;
    and rows and columns with nothing in them."""
    density = rng.lognormal(0, 1, rows)
    density *= (1 - sparsity) / density.mean()
    mask = rng.random((rows, cols)) < density[:, None]
    mask[rows // 3: rows // 3 + 2] = False
    mask[:, cols // 5: cols // 5 + 3] = False
    return mask


def blocks(rng, rows, cols, size, sparsity):
    """Whole blocks kept or dropped."""
    kept = rng.random((-(-rows // size), -(-cols // size))) >= sparsity
    return np.kron(kept, np.ones((size, size), bool))[:rows, :cols]


def odd_masks(rng):
    """Shapes that do not fit vectors, words or blocks: {name: mask}."""
    def random(rows, cols, sparsity=0.6):
        return rng.random((rows, cols)) >= sparsity

    masks = {
        "1x1": np.ones((1, 1), bool),
        "1x77": random(1, 77),
        "53x1": random(53, 1),
        "3x65": random(3, 65),
        "127x129": random(127, 129, 0.8),
        "300x250_skewed": skewed(rng, 300, 250, 0.9),
        "40x64_blocks": blocks(rng, 40, 64, 8, 0.5),
        "19x70_zero": np.zeros((19, 70), bool),
        "33x67_full": np.ones((33, 67), bool),
    }
    hollow = random(21, 130, 0.5)
    hollow[[0, 7, 8, 20]] = False
    hollow[:, [0, 63, 64, 65, 129]] = False
    masks["21x130_zero_rows"] = hollow
    return masks


def empty_masks():
    """Matrices without elements."""
    return {"0x5": np.ones((0, 5), bool), "5x0": np.ones((5, 0), bool)}


def values(rng, mask, float_type):
    """Random weights in the mask, every one of them stored: a few are -0.0, a few
    are denormal, or of i8 -128 and 127. Masked elements are +0.0."""
    array = float_type.narrow(rng.standard_normal(mask.shape))
    rows, cols = np.nonzero(mask)
    if len(rows) >= 4:
        at = rng.choice(len(rows), min(len(rows) // 4, 3) * 4, replace=False)
        bits = float_type.bits(array)
        bits[rows[at], cols[at]] = np.resize(float_type.odd_bits(), len(at))
    return np.where(mask, array, float_type.from_bits(0))


def inputs(rng, shape, float_type):
    """Random activations, with a -0.0 and denormals among them, or of i8
    -128, 127 and 0."""
    array = float_type.narrow(rng.standard_normal(shape))
    flat = float_type.bits(array).reshape(-1)
    flat[5::41], flat[11::67], flat[23::97] = float_type.odd_inputs()
    return array
