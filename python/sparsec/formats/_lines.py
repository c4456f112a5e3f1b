# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""csr and csc: the same arrays, by rows or by columns."""

from typing import Any, ClassVar, List, Tuple, Type, TypeVar

import numpy as np

from sparsec import _core
from sparsec._arrays import (as_elements, as_integers, as_matrix, as_shape, bits, frozen,
                             keep_rule)
from sparsec.formats.base import SparseMatrix, compute_dtype

Self = TypeVar("Self", bound="LinesMatrix")
_MAX_STORED = 2**31 - 1


def index_dtype(extent: int) -> Any:
    """Indices below `extent` have 16 bits where that is enough."""
    return np.uint16 if extent <= 1 << 16 else np.int32


class LinesMatrix(SparseMatrix):
    """A line is a row of csr and a column of csc."""

    # The axis of lines, and how the arrays and the count of lines are called.
    _axis: ClassVar[int]
    _names: ClassVar[Tuple[str, str, str]]

    def __init__(self, values: Any, indices: Any, offsets: Any, shape: Any) -> None:
        indices_name, offsets_name, lines_name = self._names
        self._shape = as_shape(shape)
        lines, across = self._shape[self._axis], self._shape[1 - self._axis]
        self._values = as_elements(values, "values")
        if self._values.ndim != 1:
            raise ValueError(f"values must be 1D, got shape {self._values.shape}")
        stored = self._values.size
        if stored > _MAX_STORED:
            raise ValueError(f"values hold {stored} elements, at most {_MAX_STORED} fit "
                             "32-bit offsets")
        offsets = as_integers(offsets, offsets_name, stored + 1)
        if len(offsets) != lines + 1:
            raise ValueError(f"{offsets_name} length must be {lines_name}+1 ({lines + 1}) "
                             f"for shape {self._shape}, got {len(offsets)}")
        indices = as_integers(indices, indices_name, across)
        if len(indices) != stored:
            raise ValueError(f"{indices_name} length must match values ({stored}), got "
                             f"{len(indices)}")
        if offsets[-1] != stored:
            raise ValueError(f"{offsets_name}[-1] must equal nnz ({stored}), got "
                             f"{offsets[-1]}")
        self._pattern = (frozen(indices.astype(index_dtype(across))),
                         frozen(offsets.astype(np.int32)))
        self._validate()

    @classmethod
    def _trusted(cls: Type[Self], values: np.ndarray, indices: np.ndarray,
                 offsets: np.ndarray, shape: Tuple[int, int]) -> Self:
        """From arrays that the core has made."""
        matrix = cls.__new__(cls)
        matrix._shape = shape
        matrix._values = values
        matrix._pattern = (
            frozen(indices.view(index_dtype(shape[1 - cls._axis]))),
            frozen(offsets.view(np.int32)))
        return matrix

    @classmethod
    def from_sparse(cls: Type[Self], matrix: SparseMatrix) -> Self:
        """The same matrix in this format. Stored zeros (+0.0) are left out."""
        if type(matrix) is cls:
            return matrix
        values, indices, offsets = matrix._convert(cls._format)
        return cls._trusted(values, indices, offsets, matrix.shape)

    def sampled_matmul(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The stored elements of left @ right.T, and no others: with left = G and
        right = X, the gradient of the values in A @ X.

        Args:
            left: [nrows, k].
            right: [ncols, k].

        Returns:
            [nnz], in the order of `values`, of the dtype of the dense product.

        Raises:
            ValueError: if the shapes do not fit.
        """
        left, right = np.asarray(left), np.asarray(right)
        if left.ndim != 2 or right.ndim != 2 or left.shape[0] != self.nrows or \
                right.shape[0] != self.ncols or left.shape[1] != right.shape[1]:
            raise ValueError(f"Incompatible dimensions: {left.shape} @ {right.shape}.T "
                             f"sampled at {self._shape}")
        result = np.result_type(left, right)
        compute = compute_dtype(result)
        by_line, across = (left, right) if self._axis == 0 else (right, left)
        out = np.zeros(self.nnz, compute)
        indices, offsets = self._pattern
        if left.shape[1]:
            _core.sampled_product(out, indices, offsets, self._shape[1 - self._axis],
                                  np.asarray(by_line, compute, order="C"),
                                  np.asarray(across, compute, order="C"), left.shape[1],
                                  out)
        return out if compute == result else out.astype(result)

    def _named_components(self) -> List[Tuple[str, np.ndarray]]:
        return [("values", self._values), (self._names[0], self._pattern[0]),
                (self._names[1], self._pattern[1])]

    def _product(self, values: np.ndarray, transposed: bool, x: np.ndarray, k: int,
                 y: np.ndarray) -> None:
        indices, offsets = self._pattern
        # By columns, A is what A^T is by rows.
        _core.lines_product(values, indices, offsets, self._shape[1 - self._axis],
                            transposed == (self._axis == 0), x, k, y)


def rows_of(dense: np.ndarray,
            threshold: float) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """values, column indices and offsets of a dense matrix."""
    dense, significant, drop = keep_rule(as_matrix(dense), threshold)
    rows, cols = dense.shape
    mask = np.empty((rows, (cols + 63) // 64), np.uint64)
    offsets = np.zeros(rows + 1, np.int64)
    stored = 0
    if dense.size:
        stored = _core.scan(bits(dense), cols, significant, drop, mask, offsets)
    if stored > _MAX_STORED:
        raise ValueError(f"a matrix of shape {dense.shape} holds {stored} elements, at "
                         f"most {_MAX_STORED} fit 32-bit offsets")
    values = np.empty(stored, dense.dtype)
    indices = np.empty(stored, index_dtype(cols))
    if stored:
        _core.gather(bits(dense), cols, mask, offsets, bits(values), indices)
    return values, indices, offsets.astype(np.int32)
