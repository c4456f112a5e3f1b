# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dense square blocks."""

import warnings
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from sparsec import _core
from sparsec._arrays import as_elements, as_matrix, as_shape, bits, frozen
from sparsec.formats.base import SparseMatrix
from sparsec.formats.csr import CSRMatrix

# The sizes that runtime/formats and compiled models know.
_RUNTIME_SIZES = (4, 8, 16, 32)
_WAVEFRONT = 64


class BlockPruningWarning(UserWarning):
    """Nonzeros were dropped because their block's density was below the threshold."""


class BlockSparseMatrix(SparseMatrix):
    """A matrix as those of its blocks [block_size, block_size] that are worth it.

    Blocks at the right and bottom edge are whole, with zeros outside of the matrix. An
    8x8 block is 64 elements, one for each lane of a wavefront.
    """

    _format = "block"

    def __init__(self, blocks: Any, block_indices: Any, block_size: int,
                 shape: Any) -> None:
        """
        Args:
            blocks: k blocks, each [block_size, block_size], in any order.
            block_indices: their positions, k pairs (block row, block column).
            block_size: at least 1.
            shape: (nrows, ncols), not necessarily multiples of block_size.

        Raises:
            ValueError: if the blocks do not describe a matrix of that shape.
        """
        self._shape = as_shape(shape)
        self._size = _as_size(block_size)
        count = len(blocks)
        square = (count, self._size, self._size)
        values = as_elements(blocks if count else np.zeros(square, np.float32), "blocks")
        if values.shape != square:
            raise ValueError(f"blocks must have shape {square} for block_size "
                             f"{self._size}, got {values.shape}")
        positions = np.asarray(block_indices)
        if count == 0 and positions.size == 0:
            positions = np.zeros((0, 2), np.int64)
        if positions.shape != (count, 2) or positions.dtype.kind not in "iu":
            raise ValueError(f"block_indices must be {count} pairs of integers, one a "
                             f"block, got shape {positions.shape} of dtype "
                             f"{positions.dtype}")
        grid = self._grid()
        wrong = ((positions < 0) | (positions >= np.array(grid))).any(axis=1)
        if wrong.any():
            at = int(wrong.argmax())
            raise ValueError(f"block_indices[{at}] = {tuple(positions[at].tolist())} is "
                             f"outside of the {grid[0]}x{grid[1]} blocks of shape "
                             f"{self._shape}")
        flat = positions[:, 0].astype(np.int64) * grid[1] + positions[:, 1].astype(np.int64)
        order = np.argsort(flat, kind="stable")
        flat = flat[order]
        if (flat[1:] == flat[:-1]).any():
            at = int((flat[1:] == flat[:-1]).argmax())
            raise ValueError(f"block_indices name {tuple(map(int, divmod(flat[at], grid[1])))} "
                             f"more than once, in shape {self._shape}")
        if (order[1:] < order[:-1]).any():
            values = values[order]
        self._set(values, flat)
        self._refuse_padding()

    @property
    def block_size(self) -> int:
        return self._size

    @property
    def num_blocks(self) -> int:
        """Number of stored blocks."""
        return len(self._values)

    @property
    def blocks(self) -> np.ndarray:
        """The stored blocks by rows of blocks, [num_blocks, block_size, block_size]."""
        return self._values

    @property
    def block_indices(self) -> List[Tuple[int, int]]:
        """Block row and block column of each block."""
        columns, offsets = self._pattern
        rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        return list(zip(rows.tolist(), columns.tolist()))

    @property
    def nnz(self) -> int:
        """Number of nonzeros in the stored blocks."""
        return int(np.count_nonzero(bits(self._values)))

    @classmethod
    def from_dense(cls, dense: np.ndarray, block_size: int = 8,
                   threshold: float = 0.3) -> "BlockSparseMatrix":
        """Stores the blocks whose density reaches the threshold.

        A threshold is pruning: nonzeros of other blocks are dropped, with a
        BlockPruningWarning that counts them. With threshold=0 every block that holds a
        nonzero is stored and nothing is lost.

        Args:
            dense: [nrows, ncols].
            block_size: at least 1; compiled models know 4, 8, 16 and 32.
            threshold: nonzeros / block_size**2, from 0 to 1.

        Raises:
            ValueError: if `dense` is not a matrix of real numbers, or an argument is
                out of range.
        """
        dense = as_matrix(dense)
        size = _as_size(block_size)
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold is a density from 0 to 1, got {threshold!r}")
        matrix = cls.__new__(cls)
        matrix._shape, matrix._size = dense.shape, size
        tiles = _tiles(dense, size)
        counts = block_counts(dense, size)
        kept = (counts > 0) & (counts >= threshold * size * size)
        lost = int(counts.sum() - counts[kept].sum())
        if lost:
            warnings.warn(
                f"{lost} of {int(counts.sum())} nonzeros of a matrix of shape "
                f"{dense.shape} are dropped: their {size}x{size} blocks are less than "
                f"{threshold:.0%} full; threshold=0 keeps them",
                BlockPruningWarning, stacklevel=2)
        rows, columns = np.nonzero(kept)
        matrix._set(tiles[rows, :, columns, :],
                    rows.astype(np.int64) * kept.shape[1] + columns)
        return matrix

    @classmethod
    def from_sparse(cls, matrix: SparseMatrix, block_size: int = 8) -> "BlockSparseMatrix":
        """The same matrix in blocks: every block that holds a nonzero is stored."""
        size = _as_size(block_size)
        if isinstance(matrix, cls) and matrix.block_size == size:
            return matrix
        if size not in _RUNTIME_SIZES or matrix._block_size() not in (0, *_RUNTIME_SIZES):
            return cls.from_dense(matrix.to_dense(), size, threshold=0)
        result = cls.__new__(cls)
        result._shape, result._size = matrix.shape, size
        values, columns, offsets = matrix._convert("block", size)
        result._values = values.reshape(-1, size, size)
        result._pattern = (frozen(columns.view(np.int32)), frozen(offsets.view(np.int32)))
        return result

    def to_dense(self) -> np.ndarray:
        """The dense matrix [nrows, ncols], bit by bit what was stored."""
        size, (rows, cols) = self._size, self._grid()
        dense = np.zeros((rows, size, cols, size), self.dtype)
        columns, offsets = self._pattern
        dense[np.repeat(np.arange(rows), np.diff(offsets)), :, columns, :] = self._values
        dense = dense.reshape(rows * size, cols * size)[: self.nrows, : self.ncols]
        return np.ascontiguousarray(dense)

    def memory_footprint(self) -> Dict[str, Any]:
        """Bytes of `blocks` and `indices`, `total_sparse`, `total_dense`, their
        `compression_ratio`, `elements_stored`, and those per element of the matrix as
        `overhead_factor`."""
        memory = super().memory_footprint()
        elements = self.nrows * self.ncols
        stored = int(self._values.size)
        return {**memory, "elements_stored": stored,
                "overhead_factor": stored / elements if elements else 0.0}

    def get_statistics(self) -> Dict[str, Any]:
        """num_blocks, block_size, shape, actual_nnz, stored_elements, sparsity,
        memory_sparse, memory_dense, compression_ratio, storage_efficiency (nonzeros per
        stored element) and wavefront_aligned (64 elements a block)."""
        memory = self.memory_footprint()
        elements = self.nrows * self.ncols
        nonzeros, stored = self.nnz, memory["elements_stored"]
        return {
            "num_blocks": self.num_blocks,
            "block_size": self._size,
            "shape": self._shape,
            "actual_nnz": nonzeros,
            "stored_elements": stored,
            "sparsity": 1.0 - nonzeros / elements if elements else 0.0,
            "memory_sparse": memory["total_sparse"],
            "memory_dense": memory["total_dense"],
            "compression_ratio": memory["compression_ratio"],
            "storage_efficiency": nonzeros / stored if stored else 0.0,
            "wavefront_aligned": self._size**2 == _WAVEFRONT,
        }

    def __repr__(self) -> str:
        return (f"BlockSparseMatrix(shape={self._shape}, num_blocks={self.num_blocks}, "
                f"block_size={self._size}x{self._size})")

    def _grid(self) -> Tuple[int, int]:
        rows, cols = self._shape
        return -(-rows // self._size), -(-cols // self._size)

    def _set(self, values: np.ndarray, flat: np.ndarray) -> None:
        """`flat` are the positions row by row, ascending."""
        rows, cols = self._grid()
        offsets = np.zeros(rows + 1, np.int32)
        if rows and cols:
            np.cumsum(np.bincount(flat // cols, minlength=rows), out=offsets[1:])
        self._values = np.ascontiguousarray(values)
        self._pattern = (frozen((flat % max(cols, 1)).astype(np.int32)), frozen(offsets))

    def _refuse_padding(self) -> None:
        rows, cols = self._shape
        columns, offsets = self._pattern
        bottom, right = rows % self._size, cols % self._size
        block_rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        outside = np.zeros(self.num_blocks, bool)
        nonzero = bits(self._values) != 0
        if bottom:
            outside |= (block_rows == rows // self._size) & \
                nonzero[:, bottom:, :].any(axis=(1, 2))
        if right:
            outside |= (columns == cols // self._size) & \
                nonzero[:, :, right:].any(axis=(1, 2))
        if outside.any():
            raise ValueError(f"block {self.block_indices[int(outside.argmax())]} has "
                             f"nonzeros outside of shape {self._shape}")

    def _block_size(self) -> int:
        return self._size

    def _named_components(self) -> List[Tuple[str, np.ndarray]]:
        indices = np.concatenate([part.view(np.uint8) for part in self._pattern])
        return [("blocks", self._values), ("indices", indices)]

    def _convert(self, target: str, block_size: int = 0) -> List[np.ndarray]:
        if self._size in _RUNTIME_SIZES:
            return super()._convert(target, block_size)
        return CSRMatrix.from_dense(self.to_dense(), 0)._convert(target, block_size)

    def _product(self, values: np.ndarray, transposed: bool, x: np.ndarray, k: int,
                 y: np.ndarray) -> None:
        _core.block_product(values, *self._pattern, self._size, *self._shape, transposed,
                            x, k, y)


def _as_size(block_size: Any) -> int:
    if isinstance(block_size, bool) or not isinstance(block_size, (int, np.integer)) or \
            not 1 <= block_size <= 1 << 15:
        raise ValueError(f"block_size must be an integer from 1 to 32768, got {block_size!r}")
    return int(block_size)


def _tiles(dense: np.ndarray, size: int) -> np.ndarray:
    """[block rows, size, block columns, size], padded with zeros."""
    rows, cols = (-(-extent // size) for extent in dense.shape)
    if dense.shape != (rows * size, cols * size):
        padding: Sequence[Tuple[int, int]] = [
            (0, rows * size - dense.shape[0]), (0, cols * size - dense.shape[1])]
        dense = np.pad(dense, padding)
    return dense.reshape(rows, size, cols, size)


def block_counts(dense: np.ndarray, size: int) -> np.ndarray:
    """The nonzeros of each block, [block rows, block columns]."""
    tiles = _tiles(bits(dense) != 0, size)
    # Down the rows first, in bytes: that is what vectorises.
    rows = tiles.sum(axis=1, dtype=np.uint8 if size < 256 else np.int64)
    return rows.sum(axis=2, dtype=np.int64)
