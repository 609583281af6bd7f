"""Rules that move at events only, against a simulation event by event with bounds at each event.

InhibitorySTDP, WeightDependentSTDP, BraderFusi. Random trains, each synapse its own delay.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp

import numpy as np
import pytest

from tests.numerics.forced_trains import Forced, learned, random_train, weights
from tests.numerics.references.spike_pairs import in_order, weights_after

DT, STEPS, EVERY = 0.1, 20000, 100
N_PRE, N_POST = 4, 3
RNG = np.random.default_rng(5)
PRE = [random_train(RNG, 90, 0, STEPS - 500) for _ in range(N_PRE)]
POST = [random_train(RNG, 80, 1, STEPS - 500) for _ in range(N_POST)]
DELAYS = [int(d) for d in RNG.integers(0, 60, N_PRE * N_POST)]
DENDRITIC = 7
TAU_PLUS, TAU_MINUS = 16.0, 27.0
Change = Callable[[float, float, float], float]


def compared(rule: str, on_pre: Change, on_post: Change, tau: tuple[float, float]) -> list[float]:
    """Compare the weight every 10 ms at each synapse; return all weights after events."""
    got = weights(
        Forced(
            rule=rule, pre=PRE, post=POST, steps=STEPS, delays=DELAYS, dendritic=DENDRITIC,
            wiring="all_to_all", every=EVERY,
        )
    )  # fmt: skip
    seen = []
    for number, delay in enumerate(DELAYS):
        events = in_order(
            [(s + delay) * DT for s in PRE[number // N_POST]],
            [(s + DENDRITIC) * DT for s in POST[number % N_POST]],
        )
        history = weights_after(
            events, 0.5, on_pre=on_pre, on_post=on_post, tau_plus=tau[0], tau_minus=tau[1]
        )
        values = np.array([0.5] + [w for _, w in history])
        # a recording of time t comes before the events of t
        grid = np.arange(1, STEPS // EVERY + 1) * EVERY * DT - DT / 2
        at = np.searchsorted([t for t, _ in history], grid)
        np.testing.assert_allclose(got[:, number], values[at], rtol=0, atol=1e-11)
        seen += values.tolist()
    return seen


@pytest.mark.parametrize("mu", [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5), (0.0, 1.0), (0.4, 2.0)])
def test_weight_dependence_follows_the_exponents(mu: tuple[float, float]) -> None:
    """Additive, multiplicative, between; the exponents of the two sides are their own."""
    rate, alpha = 0.2, 1.1
    seen = compared(
        f"WeightDependentSTDP {{ w_max = 1 pA, lambda = {rate}, alpha = {alpha}, "
        f"mu_plus = {mu[0]}, mu_minus = {mu[1]}, "
        f"tau_plus = {TAU_PLUS} ms, tau_minus = {TAU_MINUS} ms }}",
        lambda w, y, _: w - rate * alpha * w ** mu[1] * y,
        lambda w, x, _: w + rate * (1 - w) ** mu[0] * x,
        (TAU_PLUS, TAU_MINUS),
    )
    assert max(seen) > 0.85
    assert min(seen) < 0.1
    if mu == (0.0, 0.0):
        assert {0.0, 1.0} < set(seen)


def test_inhibitory_weights_move_with_the_other_side_and_sink_alone() -> None:
    """dw = eta*(y - 2*rho_0*tau) at a pre spike, eta*x at a post spike."""
    eta, tau, rho_0 = 0.05, 23.0, 0.03
    seen = compared(
        f"InhibitorySTDP {{ w_max = 1 pA, eta = {eta}, tau = {tau} ms, rho_0 = {rho_0} kHz }}",
        lambda w, y, _: w + eta * (y - 2 * rho_0 * tau),
        lambda w, x, _: w + eta * x,
        (tau, tau),
    )
    assert max(seen) == 1.0
    assert min(seen) < 0.4


KICKED = "LIF { t_ref = 0 ms, C_m = 1 F, V_th = 0 mV }"
TAU_M, E_L, KICK = 10.0, -70.0, 9.0
THETA_V, TAU_C = -62.0, 60.0
UP, DOWN, ALPHA, BETA, THETA_X = 0.13, 0.11, 2.5e-3, 3.5e-3, 0.45
UP_C, DOWN_C = (2.0, 7.0), (1.0, 3.5)


def fusi(pre: list[int], post: list[int], kicks: list[int], start: float) -> list[float]:
    """Return the internal state every 10 ms: event by event, drift within [0, 1].

    V_m is what the last step left: a kick of this step is not there yet.
    """
    x, calcium, potential = start, 0.0, E_L
    found = []
    for step in range(STEPS):
        if step and step % EVERY == 0:
            found.append(x)
        if step in pre:
            if potential > THETA_V and UP_C[0] < calcium < UP_C[1]:
                x = min(x + UP, 1.0)
            if potential <= THETA_V and DOWN_C[0] < calcium < DOWN_C[1]:
                x = max(x - DOWN, 0.0)
        calcium += step in post
        calcium *= exp(-DT / TAU_C)
        x += DT * (ALPHA if x > THETA_X else -BETA)
        x = min(max(x, 0.0), 1.0)
        potential += KICK * (step in kicks)
        potential = E_L + (potential - E_L) * exp(-DT / TAU_M)
        if step + 1 in post:  # the reset
            potential = E_L
    return [*found, x]


def test_a_fusi_synapse_steps_within_its_windows_and_drifts_to_the_ends() -> None:
    """Kicks move V_m about theta_V; both windows of calcium are entered and left."""
    rng = np.random.default_rng(15)
    post = [random_train(rng, count, 1, STEPS) for count in (25, 60, 120)]
    pre = [random_train(rng, 200, 0, STEPS) for _ in range(3)]
    kicks = [random_train(rng, 250, 0, STEPS) for _ in range(3)]
    times = ", ".join("[" + ", ".join(f"{k * DT:.1f} ms" for k in train) + "]" for train in kicks)
    results = learned(
        Forced(
            rule=(
                f"BraderFusi {{ a = {UP}, b = {DOWN}, alpha = {ALPHA} kHz, beta = {BETA} kHz, "
                f"theta_X = {THETA_X}, theta_V = {THETA_V} mV, up_low = {UP_C[0]}, "
                f"up_high = {UP_C[1]}, dn_low = {DOWN_C[0]}, dn_high = {DOWN_C[1]}, "
                f"tau_C = {TAU_C} ms, J_minus = 1 pA, J_plus = 3 pA }}"
            ),
            pre=pre, post=post, steps=STEPS, weight="1 pA", every=EVERY, cell=KICKED,
            populations=f"kicks : SpikeSource[3] {{ times = [{times}] }}",
            projections=f"kicks -> cells : Delta one_to_one {{ weight = {KICK} mV, delay = 0 ms }}",
            record=f"X of learning every {EVERY * DT!r} ms",
        )
    )  # fmt: skip
    internal, strong = results["learning"]["X"].values, results["learning"]["weight"].values
    for k in range(3):
        wanted = fusi(pre[k], post[k], kicks[k], 0.5)
        np.testing.assert_allclose(internal[:, k], wanted, rtol=0, atol=1e-11)
        np.testing.assert_array_equal(strong[:, k], np.where(internal[:, k] > THETA_X, 3.0, 1.0))
    assert {0.0, 1.0} < set(internal.ravel())
