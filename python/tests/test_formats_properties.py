# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every class against NumPy and SciPy, on random matrices."""

import numpy as np
import pytest
import scipy.sparse
from conftest import assert_product, assert_same_bits, matrices, random_matrix
from hypothesis import given
from hypothesis import strategies as st

from sparsec.formats import (BitmaskMatrix, BlockPruningWarning, BlockSparseMatrix,
                             CSCMatrix, CSRMatrix, DynamicFormatSelector, SparseMatrix)

CLASSES = (CSRMatrix, CSCMatrix, BitmaskMatrix, BlockSparseMatrix)
FLOATS = ("float16", "float32", "float64")


def lossless(cls, dense, size=8):
    if cls is BlockSparseMatrix:
        return cls.from_dense(dense, size, threshold=0)
    return cls.from_dense(dense, threshold=0)


@given(matrices(special=True), st.sampled_from(CLASSES), st.sampled_from([1, 4, 7, 8, 32]))
def test_round_trip_is_lossless_to_the_bit(dense, cls, size):
    matrix = lossless(cls, dense, size)
    assert_same_bits(matrix.to_dense(), dense)
    assert matrix.nnz == np.count_nonzero(
        dense.view(f"u{dense.itemsize}"))  # -0.0 counts, it is stored


@given(matrices(special=True), st.sampled_from(CLASSES), st.sampled_from(CLASSES),
       st.sampled_from([4, 5, 8]))
def test_conversions_keep_every_bit(dense, source, target, size):
    matrix = target.from_sparse(lossless(source, dense, size))
    assert isinstance(matrix, target)
    assert_same_bits(matrix.to_dense(), dense)
    # And the components are those of packing directly.
    direct = lossless(target, dense)
    for actual, expected in zip(matrix._components(), direct._components()):
        assert_same_bits(actual, expected)


@given(matrices(), st.sampled_from(CLASSES), st.sampled_from([1, 3, 8, 16]),
       st.integers(1, 150), st.sampled_from(["float32", "float64", "int8"]))
def test_products_against_float64(dense, cls, size, columns, dtype):
    matrix = lossless(cls, dense, size)
    rng = np.random.default_rng(columns)
    right = (10 * rng.standard_normal((dense.shape[1], columns))).astype(dtype)
    left = (10 * rng.standard_normal((dense.shape[0], columns))).astype(dtype)
    if np.result_type(dense, dtype).kind != "f":  # sums wrap as NumPy's do
        assert_same_bits(matrix @ right, dense @ right)
        assert_same_bits(matrix.transpose_matmul(left), dense.T @ left)
        return
    assert_product(matrix @ right, dense, right)
    assert_product(matrix.sparse_matmul(right[:, 0]), dense, right[:, 0])
    assert_product(matrix.transpose_matmul(left), dense.T, left)
    assert_product(matrix.transpose_matmul(left[:, 0]), dense.T, left[:, 0])
    assert_product((left.T @ matrix).T, dense.T, left)


@given(matrices(dtypes=("float32", "float64")), st.sampled_from(CLASSES))
def test_products_against_scipy(dense, cls):
    x = np.random.default_rng(1).standard_normal(dense.shape[1]).astype(dense.dtype)
    expected = scipy.sparse.csr_matrix(dense) @ x
    scale = np.abs(dense).astype(np.float64) @ np.abs(x) + 1
    assert (np.abs(lossless(cls, dense) @ x - expected) <= 1e-4 * scale).all()


@given(matrices(dtypes=("float32", "float64", "int8", "int64")), st.sampled_from(CLASSES),
       st.sampled_from(["csr", "csc", "coo", "bsr", "lil", "dia"]))
def test_scipy_and_back(dense, cls, kind):
    matrix = cls.from_scipy(scipy.sparse.csr_matrix(dense).asformat(kind))
    assert_same_bits(matrix.to_dense(), dense)
    assert (matrix.to_scipy().toarray() == dense).all()


def test_scipy_duplicates_are_added_up():
    entries = ([1.0, 2.0, 4.0], ([0, 0, 1], [1, 1, 0]))
    matrix = CSRMatrix.from_scipy(scipy.sparse.coo_matrix(entries, (2, 2)))
    assert matrix.to_dense().tolist() == [[0, 3], [4, 0]]
    unsorted = scipy.sparse.csr_matrix(([1.0, 2.0], [1, 0], [0, 2]), (1, 2))
    assert CSRMatrix.from_scipy(unsorted).to_dense().tolist() == [[2, 1]]
    assert unsorted.indices.tolist() == [1, 0]  # left as it was


@given(matrices(dtypes=FLOATS, special=True), st.sampled_from([1e-10, 0.25, 1.0, 20, 1e9]),
       st.sampled_from((CSRMatrix, CSCMatrix, BitmaskMatrix)))
def test_threshold_is_exclusive_and_keeps_nan(dense, threshold, cls):
    with np.errstate(over="ignore", invalid="ignore"):
        kept = (np.abs(dense) > np.asarray(threshold).astype(dense.dtype)) | np.isnan(dense)
    expected = np.where(kept, dense, dense.dtype.type(0))
    assert_same_bits(cls.from_dense(dense, threshold).to_dense(), expected)


def test_threshold_edges():
    edge = np.array([[0.1, -0.1, np.nextafter(np.float32(0.1), np.float32(1))]], np.float32)
    assert CSRMatrix.from_dense(edge, 0.1).nnz == 1  # as np.abs(edge) > 0.1 says
    integers = np.array([[-3, -2, 2, 3, -128]], np.int8)
    assert CSRMatrix.from_dense(integers, 2).to_dense().tolist() == [[-3, 0, 0, 3, -128]]
    unsigned = np.array([[0, 2, 3, 255]], np.uint8)
    assert CSRMatrix.from_dense(unsigned, 2.5).to_dense().tolist() == [[0, 0, 3, 255]]
    assert CSRMatrix.from_dense(unsigned, 300).nnz == 0
    for wrong in (-1, float("nan"), "x", None):
        with pytest.raises(ValueError, match="threshold"):
            CSRMatrix.from_dense(edge, wrong)


def test_layouts_of_the_dense_matrix(rng):
    dense = random_matrix(3, 90, 130, 0.2)
    for view in (dense.T, dense[::2, 1::3], dense[::-1], np.asfortranarray(dense),
                 dense.astype(">f4"), np.broadcast_to(dense[:1], (5, 130))):
        assert (CSRMatrix.from_dense(view).to_dense() == view).all()
        x = rng.standard_normal((2 * view.shape[1], 3)).astype(np.float32)[::2]
        assert_product(CSRMatrix.from_dense(view) @ x, np.asarray(view, np.float32), x)


def test_block_threshold_prunes_and_says_so():
    dense = np.zeros((16, 24), np.float32)
    dense[:8, :8] = 1
    dense[8, 8:11] = 5  # 3 of 64
    with pytest.warns(BlockPruningWarning, match="3 of 67 nonzeros .*16, 24"):
        matrix = BlockSparseMatrix.from_dense(dense)
    assert matrix.block_indices == [(0, 0)]
    assert BlockSparseMatrix.from_dense(dense, threshold=3 / 64).num_blocks == 2
    assert (BlockSparseMatrix.from_dense(dense, threshold=0).to_dense() == dense).all()


@given(matrices(dtypes=FLOATS), st.sampled_from([1, 5, 8]), st.randoms())
def test_block_components_in_any_order(dense, size, random):
    matrix = BlockSparseMatrix.from_dense(dense, size, threshold=0)
    order = list(range(matrix.num_blocks))
    random.shuffle(order)
    indices = matrix.block_indices
    again = BlockSparseMatrix([matrix.blocks[i] for i in order], [indices[i] for i in order],
                              size, dense.shape)
    assert (again.to_dense() == dense).all()


@given(matrices(dtypes=("float32", "float64")), st.sampled_from((CSRMatrix, CSCMatrix)),
       st.integers(0, 40))
def test_gradient_of_the_stored_values(dense, cls, columns):
    matrix = lossless(cls, dense)
    rng = np.random.default_rng(columns)
    left = rng.standard_normal((dense.shape[0], columns)).astype(np.float32)
    right = rng.standard_normal((dense.shape[1], columns)).astype(np.float32)
    gradient = cls(matrix.sampled_matmul(left, right), *matrix._pattern, dense.shape)
    expected = np.where(dense != 0, left.astype(np.float64) @ right.T.astype(np.float64), 0)
    assert np.allclose(gradient.to_dense(), expected, rtol=1e-4, atol=1e-4)


def test_transposes_share_their_arrays():
    matrix = CSRMatrix.from_dense(random_matrix(1, 20, 30, 0.3))
    assert np.shares_memory(matrix.T.values, matrix.values)
    assert (matrix.T.to_dense() == matrix.to_dense().T).all()
    assert (matrix.T.T.to_dense() == matrix.to_dense()).all()


def test_values_are_shared_and_patterns_are_not():
    values = np.array([1, 2], np.float32)
    columns = np.array([0, 1], np.uint16)
    matrix = CSRMatrix(values, columns, [0, 1, 2], (2, 2))
    values[0] = 7
    columns[0] = 60000
    assert matrix.to_dense().tolist() == [[7, 0], [0, 2]]
    matrix.values = np.array([3, 4])
    assert matrix.to_dense().tolist() == [[3, 0], [0, 4]]
    with pytest.raises(ValueError, match=r"shape \(2,\), got \(3,\)"):
        matrix.values = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        matrix.col_indices[0] = 5
    assert np.shares_memory(matrix.to_scipy().data, matrix.values)


def test_wide_matrices_take_wider_indices():
    dense = np.zeros((2, 65537), np.float32)
    dense[1, 65536] = 3
    assert CSRMatrix.from_dense(dense).col_indices.dtype == np.int32
    assert CSRMatrix.from_dense(dense[:, :65536]).col_indices.dtype == np.uint16
    matrix = CSRMatrix.from_dense(dense)
    assert (matrix @ dense[1])[1] == 9 and (CSCMatrix.from_csr(matrix).to_dense() == dense).all()


@given(matrices(special=True), st.sampled_from(["row", "col"]), st.booleans())
def test_selecting_a_format_never_changes_a_value(dense, operation, force):
    chosen = DynamicFormatSelector().select_format(dense, operation, force)
    if not isinstance(chosen, SparseMatrix):
        assert not force
        assert_same_bits(chosen, dense)
        return
    assert_same_bits(chosen.to_dense(), dense)
    assert np.count_nonzero(dense) <= dense.size / 2 or force


def test_selection_by_structure():
    selector = DynamicFormatSelector()
    blocks = np.kron(random_matrix(0, 20, 20, 0.35) != 0, np.ones((8, 8))).astype(np.float32)
    assert 0.5 < 1 - blocks.mean() < 0.75
    assert isinstance(selector.select_format(blocks), BlockSparseMatrix)
    assert selector.recommend_format(blocks, "training")["format"] == "Block-sparse"
    loose = random_matrix(0, 160, 160, 0.35)
    assert isinstance(selector.select_format(loose), CSRMatrix)
    assert isinstance(selector.select_format(loose, "col"), CSCMatrix)
    assert isinstance(selector.select_format(random_matrix(0, 50, 50, 0.8)), np.ndarray)
    for call, text in ((lambda: selector.select_format(loose, "rows"), "preferred_op"),
                       (lambda: selector.recommend_format(loose, "testing"), "context"),
                       (lambda: DynamicFormatSelector(1.5), "sparsity_threshold_dense"),
                       (lambda: selector.select_format(loose[0]), r"shape \(160,\)")):
        with pytest.raises(ValueError, match=text):
            call()
