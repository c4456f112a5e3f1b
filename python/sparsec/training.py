# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Training with sparse weights, for torch.

    layer = SparseLinear(CSRMatrix.from_dense(weight), bias)

computes with the stored values only. A pattern that moves while a model trains is
RigLPruner's. torch is imported when one of them is first used; without it they raise
ImportError.
"""

from typing import Any, Optional

import numpy as np

from sparsec.formats.csr import CSRMatrix


def import_torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError("training needs torch, which is not installed: "
                          "pip install torch") from error
    return torch


_function: Optional[Any] = None


def sparse_linear(x: Any, values: Any, pattern: CSRMatrix, bias: Any = None) -> Any:
    """x @ A.T + bias as a differentiable function, A being `values` on a fixed pattern.

    Forward it is A @ x.T; backward A.T @ G, and of G @ x only the elements where A
    stores one.

    Args:
        x: tensor [..., ncols] of float32 or float64 on the CPU.
        values: tensor [nnz], in the order of `pattern.values`.
        pattern: whose col_indices and row_ptr count; its values do not.
        bias: tensor [nrows], or None.

    Returns:
        Tensor [..., nrows].

    Raises:
        ValueError: if the shapes do not fit.
        ImportError: without torch.
    """
    torch = import_torch()
    if values.shape != (pattern.nnz,) or x.shape[-1:] != (pattern.ncols,):
        raise ValueError(f"Incompatible dimensions: x {tuple(x.shape)}, values "
                         f"{tuple(values.shape)}, pattern {pattern!r}")
    global _function
    if _function is None:
        _function = _make_function(torch)
    y = _function.apply(x.reshape(-1, pattern.ncols), values, pattern)
    y = y.reshape(*x.shape[:-1], pattern.nrows)
    return y if bias is None else y + bias


def _make_function(torch: Any) -> Any:
    def with_values(pattern: CSRMatrix, values: Any) -> CSRMatrix:
        return CSRMatrix._trusted(values.detach().numpy(), *pattern._pattern,
                                  pattern.shape)

    class SparseLinearFunction(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, x: Any, values: Any, pattern: CSRMatrix) -> Any:
            context.save_for_backward(x, values)
            context.pattern = pattern
            matrix = with_values(pattern, values)
            return torch.from_numpy(matrix.sparse_matmul(x.detach().numpy().T).T)

        @staticmethod
        def backward(context: Any, gradient: Any) -> Any:
            x, values = context.saved_tensors
            matrix = with_values(context.pattern, values)
            by_row = np.ascontiguousarray(gradient.detach().numpy().T)  # [nrows, batch]
            grad_x = grad_values = None
            if context.needs_input_grad[0]:
                grad_x = torch.from_numpy(matrix.transpose_matmul(by_row).T)
            if context.needs_input_grad[1]:
                grad_values = torch.from_numpy(
                    matrix.sampled_matmul(by_row, x.detach().numpy().T))
            return grad_x, grad_values, None

    return SparseLinearFunction


def SparseLinear(matrix: CSRMatrix, bias: Any = None) -> Any:  # noqa: N802
    """A torch.nn.Module that computes x @ matrix.T + bias and trains the stored values.

    Args:
        matrix: [outputs, inputs]; its values are copied to the parameter `values`.
        bias: tensor or array [outputs], or None.

    Raises:
        ImportError: without torch.
    """
    torch = import_torch()

    class SparseLinearModule(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pattern = matrix
            self.values = torch.nn.Parameter(torch.from_numpy(matrix.values.copy()))
            self.bias = None if bias is None else torch.nn.Parameter(
                torch.as_tensor(bias).detach().clone())

        def forward(self, x: Any) -> Any:
            return sparse_linear(x, self.values, self.pattern, self.bias)

        def to_csr(self) -> CSRMatrix:
            """The weight as it is now."""
            return CSRMatrix(self.values.detach().numpy().copy(), *matrix._pattern,
                             matrix.shape)

    return SparseLinearModule()
