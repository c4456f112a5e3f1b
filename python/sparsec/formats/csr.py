# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compressed sparse rows."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sparsec.formats._lines import LinesMatrix, rows_of

if TYPE_CHECKING:
    from sparsec.formats.csc import CSCMatrix


class CSRMatrix(LinesMatrix):
    """A matrix by rows: for each row, its nonzeros and their columns.

        [[1, 0, 2],     values      = [1, 2, 3, 4, 5]
         [0, 3, 0],     col_indices = [0, 2, 1, 0, 2]
         [4, 0, 5]]     row_ptr     = [0, 2, 3, 5]

    Column indices take 16 bits up to 65536 columns. Best for A @ x.
    """

    _format = "csr"
    _axis = 0
    _names = ("col_indices", "row_ptr", "nrows")

    def __init__(self, values: Any, col_indices: Any, row_ptr: Any, shape: Any) -> None:
        """
        Args:
            values: the nonzeros, [nnz]; shared if it is an array in C order.
            col_indices: their columns, ascending in each row, [nnz]; copied.
            row_ptr: where each row starts, [nrows + 1]; copied.
            shape: (nrows, ncols).

        Raises:
            ValueError: if the arrays do not describe a matrix of that shape.
        """
        super().__init__(values, col_indices, row_ptr, shape)

    @property
    def col_indices(self) -> np.ndarray:
        """The column of each value, [nnz], read-only."""
        return self._pattern[0]

    @property
    def row_ptr(self) -> np.ndarray:
        """Where each row starts in `values`, [nrows + 1], read-only."""
        return self._pattern[1]

    @classmethod
    def from_dense(cls, dense: np.ndarray, threshold: float = 1e-10) -> "CSRMatrix":
        """Stores the elements whose magnitude exceeds the threshold, and NaN.

        With threshold=0 nothing is lost, not even -0.0.

        Raises:
            ValueError: if `dense` is not a matrix of real numbers.
        """
        values, indices, offsets = rows_of(dense, threshold)
        return cls._trusted(values, indices, offsets, np.shape(dense))

    @property
    def T(self) -> "CSCMatrix":  # noqa: N802
        """The transpose, sharing all arrays."""
        from sparsec.formats.csc import CSCMatrix

        return CSCMatrix._trusted(self._values, *self._pattern, self._shape[::-1])
