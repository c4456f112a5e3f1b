# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks and views that all classes share."""

from typing import Any, Tuple

import numpy as np

_BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


def as_elements(values: Any, what: str) -> np.ndarray:
    """`values` as an array of real numbers, in C order and native bytes.

    No copy where it is one already. Lists of numbers become float32; arrays keep their dtype.

    Raises:
        ValueError: for complex numbers, objects, strings, and types wider than 8 bytes.
    """
    first = values
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    if not hasattr(first, "dtype"):
        values = np.asarray(values)
        if values.dtype.kind in "iuf" or values.size == 0:
            values = values.astype(np.float32)
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"{what} of dtype {array.dtype} cannot be stored: "
                         "convert to a real type of at most 8 bytes")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    # np.ascontiguousarray would make a scalar one-dimensional.
    return np.asarray(array, order="C")


def as_matrix(dense: Any) -> np.ndarray:
    """as_elements for a matrix [rows, cols]."""
    array = as_elements(dense, "a matrix")
    if array.ndim != 2:
        raise ValueError(f"Expected 2D array, got shape {array.shape}")
    return array


def bits(array: np.ndarray) -> np.ndarray:
    """The same memory as unsigned integers."""
    return array.view(_BITS[array.dtype.itemsize])


def as_shape(shape: Any) -> Tuple[int, int]:
    try:
        rows, cols = (int(extent) for extent in shape)
        if any(extent != int(extent) for extent in shape):
            raise TypeError
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"shape must be two integers, got {shape!r}") from None
    if rows < 0 or cols < 0:
        raise ValueError(f"shape must not be negative, got {(rows, cols)}")
    if rows > 2**31 - 1 or cols > 2**31 - 1 or rows * cols >= 2**60:
        raise ValueError(f"shape {(rows, cols)} is too large for 32-bit indices")
    return rows, cols


def as_integers(values: Any, what: str, limit: int) -> np.ndarray:
    """`values` as a 1-D array of integers in [0, limit); raises ValueError if not."""
    array = np.asarray(values)
    if array.size == 0 and array.ndim == 1:
        return array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{what} must be a 1D array of integers, got shape "
                         f"{array.shape} of dtype {array.dtype}")
    wrong = (array < 0) | (array >= limit)
    if wrong.any():
        at = int(wrong.argmax())
        raise ValueError(f"{what}[{at}] = {array[at]} is not in [0, {limit})")
    return array


def as_threshold(threshold: Any) -> float:
    if not isinstance(threshold, (int, float, np.number)) or not threshold >= 0:
        raise ValueError(f"threshold must be a number of at least 0, got {threshold!r}")
    return float(threshold)


def keep_rule(array: np.ndarray, threshold: float) -> Tuple[np.ndarray, int, int]:
    """What of an element decides whether it is stored.

    An element is stored if abs(element) > threshold, with the threshold rounded to the
    dtype, as NumPy compares; or if it is NaN. With the threshold 0 it is stored unless
    all its bits are zero, so -0.0 survives and nothing is lost.

    Returns the array, or a pruned copy of it, and the two numbers of the core's
    KeepRule: an element is stored if (bits & significant) > drop.
    """
    threshold = as_threshold(threshold)
    width = 8 * array.dtype.itemsize
    everything = 2**width - 1
    if threshold == 0:
        return array, everything, 0
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            limit = np.asarray(threshold).astype(array.dtype)
        return array, everything >> 1, int(bits(limit.reshape(1))[0])
    if threshold < 1:
        return array, everything, 0
    if array.dtype.kind == "i":
        magnitude = np.abs(array.astype(np.float64))
        return np.where(magnitude > threshold, array, array.dtype.type(0)), everything, 0
    return array, everything, min(int(threshold), everything)


def frozen(array: np.ndarray) -> np.ndarray:
    """Makes an array that we own read-only: kernels rely on what it holds."""
    array.flags.writeable = False
    return array
