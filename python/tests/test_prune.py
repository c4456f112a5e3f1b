# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pruners of arrays, and the schedule."""

import math

import numpy as np
import pytest
from conftest import assert_same_bits, matrices
from hypothesis import given
from hypothesis import strategies as st

from sparsec.prune import MagnitudePruner, NMPruner, StructuredPruner, cubic_sparsity


@given(matrices(dtypes=("float16", "float32", "float64", "int8")), st.floats(0, 1))
def test_magnitude_drops_the_smallest(dense, sparsity):
    pruner = MagnitudePruner(sparsity)
    kept = pruner.mask(dense)
    assert kept.size - kept.sum() == math.ceil(sparsity * kept.size - 1e-9)
    sizes = np.abs(dense.astype(np.float64))
    if kept.any() and not kept.all():
        assert sizes[kept].min() >= sizes[~kept].max()
    pruned = pruner.prune(dense)
    assert_same_bits(pruned[kept], dense[kept])
    assert not pruned.view(f"u{pruned.itemsize}")[~kept].any()  # +0.0, never -0.0


def test_magnitude_of_any_rank_with_nan():
    tensor = np.array([[[0.5, -3], [np.nan, -0.0]]], np.float32)
    pruned = MagnitudePruner(0.5).prune(tensor)
    assert pruned.tolist()[0][0] == [0, -3] and np.isnan(pruned[0, 1, 0])
    assert not np.signbit(pruned[0, 1, 1])


@pytest.mark.parametrize("granularity, axis", [("row", 0), ("column", 1), ("channel", 0)])
def test_structured_drops_whole_lines(rng, granularity, axis):
    dense = rng.standard_normal((20, 10)).astype(np.float32)
    kept = StructuredPruner(0.6, granularity).mask(dense)
    lines = np.moveaxis(kept, axis, 0)
    assert (lines.all(axis=1) | ~lines.any(axis=1)).all()
    norms = np.moveaxis(dense, axis, 0)
    norms = (norms.astype(np.float64) ** 2).sum(axis=1)
    assert (~lines.any(axis=1)).sum() == round(0.6 * len(lines))
    assert norms[lines.any(axis=1)].min() > norms[~lines.any(axis=1)].max()


def test_channels_of_a_convolution(rng):
    filters = rng.standard_normal((8, 3, 3, 3)).astype(np.float32)
    kept = StructuredPruner(0.25, "channel").mask(filters)
    assert (~kept.any(axis=(1, 2, 3))).sum() == 2 and kept.shape == filters.shape


def test_blocks_at_the_edge(rng):
    dense = rng.standard_normal((10, 13)).astype(np.float32)
    kept = StructuredPruner(0.5, "block", block_size=4).mask(dense)
    blocks = [kept[r:r + 4, c:c + 4] for r in range(0, 10, 4) for c in range(0, 13, 4)]
    assert all(block.all() or not block.any() for block in blocks)
    assert sum(not block.any() for block in blocks) == 6


@given(st.integers(0, 4), st.integers(1, 8), st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_n_of_m(n, m, groups, seed):
    n = min(n, m)
    dense = np.random.default_rng(seed).standard_normal((3, groups * m))
    kept = NMPruner(n, m).mask(dense).reshape(-1, m)
    assert (kept.sum(axis=1) == n).all()
    for sizes, keep in zip(np.abs(dense).reshape(-1, m), kept):
        assert not keep.any() or keep.all() or sizes[keep].min() >= sizes[~keep].max()


def test_cubic_schedule():
    steps = [cubic_sparsity(step, 10, 20, 0.1, 0.9) for step in range(31)]
    assert steps[:11] == pytest.approx([0.1] * 11) and steps[20:] == [0.9] * 11
    assert steps[15] == pytest.approx(0.9 - 0.8 / 8)
    assert (np.diff(steps) >= 0).all() and (np.diff(np.diff(steps[10:21])) < 0).all()


@pytest.mark.parametrize("call, text", [
    (lambda: MagnitudePruner(1.1), "from 0 to 1"),
    (lambda: MagnitudePruner(float("nan")), "from 0 to 1"),
    (lambda: StructuredPruner(0.5, "rows"), "row, column, channel, block"),
    (lambda: StructuredPruner(0.5).prune(np.zeros((2, 2, 2))), r"shape \(2, 2, 2\)"),
    (lambda: NMPruner(3, 2), "3:2"),
    (lambda: NMPruner().prune(np.zeros((2, 6))), r"multiple of 4, got shape \(2, 6\)"),
    (lambda: cubic_sparsity(0, 5, 5), "ends at step 5"),
])
def test_refusals(call, text):
    with pytest.raises(ValueError, match=text):
        call()
