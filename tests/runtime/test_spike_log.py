"""The spike log: kept back to the longest delay, ordered, with the factors of its spikes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnsyn_dsl.runtime.spike_log import SpikeLog


def write(log: SpikeLog, steps: list[list[list[int]]]) -> None:
    """Write as the time loop does: for each step the ids of each thread; factors are ids/2."""
    at = log.now + 1 - log.first
    for q in range(log.n_threads):
        n = int(log.pointers[q, at])
        for k, step in enumerate(steps):
            for neuron in step[q]:
                log.ids[q, n] = neuron
                log.factors[:, q, n] = neuron / 2
                n += 1
            log.pointers[q, at + k + 1] = n


def held(log: SpikeLog) -> dict[int, list[tuple[int, float]]]:
    """Return what a reader sees: spikes with factors of each time from `first` to now."""
    found: dict[int, list[tuple[int, float]]] = {}
    for moment in range(log.first, log.now + 1):
        j = moment - log.first
        found[moment] = [
            (int(log.ids[q, p]), float(log.factors[0, q, p]))
            for q in range(log.n_threads)
            for p in range(log.pointers[q, j], log.pointers[q, j + 1])
        ]
    return found


SPIKES = st.lists(
    st.lists(st.tuples(st.sets(st.integers(0, 4)), st.sets(st.integers(5, 9))), max_size=5),
    max_size=5,
)


@settings(derandomize=True, max_examples=60, deadline=None, database=None)
@given(chunks=SPIKES, delay=st.integers(0, 7))
def test_what_a_delay_reaches_is_there_and_everything_is_returned(
    chunks: list[list[tuple[set[int], set[int]]]], delay: int
) -> None:
    log = SpikeLog(2, delay, 1)
    steps: dict[int, list[int]] = {}
    returned: list[tuple[int, int]] = []
    for chunk in chunks:
        log.prepare(len(chunk), 60)
        write(log, [[sorted(a), sorted(b)] for a, b in chunk])
        for a, b in chunk:
            steps[len(steps) + 1] = sorted(a) + sorted(b)
        found_steps, ids = log.take(len(chunk))
        returned += zip(found_steps.tolist(), ids.tolist(), strict=True)
        seen = held(log)
        for moment in range(max(0, log.now - delay), log.now + 1):
            assert seen[moment] == [(i, i / 2) for i in steps.get(moment, [])]
    assert returned == [(step, i) for step, ids in steps.items() for i in ids]


def test_spikes_at_the_start_are_seen_and_not_returned_again() -> None:
    log = SpikeLog(2, 4, 1)
    log.add_at_start(np.array([3, 8], np.uint32))
    log.prepare(2, 10)
    write(log, [[[1], [7]], [[], [9]]])
    steps, ids = log.take(2)
    assert (steps.tolist(), ids.tolist()) == ([1, 1, 2], [1, 7, 9])
    assert [i for i, _ in held(log)[0]] == [3, 8]


def test_less_can_be_taken_than_was_prepared() -> None:
    log = SpikeLog(1, 10, 0)
    log.prepare(5, 10)
    write_plain = [[4], [5], [6]]
    n = 0
    for k, step in enumerate(write_plain):
        for neuron in step:
            log.ids[0, n] = neuron
            n += 1
        log.pointers[0, 2 + k] = n
    steps, ids = log.take(2)
    assert (steps.tolist(), ids.tolist()) == ([1, 2], [4, 5])
    log.prepare(1, 10)
    assert log.pointers[0].tolist() == [0, 0, 1, 2, 0]
    assert log.now == 2


@pytest.mark.parametrize("delay", [0, 2])
def test_the_log_does_not_grow_with_time(delay: int) -> None:
    log = SpikeLog(1, delay, 0)
    for _ in range(20):
        log.prepare(3, 8)
        log.pointers[0, log.now + 2 - log.first :] = log.pointers[0, log.now + 1 - log.first]
        log.take(3)
    log.prepare(0, 8)
    assert log.ids.shape[1] == 8
    assert log.pointers.shape[1] == delay + 2
