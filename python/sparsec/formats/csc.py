# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compressed sparse columns."""

from typing import Any

import numpy as np

from sparsec.formats._lines import LinesMatrix
from sparsec.formats.csr import CSRMatrix


class CSCMatrix(LinesMatrix):
    """A matrix by columns: for each column, its nonzeros and their rows.

        [[1, 0, 2],     values      = [1, 4, 3, 2, 5]
         [0, 3, 0],     row_indices = [0, 2, 1, 0, 2]
         [4, 0, 5]]     col_ptr     = [0, 2, 3, 5]

    Row indices take 16 bits up to 65536 rows. Best for A.T @ x.
    """

    _format = "csc"
    _axis = 1
    _names = ("row_indices", "col_ptr", "ncols")

    def __init__(self, values: Any, row_indices: Any, col_ptr: Any, shape: Any) -> None:
        """
        Args:
            values: the nonzeros, [nnz]; shared if it is an array in C order.
            row_indices: their rows, ascending in each column, [nnz]; copied.
            col_ptr: where each column starts, [ncols + 1]; copied.
            shape: (nrows, ncols).

        Raises:
            ValueError: if the arrays do not describe a matrix of that shape.
        """
        super().__init__(values, row_indices, col_ptr, shape)

    @property
    def row_indices(self) -> np.ndarray:
        """The row of each value, [nnz], read-only."""
        return self._pattern[0]

    @property
    def col_ptr(self) -> np.ndarray:
        """Where each column starts in `values`, [ncols + 1], read-only."""
        return self._pattern[1]

    @classmethod
    def from_dense(cls, dense: np.ndarray, threshold: float = 1e-10) -> "CSCMatrix":
        """Stores the elements whose magnitude exceeds the threshold, and NaN.

        With threshold=0 nothing is lost, not even -0.0.

        Raises:
            ValueError: if `dense` is not a matrix of real numbers.
        """
        return cls.from_csr(CSRMatrix.from_dense(dense, threshold))

    @classmethod
    def from_csr(cls, csr: CSRMatrix) -> "CSCMatrix":
        """The same matrix by columns, in time linear in its nonzeros."""
        if not isinstance(csr, CSRMatrix):
            raise ValueError(f"expected a CSRMatrix, got {type(csr).__name__}")
        return cls.from_sparse(csr)

    @property
    def T(self) -> CSRMatrix:  # noqa: N802
        """The transpose, sharing all arrays."""
        return CSRMatrix._trusted(self._values, *self._pattern, self._shape[::-1])
