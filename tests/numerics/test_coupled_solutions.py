"""Neuron and receptors solved together, against an independent solver."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from tests.network_runs import Run, run

DT = 0.1  # ms
ARRIVALS = (5.0, 6.0, 6.5, 12.0, 12.3, 20.0)
Floats = NDArray[np.float64]
Slopes = Callable[[float, Floats], list[float]]


def solved(
    slopes: Slopes,
    start: list[float],
    jump: list[float],
    times: Floats,
    arrivals: tuple[float, ...],
) -> Floats:
    """Return the states at `times`, with `jump` added at every arrival."""
    cuts = [0.0, *arrivals, float(times[-1])]
    state, rows = np.array(start), []
    for begin, end in pairwise(cuts):
        if begin > 0:
            state = state + np.array(jump)
        wanted = times[(times > begin + 1e-9) & (times < end + 1e-9)]
        found = solve_ivp(
            slopes, (begin, end), state, "DOP853", dense_output=True, rtol=1e-11, atol=1e-11
        )
        rows.append(found.sol(wanted))
        state = found.y[:, -1]
    return np.concatenate(rows, axis=1)


SUBTHRESHOLD = """
network Coupled:
    populations:
        train : SpikeSource[1] { times = [5 ms, 6 ms, 6.5 ms, 12 ms, 12.3 ms, 20 ms] }
        mixed : LIF[1] { I_e = 50 pA }
        free : AdEx[1] { I_e = 200 pA }
    projections:
        train -> mixed : 0.75*AMPA + 0.25*NMDA all_to_all { weight = 4 nS, delay = 0 ms }
        train -> mixed : GABA_A { tau = 6 ms } all_to_all { weight = 2 nS, delay = 0 ms }
        train -> free : AlphaConductance all_to_all { weight = 6 nS, delay = 0 ms }
    record:
        V_m of mixed, free every 0.1 ms
        w of free every 0.1 ms
    simulate: 30 ms, dt = 0.1 ms, seed = 1
"""


@pytest.fixture(scope="module")
def coupled() -> Run:
    return run(SUBTHRESHOLD)


def test_conductances_of_three_receptors_add_up(coupled: Run) -> None:
    def slopes(_: float, s: Floats) -> list[float]:
        V, ampa, nmda, gaba = s
        B = 1 / (1 + np.exp(-0.062 * V) / 3.57)
        current = 50 + (ampa + nmda * B) * (0 - V) + gaba * (-80 - V)
        return [-(V + 70) / 10 + current / 250, -ampa / 5, -nmda / 100, -gaba / 6]

    times: Floats = np.arange(1, 301, dtype=np.float64) * DT
    wanted = solved(slopes, [-70, 0, 0, 0], [0, 3, 1, 2], times, ARRIVALS)
    assert coupled.method("mixed") == "adaptive"
    np.testing.assert_allclose(coupled.trace("mixed", "V_m")[:, 0], wanted[0], rtol=0, atol=2e-4)


def test_a_nonlinear_cell_with_an_alpha_conductance(coupled: Run) -> None:
    def slopes(_: float, s: Floats) -> list[float]:
        V, w, g, y = s
        spike = 30 * 2 * np.exp((V + 50.4) / 2)
        current = -30 * (V + 70.6) + spike - w + 200 + g * (0 - V)
        return [current / 281, (4 * (V + 70.6) - w) / 144, y - g / 2, -y / 2]

    times: Floats = np.arange(1, 301, dtype=np.float64) * DT
    wanted = solved(slopes, [-70.6, 0, 0, 0], [0, 0, 0, 6 * np.e / 2], times, ARRIVALS)
    np.testing.assert_allclose(coupled.trace("free", "V_m")[:, 0], wanted[0], rtol=0, atol=1e-3)
    np.testing.assert_allclose(coupled.trace("free", "w")[:, 0], wanted[1], rtol=0, atol=1e-3)


def held_adex(t_ref: float, current: float, duration: float) -> list[int]:
    """Return the spike steps of an AdEx cell whose V_m rests until t_spike + t_ref on the grid."""

    def slopes(_: float, s: Floats) -> list[float]:
        V, w = s
        rise = 60 * np.exp(min((V + 50.4) / 2, 40.0))
        return [(-30 * (V + 70.6) + rise - w + current) / 281, (4 * (V + 70.6) - w) / 144]

    def crossing(_: float, s: Floats) -> float:
        return float(s[0])

    crossing.terminal, crossing.direction = True, 1.0  # type: ignore[attr-defined]
    steps: list[int] = []
    t, state = 0.0, np.array([-70.6, 0.0])
    while True:
        found = solve_ivp(
            slopes, (t, duration), state, "DOP853", events=crossing, rtol=1e-10, atol=1e-10
        )
        if found.status == 0:
            return steps
        at, w = float(found.t[-1]), float(found.y[1, -1]) + 80.5
        steps.append(int(np.ceil(at / DT)))
        t = (steps[-1] + round(t_ref / DT)) * DT
        w *= np.exp(-(t - at) / 144)  # V_m rests at E_L = V_reset
        state = np.array([-70.6, w])


def test_a_held_adex_cell_rests_until_the_grid_says_so() -> None:
    got = run("""
    network Held:
        populations:
            cell : AdEx[1] { I_e = 900 pA, t_ref = 2 ms }
        simulate: 300 ms, dt = 0.1 ms, seed = 1
    """)
    wanted = held_adex(2.0, 900.0, 300.0)
    assert len(wanted) > 5
    assert got.spike_steps("cell") == wanted


def test_parameters_of_each_neuron_enter_its_own_propagator() -> None:
    text = """
    network Unlike:
        populations:
            train : SpikeSource[1] { times = [1 ms] }
            cell : LIF[5] { tau_m = 5 ms + 5 ms*index, C_m = 250 pF - 20 pF*index }
        projections:
            train -> cell : ExpCurrent { tau = 10 ms } all_to_all { weight = 100 pA, delay = 0 ms }
        record:
            V_m of cell every 0.1 ms
        simulate: 20 ms, dt = 0.1 ms, seed = 1
    """
    got = run(text)
    since = np.maximum(np.arange(1, 201) * DT - 1, 0)
    for k in range(5):
        tau, C = 5 + 5 * k, 250 - 20 * k
        if tau == 10:
            shape = since * np.exp(-since / 10)
        else:
            shape = (np.exp(-since / tau) - np.exp(-since / 10)) / (1 / 10 - 1 / tau)
        np.testing.assert_allclose(
            got.trace("cell", "V_m")[:, k], -70 + 100 / C * shape, rtol=0, atol=1e-11
        )


def test_thresholds_and_refractory_times_of_each_neuron_hold_inside_a_step() -> None:
    text = """
    network Unlike:
        populations:
            cell : AdEx[3] {
                I_e = 900 pA, V_peak = -20 mV - 10 mV*index, t_ref = 1 ms + 1 ms*index, b = 0 pA
            }
            alone : AdEx[1] { I_e = 900 pA, V_peak = -20 mV, t_ref = 1 ms, b = 0 pA }
        simulate: 200 ms, dt = 0.1 ms, seed = 1
    """
    got = run(text)
    steps = [got.spike_steps("cell", index) for index in range(3)]
    assert steps[0] == got.spike_steps("alone")
    # the upswing from -40 to -20 mV takes no time: the refractory time makes the difference,
    # less what w decays in it
    gaps = [np.diff(s).mean() * DT for s in steps]
    assert np.diff(gaps) == pytest.approx([1.0, 1.0], abs=0.2)
