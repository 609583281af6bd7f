"""Linear systems are solved exactly: the same values at every dt, and those of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.network_runs import Run, run
from tests.numerics.references.linear_subthreshold import Membrane, alpha_current, exp_current

STEPS_MS = (0.1, 0.2, 0.5, 1.0)
TEXT = """
network Linear:
    populations:
        train : SpikeSource[1] { times = [10 ms, 30 ms, 35 ms] }
        X : LIF[1] { I_e = 100 pA }
        A : LIF[1]
        E : LIF[1] { tau_m = 10 ms }
        W : AdLIF[1] { I_e = 50 pA }
        T : TwoCompartment[1]
    projections:
        train -> X : ExpCurrent all_to_all { weight = 100 pA, delay = 0 ms }
        train -> A : AlphaCurrent { tau = 2 ms } all_to_all { weight = 100 pA, delay = 0 ms }
        train -> E : AlphaCurrent { tau = 10 ms } all_to_all { weight = 100 pA, delay = 0 ms }
        train -> W : ExpCurrent all_to_all { weight = 200 pA, delay = 0 ms }
        train -> T : ExpCurrent { post.V_m = V_d, post.I_syn = I_den } all_to_all {
            weight = 100 pA, delay = 0 ms
        }
        train -> T : AlphaCurrent all_to_all { weight = -50 pA, delay = 0 ms }
    record:
        V_m of X, A, E, W, T every 1 ms
        w of W every 1 ms
        V_d of T every 1 ms
    simulate: 60 ms, dt = 0.1 ms, seed = 1
"""
TRACES = (
    *((name, "V_m") for name in ("X", "A", "E", "W", "T")),
    ("W", "w"),
    ("T", "V_d"),
)
TIMES = [float(t) for t in range(1, 61)]


@pytest.fixture(scope="module")
def runs() -> dict[float, Run]:
    return {dt: run(TEXT, dt=dt) for dt in STEPS_MS}


@pytest.mark.parametrize(("population", "variable"), TRACES)
def test_values_at_shared_grid_points_do_not_depend_on_dt(
    runs: dict[float, Run], population: str, variable: str
) -> None:
    assert runs[0.1].method(population) == "exact"
    finest = runs[0.1].trace(population, variable)
    assert np.ptp(finest) > 0.1
    for dt in STEPS_MS[1:]:
        np.testing.assert_allclose(runs[dt].trace(population, variable), finest, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dt", STEPS_MS)
def test_exponential_current_is_the_formula(runs: dict[float, Run], dt: float) -> None:
    wanted = exp_current(Membrane(I_e=100), tau_syn=2, weight=100, times_ms=TIMES)
    np.testing.assert_allclose(runs[dt].trace("X", "V_m")[:, 0], wanted["V_m"], rtol=0, atol=1e-11)


@pytest.mark.parametrize(("population", "tau_syn"), [("A", 2), ("E", 10)])
@pytest.mark.parametrize("dt", STEPS_MS)
def test_alpha_current_is_the_formula_also_at_equal_time_constants(
    runs: dict[float, Run], population: str, tau_syn: float, dt: float
) -> None:
    wanted = alpha_current(Membrane(), tau_syn=tau_syn, weight=100, times_ms=TIMES)
    np.testing.assert_allclose(
        runs[dt].trace(population, "V_m")[:, 0], wanted["V_m"], rtol=0, atol=1e-11
    )


@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_interspike_intervals_are_the_closed_form_to_one_step(dt: float) -> None:
    text = """
    network Firing:
        populations:
            cell : LIF[3] { I_e = 400 pA + 50 pA*index, t_ref = 3 ms }
        simulate: 300 ms, dt = 0.1 ms, seed = 1
    """
    found = run(text, dt=dt)
    for index in range(3):
        drive = 10 / 250 * (400 + 50 * index)  # R*I, mV above rest
        wanted = 3 + 10 * math.log(drive / (drive - 15))
        gaps = np.diff(found.spike_steps("cell", index)) * dt
        assert len(gaps) > 5
        assert np.all(gaps >= wanted - 1e-9)
        assert np.all(gaps < wanted + dt + 1e-9)
