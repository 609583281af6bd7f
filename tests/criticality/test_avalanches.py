"""Avalanches of a record made by hand, and of branching processes with a known law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality import Undefined, avalanches, fit_power_law, mean_event_interval
from tests.criticality.processes import cascades


def test_a_record_made_by_hand() -> None:
    found = avalanches([5, 0, 1, 2, 0, 0, 4, 0, 1, 1, 1, 0, 7, 7])
    assert found.sizes.tolist() == [3, 4, 3]
    assert found.durations.tolist() == [2, 1, 3]
    assert (len(found), found.n_cut) == (3, 2)
    assert found.sizes.dtype == np.int64


def test_avalanches_that_touch_no_end_are_all_kept() -> None:
    found = avalanches([0, 2, 0, 3, 3, 0])
    assert (found.sizes.tolist(), found.durations.tolist(), found.n_cut) == ([2, 6], [1, 2], 0)


@pytest.mark.parametrize(("counts", "n_cut"), [([], 0), ([0, 0], 0), ([1, 1], 1), ([1, 0, 1], 2)])
def test_records_without_a_whole_avalanche(counts: list[int], n_cut: int) -> None:
    found = avalanches(counts)
    assert (len(found), len(found.durations), found.n_cut) == (0, 0, n_cut)


def test_amplitudes_are_summed_as_they_are() -> None:
    assert avalanches([0.0, 0.5, 0.25, 0.0]).sizes.tolist() == [0.75]


@pytest.mark.parametrize("sigma", [0.5, 0.8])
def test_sizes_of_a_branching_process_are_borel_distributed(sigma: float) -> None:
    n = 40_000
    found = avalanches(cascades(sigma, n, 5))
    assert len(found) == n
    # variance of Borel: sigma / (1 - sigma)^3
    error = math.sqrt(sigma / (1.0 - sigma) ** 3 / n)
    assert found.sizes.mean() == pytest.approx(1.0 / (1.0 - sigma), abs=4.0 * error)
    for s in range(1, 8):
        p = math.exp(-sigma * s) * (sigma * s) ** (s - 1) / math.factorial(s)
        seen = float(np.mean(found.sizes == s))
        assert seen == pytest.approx(p, abs=4.0 * math.sqrt(p * (1.0 - p) / n))


def test_durations_of_a_branching_process_follow_its_extinction() -> None:
    """The probability of life after n generations: q_{n+1} = 1 - exp(-sigma q_n)."""
    n, sigma, alive = 40_000, 0.8, 1.0
    durations = avalanches(cascades(sigma, n, 6)).durations
    for generation in range(1, 10):
        alive = 1.0 - math.exp(-sigma * alive)
        seen = float(np.mean(durations > generation))
        assert seen == pytest.approx(alive, abs=4.0 * math.sqrt(alive / n))


def test_subcritical_cascades_are_no_power_law() -> None:
    pytest.importorskip("powerlaw")
    found = fit_power_law(avalanches(cascades(0.5, 20_000, 7)).sizes, x_min=1)
    assert found.lognormal.ratio < -5.0
    assert found.distance > 0.02


def test_nearly_critical_cascades_have_the_exponent_of_mean_field() -> None:
    pytest.importorskip("powerlaw")
    sizes = avalanches(cascades(0.999, 3000, 8)).sizes
    found = fit_power_law(sizes, x_min=5)
    assert found.exponent == pytest.approx(1.5, abs=0.05)
    assert found.exponential.ratio > 5.0


def test_the_mean_interval_is_between_events_of_the_whole_population() -> None:
    assert mean_event_interval([4.0, 1.0, 2.0, 2.0]) == pytest.approx(1.5)
    steps, ids = np.array([10, 20, 20, 40]), np.array([0, 1, 2, 0])
    assert mean_event_interval(SpikeTrains(steps=steps, ids=ids, dt=0.1, size=3)) == pytest.approx(
        1.5
    )
    with pytest.raises(Undefined, match="two times"):
        mean_event_interval([3.0, 3.0])
    with pytest.raises(Undefined, match="not finite"):
        mean_event_interval([3.0, math.nan])


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(Undefined, match="not finite"):
        avalanches([0.0, math.nan, 0.0])
    with pytest.raises(ValueError, match="negative"):
        avalanches([0, -1, 0])
