"""The branching ratio of processes whose ratio is known, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from bnsyn_dsl.criticality import Undefined, branching_ratio
from tests.criticality.processes import driven, seen

DRIVES = {0.5: 50.0, 0.9: 10.0, 0.98: 2.0}  # a mean of 100 events per bin
WITHIN = {0.5: 0.05, 0.9: 0.01, 0.98: 0.005}


@pytest.mark.parametrize("m", DRIVES)
@pytest.mark.parametrize("probability", [1.0, 0.1])
def test_the_ratio_is_found_also_in_a_sample(m: float, probability: float) -> None:
    counts = seen(driven(m, DRIVES[m], 100_000, 1), probability, 2)
    found = branching_ratio(counts, dt_ms=4.0)
    assert found.m == pytest.approx(m, abs=WITHIN[m])
    # Wilting & Priesemann: the sample's slopes shrink by one factor
    expected = probability / (probability + (1.0 - probability) * (1.0 - m * m))
    assert found.b == pytest.approx(expected, rel=0.15)
    assert found.tau_ms == pytest.approx(-4.0 / math.log(found.m))
    assert len(found.slopes) == 150
    assert found.residual < 0.02


def test_the_first_slope_alone_would_be_wrong_in_a_sample() -> None:
    found = branching_ratio(seen(driven(0.9, 10.0, 100_000, 1), 0.1, 2))
    assert found.slopes[0] < 0.4
    assert found.tau_ms is None


def test_the_drive_is_no_part_of_the_ratio() -> None:
    """A regression through the origin would give nearly 1 for a large mean."""
    counts = driven(0.5, 50.0, 50_000, 3)
    assert branching_ratio(counts + 10_000).m == pytest.approx(branching_ratio(counts).m, abs=1e-6)


def test_slopes_are_least_squares_with_intercept() -> None:
    counts = driven(0.9, 10.0, 500, 4).astype(np.float64)
    found = branching_ratio(counts, k_max=7)
    expected = [np.polyfit(counts[:-k], counts[k:], 1)[0] for k in range(1, 8)]
    np.testing.assert_allclose(found.slopes, expected, rtol=1e-9)


def test_an_exact_exponential_is_found_exactly() -> None:
    """The impulse response of an AR process, so long that each slope is m^k."""
    impulse = np.zeros(100_000)
    impulse[:2000] = 0.9 ** np.arange(2000)
    found = branching_ratio(impulse, k_max=20)
    assert found.m == pytest.approx(0.9, abs=1e-3)
    assert found.b == pytest.approx(1.0, abs=1e-3)


def white(mean: float, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).poisson(mean, 20_000)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (np.zeros(1000), "silent"),
        (np.full(1000, 3), "constant"),
        (np.append(np.zeros(999), 1.0), "constant up to the last bins"),
        (np.append(driven(0.9, 10.0, 999, 1), np.nan), "not finite"),
        (driven(0.9, 10.0, 99, 1), "99 bins are too few"),
        (white(10.0), "not correlated"),
        (white(0.5), "not correlated"),
        (np.arange(1000) % 2, "followed by less"),
        (white(10.0)[:1000] + np.arange(1000), "rate drifts"),
        # r_1 is 1/2, and all others are 0: one bin of smoothing is no branching
        (white(100.0)[1:] + white(100.0)[:-1], "do not decay"),
    ],
)
def test_where_there_is_no_ratio_there_is_no_number(
    counts: NDArray[np.float64], reason: str
) -> None:
    with pytest.raises(Undefined, match=reason):
        branching_ratio(counts)


def test_of_a_hundred_white_records_none_has_a_ratio() -> None:
    # whatever the reason: some in a thousand seem correlated by chance, but do not decay
    for seed in range(100):
        with pytest.raises(Undefined):
            branching_ratio(white(10.0, seed)[:2000])


def test_wrong_arguments_are_refused() -> None:
    counts = driven(0.9, 10.0, 1000, 1)
    with pytest.raises(ValueError, match="`k_max` must be 2 or more"):
        branching_ratio(counts, k_max=1)
    with pytest.raises(ValueError, match="`k_max` = 101 needs 1010 bins, not 1000"):
        branching_ratio(counts, k_max=101)
    with pytest.raises(ValueError, match="`dt_ms` must be positive"):
        branching_ratio(counts, dt_ms=0.0)
    with pytest.raises(ValueError, match="negative"):
        branching_ratio(-counts)
    with pytest.raises(ValueError, match="one axis"):
        branching_ratio(counts.reshape(10, 100))
