# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors of any rank as their values and a bit mask."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from sparsec import _core
from sparsec._arrays import as_elements, as_threshold, bits, keep_rule

# Long enough to be worth a thread, and a multiple of a mask word.
_LINE = 1 << 16
# What one Python object costs beside its arrays, as the format counts it.
_HEADER_BYTES = 24


@dataclass
class SparseTensor:
    """A compressed tensor.

    Attributes:
        values: the stored elements in row-major order, [stored].
        mask_bytes: a bit an element: bit i % 8 of byte i // 8 tells whether element i
            of the flattened tensor is stored. Bits behind the last are zero.
        shape: the dimensions of the tensor.
    """

    values: np.ndarray
    mask_bytes: bytes
    shape: Tuple[int, ...]

    @property
    def memory_size(self) -> int:
        """Bytes of values and mask, and 24 for the shape."""
        return self.values.nbytes + len(self.mask_bytes) + _HEADER_BYTES


class SparseCompress:
    """Compresses tensors, expands them, and multiplies with them a window at a time."""

    def __init__(self, sparsity_threshold: float = 1e-6) -> None:
        """
        Args:
            sparsity_threshold: elements of at most this magnitude count as zero. NaN
                never does. With 0 nothing is lost: all elements but +0.0 are stored.

        Raises:
            ValueError: if the threshold is negative or NaN.
        """
        self.sparsity_threshold = as_threshold(sparsity_threshold)

    def compress(self, tensor: np.ndarray) -> SparseTensor:
        """Compresses a tensor of any shape and of any real dtype.

        Raises:
            ValueError: for dtypes that are not real numbers of at most 8 bytes.
        """
        tensor = as_elements(tensor, "a tensor")
        flat, significant, drop = keep_rule(tensor.reshape(-1), self.sparsity_threshold)
        lines = -(-flat.size // _LINE)
        mask = np.zeros(lines * (_LINE // 64), np.uint64)
        offsets = np.empty(lines + 1, np.int64)
        stored = _core.scan(bits(flat), _LINE, significant, drop, mask, offsets)
        values = np.empty(stored, flat.dtype)
        _core.gather(bits(flat), _LINE, mask, offsets, bits(values),
                     np.empty(0, np.uint16))
        mask_bytes = mask.view(np.uint8)[: (flat.size + 7) // 8].tobytes()
        return SparseTensor(values, mask_bytes, tensor.shape)

    def decompress(self, sparse_tensor: SparseTensor) -> np.ndarray:
        """The dense tensor, of the values' dtype.

        Raises:
            ValueError: if values, mask and shape do not belong together.
        """
        values, shape = _checked(sparse_tensor)
        dense = np.empty(shape, values.dtype)
        _core.expand(bits(values), bytes(sparse_tensor.mask_bytes),
                     bits(dense.reshape(-1)))
        return dense

    def sliding_window_matmul(self, sparse_weight: SparseTensor,
                              input_tensor: np.ndarray,
                              window_size: int = 128) -> np.ndarray:
        """input_tensor @ weight.T with few rows of the weight expanded at one time.

        Args:
            sparse_weight: a weight [outputs, inputs].
            input_tensor: [batch, inputs].
            window_size: how many rows of the weight are dense at one time.

        Returns:
            [batch, outputs], of the dtype that NumPy gives to the dense product.

        Raises:
            ValueError: if a shape does not fit or window_size is less than 1.
        """
        values, shape = _checked(sparse_weight)
        inputs = np.asarray(input_tensor)
        if len(shape) != 2:
            raise ValueError(f"Weight matrix must be 2D, got shape {shape}")
        if inputs.ndim != 2:
            raise ValueError(f"Input tensor must be 2D, got shape {inputs.shape}")
        if inputs.shape[1] != shape[1]:
            raise ValueError(f"Input dimension mismatch: {inputs.shape[1]} != {shape[1]}, "
                             f"for an input of shape {inputs.shape} and a weight of "
                             f"shape {shape}")
        if isinstance(window_size, bool) or window_size != int(window_size) or \
                window_size < 1:
            raise ValueError(f"window_size must be an integer of at least 1, got "
                             f"{window_size!r}")
        rows, cols = shape
        mask = np.frombuffer(bytes(sparse_weight.mask_bytes), np.uint8)
        output = np.zeros((len(inputs), rows), np.result_type(values, inputs))
        stored, step = 0, min(int(window_size), max(rows, 1))
        buffer = np.empty((step, cols), values.dtype)
        for row in range(0, rows, step):
            height = min(step, rows - row)
            window = buffer[:height]
            window_mask, count = _slice_bits(mask, row * cols, height * cols)
            _core.expand(bits(values[stored: stored + count]), window_mask,
                         bits(window.reshape(-1)))
            stored += count
            np.matmul(inputs, window.T, out=output[:, row: row + height])
        if stored != values.size:
            raise ValueError(f"mask_bytes has {stored} bits set, but there are "
                             f"{values.size} values")
        return output

    def get_sparsity_ratio(self, tensor: np.ndarray) -> float:
        """The fraction of elements that `compress` would not store; 0 for no elements."""
        tensor = as_elements(tensor, "a tensor")
        if tensor.size == 0:
            return 0.0
        stored = self.compress(tensor).values.size
        return 1.0 - stored / tensor.size

    def compression_ratio(self, original: np.ndarray, compressed: SparseTensor) -> float:
        """Bytes of the dense tensor divided by those of the compressed one."""
        return np.asarray(original).nbytes / compressed.memory_size


def _checked(tensor: SparseTensor) -> Tuple[np.ndarray, Tuple[int, ...]]:
    values = as_elements(tensor.values, "values")
    if values.ndim != 1:
        raise ValueError(f"values must be 1D, got shape {values.shape}")
    try:
        shape = tuple(int(extent) for extent in tensor.shape)
        count = int(np.prod(shape, dtype=object))
    except (TypeError, ValueError):
        raise ValueError(f"shape must be integers, got {tensor.shape!r}") from None
    if min(shape, default=0) < 0:
        raise ValueError(f"shape must not be negative, got {shape}")
    if (count + 7) // 8 != len(tensor.mask_bytes):
        raise ValueError(f"mask_bytes has {len(tensor.mask_bytes)} bytes, expected "
                         f"{(count + 7) // 8} for shape {shape}")
    return values, shape


def _slice_bits(mask: np.ndarray, first: int, count: int) -> Tuple[bytes, int]:
    """Bits [first, first + count) as mask_bytes of their own, and how many are set."""
    part = mask[first // 8: (first + count + 7) // 8]
    flags = np.unpackbits(part, bitorder="little")[first % 8: first % 8 + count]
    return np.packbits(flags, bitorder="little").tobytes(), int(np.count_nonzero(flags))
