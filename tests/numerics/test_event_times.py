"""When things happen: arrivals, delays, refractoriness, levels and edges, on the grid of steps."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from bnsyn_dsl.semantics.plan import NetworkPlan, RulePlan
from tests.network_runs import Run, run

DT = 0.1  # ms

DELAYS = """
network Delays:
    populations:
        train : SpikeSource[1] { times = [1 ms, 2 ms] }
        none, one, far : LIF[1]
        cells : LIF[4]
    projections:
        train -> none : ExpCurrent all_to_all { weight = 64 pA, delay = 0 ms }
        train -> one : ExpCurrent all_to_all { weight = 64 pA, delay = 0.1 ms }
        train -> far : ExpCurrent all_to_all { weight = 64 pA, delay = 200 ms }
        train -> cells : ExpCurrent all_to_all { weight = 64 pA, delay = 1 ms }
    record:
        ExpCurrent.i of none, one, far, cells every 0.1 ms
    simulate: 203 ms, dt = 0.1 ms, seed = 1
"""
UNLIKE = (0.0, 0.3, 25.7, 199.9)  # ms, a delay for each of `cells`


@pytest.fixture(scope="module")
def delays() -> Run:
    def edit(plan: NetworkPlan) -> NetworkPlan:
        *others, last = plan.projections
        rule = RulePlan(kind="explicit", sources=np.zeros(4, np.int64), targets=np.arange(4))
        return replace(
            plan, projections=(*others, replace(last, rule=rule, delay=np.array(UNLIKE)))
        )

    text = DELAYS.replace(
        "        none, one, far : LIF[1]\n",
        "        none : LIF[1]\n        one : LIF[1]\n        far : LIF[1]\n",
    )
    return run(text, edit=edit)


def expected(delay_steps: int, steps: int) -> list[float]:
    """Return the current at the end of each step: a jump of 64 pA when a spike arrives."""
    values, current = [], 0.0
    for step in range(steps):
        if step - delay_steps in {10, 20}:
            current += 64.0
        current *= exp(-DT / 2)
        values.append(current)
    return values


@pytest.mark.parametrize(("population", "steps"), [("none", 0), ("one", 1), ("far", 2000)])
def test_an_arrival_jumps_by_the_weight_at_its_time(
    delays: Run, population: str, steps: int
) -> None:
    got = delays.trace(population, "ExpCurrent.i")[:, 0]
    np.testing.assert_allclose(got, expected(steps, len(got)), rtol=1e-12)
    assert got[10 + steps] == pytest.approx(64 * exp(-DT / 2), rel=1e-15)
    assert np.all(got[: 10 + steps] == 0)


@pytest.mark.parametrize("index", range(4))
def test_each_synapse_has_its_own_delay(delays: Run, index: int) -> None:
    got = delays.trace("cells", "ExpCurrent.i")[:, index]
    np.testing.assert_allclose(got, expected(round(UNLIKE[index] / DT), len(got)), rtol=1e-12)


REFRACTORY = """
neuron Ramp:
    parameters:
        t_ref = 1 ms
    state:
        V_m = 0 mV
    equations:
        dV_m/dt = 10 mV/ms
    spike when V_m >= 5 mV:
        V_m = 0 mV
    refractory t_ref: hold V_m

network Refractory:
    populations:
        train : SpikeSource[1] { times = [0.7 ms, 1.2 ms, 1.8 ms] }
        cell : Ramp[1] { V_m = 0.5 mV }
    projections:
        train -> cell : Delta all_to_all { weight = 0.25 mV, delay = 0 ms }
    record:
        V_m of cell every 0.1 ms
    simulate: 4 ms, dt = 0.1 ms, seed = 1
"""


def test_a_held_state_rests_for_all_steps_of_t_ref_and_loses_what_arrives() -> None:
    got = run(REFRACTORY)
    # 0.5 + 1 mV a step: 5.5 mV at step 5; held in the ten steps that end at 6 .. 15
    trace = got.trace("cell", "V_m")[:, 0]
    np.testing.assert_array_equal(trace[4:15], np.zeros(11))
    np.testing.assert_allclose(trace[15:20], [1, 2, 3, 4.25, 0], atol=1e-12)
    assert got.spike_steps("cell") == [5, 20, 35]


@pytest.mark.parametrize(("t_ref", "gap"), [(0.0, 5), (0.1, 6), (2.0, 25)])
def test_refractoriness_lasts_exactly_its_steps(t_ref: float, gap: int) -> None:
    text = REFRACTORY.replace("t_ref = 1 ms", f"t_ref = {t_ref} ms").replace("0.25 mV", "0 mV")
    steps = run(text.replace("V_m = 0.5 mV", "V_m = 0 mV"), duration=10.0).spike_steps("cell")
    assert set(np.diff(steps)) == {gap}


RUNNING = """
neuron Free:
    state:
        V_m = 0 mV
    equations:
        dV_m/dt = 10 mV/ms
    spike when V_m >= 5 mV:
        V_m -= 5 mV
    refractory 1 ms

neuron Level:
    state:
        V_m = 0 mV
    equations:
        dV_m/dt = 10 mV/ms
    spike when V_m >= 3 mV

neuron Wave:
    state:
        x = 1 mV
        y = 0 mV
    equations:
        dx/dt = -y*2*pi/(5 ms)
        dy/dt = x*2*pi/(5 ms)
    spike when x crosses 0.5 mV

network Running:
    populations:
        free : Free[1]
        level : Level[1]
        wave : Wave[2] { x = 1 mV - 2 mV*index }
    record:
        V_m of free every 0.1 ms
    simulate: 20 ms, dt = 0.1 ms, seed = 1
"""


@pytest.fixture(scope="module")
def running() -> Run:
    return run(RUNNING)


def test_without_hold_the_state_runs_on_and_only_the_threshold_rests(running: Run) -> None:
    steps = running.spike_steps("free")
    trace = running.trace("free", "V_m")[:, 0]
    # 1 mV a step; the first spike is at step 5, the next when 1 ms is over: 10 mV there
    assert steps[:3] == [5, 15, 25]
    np.testing.assert_allclose(trace[5:14], np.arange(1.0, 10.0), atol=1e-12)
    np.testing.assert_allclose(trace[14], 5.0, atol=1e-12)


def test_a_threshold_is_a_level_and_spikes_once_in_every_step_above_it(running: Run) -> None:
    assert running.spike_steps("level") == list(range(3, 201))


def test_crosses_spikes_once_for_each_crossing_and_not_for_a_start_above(running: Run) -> None:
    above = np.cos(2 * np.pi * np.arange(201) * DT / 5) >= 0.5
    wanted = [k for k in range(1, 201) if above[k] and not above[k - 1]]
    assert running.spike_steps("wave", 0) == wanted
    below = -np.cos(2 * np.pi * np.arange(201) * DT / 5) >= 0.5
    assert running.spike_steps("wave", 1) == [
        k for k in range(1, 201) if below[k] and not below[k - 1]
    ]


def test_alif_keeps_integrating_while_it_may_not_spike() -> None:
    text = """
    network Adaptive:
        populations:
            cell : ALIF[1] { I_e = 3, beta = 0 }
        record:
            V_m of cell every 0.1 ms
        simulate: 30 ms, dt = 0.1 ms, seed = 1
    """
    got = run(text)
    steps = got.spike_steps("cell")
    # 3 - 2.4*exp(-50 dt/tau) is above 0.6 after 5 ms: the next spike comes as soon as it may
    assert steps[0] == int(np.ceil(20 * np.log(3 / 2.4) / DT))
    assert set(np.diff(steps)) == {50}
    V_m, moved = 0.0, []
    for step in range(1, 301):
        V_m = 3 + (V_m - 3) * exp(-DT / 20)
        if step in steps:
            V_m -= 0.6
        moved.append(V_m)
    np.testing.assert_allclose(got.trace("cell", "V_m")[:, 0], moved, rtol=1e-12)
