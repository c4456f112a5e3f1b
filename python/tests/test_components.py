# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Component arrays from outside: refused with ValueError, never a crash."""

import numpy as np
import pytest
from conftest import matrices
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsec import SparseCompress, SparseTensor
from sparsec.formats import (BitmaskMatrix, BlockSparseMatrix, CSCMatrix, CSRMatrix,
                             SparseMatrix)

ONE = np.ones(1, np.float32)
WRONG = [
    (lambda: CSRMatrix([1], [0], [0, 1], (2, 2)),
     r"row_ptr length must be nrows\+1 \(3\) for shape \(2, 2\), got 2"),
    (lambda: CSRMatrix([1], [0, 1], [0, 1], (1, 2)),
     r"col_indices length must match values \(1\), got 2"),
    (lambda: CSRMatrix([1], [0], [0, 0], (1, 2)), r"row_ptr\[-1\] must equal nnz \(1\), got 0"),
    (lambda: CSRMatrix([1], [2], [0, 1], (1, 2)), r"col_indices\[0\] = 2 is not in \[0, 2\)"),
    (lambda: CSRMatrix([1], [-1], [0, 1], (1, 2)), r"col_indices\[0\] = -1"),
    (lambda: CSRMatrix([1], [0.5], [0, 1], (1, 2)), "col_indices must be .* integers"),
    (lambda: CSRMatrix([1, 2], [1, 0], [0, 2], (1, 2)),
     r"CSRMatrix of shape \(1, 2\): .*does not ascend"),
    (lambda: CSRMatrix([1, 2], [1, 1], [0, 2], (1, 2)), "does not ascend"),
    (lambda: CSRMatrix([1, 2], [0, 1], [0, 2, 1, 2], (3, 2)), "less than"),
    (lambda: CSRMatrix([1], [0], [1, 1], (1, 2)), r"offsets\[0\] = 1"),
    (lambda: CSRMatrix([1j], [0], [0, 1], (1, 2)), "complex128 cannot be stored"),
    (lambda: CSRMatrix(["a"], [0], [0, 1], (1, 2)), "cannot be stored"),
    (lambda: CSRMatrix([[1]], [0], [0, 1], (1, 2)), r"values must be 1D, got shape \(1, 1\)"),
    (lambda: CSRMatrix([], [], [0], (-1, 2)), r"not be negative, got \(-1, 2\)"),
    (lambda: CSRMatrix([], [], [0], (0, 2, 3)), "two integers"),
    (lambda: CSRMatrix([], [], [0], (0, 2**40)), "too large"),
    (lambda: CSCMatrix([1], [0], [0, 1], (2, 2)),
     r"col_ptr length must be ncols\+1 \(3\) for shape \(2, 2\), got 2"),
    (lambda: CSCMatrix([1], [5], [0, 0, 1], (2, 2)), r"row_indices\[0\] = 5"),
    (lambda: CSCMatrix.from_csr(np.eye(2)), "expected a CSRMatrix, got ndarray"),
    (lambda: CSRMatrix.from_dense(np.zeros(3)), r"Expected 2D array, got shape \(3,\)"),
    (lambda: CSRMatrix.from_dense(np.zeros((1, 1), complex)), "complex128"),
    (lambda: BitmaskMatrix(ONE, np.zeros((1, 1), np.uint64), [0, 1], (1, 5)), "0 bits set"),
    (lambda: BitmaskMatrix(ONE, np.full((1, 1), 32, np.uint64), [0, 1], (1, 5)), "column 5"),
    (lambda: BitmaskMatrix(ONE, np.zeros((1, 2), np.uint64), [0, 1], (1, 5)),
     r"mask must be uint64 of shape \(1, 1\)"),
    (lambda: BlockSparseMatrix(np.ones((1, 8, 8)), [(0, 1)], 8, (8, 8)), "outside of the 1x1"),
    (lambda: BlockSparseMatrix(np.ones((1, 8, 8)), [(0, 0)], 8, (8, 7)),
     r"nonzeros outside of shape \(8, 7\)"),
    (lambda: BlockSparseMatrix(np.ones((2, 2, 2)), [(0, 0), (0, 0)], 2, (2, 2)),
     r"\(0, 0\) more than once"),
    (lambda: BlockSparseMatrix(np.ones((1, 8, 8)), [(0, 0)], 4, (8, 8)),
     r"shape \(1, 4, 4\) for block_size 4, got \(1, 8, 8\)"),
    (lambda: BlockSparseMatrix(np.ones((1, 2, 2)), [0], 2, (2, 2)), "pairs of integers"),
    (lambda: BlockSparseMatrix.from_dense(np.eye(3), 0), "block_size"),
    (lambda: BlockSparseMatrix.from_dense(np.eye(3), 8, 2), "density from 0 to 1"),
    (lambda: CSRMatrix.from_scipy(np.eye(2)), "expected a matrix of scipy.sparse"),
    (lambda: CSRMatrix.from_dense(np.eye(3)) @ np.ones(2),
     r"Incompatible dimensions: \(3, 3\) @ \(2,\)"),
    (lambda: CSRMatrix.from_dense(np.eye(3)) @ np.ones((3, 1, 1)), r"\(3, 1, 1\)"),
    (lambda: CSRMatrix.from_dense(np.eye(3)) @ np.ones(3, complex), "complex128"),
    (lambda: CSRMatrix.from_dense(np.eye(3, 4)).transpose_matmul(np.ones(4)),
     r"\(3, 4\).T @ \(4,\)"),
    (lambda: np.ones((2, 4)) @ CSRMatrix.from_dense(np.eye(3)), r"\(2, 4\) @ \(3, 3\)"),
    (lambda: CSRMatrix.from_dense(np.eye(3)).sampled_matmul(np.ones((3, 2)), np.ones((3, 1))),
     r"\(3, 2\) @ \(3, 1\).T"),
    (lambda: SparseCompress(-1), "threshold"),
    (lambda: SparseCompress().decompress(SparseTensor(ONE, b"\1\0", (3,))),
     r"mask_bytes has 2 bytes, expected 1 for shape \(3,\)"),
    (lambda: SparseCompress().decompress(SparseTensor(ONE, b"\x08", (3,))), "behind the last"),
    (lambda: SparseCompress().decompress(SparseTensor(ONE, b"\3", (3,))),
     "2 bits set, but there are 1 values"),
    (lambda: SparseCompress().decompress(SparseTensor(ONE, b"", (2**40, 2**40))), "mask_bytes"),
    (lambda: SparseCompress().decompress(SparseTensor(ONE, b"", (-3,))), "negative"),
    (lambda: SparseCompress().compress(np.zeros(3, complex)), "complex128"),
]


@pytest.mark.parametrize("build,text", WRONG, ids=lambda value: str(value)[:50])
def test_refused_with_the_reason(build, text):
    with pytest.raises(ValueError, match=text):
        build()


def check(build):
    """What is built must be whole: usable without a fault. What is not is refused."""
    try:
        matrix = build()
    except ValueError:
        return
    dense = matrix.to_dense()
    assert dense.shape == matrix.shape
    matrix @ np.ones((matrix.ncols, 2), np.float32)
    matrix.transpose_matmul(np.ones(matrix.nrows, np.float32))
    for cls in (CSRMatrix, CSCMatrix, BitmaskMatrix, BlockSparseMatrix):
        assert (cls.from_sparse(matrix).to_dense() == dense).all()


small = st.integers(-2, 9)
indices = st.lists(small, max_size=9)
shapes = st.tuples(st.integers(-1, 6), st.integers(-1, 6))


@settings(max_examples=300)
@given(st.sampled_from([CSRMatrix, CSCMatrix]), st.integers(0, 9), indices, indices, shapes)
def test_fuzzed_lines(cls, stored, first, second, shape):
    check(lambda: cls(np.ones(stored, np.float32), first, second, shape))


@settings(max_examples=300)
@given(matrices(dtypes=("float32",)), st.sampled_from([CSRMatrix, CSCMatrix, BitmaskMatrix]),
       st.data())
def test_one_entry_of_a_valid_matrix_changed(dense, cls, data):
    matrix: SparseMatrix = cls.from_dense(dense)
    pattern = [part.copy() for part in matrix._pattern]
    part = pattern[data.draw(st.integers(0, 1))]
    if part.size:
        at = data.draw(st.integers(0, part.size - 1))
        limits = np.iinfo(part.dtype)
        part.reshape(-1)[at] = data.draw(st.integers(int(limits.min), int(limits.max)))
    check(lambda: cls(matrix.values, *pattern, matrix.shape))


@settings(max_examples=200)
@given(st.integers(0, 4), st.lists(st.tuples(small, small), max_size=4), st.integers(-1, 5),
       shapes)
def test_fuzzed_blocks(count, positions, size, shape):
    blocks = np.ones((count, max(size, 0), max(size, 0)), np.float32)
    check(lambda: BlockSparseMatrix(blocks, positions, size, shape))


@settings(max_examples=200)
@given(st.binary(max_size=6), st.integers(0, 20), st.lists(st.integers(-1, 8), max_size=3))
def test_fuzzed_tensors(mask, stored, shape):
    tensor = SparseTensor(np.ones(stored, np.float32), mask, tuple(shape))
    try:
        dense = SparseCompress().decompress(tensor)
    except ValueError:
        return
    assert dense.shape == tuple(shape) and np.count_nonzero(dense) == stored
