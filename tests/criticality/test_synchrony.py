"""Spike count correlations against NumPy's, and of trains whose correlation is known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality import Undefined, spike_counts, synchrony


def population(trains: list[list[int]], dt: float = 0.1) -> SpikeTrains:
    pairs = sorted((step, neuron) for neuron, steps in enumerate(trains) for step in steps)
    steps = np.array([p[0] for p in pairs], np.int64)
    ids = np.array([p[1] for p in pairs], np.int64)
    return SpikeTrains(steps=steps, ids=ids, dt=dt, size=len(trains))


def random_trains(shared: float, n_steps: int = 20_000) -> SpikeTrains:
    """Each spike of a common train is copied with probability `shared`, the others are own."""
    rng = np.random.default_rng(2)
    common = rng.random(n_steps) < 0.02
    trains = []
    for _ in range(5):
        copied = common & (rng.random(n_steps) < shared)
        own = rng.random(n_steps) < 0.02 * (1.0 - shared)
        trains.append((np.flatnonzero(copied | own) + 1).tolist())
    return population(trains)


def test_it_is_pearsons_correlation_of_the_counts() -> None:
    pytest.importorskip("elephant")
    spikes = random_trains(0.5)
    found = synchrony(spikes, 2.0, 2000.0)
    counts = []
    for neuron in range(5):
        mine = spikes.ids == neuron
        one = SpikeTrains(steps=spikes.steps[mine], ids=spikes.ids[mine], dt=0.1, size=5)
        counts.append(spike_counts(one, 2.0, 2000.0))
    np.testing.assert_allclose(found.correlations, np.corrcoef(counts), atol=1e-12)
    pairs = np.asarray(np.corrcoef(counts))[np.triu_indices(5, 1)]
    assert found.mean == pytest.approx(pairs.mean())


def test_shared_spikes_are_synchrony_and_own_ones_are_not() -> None:
    pytest.importorskip("elephant")
    # per step: covariance c^2 p (1 - p) (1 - q)^2 over variance r (1 - r), with p = 0.02, c = 0.5,
    # own spikes q = 0.01 and r = 1 - (1 - q)^2 in all
    r = 1.0 - 0.99**2
    expected = 0.25 * 0.02 * 0.98 * 0.99**2 / (r * (1.0 - r))
    assert synchrony(random_trains(0.5), 2.0, 2000.0).mean == pytest.approx(expected, abs=0.04)
    assert synchrony(random_trains(0.0), 2.0, 2000.0).mean == pytest.approx(0.0, abs=0.03)


def test_neurons_whose_counts_do_not_vary_have_no_correlation() -> None:
    pytest.importorskip("elephant")
    regular = [[10, 20, 30, 40], [], [5, 25], [15, 35], [5, 25, 44]]
    found = synchrony(population(regular), 1.0, 4.5)
    assert found.ids.tolist() == [2, 3, 4]
    # the spike in the last half bin is left out
    np.testing.assert_allclose(found.correlations, [[1, -1, 1], [-1, 1, -1], [1, -1, 1]])


def test_a_pair_needs_two_neurons_that_vary() -> None:
    with pytest.raises(Undefined, match="1 neurons have spike counts that vary"):
        synchrony(population([[5], [], []]), 1.0, 4.0)
    with pytest.raises(ValueError, match="no whole number of steps"):
        synchrony(population([[5], [6]]), 0.25, 4.0)


def test_without_the_package_the_message_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "elephant", None)
    monkeypatch.setitem(sys.modules, "elephant.conversion", None)
    with pytest.raises(ImportError, match=r"elephant: pip install 'bnsyn-dsl\[elephant\]'"):
        synchrony(population([[5], [15]]), 1.0, 4.0)
