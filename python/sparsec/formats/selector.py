# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which format suits a matrix."""

from typing import Any, Dict, Union

import numpy as np

from sparsec._arrays import as_matrix, bits
from sparsec.formats.base import SparseMatrix
from sparsec.formats.block import BlockSparseMatrix, _as_size, block_counts
from sparsec.formats.csc import CSCMatrix
from sparsec.formats.csr import CSRMatrix

# Above this variance of block densities a matrix counts as structured: random zeros at
# density d in 8x8 blocks give d (1 - d) / 64 < 0.004, blocks that are either empty or
# half full at least 0.06. The compiler's rules have the same number.
_BLOCK_VARIANCE = 0.05
_OPERATIONS = {"row": CSRMatrix, "col": CSCMatrix}
_CONTEXTS = {"inference": "row", "training": "col", "generic": "row"}


class DynamicFormatSelector:
    """Chooses by sparsity and block structure:

        sparsity < sparsity_threshold_dense                          dense
        sparsity < sparsity_threshold_block and block structure      BlockSparseMatrix
        otherwise, for A.T @ x                                       CSCMatrix
        otherwise                                                    CSRMatrix

    A matrix has block structure if the density of its blocks varies and the blocks that
    hold a nonzero are on average at least block_density_threshold full. All blocks are
    looked at, so the choice is the same every time. Choosing never changes a value.
    """

    def __init__(self, sparsity_threshold_dense: float = 0.50,
                 sparsity_threshold_block: float = 0.75, block_size: int = 8,
                 block_density_threshold: float = 0.20) -> None:
        """
        Raises:
            ValueError: if a threshold is not from 0 to 1, or block_size less than 1.
        """
        for name, value in (("sparsity_threshold_dense", sparsity_threshold_dense),
                            ("sparsity_threshold_block", sparsity_threshold_block),
                            ("block_density_threshold", block_density_threshold)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {value!r}")
        self.sparsity_threshold_dense = sparsity_threshold_dense
        self.sparsity_threshold_block = sparsity_threshold_block
        self.block_size = _as_size(block_size)
        self.block_density_threshold = block_density_threshold

    def analyze_sparsity(self, matrix: np.ndarray) -> Dict[str, Any]:
        """What the choice depends on.

        Returns:
            shape, nnz, sparsity, density, has_block_structure, dense_cost and
            sparse_cost (elements, and two a nonzero), and size_category: small below
            10 000 elements, medium below 1 000 000, large.

        Raises:
            ValueError: if `matrix` is not a matrix of real numbers.
        """
        dense = as_matrix(matrix)
        nonzeros = int(np.count_nonzero(bits(dense)))
        sparsity = 1.0 - nonzeros / dense.size if dense.size else 0.0
        category = "large"
        if dense.size < 1_000_000:
            category = "medium" if dense.size >= 10_000 else "small"
        return {
            "shape": dense.shape,
            "nnz": nonzeros,
            "sparsity": sparsity,
            "density": 1.0 - sparsity,
            "has_block_structure": self._has_blocks(dense),
            "dense_cost": int(dense.size),
            "sparse_cost": 2 * nonzeros,
            "size_category": category,
        }

    def select_format(self, matrix: np.ndarray, preferred_op: str = "row",
                      force_sparse: bool = False) -> Union[np.ndarray, SparseMatrix]:
        """The matrix in the format that suits it.

        Args:
            matrix: dense, [nrows, ncols].
            preferred_op: "row" for A @ x, "col" for A.T @ x.
            force_sparse: never dense.

        Raises:
            ValueError: if `matrix` is not a matrix of real numbers, or preferred_op is
                neither.
        """
        if preferred_op not in _OPERATIONS:
            raise ValueError(f"preferred_op must be 'row' or 'col', got {preferred_op!r}")
        dense = as_matrix(matrix)
        return self._build(dense, self._choose(self.analyze_sparsity(dense), preferred_op,
                                               force_sparse))

    def recommend_format(self, matrix: np.ndarray,
                         context: str = "inference") -> Dict[str, Any]:
        """What `select_format` would choose, and why.

        Args:
            matrix: dense, [nrows, ncols].
            context: "inference", "training" (which needs A.T @ x) or "generic".

        Returns:
            format ("Dense", "CSR", "CSC" or "Block-sparse"), reason, sparsity,
            compression_ratio and memory_savings_mb (of the arrays that would be
            stored, with MB = 2**20 bytes), size_category and has_structure.

        Raises:
            ValueError: if `matrix` is not a matrix of real numbers, or there is no such
                context.
        """
        if context not in _CONTEXTS:
            raise ValueError(f"context must be one of {', '.join(_CONTEXTS)}, got {context!r}")
        dense = as_matrix(matrix)
        analysis = self.analyze_sparsity(dense)
        chosen = self._choose(analysis, _CONTEXTS[context], False)
        built = self._build(dense, chosen)
        stored = dense.nbytes
        if isinstance(built, SparseMatrix):
            stored = built.memory_footprint()["total_sparse"]
        return {
            "format": chosen,
            "reason": self._reason(analysis, chosen, context),
            "sparsity": analysis["sparsity"],
            "compression_ratio": dense.nbytes / stored if stored else 1.0,
            "memory_savings_mb": (dense.nbytes - stored) / 2**20,
            "size_category": analysis["size_category"],
            "has_structure": analysis["has_block_structure"],
        }

    def __repr__(self) -> str:
        return (f"DynamicFormatSelector(dense<{self.sparsity_threshold_dense:.0%}, "
                f"block<{self.sparsity_threshold_block:.0%}, "
                f"block_size={self.block_size})")

    def _has_blocks(self, dense: np.ndarray) -> bool:
        if min(dense.shape) < self.block_size:
            return False
        density = block_counts(dense, self.block_size) / self.block_size**2
        occupied = density[density > 0]
        return bool(occupied.size and density.var() > _BLOCK_VARIANCE and
                    occupied.mean() >= self.block_density_threshold)

    def _choose(self, analysis: Dict[str, Any], operation: str, force_sparse: bool) -> str:
        if analysis["sparsity"] < self.sparsity_threshold_dense and not force_sparse:
            return "Dense"
        if analysis["sparsity"] < self.sparsity_threshold_block and \
                analysis["has_block_structure"]:
            return "Block-sparse"
        return "CSR" if operation == "row" else "CSC"

    def _build(self, dense: np.ndarray, chosen: str) -> Union[np.ndarray, SparseMatrix]:
        if chosen == "Dense":
            return dense
        if chosen == "Block-sparse":
            return BlockSparseMatrix.from_dense(dense, self.block_size, threshold=0)
        return (CSRMatrix if chosen == "CSR" else CSCMatrix).from_dense(dense, threshold=0)

    def _reason(self, analysis: Dict[str, Any], chosen: str, context: str) -> str:
        percent = f"({analysis['sparsity']:.0%})"
        if chosen == "Dense":
            return f"Low sparsity {percent}, compression would not pay for its overhead"
        level = "High" if analysis["sparsity"] >= self.sparsity_threshold_block else "Medium"
        if chosen == "Block-sparse":
            return f"{level} sparsity {percent} with block structure"
        why = {"inference": "inference uses the forward pass only",
               "training": "training needs transpose (backward pass)",
               "generic": "rows by default"}[context]
        structure = "" if level == "High" else " without block structure"
        return f"{level} sparsity {percent}{structure}, {why}"
