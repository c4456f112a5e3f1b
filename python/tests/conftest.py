# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shared by all tests: matrices of hypothesis, and how many examples it tries.

A failing example is printed with @reproduce_failure, which repeats it; the run's own
seed is fixed, so that a failure is one for everybody.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from sparsec import compiler

settings.register_profile(
    "sparsec", max_examples=40, deadline=None, derandomize=True, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
settings.load_profile("sparsec")

DTYPES = ("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool")


def random_matrix(seed, rows, cols, density, dtype="float32", special=False):
    """A matrix with about this share of nonzeros; with some NaN, infinities, -0.0 and
    denormals if special."""
    rng = np.random.default_rng(seed)
    dense = (rng.standard_normal((rows, cols)) * 20).astype(dtype)
    if special and dense.dtype.kind == "f":
        tiny = np.finfo(dtype).smallest_subnormal
        odd = np.array([np.nan, np.inf, -np.inf, -0.0, tiny, -tiny], dtype)
        places = rng.random(dense.shape) < 0.2
        dense[places] = rng.choice(odd, int(places.sum()))
    dense[rng.random(dense.shape) >= density] = 0
    return dense


@st.composite
def matrices(draw, dtypes=DTYPES, special=False):
    """Shapes to 300x300, rows and columns that are empty or one among them."""
    extent = st.one_of(st.sampled_from([0, 1, 63, 64, 65]), st.integers(0, 300))
    density = draw(st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]))
    return random_matrix(draw(st.integers(0, 2**32 - 1)), draw(extent), draw(extent),
                         density, draw(st.sampled_from(dtypes)), special)


def assert_same_bits(actual, expected):
    assert actual.dtype == expected.dtype and actual.shape == expected.shape
    assert actual.tobytes() == np.ascontiguousarray(expected).tobytes()


def assert_product(actual, dense, x):
    """Against float64, within the bound that compiled models keep too."""
    expected = dense.astype(np.float64) @ x.astype(np.float64)
    bound = np.abs(dense).astype(np.float64) @ np.abs(x).astype(np.float64)
    bound *= 2 * max(dense.shape[1], 1) * 2.0**-24
    if actual.dtype == np.float16:
        bound += np.abs(expected) * 2.0**-10 + 2.0**-24
    assert actual.dtype == np.result_type(dense, x) and actual.shape == expected.shape
    assert (np.abs(actual - expected) <= bound).all()


@pytest.fixture
def driver():
    """The compiler's driver; skips the test where it is not found."""
    try:
        return compiler._driver()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def rng():
    return np.random.default_rng(20260118)
