# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pruned masks of the DLMC collection (.smtx).

    rows, cols, nnz
    the rows + 1 offsets of CSR
    the nnz column indices
"""

import glob
import os

import numpy as np


def read(path):
    """The mask: true where an element is kept."""
    with open(path) as file:
        rows, cols, nnz = (int(field) for field in file.readline().split(","))
        offsets = np.array(file.readline().split(), np.int64)
        indices = np.array(file.readline().split(), np.int64)
    if (len(offsets) != rows + 1 or len(indices) != nnz or offsets[0] != 0
            or offsets[-1] != nnz or (np.diff(offsets) < 0).any()
            or (nnz and (indices.min() < 0 or indices.max() >= cols))):
        raise ValueError(f"{path}: not a matrix in CSR")
    mask = np.zeros((rows, cols), bool)
    mask[np.repeat(np.arange(rows), np.diff(offsets)), indices] = True
    return mask


def find(folder):
    """All masks under a folder, sorted: {(sparsity, path below it): path}."""
    paths = glob.glob(os.path.join(folder, "**", "*.smtx"), recursive=True)
    return {(os.path.basename(os.path.dirname(path)),
             os.path.relpath(path, folder)): path for path in sorted(paths)}
