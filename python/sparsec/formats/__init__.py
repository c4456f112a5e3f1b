# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compressed matrices, their products and conversions.

A class a format, each made by `from_dense`, `from_sparse` (any other of them),
`from_scipy`, `from_torch`, or from component arrays, which are checked:

    CSRMatrix          a column index a nonzero, by rows
    CSCMatrix          a row index a nonzero, by columns
    BlockSparseMatrix  dense square blocks
    BitmaskMatrix      a bit an element, and the nonzeros

Index arrays are read-only, since products rely on them; values may be written, and are
shared with the array that they came from where its layout allows.
"""

from sparsec.formats.base import SparseMatrix
from sparsec.formats.bitmask import BitmaskMatrix
from sparsec.formats.block import BlockPruningWarning, BlockSparseMatrix
from sparsec.formats.csc import CSCMatrix
from sparsec.formats.csr import CSRMatrix
from sparsec.formats.selector import DynamicFormatSelector
from sparsec.formats.stats import SparseMatrixStats

__all__ = [
    "BitmaskMatrix",
    "BlockPruningWarning",
    "BlockSparseMatrix",
    "CSCMatrix",
    "CSRMatrix",
    "DynamicFormatSelector",
    "SparseMatrix",
    "SparseMatrixStats",
]
