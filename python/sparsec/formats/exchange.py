# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""To and from scipy.sparse and torch, each imported only when it is used."""

from typing import Any

import numpy as np

from sparsec.formats.base import SparseMatrix
from sparsec.formats.block import BlockSparseMatrix
from sparsec.formats.csc import CSCMatrix
from sparsec.formats.csr import CSRMatrix


def _import(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ImportError(f"{package} is not installed: pip install {package}") from error


def to_scipy(matrix: SparseMatrix) -> Any:
    sparse = _import("scipy.sparse")
    if isinstance(matrix, BlockSparseMatrix):
        size = matrix.block_size
        if matrix.num_blocks and matrix.nrows % size == 0 and matrix.ncols % size == 0:
            return sparse.bsr_matrix((matrix.blocks, *_indices(matrix)), matrix.shape)
    if isinstance(matrix, CSCMatrix):
        return sparse.csc_matrix((matrix.values, *_indices(matrix)), matrix.shape)
    rows = matrix if isinstance(matrix, CSRMatrix) else CSRMatrix.from_sparse(matrix)
    return sparse.csr_matrix((rows.values, *_indices(rows)), rows.shape)


def from_scipy(matrix: Any) -> SparseMatrix:
    sparse = _import("scipy.sparse")
    if not sparse.issparse(matrix):
        raise ValueError(f"expected a matrix of scipy.sparse, got {type(matrix).__name__}")
    by_columns = matrix.format == "csc"
    lines = matrix if by_columns else matrix.tocsr()
    if not lines.has_canonical_format:
        lines = lines.copy()
        lines.sum_duplicates()
    kind = CSCMatrix if by_columns else CSRMatrix
    return kind(lines.data, lines.indices, lines.indptr, lines.shape)


def to_torch(matrix: SparseMatrix) -> Any:
    torch = _import("torch")
    by_columns = isinstance(matrix, CSCMatrix)
    make = torch.sparse_csc_tensor if by_columns else torch.sparse_csr_tensor
    lines = matrix if by_columns else CSRMatrix.from_sparse(matrix)
    indices, offsets = (torch.from_numpy(part.astype(np.int64)) for part in _indices(lines))
    return make(offsets, indices, torch.from_numpy(lines.values), lines.shape)


def from_torch(tensor: Any) -> SparseMatrix:
    torch = _import("torch")
    if not isinstance(tensor, torch.Tensor) or tensor.layout == torch.strided or \
            tensor.dim() != 2:
        raise ValueError("expected a sparse torch tensor with two dimensions, got "
                         f"{type(tensor).__name__}"
                         + (f" of shape {tuple(tensor.shape)} and layout {tensor.layout}"
                            if isinstance(tensor, torch.Tensor) else ""))
    if tensor.dtype == torch.bfloat16:
        raise ValueError("NumPy has no bfloat16: convert the tensor to float32 first")
    tensor = tensor.detach().cpu()
    if tensor.layout == torch.sparse_csr:
        return CSRMatrix(tensor.values().numpy(), tensor.col_indices().numpy(),
                         tensor.crow_indices().numpy(), tensor.shape)
    if tensor.layout == torch.sparse_csc:
        return CSCMatrix(tensor.values().numpy(), tensor.row_indices().numpy(),
                         tensor.ccol_indices().numpy(), tensor.shape)
    if tensor.layout == torch.sparse_coo:
        sparse = _import("scipy.sparse")
        tensor = tensor.coalesce()
        return from_scipy(sparse.coo_matrix(
            (tensor.values().numpy(), tuple(tensor.indices().numpy())), tuple(tensor.shape)))
    if tensor.layout == torch.sparse_bsr:
        sparse = _import("scipy.sparse")
        return from_scipy(sparse.bsr_matrix(
            (tensor.values().numpy(), tensor.col_indices().numpy(),
             tensor.crow_indices().numpy()), tuple(tensor.shape)))
    raise ValueError(f"torch layout {tensor.layout} is not supported: use sparse_csr")


def _indices(matrix: SparseMatrix) -> Any:
    """Copies, as SciPy and torch want them: ours are read-only and often 16 bits."""
    return tuple(part.astype(np.int32) for part in matrix._pattern)
