"""Orders of convergence of the methods asked for by name; Hodgkin-Huxley against a fine solver."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import exp, log2

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from tests.network_runs import run

END = 4.0  # ms
TEXT = """
network Axon:
    populations:
        cell : HodgkinHuxley[1] { I_e = 2 uA/cm^2 }
    record:
        V_m of cell every 4 ms
    simulate: 4 ms, dt = 0.1 ms, seed = 1
    solve: METHOD
"""
Floats = NDArray[np.float64]


def squid(current: float) -> Floats:
    """Return (V_m, m, h, n) at END by DOP853: Hodgkin and Huxley (1952), written independently."""

    def slopes(_: float, state: Floats) -> list[float]:
        V, m, h, n = state
        alpha = (
            0.1 * (V + 40) / (1 - exp(-(V + 40) / 10)),
            0.07 * exp(-(V + 65) / 20),
            0.01 * (V + 55) / (1 - exp(-(V + 55) / 10)),
        )
        beta = (4 * exp(-(V + 65) / 18), 1 / (1 + exp(-(V + 35) / 10)), 0.125 * exp(-(V + 65) / 80))
        ionic = 120 * m**3 * h * (V - 50) + 36 * n**4 * (V + 77) + 0.3 * (V + 54.387)
        gates = [a * (1 - x) - b * x for a, b, x in zip(alpha, beta, (m, h, n), strict=True)]
        return [current - ionic, *gates]

    start = [-65, 0.0529, 0.5961, 0.3177]
    found = solve_ivp(slopes, (0, END), start, method="DOP853", rtol=1e-12, atol=1e-12)
    return np.asarray(found.y[:, -1])


@cache
def reached(method: str, dt: float) -> float:
    """Return the error of V_m at END."""
    got = run(TEXT.replace("METHOD", method), dt=dt)
    assert got.method("cell") == method
    return float(abs(got.trace("cell", "V_m")[0, 0] - squid(2.0)[0]))


@pytest.mark.parametrize(
    ("method", "order", "dt"),
    [("euler", 1, 0.01), ("exponential_euler", 1, 0.01), ("rk2", 2, 0.01), ("rk4", 4, 0.05)],
)
def test_halving_the_step_divides_the_error_by_two_to_the_order(
    method: str, order: int, dt: float
) -> None:
    errors = [reached(method, dt / k) for k in (1, 2, 4)]
    assert errors[0] < 0.05
    observed = [log2(a / b) for a, b in pairwise(errors)]
    assert observed == [pytest.approx(order, abs=0.15)] * 2


def test_the_default_method_is_within_its_tolerance() -> None:
    assert reached("adaptive", 0.1) < 1e-4
    assert reached("adaptive", 0.05) < 1e-5


def test_the_squid_axon_fires_at_68_hertz() -> None:
    text = """
    network Firing:
        populations:
            cell : HodgkinHuxley[1] { I_e = 10 uA/cm^2 }
        simulate: 1 s, dt = 0.05 ms, seed = 1
    """
    steps = np.array(run(text).spike_steps("cell"))
    gaps = np.diff(steps[5:]) * 0.05
    assert 1000 / gaps.mean() == pytest.approx(68.3, rel=0.01)


def test_rest_stays_and_a_cell_without_rest_fires_when_it_should() -> None:
    text = """
    network Rest:
        populations:
            axon : HodgkinHuxley[1]
            cell : TraubMiles[1]
        record:
            V_m of axon every 1 ms
        simulate: 200 ms, dt = 0.1 ms, seed = 1
    """
    got = run(text)
    assert got.spike_steps("axon") == []
    axon = got.trace("axon", "V_m")[:, 0]
    np.testing.assert_allclose(axon, -65, atol=0.1)
    assert np.ptp(axon[100:]) < 1e-3
    # scipy.integrate.solve_ivp with rtol = atol = 1e-9: 10.9705, 83.1470, 155.3236 ms
    assert got.spike_steps("cell") == [110, 832, 1554]


def test_exponential_euler_is_exact_for_a_fixed_conductance() -> None:
    text = """
    network Clamped:
        populations:
            train : SpikeSource[1] { times = [0 ms] }
            cell : LIF[1] { V_th = 1 V, I_e = 100 pA }
        projections:
            train -> cell : AMPA { tau = 1e15 ms } all_to_all { weight = 5 nS, delay = 0 ms }
        record:
            V_m of cell every 1 ms
        simulate: 30 ms, dt = 1 ms, seed = 1
        solve: exponential_euler
    """
    got = run(text).trace("cell", "V_m")[:, 0]
    total = 25 + 5  # nS: leak C_m/tau_m and synapse
    rest = (25 * -70 + 5 * 0 + 100) / total
    times = np.arange(1, 31)
    np.testing.assert_allclose(got, rest + (-70 - rest) * np.exp(-times * total / 250), rtol=1e-12)
