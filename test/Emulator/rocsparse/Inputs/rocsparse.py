# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products by AMD's own gfx803 kernels on the emulated card.

    peer = RocSparse(CACHE)             # filled by code_objects.py where it is empty
    run = peer.multiply(Csr.of(w), x)   # x: (k,) or (k, n) float32
    run.result, run.reports, run.seconds

Which kernel, with which template arguments and grid, is what rocSPARSE 5.3 decides
on its host side for a chip with 64 lanes a wave: `multiply` is rocsparse_spmv and
rocsparse_spmm with their default algorithms; the other methods name theirs.
"""

import dataclasses
import pathlib

import numpy as np

import code_objects
from launcher import Launcher, Run
from row_blocks import PIECE, row_blocks

# rocsparse_order, rocsparse_direction, rocsparse_index_base
ORDER = {"row": 0, "column": 1}
DIRECTION_ROW = 0
BASE_ZERO = "i32:0"
NO_CONJUGATE = "u8:0"
ONE, ZERO = "f32:1", "f32:0"


@dataclasses.dataclass
class Csr:
    """A matrix of float32; blocks of `block` by `block` elements when not 1 (BSR)."""
    rows: int
    columns: int
    offsets: np.ndarray
    indices: np.ndarray
    values: np.ndarray
    block: int = 1

    @classmethod
    def of(cls, dense, block=1):
        """Blocks with an element that is not zero, filled up at the edges."""
        dense = np.asarray(dense, np.float32)
        rows, columns = (-(-side // block) for side in dense.shape)
        padded = np.zeros((rows * block, columns * block), np.float32)
        padded[:dense.shape[0], :dense.shape[1]] = dense
        tiles = padded.reshape(rows, block, columns, block).swapaxes(1, 2)
        kept = tiles.any(axis=(2, 3))
        offsets = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
        return cls(rows, columns, offsets.astype(np.int32),
                   np.nonzero(kept)[1].astype(np.int32), tiles[kept].reshape(-1),
                   block)

    @property
    def count(self):
        """Elements, or blocks, that are stored."""
        return len(self.indices)


def ceil_div(value, divisor):
    return -(-value // divisor)


def lanes_of_row(elements_of_row, least, limits):
    """The power of two of lanes for a row: double at each limit it reaches."""
    return least << sum(elements_of_row >= limit for limit in limits)


class RocSparse:
    """The kernels of one cache folder, run by one gfx803-emulator."""

    def __init__(self, cache, emulator="gfx803-emulator", options=()):
        self.cache = pathlib.Path(cache)
        self.kernels = code_objects.fill(cache)
        self.emulator = emulator
        self.options = list(options)

    def multiply(self, matrix, x):
        """W x with the algorithms that rocSPARSE takes by default."""
        return self.csrmm(matrix, x) if np.ndim(x) == 2 else self.csrmv(matrix, x)

    def csrmv(self, matrix, x, algorithm="adaptive"):
        """algorithm: adaptive (after an analysis) or general (without, "stream")."""
        with Launcher(self) as launcher:
            arrays = launcher.csr(matrix)
            x = launcher.array(np.asarray(x, np.float32))
            if algorithm == "general":
                lanes = lanes_of_row(matrix.count // matrix.rows, 2, (4, 8, 16, 32, 64))
                launcher.launch(
                    "csrmvn_general_kernel", (512, lanes), "iiff",
                    (ceil_div(matrix.rows, 512),), (512,),
                    [NO_CONJUGATE, f"i32:{matrix.rows}", ONE, *arrays, x, ZERO,
                     launcher.output(matrix.rows), BASE_ZERO])
            else:
                starts, numbers = row_blocks(matrix.offsets.tolist())
                # Only pieces of a shared row add to y, the first by y - y.
                shared = np.diff(matrix.offsets).max(initial=0) > PIECE
                launcher.launch(
                    "csrmvn_adaptive_kernel", (), "iiff", (len(starts) - 1,), (256,),
                    [NO_CONJUGATE, f"i32:{matrix.count}",
                     launcher.array(np.array(starts, np.int32)),
                     launcher.array(np.zeros(len(starts), np.uint32)),
                     launcher.array(np.array(numbers, np.int32)), ONE, *arrays, x,
                     ZERO, launcher.output(matrix.rows, zeros=shared), BASE_ZERO])
            return launcher.run()

    def csrmm(self, matrix, x, algorithm="general", order="row"):
        """algorithm: general or row_split; order: that of x and of the result."""
        x = np.asarray(x, np.float32)
        n = x.shape[1]
        with Launcher(self) as launcher:
            arrays = launcher.csr(matrix)
            row_major = order == "row"
            leading = (n, n) if row_major else (matrix.columns, matrix.rows)
            strides = ["i32:0"] if algorithm == "general" else []
            shape = (matrix.rows, n) if row_major else (n, matrix.rows)

            def arguments(first, batches, output):
                return [NO_CONJUGATE, NO_CONJUGATE,
                        *(f"i32:{value}" for value in
                          (*first, matrix.rows, n, matrix.columns, matrix.count)),
                        *batches, ONE, *arrays, dense, f"i32:{leading[0]}", *strides,
                        ZERO, output, f"i32:{leading[1]}", *strides,
                        f"i32:{ORDER[order]}", BASE_ZERO]

            dense = launcher.array(x if row_major else x.T)
            plan = row_major_plan if row_major else column_major_plan
            steps = plan(matrix, n, algorithm)
            for at, (kernel, template, workgroups, first) in enumerate(steps):
                launcher.launch(
                    f"csrmm{'nt' if row_major else 'nn'}_{algorithm}_{kernel}",
                    template, "iiff", workgroups, template[:1],
                    arguments(first, strides * 2,
                              launcher.output(shape, partial=at + 1 < len(steps),
                                              again=at > 0)))
            run = launcher.run()
            return run if row_major else Run(run.result.T, run.reports)

    def bsrmv(self, matrix, x):
        """A matrix in blocks, row by row within a block; x and y filled up to them."""
        block, rows = matrix.block, matrix.rows
        name, template, types, workgroups, workgroup = bsrmv_plan(matrix)
        # For 5 and 8 the direction is a template argument.
        typed = name.startswith("sbsr")
        direction = [] if typed else [f"i32:{DIRECTION_ROW}"]
        general = name == "bsrxmvn_general_kernel"
        padded = np.zeros(matrix.columns * block, np.float32)
        padded[:len(x)] = x
        with Launcher(self) as launcher:
            offsets, indices, values = launcher.csr(matrix)
            launcher.launch(
                name, template, types, workgroups, workgroup,
                [*([] if general else [f"i32:{rows}"]), *direction, ONE, "i32:0",
                 "null", offsets, "null", indices, values,
                 *([f"i32:{block}"] if general else []), launcher.array(padded), ZERO,
                 # And these read y even where beta is 0.
                 launcher.output(rows * block, zeros=typed), BASE_ZERO])
            return launcher.run()


def row_major_plan(matrix, n, _):
    """Kernels, template arguments, workgroups and column ranges of csrmm with rows
    of x one after the other: whole multiples of lanes times loops columns, the rest
    with as many lanes as it has columns."""
    lanes = lanes_of_row(ceil_div(matrix.count, matrix.rows), 8, (16, 32, 64))
    most = 8 if lanes == 64 else 16
    loops = min(most, 1 << (n // lanes).bit_length() - 1) if n >= lanes else 0
    main = n - n % (lanes * loops) if loops else 0
    steps = []
    if main:
        # With sixteen loops a workgroup is half as large.
        size = 128 if loops == 16 else 256
        steps.append(("main_kernel", (size, lanes, loops),
                      (ceil_div(lanes * matrix.rows, size),), (0, main)))
    if main < n:
        lanes = lanes_of_row(n - main - 1, 8, (8, 16, 32))
        steps.append(("remainder_kernel", (256, lanes),
                      (ceil_div(lanes * matrix.rows, 256),), (main, n)))
    return steps


def column_major_plan(matrix, n, algorithm):
    """The same for columns of x one after the other, eight to a workgroup."""
    across = ceil_div(8 * matrix.rows, 256)
    if algorithm == "general":
        return [("kernel", (256, 8), (across, ceil_div(n, 8)), ())]
    rest = n % 8
    steps = []
    if n > rest:
        steps.append(("kernel", (256, 8, 8), (across, n // 8), (0,)))
    if rest:
        steps.append(("kernel", (256, 8, 1), (across, rest), (n - rest,)))
    return steps


def bsrmv_plan(matrix):
    """Kernel, template arguments, types, workgroups and workgroup of bsrmv."""
    block, rows = matrix.block, matrix.rows
    if block in (2, 3, 4):
        size = 256 if block == 3 else 128
        lanes = lanes_of_row(matrix.count // rows, 4, (8, 16, 32, 64))
        return (f"bsrxmvn_{block}x{block}_kernel", (size, lanes), "fiif",
                (ceil_div(rows, size // lanes),), (size,))
    if block in (5, 8):
        waves = 256 // (32 if block == 5 else 64)
        return (f"sbsrxmvn_{block}x{block}_kernel", (256, "direction"), "iif",
                (ceil_div(rows, waves),), (256 // waves, waves))
    if block == 16:
        return "bsrxmvn_16x16_kernel", (256,), "fiif", (rows,), (256,)
    if 16 < block <= 32:
        return "bsrxmvn_17_32_kernel", (block,), "fiif", (rows,), (block * block,)
    side = 8 if block <= 8 else 16 if block <= 16 else 32
    return ("bsrxmvn_general_kernel", (side * side, side), "fiif", (rows,),
            (side * side,))
