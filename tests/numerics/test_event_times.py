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


CLOCKS = """
neuron Counter:
    parameters:
        p = 1 ms
    state:
        n = 0
        m = 0
        x = 1
    equations:
        dx/dt = -x/(2 ms)
    every p:
        n += 1
        x = 1 if n == 3 else x
    every 0.3 ms:
        m += 1

neuron Eager:
    state:
        x = 0
    equations:
        dx/dt = (1 + x^2)/(0.02 ms)
    spike when x > 1:
        x = 0

neuron Stubborn:
    state:
        x = 5
    equations:
        dx/dt = x^2/(100 ms)
    spike when x > 1:
        x -= 0.125

neuron Saturating:
    state:
        x = 0 in [0, 1]
    equations:
        dx/dt = (4 + x^2)/(1 ms)

network Clocks:
    populations:
        count : Counter[1]
        slow : Counter[1] { p = 2.5 ms }
        eager : Eager[3]
        stubborn : Stubborn[1]
        full : Saturating[2]
    record:
        n of count, slow every 0.1 ms
        m of count every 0.1 ms
        x of count, eager, stubborn, full every 0.1 ms
    simulate: 6 ms, dt = 0.1 ms, seed = 1
"""


@pytest.fixture(scope="module")
def clocks() -> Run:
    return run(CLOCKS)


def test_clocks_tick_at_the_end_of_whole_periods(clocks: Run) -> None:
    ends = np.arange(1, 61)
    np.testing.assert_array_equal(clocks.trace("count", "n")[:, 0], ends // 10)
    np.testing.assert_array_equal(clocks.trace("slow", "n")[:, 0], ends // 25)
    np.testing.assert_array_equal(clocks.trace("count", "m")[:, 0], ends // 3)


def test_a_clock_acts_after_the_equations_of_its_step(clocks: Run) -> None:
    x = clocks.trace("count", "x")[:, 0]
    assert x[28] == pytest.approx(exp(-2.9 / 2))
    assert x[29] == 1.0
    assert x[30] == pytest.approx(exp(-DT / 2))


def test_there_is_at_most_one_spike_a_step_however_fast_the_state(clocks: Run) -> None:
    assert clocks.spike_steps("eager") == list(range(1, 61))
    assert np.all(np.abs(clocks.trace("eager", "x")) < 10)


def test_a_reset_that_stays_above_spikes_in_every_step_and_moves_on(clocks: Run) -> None:
    assert clocks.spike_steps("stubborn")[:30] == list(range(1, 31))
    x = clocks.trace("stubborn", "x")[:, 0]
    value = 5.0
    for step in range(30):
        value = 1 / (1 / value - DT / 100) - 0.125  # dx/dt = x^2/(100 ms), solved
        assert x[step] == pytest.approx(value, abs=2e-3 * (step + 1))


def test_bounds_hold_a_nonlinear_state(clocks: Run) -> None:
    x = clocks.trace("full", "x")
    assert x.min() >= 0
    assert np.all(x[10:] == 1)
