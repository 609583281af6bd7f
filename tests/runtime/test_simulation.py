"""Chunks, threads, recordings and interruptions around a time loop of plain Python."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnsyn_dsl.assembly.assemble import assemble
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.runtime.simulation import Probe, Progress, Simulation, SystemRange
from bnsyn_dsl.runtime.stops import NotFinite
from tests import systems

ARGUMENTS = (
    *("thread", "step_first", "n_steps", "window", "stop", "status", "log_first", "log_ids"),
    *("log_ptr", "V", "mine", "probe0_out"),
)
N = 6


def advance(*values: Any) -> int:
    """Neuron (step % N) spikes; V counts; every second step is recorded."""
    a = dict(zip(ARGUMENTS, values, strict=True))
    low, high = a["mine"]
    n = a["log_ptr"][a["thread"], a["step_first"] + 1 - a["log_first"]]
    for step in range(a["step_first"], a["step_first"] + a["n_steps"]):
        if a["stop"][0] or n >= a["log_ids"].shape[1]:
            return step - a["step_first"]  # type: ignore[no-any-return]
        a["V"][low:high] += 1.0
        if low <= step % N < high:
            a["log_ids"][a["thread"], n] = step % N
            n += 1
        a["log_ptr"][a["thread"], step + 2 - a["log_first"]] = n
        if (step + 1) % 2 == 0:
            row = (step + 1) // 2 - a["step_first"] // 2 - 1
            a["probe0_out"][row, low:high] = a["V"][low:high]
    return int(a["n_steps"])


def simulation(
    n_threads: int = 1, run: Callable[..., int] = advance, longest_delay: int = 3
) -> Simulation:
    cuts = [N * q // n_threads for q in range(n_threads + 1)]
    bounds = tuple(itertools.pairwise(cuts))
    values = np.zeros(N)
    return Simulation(
        advance=run,
        arguments=ARGUMENTS,
        shared={"V": values},
        own=[{"mine": b} for b in bounds],
        systems=[SystemRange(n=N, bounds=bounds, states={"V_m": values})],
        probes=[Probe(number=0, chosen=np.arange(N), ranges=bounds, every=2)],
        longest_delay=longest_delay,
        window=1,
    )


@pytest.mark.parametrize("n_threads", [1, 2, 3])
@pytest.mark.parametrize("chunks", [[1], [2500], [1, 7, 1000, 3]])
def test_spikes_and_recordings_do_not_depend_on_chunks_and_threads(
    n_threads: int, chunks: list[int]
) -> None:
    made = simulation(n_threads)
    for steps in chunks:
        assert made.run(steps)
    total = sum(chunks)
    assert made.step == total
    steps_found, ids = made.spikes()
    assert steps_found.tolist() == list(range(1, total + 1))
    assert ids.tolist() == [step % N for step in range(total)]
    recorded = made.recorded(0)
    assert recorded.shape == (total // 2, N)
    assert recorded[:, 0].tolist() == [2.0 * (k + 1) for k in range(total // 2)]
    assert not np.isnan(recorded).any()


def test_nothing_was_found_before_the_first_step() -> None:
    made = simulation()
    steps, ids = made.spikes()
    assert (len(steps), len(ids), made.step) == (0, 0, 0)
    assert made.recorded(0).shape == (0, N)
    made.warm_up()
    assert made.step == 0
    assert made.run(4)
    assert made.recorded(0).shape == (2, N)


def test_progress_is_reported() -> None:
    made = simulation()
    made.run(10)
    seen: list[Progress] = []
    made.run(11000, seen.append)
    done = np.array([0, *(p.done for p in seen)])
    assert len(done) > 2
    assert done[-1] == 11000
    assert np.all((np.diff(done) > 0) & (np.diff(done) <= 5000))
    assert {p.total for p in seen} == {11000}


def test_an_interrupted_run_keeps_what_it_has_and_goes_on() -> None:
    made = simulation(2)

    def interrupt(progress: Progress) -> None:
        if progress.done == 5000:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    assert not made.run(20000, interrupt)
    assert signal.getsignal(signal.SIGINT) == before
    assert made.step == 5000
    assert len(made.spikes()[0]) == 5000
    assert made.run(10)
    assert made.spikes()[0].tolist() == list(range(1, 5011))


def test_a_state_that_is_not_finite_is_named() -> None:
    def breaks(*values: Any) -> int:
        a = dict(zip(ARGUMENTS, values, strict=True))
        done = advance(*values)
        a["V"][4] = np.inf
        a["status"][:] = 1, a["step_first"] + 3
        return done

    made = simulation(run=breaks)
    with pytest.raises(NotFinite) as caught:
        made.run(8)
    problem = caught.value
    assert (problem.system, problem.state, problem.index) == (0, "V_m", 4)
    assert (problem.step, problem.value) == (3, np.inf)
    assert len(made.spikes()[0]) == 8


def test_a_sum_that_overflows_without_a_state_that_does_is_nothing() -> None:
    def frightens(*values: Any) -> int:
        a = dict(zip(ARGUMENTS, values, strict=True))
        a["status"][:] = 1, a["step_first"] + 1
        return advance(*values)

    made = simulation(run=frightens)
    assert made.run(8)
    assert made.step == 8


@pytest.mark.parametrize("n_threads", [1, 2])
def test_more_given_spikes_than_neurons_have_room(n_threads: int, tmp_path: Path) -> None:
    text = systems.network_text(
        "LIF[2]\n        S : SpikeSource[3000] { times = [0.5 ms, 0.7 ms] }"
    )
    text = text.replace("spikes of A", "spikes of S")
    log = DiagnosticLog()
    made = compile_network(systems.plan_of(text), CompileOptions(cache=tmp_path), log)
    run = assemble(made, n_threads, log).simulation
    seen: list[int] = []

    def watch(progress: Progress) -> None:
        seen.append(progress.done)
        assert len(seen) < 50, "no step is done"

    assert run.run(20, watch)
    steps, ids = run.spikes()
    assert np.bincount(steps).tolist() == [0, 0, 0, 0, 0, 3000, 0, 3000]
    assert ids.tolist() == [*range(2, 3002), *range(2, 3002)]


def test_a_given_spike_at_time_zero_is_transmitted_as_every_other(tmp_path: Path) -> None:
    text = """network Two:
    populations:
        S : SpikeSource[1] { times = [0 ms] }
        T : SpikeSource[1] { times = [1 ms] }
        A : LIF[2]
    projections:
        S -> A[0] : Depressing all_to_all { weight = 100 pA, delay = 1 ms }
        T -> A[1] : Depressing all_to_all { weight = 100 pA, delay = 1 ms }
    record:
        Depressing.i of A every 0.1 ms
    simulate: 3 ms, dt = 0.1 ms, seed = 1
"""
    log = DiagnosticLog()
    made = compile_network(systems.plan_of(text), CompileOptions(cache=tmp_path), log)
    run = assemble(made, 1, log).simulation
    run.warm_up()
    assert run.run(30)
    first, second = run.recorded(0).T
    assert first.max() > 40.0
    assert first[:-10].tolist() == second[10:].tolist()
