"""Power laws of samples with a known exponent, of published data, and where there is none."""

from __future__ import annotations

import importlib
import math
import sys

import numpy as np
import pytest
from numpy.typing import ArrayLike

from bnsyn_dsl.criticality import Undefined, fit_power_law


def zipf(exponent: float, n: int, seed: int = 3) -> ArrayLike:
    values: ArrayLike = np.random.default_rng(seed).zipf(exponent, n)
    return values


@pytest.mark.parametrize("exponent", [1.5, 2.5, 3.5])
def test_the_exponent_of_a_zipf_sample(exponent: float) -> None:
    """3.5 too: the package alone would stop at 3."""
    pytest.importorskip("powerlaw")
    found = fit_power_law(zipf(exponent, 20_000), x_min=1)
    assert found.exponent == pytest.approx(exponent, abs=0.05)
    assert (found.x_min, found.n_tail) == (1, 20_000)
    assert found.distance < 0.01
    assert found.exponential.ratio > 0.0
    assert found.exponential.p_value < 0.05


def test_the_standard_error_is_the_spread_of_samples() -> None:
    pytest.importorskip("powerlaw")
    fits = [fit_power_law(zipf(2.5, 2000, seed), x_min=1) for seed in range(60)]
    spread = float(np.std([f.exponent for f in fits]))
    # 60 samples know their spread to 9 %
    assert fits[0].standard_error == pytest.approx(spread, rel=0.3)
    # 1 / sqrt(2000 I), I = (ln zeta)'' = 0.350 at 2.5
    assert fits[3].standard_error == pytest.approx(0.0378, rel=0.05)


def test_x_min_is_found_where_the_tail_begins() -> None:
    pytest.importorskip("powerlaw")
    body = np.random.default_rng(4).integers(1, 10, 3000)
    tail = np.asarray(zipf(2.5, 200_000))
    found = fit_power_law(np.concatenate([body, tail[tail >= 10]]))
    assert 8 <= found.x_min <= 13
    assert found.exponent == pytest.approx(2.5, abs=0.1)


def test_a_geometric_sample_is_no_power_law() -> None:
    pytest.importorskip("powerlaw")
    values = np.random.default_rng(1).geometric(0.2, 5000)
    whole = fit_power_law(values, x_min=1)
    assert whole.exponential.ratio < -10.0
    assert whole.distance > 0.1
    # the tail that fits best is short, and still exponential
    tail = fit_power_law(values)
    assert tail.exponential.ratio < 0.0
    assert tail.exponential.p_value < 0.01


@pytest.mark.parametrize(
    ("name", "exponent", "x_min"), [("words", 1.95, 7), ("terrorism", 2.4, 12)]
)
def test_published_values(name: str, exponent: float, x_min: int) -> None:
    """Clauset, Shalizi & Newman 2009, table 6.1: two figures."""
    powerlaw = pytest.importorskip("powerlaw")
    found = fit_power_law(powerlaw.load_test_dataset(name))
    assert found.x_min == x_min
    assert found.exponent == pytest.approx(exponent, abs=0.05)


def test_the_log_normal_that_imitates_a_power_law_is_marked() -> None:
    powerlaw = pytest.importorskip("powerlaw")
    found = fit_power_law(powerlaw.load_test_dataset("words"))
    assert not found.lognormal.settled
    assert found.lognormal.p_value > 0.1
    assert found.exponential.settled


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "0 values are too few"),
        ([1, 2, 3] * 16, "48 values are too few"),
        ([4] * 100, "1 different values"),
        ([1, 2] * 100, "2 different values"),
        ([1.0, math.nan] * 100, "not finite"),
        ([1.0, 2.0, math.inf] * 100, "not finite"),
    ],
)
def test_too_little_is_undefined(values: ArrayLike, reason: str) -> None:
    with pytest.raises(Undefined, match=reason):
        fit_power_law(values, x_min=1)


def test_a_tail_of_few_values_is_undefined() -> None:
    with pytest.raises(Undefined, match="too few"):
        fit_power_law(zipf(2.5, 1000), x_min=100)


def test_what_no_discrete_power_law_can_give_is_refused() -> None:
    with pytest.raises(ValueError, match="some are 0 or less"):
        fit_power_law([0, 1, 2] * 50)
    with pytest.raises(ValueError, match="not whole"):
        fit_power_law([1.0, 2.5, 3.0] * 50)
    with pytest.raises(ValueError, match="one axis"):
        fit_power_law(np.ones((60, 2)))
    with pytest.raises(ValueError, match="`x_min` must be 1 or more"):
        fit_power_law([1, 2, 3] * 50, x_min=0)


def test_without_the_package_the_message_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "powerlaw", None)
    with pytest.raises(ImportError, match=r"pip install 'bnsyn-dsl\[analysis\]'"):
        fit_power_law([1, 2, 3] * 50)
    assert importlib.import_module("bnsyn_dsl.criticality")
