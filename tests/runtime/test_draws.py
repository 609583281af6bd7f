"""Random values per element: distributions, bounds, independence of the order of drawing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bnsyn_dsl.runtime.draws import Draw, draw_array

NORMAL = Draw(kind="normal", a=2.0, b=3.0)
DRAWS = [
    (Draw(kind="uniform", a=-1.0, b=3.0), stats.uniform(-1.0, 4.0)),
    (NORMAL, stats.norm(2.0, 3.0)),
    (Draw(kind="lognormal", a=2.0, b=0.7), stats.lognorm(0.7, scale=2.0)),
    (Draw(kind="exponential", a=2.5), stats.expon(scale=2.5)),
    (
        Draw(kind="normal", a=2.0, b=3.0, low=0.0, high=4.0),
        stats.truncnorm(-2 / 3, 2 / 3, loc=2.0, scale=3.0),
    ),
    (Draw(kind="exponential", a=1.0, low=1.0), stats.expon(loc=1.0)),
]


@pytest.mark.parametrize(("draw", "law"), DRAWS, ids=lambda x: getattr(x, "kind", ""))
def test_values_follow_their_law(draw: Draw, law: stats.rv_continuous) -> None:
    values = draw_array(draw, 20001, 7, "x", 1)
    assert stats.kstest(values, law.cdf).pvalue > 0.01
    assert draw.low <= values.min() <= values.max() <= draw.high


@pytest.mark.parametrize("mean", [0.0, 0.8, 30.0])
def test_poisson_numbers(mean: float) -> None:
    values = draw_array(Draw(kind="poisson", a=mean), 20000, 7, "x")
    assert (values == np.floor(values)).all()
    assert abs(values.mean() - mean) <= 4 * np.sqrt(mean / 20000)
    assert abs(values.var() - mean) <= 5 * mean * np.sqrt(2 / 20000) + mean / 50
    bounded = draw_array(Draw(kind="poisson", a=30.0, low=28.0, high=30.0), 300, 7, "x")
    assert set(bounded.tolist()) == {28.0, 29.0, 30.0}


def test_a_redraw_is_a_new_number_of_the_same_element() -> None:
    free = draw_array(NORMAL, 1000, 7, "x")
    bounded = draw_array(Draw(kind="normal", a=2.0, b=3.0, low=0.0, high=4.0), 1000, 7, "x")
    inside = (free >= 0.0) & (free <= 4.0)
    np.testing.assert_array_equal(bounded[inside], free[inside])
    assert len(set(bounded.tolist())) == 1000


def test_pairs_of_elements_are_independent() -> None:
    for draw, _ in DRAWS:
        values = draw_array(draw, 20000, 3, "x")
        assert abs(np.corrcoef(values[0::2], values[1::2])[0, 1]) < 0.04


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["uniform", "normal", "lognormal", "exponential", "poisson"]),
    first=st.integers(0, 50),
    n=st.integers(0, 30),
    bounded=st.booleans(),
)
def test_an_element_has_its_value_wherever_the_array_begins(
    kind: str, first: int, n: int, bounded: bool
) -> None:
    bounds = {"low": 0.5, "high": 2.5} if bounded else {}
    draw = Draw(kind=kind, a=1.0, b=2.0, **bounds)  # type: ignore[arg-type]
    whole = draw_array(draw, 80, 11, "x")
    np.testing.assert_array_equal(draw_array(draw, n, 11, "x", first), whole[first : first + n])


def test_streams_and_seeds_differ() -> None:
    values = draw_array(NORMAL, 8, 7, "x")
    assert not set(values) & set(draw_array(NORMAL, 8, 7, "y"))
    assert not set(values) & set(draw_array(NORMAL, 8, 8, "x"))
    assert not set(values) & set(draw_array(NORMAL, 8, 7 + 2**32, "x"))


def test_values_are_a_format_that_never_changes() -> None:
    values = [
        draw_array(Draw(kind=kind, a=1.0, b=2.0), 1, 42, "E.V_m", 5)[0].hex()
        for kind in ("uniform", "normal", "lognormal", "exponential", "poisson")
    ]
    assert values == [
        "0x1.f6a437d4f5d50p+0",
        "0x1.fe0b709418ac0p-3",
        "0x1.e33de3db2aa87p-2",
        "0x1.a789b4c5563cap+1",
        "0x1.0000000000000p+0",
    ]


def test_scale_and_offset_apply_after_the_bounds() -> None:
    draw = Draw(kind="uniform", a=0.0, b=1.0, low=0.5, scale=-2.0, offset=10.0)
    values = draw_array(draw, 100, 1, "x")
    assert values.min() >= 8.0
    assert values.max() <= 9.0
    fixed = draw_array(Draw(kind="constant", a=3.0, scale=-2.0, offset=10.0), 3, 1, "x")
    assert fixed.tolist() == [4.0, 4.0, 4.0]


def test_bounds_that_no_draw_meets_are_named() -> None:
    draw = Draw(kind="normal", a=0.0, b=1.0, low=30.0, high=31.0)
    with pytest.raises(ValueError, match=r"`E.V_m`: 1000 draws .* between 30.0 and 31.0"):
        draw_array(draw, 3, 1, "E.V_m")


@pytest.mark.parametrize(
    "draw",
    [
        Draw(kind="uniform", a=1.0, b=0.0),
        Draw(kind="normal", a=1.0, b=-1.0),
        Draw(kind="lognormal", a=1.0, b=-1.0),
        Draw(kind="exponential", a=-1.0),
        Draw(kind="poisson", a=-1.0),
        Draw(kind="normal", a=float("nan"), b=1.0),
        Draw(kind="normal", a=0.0, b=1.0, low=1.0, high=0.0),
        Draw(kind="normal", a=0.0, b=1.0, scale=float("inf")),
    ],
)
def test_impossible_parameters_are_refused(draw: Draw) -> None:
    with pytest.raises(ValueError, match=r"`x`: "):
        draw_array(draw, 1, 1, "x")
