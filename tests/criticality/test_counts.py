"""Spikes per bin: edges of bins, steps, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality import spike_counts


def trains(steps: list[int], dt: float = 0.1) -> SpikeTrains:
    ids = np.zeros(len(steps), np.int64)
    return SpikeTrains(steps=np.array(steps, np.int64), ids=ids, dt=dt, size=1)


def test_spikes_of_a_run_count_in_the_bin_that_ends_with_their_step() -> None:
    # 0: given before the first step; 3 * 0.1 / 0.3 is not 1 in floating point
    assert spike_counts(trains([0, 1, 3, 4, 6, 7, 9]), 0.3, 0.9).tolist() == [3, 2, 2]


def test_every_bin_of_a_neuron_that_spikes_in_every_step_is_equal() -> None:
    counts = spike_counts(trains(list(range(1, 10_001))), 0.7, 1000.0)
    assert len(counts) == 1428
    assert set(counts.tolist()) == {7}


def test_plain_times_count_from_the_lower_edge_and_the_last_bin_is_closed() -> None:
    assert spike_counts([2.0, 0.0, 0.9, 1.0, 3.0], 1.0, 3.0).tolist() == [2, 1, 2]
    assert spike_counts([0.1 * 3, 0.6], 0.1, 0.7).tolist() == [0, 0, 0, 1, 0, 0, 1]


def test_a_rest_shorter_than_a_bin_is_left_out() -> None:
    assert spike_counts([0.5, 2.4], 1.0, 2.5).tolist() == [1, 0]
    assert spike_counts(trains([5, 24]), 1.0, 2.5).tolist() == [1, 0]


def test_no_spikes_are_zeros() -> None:
    assert spike_counts([], 1.0, 3.0).tolist() == [0, 0, 0]
    assert spike_counts(trains([]), 1.0, 3.0).tolist() == [0, 0, 0]


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole number of steps"):
        spike_counts(trains([1]), 0.25, 1.0)
    with pytest.raises(ValueError, match="no whole number of steps"):
        spike_counts(trains([1]), 0.01, 1.0)
    with pytest.raises(ValueError, match="no whole bin"):
        spike_counts([0.1], 2.0, 1.0)
    with pytest.raises(ValueError, match="`bin_ms` must be positive"):
        spike_counts([0.1], 0.0, 1.0)
    with pytest.raises(ValueError, match="`duration_ms` must be positive"):
        spike_counts([0.1], 1.0, float("nan"))
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="outside the record"):
            spike_counts([0.5, wrong], 1.0, 1.0)
    with pytest.raises(ValueError, match="outside the record"):
        spike_counts(trains([11]), 1.0, 1.0)
