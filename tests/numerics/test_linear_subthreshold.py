"""The high-precision solutions agree with textbook formulas and with an ODE solver."""

from __future__ import annotations

from math import e, exp

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.numerics.references.linear_subthreshold import Membrane, alpha_current, exp_current

MEMBRANE = Membrane()
TIMES = [float(t) for t in range(60)]


def test_exponential_current_is_the_difference_of_two_exponentials() -> None:
    got = exp_current(MEMBRANE, tau_syn=2, weight=100, times_ms=TIMES, arrivals_ms=[10])
    scale = 100 / 250 * 10 * 2 / (10 - 2)
    for t, V_m in zip(TIMES, got["V_m"], strict=True):
        since = max(t - 10, 0)
        assert V_m == pytest.approx(-70 + scale * (exp(-since / 10) - exp(-since / 2)), abs=1e-13)


def test_alpha_current_at_equal_time_constants_is_a_quadratic_times_an_exponential() -> None:
    got = alpha_current(MEMBRANE, tau_syn=10, weight=100, times_ms=TIMES, arrivals_ms=[10])
    for t, V_m, i in zip(TIMES, got["V_m"], got["i"], strict=True):
        since = max(t - 10, 0)
        assert V_m == pytest.approx(-70 + 100 * e / 10 / 250 * since**2 / 2 * exp(-since / 10))
        assert i == pytest.approx(100 * since / 10 * exp(1 - since / 10), abs=1e-13)


def test_a_value_at_an_arrival_is_the_one_before_it() -> None:
    got = exp_current(MEMBRANE, tau_syn=2, weight=100, times_ms=[10, 10.1], arrivals_ms=[10])
    assert got["i"] == [0, pytest.approx(100 * exp(-0.05))]


def test_three_arrivals_and_a_current_agree_with_an_ode_solver() -> None:
    membrane = Membrane(C_m=200, tau_m=20, E_L=-65, I_e=30)
    got = alpha_current(membrane, tau_syn=3, weight=-80, times_ms=[60])
    state, start = np.array([-65.0, 0.0, 0.0]), 0.0
    for end in (10.0, 30.0, 35.0, 60.0):
        found = solve_ivp(
            lambda _, s: [-(s[0] + 65) / 20 + (s[1] + 30) / 200, s[2] - s[1] / 3, -s[2] / 3],
            (start, end),
            state,
            method="DOP853",
            rtol=1e-12,
            atol=1e-12,
        )
        state, start = found.y[:, -1] + [0, 0, -80 * e / 3], end
    assert got["V_m"][0] == pytest.approx(state[0], abs=1e-9)
    assert got["i"][0] == pytest.approx(state[1], abs=1e-9)
    assert got["y"][0] == pytest.approx(state[2] + 80 * e / 3, abs=1e-9)
