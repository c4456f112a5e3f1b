# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What results are compared with: float64, and a plain loop in C."""

import ctypes
import os
import subprocess

import numpy as np

SOURCE = r"""
/* Ascending k, one float that is rounded after each product and each sum. */
void product(long rows, long cols, long depth, const float *w, const float *x,
             const float *init, float *y) {
  for (long i = 0; i < rows; ++i)
    for (long j = 0; j < cols; ++j) {
      float acc = init ? init[i * cols + j] : 0;
      for (long k = 0; k < depth; ++k)
        acc += w[i * depth + k] * x[j * depth + k];
      y[i * cols + j] = acc;
    }
}
"""


class PlainLoop:
    """The dense loop of the strict contract, compiled with the C compiler."""

    def __init__(self, compiler, folder):
        source = os.path.join(folder, "product.c")
        library = os.path.join(folder, "product.so")
        with open(source, "w") as file:
            file.write(SOURCE)
        subprocess.run([compiler, "-O2", "-ffp-contract=off", "-shared",
                        "-fPIC", source, "-o", library], check=True)
        self.function = ctypes.CDLL(library).product
        self.function.argtypes = [ctypes.c_long] * 3 + [ctypes.c_void_p] * 4
        self.function.restype = None

    def product(self, w, x, init=None):
        """w @ x.T, both f32 matrices, from zero or from init."""
        w, x = (np.ascontiguousarray(a, np.float32) for a in (w, x))
        if init is not None:
            init = np.ascontiguousarray(init, np.float32)
        y = np.empty((w.shape[0], x.shape[0]), np.float32)
        self.function(w.shape[0], x.shape[0], w.shape[1], w.ctypes.data,
                      x.ctypes.data,
                      None if init is None else init.ctypes.data, y.ctypes.data)
        return y


class Exact:
    """w @ x.T (+ init) in float64, and how far a result may be from it:
    2 K 2^-24 sum |w||x|, and where that is below the spacing of denormals, the
    K roundings of a denormal. `flushing` is the same where denormals, factors
    and sums alike, count as zero."""

    def __init__(self, w, x, init=None):
        w, x = w.astype(np.float64), x.astype(np.float64)
        depth = w.shape[1]
        self.values = w @ x.T
        magnitude = np.abs(w) @ np.abs(x).T
        if init is not None:
            self.values = self.values + init
            magnitude = magnitude + np.abs(init)
            depth += 1
        self.bound = (2 * depth * 2.0**-24 * magnitude + depth * 2.0**-149)
        reach = (np.abs(w).sum(1)[:, None] + np.abs(x).sum(1)[None, :] +
                 2 * depth)
        self.flushing = self.bound + reach * 2.0**-126


def describe_difference(got, want, wrong):
    """The first wrong elements, with their bits."""
    lines = [f"{np.count_nonzero(wrong)} of {wrong.size} elements differ"]
    for index in list(zip(*np.nonzero(wrong)))[:4]:
        lines.append(f"    [{', '.join(map(str, index))}] "
                     f"{got[index]!r}, want {want[index]!r}")
    return "\n".join(lines)


def compare_bits(got, want):
    """None, or what differs: shape, type or a single bit."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{got.dtype}{got.shape}, want {want.dtype}{want.shape}"
    bits = np.dtype(f"u{got.dtype.itemsize}")
    wrong = got.view(bits) != want.view(bits) if got.size else np.zeros(0, bool)
    return describe_difference(got, want, wrong) if wrong.any() else None


def compare_bound(got, values, bound):
    """None, or where got is further from values than bound."""
    if got.shape != values.shape:
        return f"shape {got.shape}, want {values.shape}"
    wrong = ~(np.abs(got.astype(np.float64) - values) <= bound)
    return describe_difference(got, values, wrong) if wrong.any() else None
