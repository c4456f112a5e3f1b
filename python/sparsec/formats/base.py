# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the classes of formats share."""

from typing import Any, ClassVar, Dict, List, Tuple, Type, TypeVar

import numpy as np

from sparsec import _core
from sparsec._arrays import bits

Self = TypeVar("Self", bound="SparseMatrix")


class SparseMatrix:
    """A matrix in some format. Not made itself; see its subclasses.

    Attributes:
        shape: rows and columns.
        dtype: of an element.
    """

    # The core's name of the format.
    _format: ClassVar[str]
    # The core's component arrays after the values.
    _pattern: Tuple[np.ndarray, np.ndarray]
    _values: np.ndarray
    _shape: Tuple[int, int]

    # Of the values beside the pattern's: what NumPy calls on `array @ matrix` first.
    __array_ufunc__ = None

    @property
    def shape(self) -> Tuple[int, int]:
        return self._shape

    @property
    def nrows(self) -> int:
        """Number of rows."""
        return self._shape[0]

    @property
    def ncols(self) -> int:
        """Number of columns."""
        return self._shape[1]

    @property
    def dtype(self) -> np.dtype:
        return self._values.dtype

    @property
    def nnz(self) -> int:
        """Number of stored elements."""
        return int(self._values.size)

    @property
    def values(self) -> np.ndarray:
        """The stored elements, [nnz]. May be written in place or replaced by an array
        of the same shape; the pattern stays."""
        return self._values

    @values.setter
    def values(self, values: np.ndarray) -> None:
        values = np.asarray(values)
        if values.shape != self._values.shape:
            raise ValueError(f"values of {self!r} have shape {self._values.shape}, got "
                             f"{values.shape}")
        self._values[...] = values

    def to_dense(self) -> np.ndarray:
        """The dense matrix [nrows, ncols], bit by bit what was stored."""
        dense = np.empty(self._shape, self.dtype)
        _core.unpack(self._format, self._block_size(), *self._shape, dense.itemsize,
                     self._components(), bits(dense))
        return dense

    def sparse_matmul(self, other: np.ndarray) -> np.ndarray:
        """self @ other.

        Args:
            other: [ncols] or [ncols, k].

        Returns:
            [nrows] or [nrows, k], of the dtype that NumPy gives to the dense product.

        Raises:
            ValueError: if the shapes do not fit.
        """
        return self._times(other, False)

    def transpose_matmul(self, other: np.ndarray) -> np.ndarray:
        """self.T @ other, without transposing anything.

        Args:
            other: [nrows] or [nrows, k].

        Returns:
            [ncols] or [ncols, k], of the dtype that NumPy gives to the dense product.

        Raises:
            ValueError: if the shapes do not fit.
        """
        return self._times(other, True)

    def __matmul__(self, other: Any) -> np.ndarray:
        return self._times(other, False)

    def __rmatmul__(self, other: Any) -> np.ndarray:
        other = np.asarray(other)
        if other.ndim not in (1, 2) or other.shape[-1] != self.nrows:
            raise ValueError(f"Incompatible dimensions: {other.shape} @ {self._shape}")
        return self._times(other.T, True).T

    def memory_footprint(self) -> Dict[str, Any]:
        """Bytes of each component array, `total_sparse`, `total_dense`, and their
        `compression_ratio`."""
        parts = {name: array.nbytes for name, array in self._named_components()}
        sparse = sum(parts.values())
        dense = self.nrows * self.ncols * self.dtype.itemsize
        return {**parts, "total_sparse": sparse, "total_dense": dense,
                "compression_ratio": dense / sparse if sparse else 1.0}

    def get_statistics(self) -> Any:
        """A SparseMatrixStats; a dictionary for BlockSparseMatrix."""
        from sparsec.formats.stats import SparseMatrixStats

        memory = self.memory_footprint()
        elements = self.nrows * self.ncols
        density = self.nnz / elements if elements else 0.0
        return SparseMatrixStats(
            nnz=self.nnz,
            sparsity=1.0 - density if elements else 0.0,
            density=density,
            shape=self._shape,
            memory_dense=memory["total_dense"],
            memory_sparse=memory["total_sparse"],
            compression_ratio=memory["compression_ratio"],
        )

    def to_scipy(self) -> Any:
        """As the nearest class of scipy.sparse. Values are shared where it takes them
        as they are."""
        from sparsec.formats.exchange import to_scipy

        return to_scipy(self)

    def to_torch(self) -> Any:
        """As a sparse torch tensor: csc for CSCMatrix, else csr."""
        from sparsec.formats.exchange import to_torch

        return to_torch(self)

    @classmethod
    def from_sparse(cls: Type[Self], matrix: "SparseMatrix") -> Self:
        """The same matrix in this format. Stored zeros (+0.0) are left out."""
        raise NotImplementedError

    @classmethod
    def from_scipy(cls: Type[Self], matrix: Any) -> Self:
        """From any class of scipy.sparse; duplicates are added up.

        Raises:
            ValueError: if `matrix` is none, or of a dtype that is not stored.
        """
        from sparsec.formats.exchange import from_scipy

        return cls.from_sparse(from_scipy(matrix))

    @classmethod
    def from_torch(cls: Type[Self], tensor: Any) -> Self:
        """From a sparse torch tensor (coo, csr, csc, bsr) with two dimensions.

        Raises:
            ValueError: if `tensor` is none, or of a dtype that is not stored.
        """
        from sparsec.formats.exchange import from_torch

        return cls.from_sparse(from_torch(tensor))

    def __repr__(self) -> str:
        elements = self.nrows * self.ncols
        sparsity = 1.0 - self.nnz / elements if elements else 0.0
        return (f"{type(self).__name__}(shape={self._shape}, nnz={self.nnz}, "
                f"sparsity={sparsity:.2%})")

    # For subclasses.

    def _block_size(self) -> int:
        return 0

    def _named_components(self) -> List[Tuple[str, np.ndarray]]:
        raise NotImplementedError

    def _components(self) -> List[np.ndarray]:
        return [bits(self._values), *self._pattern]

    def _product(self, values: np.ndarray, transposed: bool, x: np.ndarray, k: int,
                 y: np.ndarray) -> None:
        """y = A x or A^T x in the core; values, x and y are of one dtype."""
        raise NotImplementedError

    def _validate(self) -> None:
        """Lets runtime/formats check the component arrays."""
        try:
            _core.validate(self._format, self._block_size(), *self._shape,
                           self.dtype.itemsize, self._components())
        except ValueError as error:
            raise ValueError(f"{type(self).__name__} of shape {self._shape}: "
                             f"{error}") from None

    def _convert(self, target: str, block_size: int = 0) -> List[np.ndarray]:
        """Component arrays in another format: values of our dtype, then bytes."""
        values, *pattern = _core.convert(
            self._format, self._block_size(), target, block_size, *self._shape,
            self.dtype.itemsize, self._components())
        return [values.view(self.dtype), *pattern]

    def _times(self, other: Any, transposed: bool) -> np.ndarray:
        other = np.asarray(other)
        rows, inner = self._shape[::-1] if transposed else self._shape
        if other.ndim not in (1, 2) or other.shape[0] != inner:
            name = f"{self._shape}.T" if transposed else f"{self._shape}"
            raise ValueError(f"Incompatible dimensions: {name} @ {other.shape}")
        result = np.result_type(self._values, other)
        compute = compute_dtype(result)
        values = np.asarray(self._values, compute)
        x = np.asarray(other, compute, order="C")
        y = np.empty((rows, *other.shape[1:]), compute)
        k = other.shape[1] if other.ndim == 2 else 1
        if k:
            self._product(values, transposed, x, k, y)
        return y if compute == result else y.astype(result)


def compute_dtype(result: np.dtype) -> np.dtype:
    """What products with this result are computed in.

    Raises:
        ValueError: for complex numbers, objects and the like.
    """
    if result.kind == "f" and result.itemsize <= 8:
        return np.dtype(np.float64 if result.itemsize == 8 else np.float32)
    if result.kind in "biu":
        return np.dtype(np.int64)
    raise ValueError(f"products of dtype {result} are not supported: convert to a real "
                     "type of at most 8 bytes")


