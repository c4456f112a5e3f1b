# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How rocSPARSE 5.3 spreads rows over workgroups for its adaptive csrmv.

A block is a workgroup's rows: as many as have 1024 elements together, which go
through LDS, or a single longer row, which 3072-element pieces of workgroups share.
Long rows (more than 128 elements) and short ones (fewer than 32) are kept apart.
Each block has a number for the kernel: the threads that reduce a row, or which
piece of the row it is.
"""

CAPACITY = 1024
PIECE = 3 * CAPACITY
THREADS = 256
LONG, SHORT = 128, 32


def threads_of_row(rows):
    """Threads that reduce one row of a block with so many rows; 0 means one."""
    return THREADS >> (rows - 1).bit_length() if rows > 1 else 0


def row_blocks(offsets):
    """The blocks' first rows, with the number of rows last, and their numbers."""
    lengths = [end - start for start, end in zip(offsets, offsets[1:])]
    starts, numbers = [0], [0]
    taken = long_run = 0

    def close(end):
        numbers[-1] |= threads_of_row(end - starts[-1])
        starts.append(end)
        numbers.append(0)

    row = 0
    while row < len(lengths):
        length = lengths[row]
        taken += length
        ends_long_run = False
        if length > LONG:
            long_run += 1
        elif long_run:
            ends_long_run = length < SHORT
            long_run += 1
        if ends_long_run or (long_run == 1 and row > starts[-1]):
            close(row)
            taken = length
            long_run = 0 if ends_long_run else long_run

        alone = row == starts[-1]
        if taken > CAPACITY and alone:
            for piece in range(1, -(-length // PIECE)):
                starts.append(row)
                numbers.append(piece)
            starts.append(row + 1)
            numbers.append(0)
        elif taken > CAPACITY:
            # The row does not fit any more: the next block begins with it.
            close(row)
            row -= 1
        elif taken == CAPACITY:
            close(row + 1)
        else:
            row += 1
            continue
        taken = long_run = 0
        row += 1

    if starts[-1] != len(lengths):
        # rocSPARSE counts one row too many for the last block.
        rows = len(lengths) - starts[-1]
        if rows > 1:
            numbers[-1] |= threads_of_row(rows + 1)
        starts.append(len(lengths))
        numbers.append(0)
    return starts, numbers
