"""Discrete schemes are what their publication computes, to the last bit; divergence stops a run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bnsyn_dsl.runtime.stops import NotFinite
from tests.network_runs import plan_of, run, started

CELLS = {
    "RegularSpiking": (0.02, 0.2, -65.0, 8.0),
    "FastSpiking": (0.1, 0.2, -65.0, 2.0),
    "Chattering": (0.02, 0.2, -50.0, 2.0),
    "LowThreshold": (0.02, 0.25, -65.0, 2.0),
}


def published(a: float, b: float, c: float, d: float, steps: int) -> tuple[list[int], list[float]]:
    """Return spike steps and v after each step: net.m of Izhikevich (2003) with I = 10."""
    v, u = -65.0, b * -65.0
    spikes, trace = [], []
    for step in range(1, steps + 1):
        v += 0.5 * (0.04 * (v * v) + 5 * v + 140 - u + 10)
        v += 0.5 * (0.04 * (v * v) + 5 * v + 140 - u + 10)
        u += a * (b * v - u)
        if v >= 30:
            spikes.append(step)
            v, u = c, u + d
        trace.append(v)
    return spikes, trace


def test_izhikevich_cells_follow_the_published_scheme() -> None:
    cells = "\n".join(f"        p{k} : {name}[1] {{ I_e = 10 }}" for k, name in enumerate(CELLS))
    everyone = ", ".join(f"p{k}" for k in range(len(CELLS)))
    got = run(
        f"network Types:\n    populations:\n{cells}\n    record:\n"
        f"        v of {everyone} every 1 ms\n    simulate: 700 ms, dt = 1 ms, seed = 1\n"
    )
    for k, (name, values) in enumerate(CELLS.items()):
        spikes, trace = published(*values, steps=700)
        assert got.spike_steps(f"p{k}") == spikes, name
        assert len(spikes) >= 14
        np.testing.assert_array_equal(got.trace(f"p{k}", "v")[:, 0], trace)


RUNAWAY = """
neuron Runaway:
    parameters:
        tau = 1 ms
    state:
        x = 0
    equations:
        dx/dt = x^2/tau
    spike when x < -1

network Diverging:
    populations:
        calm : Runaway[4]
        wild : Runaway[300] { x = 0.125 if index == 277 else 0 }
    simulate: 30 ms, dt = 0.1 ms, seed = 1
    METHOD
"""


@pytest.mark.parametrize("method", ["auto", "euler", "rk4"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_state_that_leaves_all_bounds_stops_the_run(method: str, threads: int) -> None:
    got = started(plan_of(RUNAWAY.replace("METHOD", f"solve: {method}")), threads=threads)
    with pytest.raises(NotFinite) as stopped:
        got.more(300)
    problem = stopped.value
    system, first = got.assembly.numbering.place["wild"]
    assert (problem.system, problem.state, problem.index) == (system, "x", first + 277)
    assert not math.isfinite(problem.value)
    # x = 1/(8 - t): infinite at 8 ms; explicit Euler lags behind
    # states are looked over at the end of every sixteenth step
    assert 79 <= problem.step <= (95 if method == "euler" else 83) + 15
    assert np.all(got.state("calm", "x") == 0)
