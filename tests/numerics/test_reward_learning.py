"""Third factors: DopamineSTDP and RSTDP against integrals in closed form.

Rewards are spikes of `rewards`, which raise the modulator at their own time. Rule and modulator
are linear, so that the weight does not depend on the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
import pytest
from scipy.integrate import quad

from tests.numerics.forced_trains import Floats, Forced, random_train, weights

MODULATOR = """modulator Pulses:
    parameters:
        tau = 200 ms
        release = 0.5 Hz
        tonic = 0.002 Hz
    state:
        d = 0 Hz
    equations:
        dd/dt = -d/tau
        n = d + tonic
    on spike:
        d += release
"""
TAU_D, RELEASE, TONIC = 200.0, 0.5e-3, 0.002e-3  # ms, kHz
A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, TAU_C = 0.09, 0.12, 14.0, 34.0, 300.0
# rule: name, input, name of its eligibility's time constant
RULES = {"DopamineSTDP": ("n", "tau_c"), "RSTDP": ("S", "tau_e")}


def run(
    name: str,
    pre: Sequence[Sequence[int]],
    post: Sequence[Sequence[int]],
    rewards: Sequence[int],
    *,
    steps: int,
    dt: float,
    wiring: str = "one_to_one",
    delays: int | Sequence[int] = 0,
    amplitude: float = 1.0,
    release: str = "0.5 Hz",
    every: int | None = None,
    strategy: str | None = None,
) -> Floats:
    factor, tau = RULES[name]
    times = ", ".join(f"{step * dt:.10g} ms" for step in rewards)
    return weights(
        Forced(
            rule=(
                f"{name} {{ w_max = 1 pA, {factor} = reward.n, {tau} = {TAU_C} ms, "
                f"A_plus = {A_PLUS * amplitude}, A_minus = {A_MINUS * amplitude}, "
                f"tau_plus = {TAU_PLUS} ms, tau_minus = {TAU_MINUS} ms }}"
            ),
            pre=pre,
            post=post,
            steps=steps,
            dt=dt,
            delays=delays,
            wiring=wiring,
            blocks=MODULATOR,
            populations=f"rewards : SpikeSource[1] {{ times = [{times}] }}",
            modulators=f"reward : Pulses {{ release = {release} }} from rewards",
            every=every,
            strategy=strategy,
        )
    )


def change(c: float, d: float, span: float) -> float:
    """Return the integral of (d + tonic)*c over a span in which both decay."""
    both = 1 / TAU_C + 1 / TAU_D
    return c * d * (1 - exp(-both * span)) / both + c * TONIC * TAU_C * (1 - exp(-span / TAU_C))


@pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("name", RULES)
def test_a_pairing_and_a_reward_move_the_weight_by_the_integral(name: str, dt: float) -> None:
    """Pairings at 50 ms with lags of both signs, one reward at 250 ms, until 1 s: at every dt."""
    lags = [0, 1, 10, 40, -1, -10, -40]  # ms
    (got,) = run(
        name,
        [[round(50 / dt)]] * len(lags),
        [[round((50 + lag) / dt)] for lag in lags],
        [round(250 / dt)],
        steps=round(1000 / dt),
        dt=dt,
    )
    for lag, weight in zip(lags, got, strict=True):
        c = A_PLUS * exp(-lag / TAU_PLUS) if lag >= 0 else -A_MINUS * exp(lag / TAU_MINUS)
        begin = 50.0 + max(lag, 0)  # eligibility begins with the later spike
        wanted = change(c, 0.0, 250 - begin)
        wanted += change(c * exp(-(250 - begin) / TAU_C), RELEASE, 750)
        by_quadrature, _ = quad(
            lambda t, c=c, begin=begin: (
                c * exp(-(t - begin) / TAU_C)
                * (TONIC + (RELEASE * exp(-(t - 250) / TAU_D) if t >= 250 else 0.0))
            ),
            begin, 1000, points=[250], epsabs=1e-13,
        )  # fmt: skip
        assert wanted == pytest.approx(by_quadrature, rel=0, abs=1e-12)
        assert abs(wanted) > 1e-4
        assert weight - 0.5 == pytest.approx(wanted, rel=0, abs=1e-9), lag


def event_by_event(
    pre: Sequence[float],
    post: Sequence[float],
    rewards: Sequence[float],
    until: Sequence[float],
    *,
    amplitude: float = 1.0,
    release: float = RELEASE,
) -> list[float]:
    """Return the weight at times of `until`; its bounds act when an arrival reads it.

    A reward of the time of other events has no influence on their order: it moves only d. Between
    arrivals the weight may lie outside; what is read is within its bounds and changes nothing.
    """
    events = sorted(
        [(t, "1 seen") for t in until]
        + [(t, "2 pre") for t in pre]
        + [(t, "3 post") for t in post]
        + [(t, "4 reward") for t in rewards]
    )
    w, x, y, c, d, now = 0.5, 0.0, 0.0, 0.0, 0.0, 0.0
    found = []
    for t, kind in events:
        span = t - now
        w += change(c, d, span)
        x, y = x * exp(-span / TAU_PLUS), y * exp(-span / TAU_MINUS)
        c, d, now = c * exp(-span / TAU_C), d * exp(-span / TAU_D), t
        if kind == "1 seen":
            found.append(min(max(w, 0.0), 1.0))
        elif kind == "2 pre":
            w = min(max(w, 0.0), 1.0)
            c -= amplitude * A_MINUS * y
            x += 1
        elif kind == "3 post":
            c += amplitude * A_PLUS * x
            y += 1
        else:
            d += release
    return found


@pytest.mark.parametrize("strategy", [None, "replayed"])
@pytest.mark.parametrize(
    ("amplitude", "release", "bounded"), [(0.05, 0.5, False), (1.0, 5.0, True)]
)
def test_random_trains_and_rewards(
    amplitude: float, release: float, bounded: bool, strategy: str | None
) -> None:
    """80 spikes a train in 8 s, 20 rewards, each its delay; far from the bounds and at them."""
    rng = np.random.default_rng(77)
    dt, steps = 0.5, 16000
    pre = [random_train(rng, 80, 0, steps - 100) for _ in range(4)]
    post = [random_train(rng, 80, 1, steps - 100) for _ in range(3)]
    rewards = random_train(rng, 20, 1, steps)
    delays = [int(k) for k in rng.integers(0, 20, 12)]
    got = run(
        "DopamineSTDP", pre, post, rewards, steps=steps, dt=dt, wiring="all_to_all",
        delays=delays, amplitude=amplitude, release=f"{release} Hz", every=200, strategy=strategy,
    )  # fmt: skip
    until = np.arange(1, steps // 200 + 1) * 200 * dt
    hit = False
    for number, delay in enumerate(delays):
        wanted = event_by_event(
            [(s + delay) * dt for s in pre[number // 3]],
            [s * dt for s in post[number % 3]],
            [s * dt for s in rewards],
            until.tolist(),
            amplitude=amplitude,
            release=release * 1e-3,
        )
        assert max(abs(w - 0.5) for w in wanted) > 1e-3
        hit = hit or 1.0 in wanted or 0.0 in wanted
        np.testing.assert_allclose(got[:, number], wanted, rtol=0, atol=1e-10)
    assert hit == bounded
