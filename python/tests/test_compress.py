# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SparseCompress and SparseTensor."""

import numpy as np
import pytest
from conftest import assert_same_bits, matrices, random_matrix
from hypothesis import given
from hypothesis import strategies as st

from sparsec import SparseCompress, SparseTensor


@given(matrices(special=True), st.integers(0, 3))
def test_threshold_zero_is_lossless_at_any_rank(dense, rank):
    compressor = SparseCompress(sparsity_threshold=0)
    tensor = dense.reshape((1,) * rank + dense.shape) if rank else dense.reshape(-1)
    assert_same_bits(compressor.decompress(compressor.compress(tensor)), tensor)


@given(matrices(dtypes=("float16", "float32", "float64"), special=True),
       st.sampled_from([1e-6, 0.5, 30.0]))
def test_threshold_and_bit_order(dense, threshold):
    compressor = SparseCompress(threshold)
    compressed = compressor.compress(dense)
    with np.errstate(invalid="ignore"):
        kept = (np.abs(dense) > np.asarray(threshold).astype(dense.dtype)) | np.isnan(dense)
    assert compressed.mask_bytes == np.packbits(kept, bitorder="little").tobytes()
    assert_same_bits(compressed.values, dense[kept])
    if dense.size:
        assert compressor.get_sparsity_ratio(dense) == pytest.approx(1 - kept.mean())


def test_scalars_empty_tensors_and_long_ones():
    compressor = SparseCompress()
    assert compressor.decompress(compressor.compress(np.float32(3))) == 3
    empty = compressor.compress(np.zeros((3, 0, 2)))
    assert empty.mask_bytes == b"" and compressor.decompress(empty).shape == (3, 0, 2)
    assert compressor.get_sparsity_ratio(np.zeros(0)) == 0
    # Longer than what one thread takes, and not a multiple of anything.
    long = random_matrix(7, 1, 3 * 65536 + 17, 0.1)[0]
    assert_same_bits(compressor.decompress(compressor.compress(long)), long)


@given(matrices(dtypes=("float32", "float64")), st.integers(1, 400), st.integers(0, 40))
def test_sliding_window_matmul(dense, window, batch):
    compressor = SparseCompress()
    inputs = np.random.default_rng(batch).standard_normal((batch, dense.shape[1]))
    inputs = inputs.astype(np.float32)
    output = compressor.sliding_window_matmul(compressor.compress(dense), inputs, window)
    assert output.dtype == (inputs @ dense.T).dtype
    expected = inputs.astype(np.float64) @ dense.T.astype(np.float64)
    scale = np.abs(inputs).astype(np.float64) @ np.abs(dense.T).astype(np.float64)
    assert output.shape == expected.shape
    assert (np.abs(output - expected) <= 2 * (dense.shape[1] + 1) * 2.0**-24 * scale).all()


def test_sliding_window_errors():
    compressor = SparseCompress()
    weight = compressor.compress(np.eye(4, 6, dtype=np.float32))
    rows = np.ones((2, 6), np.float32)
    for call, text in (
            (lambda: compressor.sliding_window_matmul(compressor.compress(np.ones(3)), rows),
             r"must be 2D, got shape \(3,\)"),
            (lambda: compressor.sliding_window_matmul(weight, rows[0]), r"\(6,\)"),
            (lambda: compressor.sliding_window_matmul(weight, rows[:, :5]),
             "Input dimension mismatch: 5 != 6"),
            (lambda: compressor.sliding_window_matmul(weight, rows, 0), "window_size"),
            (lambda: compressor.sliding_window_matmul(
                SparseTensor(weight.values[:2], weight.mask_bytes, weight.shape), rows),
             "bits set")):
        with pytest.raises(ValueError, match=text):
            call()
