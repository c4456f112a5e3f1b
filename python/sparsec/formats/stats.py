# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a matrix holds and what it takes."""

from dataclasses import dataclass
from typing import Tuple


@dataclass
class SparseMatrixStats:
    """Statistics of a compressed matrix.

    Attributes:
        nnz: stored elements.
        sparsity: the fraction of elements that are not stored; 0 for an empty matrix.
        density: the fraction of elements that are; 0 for an empty matrix.
        shape: rows and columns.
        memory_dense: bytes of the dense matrix.
        memory_sparse: bytes of all component arrays.
        compression_ratio: memory_dense / memory_sparse.
    """

    nnz: int
    sparsity: float
    density: float
    shape: Tuple[int, int]
    memory_dense: int
    memory_sparse: int
    compression_ratio: float
