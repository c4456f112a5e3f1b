# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 under a sparse index."""

import pathlib
import sys

import numpy as np
import pytest
from conftest import matrices, random_matrix
from hypothesis import given
from hypothesis import strategies as st

from sparsec.formats import BitmaskMatrix, BlockSparseMatrix, CSCMatrix, CSRMatrix
from sparsec.prune import MagnitudePruner
from sparsec.quantize import AdaptiveQuantizer, quantize_int8

DIGITS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"
LAYOUTS = (CSRMatrix, CSCMatrix, BitmaskMatrix, BlockSparseMatrix)


@given(matrices(dtypes=("float16", "float32", "float64")), st.sampled_from(LAYOUTS))
def test_error_is_at_most_half_a_step_and_zeros_stay(dense, layout):
    quantized = quantize_int8(dense, layout)
    assert isinstance(quantized.matrix, layout)
    back = quantized.dequantize()
    assert back.dtype == np.float32 and (back[dense == 0] == 0).all()
    # A half, and what float32 rounds on the way.
    assert (np.abs(back - dense) <= quantized.scales[:, None] * 0.50001).all()


@given(matrices(dtypes=("float32",)), st.sampled_from(LAYOUTS))
def test_integer_products_are_exact(dense, layout):
    quantized = quantize_int8(dense, layout)
    x = np.random.default_rng(0).integers(-128, 128, (dense.shape[1], 3)).astype(np.int8)
    sums = quantized.matrix.to_dense().astype(np.int32) @ x.astype(np.int32)
    expected = (sums * quantized.scales[:, None]).astype(np.float32)
    assert (quantized @ x == expected).all()


def test_float_products():
    quantized = quantize_int8(random_matrix(0, 50, 70, 0.2))
    x = np.random.default_rng(0).standard_normal(70).astype(np.float32)
    assert np.allclose(quantized @ x, quantized.dequantize() @ x, rtol=1e-5, atol=1e-4)


def test_the_bound_is_the_entropy():
    # All values equal: no bits for them, one bit an element for the pattern.
    dense = (np.arange(6400).reshape(80, 80) % 2).astype(np.float32)
    report = quantize_int8(dense).report()
    assert report["bound_bytes"] == 6400 / 8 + 80 * 4
    assert report["stored_bytes"] == 3200 + 80 * 16 + 81 * 4 + 80 * 4


def test_digits_keep_their_accuracy(capsys):
    sys.path.insert(0, str(DIGITS))
    import reference

    images = np.load(DIGITS / "test_images.npy")
    labels = np.load(DIGITS / "test_labels.npy")
    weights = reference.read_weights()
    exact = reference.evaluate(images).argmax(1)
    reports = {}
    for layer in ("fc1", "fc2", "fc3"):
        quantized = quantize_int8(weights[f"{layer}.weight"])
        reports[layer] = quantized.report()
        weights[f"{layer}.weight"] = quantized.dequantize()
    original, reference.read_weights = reference.read_weights, lambda _: weights
    try:
        found = reference.evaluate(images).argmax(1)
    finally:
        reference.read_weights = original
    before, after = (exact == labels).mean(), (found == labels).mean()
    with capsys.disabled():
        print(f"\ndigits at 90 %: {before:.2%} in f32, {after:.2%} in int8")
        for layer, report in reports.items():
            print(f"  {layer}: {report['dense_bytes']} bytes dense, "
                  f"{report['stored_bytes']} stored ({report['ratio']:.1f}x), at least "
                  f"{report['bound_bytes']} by entropy ({report['bound_ratio']:.1f}x)")
    assert abs(before - after) <= 0.005


def test_quantize_then_prune():
    weights = random_matrix(0, 64, 32, 1.0)
    quantizer = AdaptiveQuantizer(gpu_family="polaris", precision="int8")
    values = quantizer.quantize_weights(weights)
    pruned = MagnitudePruner(0.9).prune(values)
    assert pruned.dtype == np.int8
    sparse = CSRMatrix.from_dense(pruned)
    assert sparse.nnz == np.count_nonzero(pruned)
    error = np.abs(quantizer.dequantize_weights(values) - weights)
    assert (error <= quantizer.scales[:, None] * 0.50001).all()


def test_refusals():
    with pytest.raises(ValueError, match=r"shape \(1, 2\).*not finite"):
        quantize_int8(np.array([[np.nan, 1]], np.float32))
    with pytest.raises(ValueError, match="precision"):
        AdaptiveQuantizer(precision="int4")
