# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which weights are kept.

Pruners take arrays and give pruned copies; `mask` gives what is kept as booleans.
RigLPruner moves a pattern while a torch model trains: see sparsec.rigl.
"""

import math

import numpy as np

from sparsec._arrays import as_elements
from sparsec.rigl import RigLPruner

__all__ = ["MagnitudePruner", "NMPruner", "RigLPruner", "StructuredPruner",
           "cubic_sparsity"]

_GRANULARITIES = ("row", "column", "channel", "block")


def as_sparsity(sparsity: float) -> float:
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is a fraction from 0 to 1, got {sparsity!r}")
    return float(sparsity)


def cubic_sparsity(step: int, start: int, end: int, initial: float = 0.0,
                   final: float = 0.9) -> float:
    """The sparsity to prune to at a training step (Zhu and Gupta, 2017).

    It is `initial` up to the step `start`, `final` from `end` on, and rises between
    them fast at first, while there is much to choose from, then slowly.

    Raises:
        ValueError: if end <= start, or a sparsity is not from 0 to 1.
    """
    if end <= start:
        raise ValueError(f"the schedule ends at step {end}, before it starts at {start}")
    initial, final = as_sparsity(initial), as_sparsity(final)
    done = min(max((step - start) / (end - start), 0.0), 1.0)
    return final + (initial - final) * (1 - done) ** 3


class _Pruner:
    def mask(self, weights: np.ndarray) -> np.ndarray:
        """True for what is kept; of the shape of `weights`."""
        raise NotImplementedError

    def prune(self, weights: np.ndarray) -> np.ndarray:
        """A copy of `weights` with +0.0 for what is not kept.

        Raises:
            ValueError: if the shape does not suit the pruner, or the dtype is not real.
        """
        weights = as_elements(weights, "weights")
        return np.where(self.mask(weights), weights, weights.dtype.type(0))


class MagnitudePruner(_Pruner):
    """Drops the smallest weights of a tensor of any rank."""

    def __init__(self, sparsity: float = 0.9) -> None:
        """
        Args:
            sparsity: the fraction to drop; ceil(sparsity * size) elements are dropped,
                zeros first, ties by position.

        Raises:
            ValueError: if it is not from 0 to 1.
        """
        self.sparsity = as_sparsity(sparsity)

    def mask(self, weights: np.ndarray) -> np.ndarray:
        weights = as_elements(weights, "weights")
        return _largest(_magnitude(weights).reshape(-1), self.sparsity).reshape(weights.shape)


class StructuredPruner(_Pruner):
    """Drops whole rows, columns, channels or blocks: those with the smallest L2 norm."""

    def __init__(self, sparsity: float = 0.5, granularity: str = "row",
                 block_size: int = 8) -> None:
        """
        Args:
            sparsity: the fraction of rows, columns, channels or blocks to drop.
            granularity: "row" or "column" of a matrix; "channel", the first axis of a
                tensor of any rank; or "block" of a matrix. A dropped row is a dropped
                channel of a matrix.
            block_size: rows and columns of a block; blocks at the edge are partial.

        Raises:
            ValueError: if an argument is out of range.
        """
        self.sparsity = as_sparsity(sparsity)
        if granularity not in _GRANULARITIES:
            raise ValueError(f"granularity must be one of {', '.join(_GRANULARITIES)}, got "
                             f"{granularity!r}")
        if block_size < 1:
            raise ValueError(f"block_size must be at least 1, got {block_size}")
        self.granularity = granularity
        self.block_size = int(block_size)

    def mask(self, weights: np.ndarray) -> np.ndarray:
        weights = as_elements(weights, "weights")
        if weights.ndim < 1 or (self.granularity != "channel" and weights.ndim != 2):
            raise ValueError(f"granularity {self.granularity!r} needs a 2D array, got shape "
                             f"{weights.shape}")
        squares = _magnitude(weights).astype(np.float64) ** 2
        if self.granularity == "block":
            return self._block_mask(squares)
        axis = 1 if self.granularity == "column" else 0
        others = tuple(i for i in range(weights.ndim) if i != axis)
        kept = _largest(squares.sum(axis=others), self.sparsity)
        extent = [1] * weights.ndim
        extent[axis] = -1
        return np.broadcast_to(kept.reshape(extent), weights.shape).copy()

    def _block_mask(self, squares: np.ndarray) -> np.ndarray:
        size = self.block_size
        rows, cols = (-(-extent // size) for extent in squares.shape)
        padded = np.pad(squares, [(0, rows * size - squares.shape[0]),
                                  (0, cols * size - squares.shape[1])])
        sums = padded.reshape(rows, size, cols, size).sum(axis=(1, 3))
        kept = _largest(sums.reshape(-1), self.sparsity).reshape(rows, cols)
        kept = kept.repeat(size, axis=0).repeat(size, axis=1)
        return kept[: squares.shape[0], : squares.shape[1]]


class NMPruner(_Pruner):
    """Keeps the n largest of each m consecutive elements of the last axis: 2:4."""

    def __init__(self, n: int = 2, m: int = 4) -> None:
        """
        Raises:
            ValueError: unless 0 <= n <= m and m >= 1.
        """
        if not (m >= 1 and 0 <= n <= m):
            raise ValueError(f"n:m pruning keeps n of m elements, got {n}:{m}")
        self.n, self.m = int(n), int(m)

    def mask(self, weights: np.ndarray) -> np.ndarray:
        weights = as_elements(weights, "weights")
        if weights.ndim < 1 or weights.shape[-1] % self.m:
            raise ValueError(f"the last axis must be a multiple of {self.m}, got shape "
                             f"{weights.shape}")
        groups = _magnitude(weights).reshape(-1, self.m)
        order = np.argsort(groups, axis=1, kind="stable")
        kept = np.zeros(groups.shape, bool)
        np.put_along_axis(kept, order[:, self.m - self.n:], True, axis=1)
        return kept.reshape(weights.shape)


def _magnitude(weights: np.ndarray) -> np.ndarray:
    """NaN is larger than anything: it is not dropped silently."""
    if weights.dtype.kind != "f":
        return np.abs(weights.astype(np.float64))
    return np.where(np.isnan(weights), np.inf, np.abs(weights))


def _largest(sizes: np.ndarray, sparsity: float) -> np.ndarray:
    """True for all but the ceil(sparsity * count) smallest."""
    # A product such as 0.9 * 10 may come out a little above the integer it means.
    dropped = min(math.ceil(sparsity * sizes.size - 1e-9), sizes.size)
    kept = np.ones(sizes.size, bool)
    if dropped:
        kept[np.argsort(sizes, kind="stable")[:dropped]] = False
    return kept
