"""The scale of weights: no overflow, as much precision as fits, exact rounding."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnsyn_dsl.runtime.fixed_point import MAX_ENCODED, encode, quantum, scale_bits

WEIGHTS = st.floats(min_value=1e-30, max_value=1e30, allow_nan=False)


@given(weight=WEIGHTS, indegree=st.integers(1, 10**6), spikes=st.integers(1, 100))
def test_neither_a_weight_nor_a_sum_overflows(weight: float, indegree: int, spikes: int) -> None:
    bits = scale_bits(weight, indegree, spikes)
    largest = int(encode(np.array([weight]), bits)[0])
    assert abs(largest) <= MAX_ENCODED == 2**50
    assert indegree * spikes * largest < 2**62
    # twice the scale would break one of the two bounds that the rule keeps
    a = math.frexp(weight)[1]
    arrivals = indegree * spikes
    assert a + bits + 1 > 50 or 2 ** (a + bits + 1) * arrivals * 2 > 2**62


@given(
    weights=st.lists(st.floats(-10.0, 10.0), min_size=1, max_size=20),
    bits=st.integers(0, 46),
)
def test_encoding_is_to_nearest_half_to_even(weights: list[float], bits: int) -> None:
    encoded = encode(np.array(weights), bits)
    assert encoded.dtype == np.int64
    for weight, integer in zip(weights, encoded.tolist(), strict=True):
        assert integer == round(Fraction(weight) * 2**bits)


def test_known_scales() -> None:
    assert scale_bits(1.0, 1) == 49
    assert scale_bits(0.999, 1) == 50
    assert scale_bits(0.999, 2048) == 50
    assert scale_bits(0.999, 2049) == 49
    assert scale_bits(0.999, 1025, 2) == 49
    assert scale_bits(0.0, 0) == 50
    assert quantum(3) == 0.125


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1.0])
def test_an_impossible_largest_weight_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="largest weight"):
        scale_bits(weight, 1)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        scale_bits(1.0, -1)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 5.0])
def test_a_weight_beyond_the_scale_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode(np.array([1.0, weight]), 48)


def test_a_tiny_weight_keeps_a_finite_scale() -> None:
    bits = scale_bits(5e-324, 1)
    assert math.isfinite(math.ldexp(1.0, bits))
    assert quantum(bits) > 0.0
