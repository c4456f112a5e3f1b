# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A packer of its own for each format, from the tables in dialect/Attrs.td."""

import numpy as np


def csr(bits, index):
    """Row after row, columns ascending; an element is stored unless it is all zero
    bits."""
    rows, cols = np.nonzero(bits)
    return [("values", bits[rows, cols]), (index, cols),
            ("i32", offsets(rows, bits.shape[0]))]


def csc(bits, index):
    return csr(np.ascontiguousarray(bits.T), index)


def bitmask(bits, _):
    rows, cols = np.nonzero(bits)
    mask = np.zeros((bits.shape[0], -(-bits.shape[1] // 64)), np.uint64)
    np.bitwise_or.at(mask, (rows, cols // 64),
                     np.uint64(1) << (cols % 64).astype(np.uint64))
    return [("values", bits[rows, cols]), ("i64", mask),
            ("i32", offsets(rows, bits.shape[0]))]


def block(bits, size):
    rows, cols = (-(-d // size) for d in bits.shape)
    padded = np.zeros((rows * size, cols * size), bits.dtype)
    padded[:bits.shape[0], :bits.shape[1]] = bits
    tiles = padded.reshape(rows, size, cols, size).swapaxes(1, 2)
    at = np.nonzero(tiles.any(axis=(2, 3)))
    return [("values", tiles[at]), ("i32", at[1]), ("i32", offsets(at[0], rows))]


def offsets(rows, count):
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])


# The format as the dialect prints it: its packer and the parameter of that.
FORMATS = {
    "#sparsec.bitmask": (bitmask, None),
    "#sparsec.csr": (csr, "i32"),
    "#sparsec.csr<index = i16>": (csr, "i16"),
    "#sparsec.csc": (csc, "i32"),
    "#sparsec.csc<index = i16>": (csc, "i16"),
    "#sparsec.block<4x4>": (block, 4),
    "#sparsec.block<8x8>": (block, 8),
    "#sparsec.block<16x16>": (block, 16),
    "#sparsec.block<32x32>": (block, 32),
}
INDEX_TYPES = {"i16": np.uint16, "i32": np.int32, "i64": np.uint64}


def pack(bits, name):
    """The component arrays of a matrix of bits, in the format's order: pairs of
    element type ("values" for the matrix's own) and array."""
    packer, parameter = FORMATS[name]
    return [(kind, np.ascontiguousarray(
        array if kind == "values" else array.astype(INDEX_TYPES[kind])))
        for kind, array in packer(bits, parameter)]
