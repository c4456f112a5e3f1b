# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""int8 values under a sparse index.

    quantized = quantize_int8(pruned)       a scale a channel, zero stays zero
    quantized.report()                      its bytes beside the entropy bound
"""

import math
from dataclasses import dataclass
from typing import Any, Dict, Type

import numpy as np

from sparsec._arrays import as_elements, as_matrix
from sparsec.formats.base import SparseMatrix
from sparsec.formats.bitmask import BitmaskMatrix
from sparsec.formats.csr import CSRMatrix

_LEVELS = 127  # symmetric: -128 is not used


@dataclass
class QuantizedMatrix:
    """int8 values in any format of sparsec.formats, and a scale for each row.

    The element (i, j) stands for scales[i] * matrix[i, j].

    Attributes:
        matrix: of int8, [nrows, ncols].
        scales: float32 [nrows].
        original_bytes: of the dense matrix that was quantised.
    """

    matrix: SparseMatrix
    scales: np.ndarray
    original_bytes: int

    def dequantize(self) -> np.ndarray:
        """float32 [nrows, ncols]; zeros are where they were."""
        return self.matrix.to_dense() * self.scales[:, None]

    def sparse_matmul(self, other: np.ndarray) -> np.ndarray:
        """The product of the dequantised matrix with [ncols] or [ncols, k].

        int8 with int8 is summed in int32, exactly, and scaled afterwards; floats are
        summed in float32.

        Raises:
            ValueError: if the shapes do not fit.
        """
        other = np.asarray(other)
        if other.dtype == np.int8:
            # Of int64 inside: up to 2**31 / 127**2 = 133 152 columns fit int32.
            sums = self.matrix.sparse_matmul(other.astype(np.int32))
        else:
            sums = self.matrix.sparse_matmul(other.astype(np.float32, copy=False))
        scales = self.scales if other.ndim == 1 else self.scales[:, None]
        return (sums * scales).astype(np.float32)

    def __matmul__(self, other: np.ndarray) -> np.ndarray:
        return self.sparse_matmul(other)

    def report(self) -> Dict[str, float]:
        """What it takes, and what it would take at least.

        Returns:
            dense_bytes: of the matrix before.
            stored_bytes: components and scales.
            ratio: dense_bytes / stored_bytes.
            bound_bytes: entropy of the pattern (positions independent of each other,
                this density) and of the int8 values (this histogram), and the scales:
                no lossless code for such a matrix takes less on average.
            bound_ratio: dense_bytes / bound_bytes.
            naive_ratio: bytes saved by int8 times bytes saved by zeros, which is what
                is claimed where the index is forgotten.
        """
        memory = self.matrix.memory_footprint()
        stored = memory["total_sparse"] + self.scales.nbytes
        elements = self.matrix.nrows * self.matrix.ncols
        nonzeros = self.matrix.to_dense()
        nonzeros = nonzeros[nonzeros != 0]
        bound = math.ceil((elements * _entropy([nonzeros.size, elements - nonzeros.size]) +
                           nonzeros.size * _entropy(np.unique(nonzeros,
                                                              return_counts=True)[1]))
                          / 8) + self.scales.nbytes
        width = self.original_bytes / elements if elements else 1.0
        return {
            "dense_bytes": self.original_bytes,
            "stored_bytes": stored,
            "ratio": self.original_bytes / stored if stored else 1.0,
            "bound_bytes": bound,
            "bound_ratio": self.original_bytes / bound if bound else 1.0,
            "naive_ratio": width * elements / max(nonzeros.size, 1),
        }


def quantize_int8(weights: Any, layout: Type[SparseMatrix] = BitmaskMatrix) -> QuantizedMatrix:
    """Quantises a pruned matrix to int8, symmetric, a scale for each row.

    A row's largest magnitude becomes 127. Zeros stay zeros, and a nonzero that would
    round to zero is dropped from the index.

    Args:
        weights: dense or compressed, [nrows, ncols].
        layout: the class of sparsec.formats that holds the result.

    Raises:
        ValueError: if it is not a matrix of finite real numbers.
    """
    dense = weights.to_dense() if isinstance(weights, SparseMatrix) else as_matrix(weights)
    values, scales = _symmetric(dense, 0)
    matrix = layout.from_sparse(CSRMatrix.from_dense(values))
    return QuantizedMatrix(matrix, scales, dense.nbytes)


class AdaptiveQuantizer:
    """Quantises dense weights before or after pruning.

    Args of the constructor:
        gpu_family: kept for callers that name a card; int8 is the same on all.
        precision: "int8".
        axis: which axis has a scale for each index; None is one scale for all.
    """

    def __init__(self, gpu_family: str = "polaris", precision: str = "int8",
                 axis: Any = 0) -> None:
        if precision != "int8":
            raise ValueError(f"precision must be 'int8', got {precision!r}")
        self.gpu_family, self.precision, self.axis = gpu_family, precision, axis
        self.scales = np.ones(0, np.float32)

    def quantize_weights(self, weights: np.ndarray) -> np.ndarray:
        """int8, of the shape of `weights`; the scales are in `scales` afterwards."""
        values, self.scales = _symmetric(as_elements(weights, "weights"), self.axis)
        return values

    def dequantize_weights(self, values: np.ndarray) -> np.ndarray:
        """float32 again."""
        extent = [1] * np.ndim(values)
        if self.axis is not None and np.ndim(values):
            extent[self.axis] = -1
        return values * self.scales.reshape(extent)


def _symmetric(weights: np.ndarray, axis: Any) -> Any:
    """int8 values and float32 scales along an axis."""
    weights = weights.astype(np.float32)
    if not np.isfinite(weights).all():
        raise ValueError(f"weights of shape {weights.shape} hold values that are not "
                         "finite: int8 has none")
    others = tuple(i for i in range(weights.ndim) if i != axis)
    largest = np.abs(weights).max(axis=others, initial=0, keepdims=True)
    scales = largest / np.float32(_LEVELS)
    # A row of zeros or of the smallest denormals has no scale to divide by.
    scales = np.where(scales > 0, scales, np.float32(1))
    values = np.clip(np.rint(weights / scales), -_LEVELS, _LEVELS).astype(np.int8)
    return values, scales.reshape(-1).astype(np.float32)


def _entropy(counts: Any) -> float:
    """Bits a symbol."""
    shares = np.asarray(counts, np.float64)
    shares = shares[shares > 0] / max(shares.sum(), 1)
    return float(-(shares * np.log2(shares)).sum())
