"""Pair STDP against its window, sums over all pairs, and a simulation event by event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
import pytest

from tests.numerics.forced_trains import Floats, Forced, random_train, weights
from tests.numerics.references.spike_pairs import (
    Pair,
    all_pairs,
    in_order,
    nearest_pairs,
    weights_after,
)

DT = 0.1  # ms
LAGS = (1, 2, 5, 10, 33, 100, 200, 333, 500, 999, 1000)  # steps
WINDOW = Pair(A_plus=0.1, A_minus=0.12, tau_plus=17.0, tau_minus=34.0)
SMALL = Pair(A_plus=1e-3, A_minus=1.05e-3, tau_plus=17.0, tau_minus=34.0)
LARGE = Pair(A_plus=0.2, A_minus=0.15, tau_plus=17.0, tau_minus=34.0)
N_PRE, N_POST, STEPS = 5, 4, 20000
Total = Callable[[Sequence[float], Sequence[float], Pair], float]


def rule(name: str, values: Pair) -> str:
    return (
        f"{name} {{ w_max = 1 pA, A_plus = {values.A_plus}, A_minus = {values.A_minus}, "
        f"tau_plus = {values.tau_plus} ms, tau_minus = {values.tau_minus} ms }}"
    )


@cache
def trains() -> tuple[list[list[int]], list[list[int]]]:
    """Return random trains; some events of the two sides have one time."""
    rng = np.random.default_rng(8)
    pre = [random_train(rng, 120, 0, STEPS - 500) for _ in range(N_PRE)]
    post = [random_train(rng, 100, 1, STEPS - 500) for _ in range(N_POST)]
    shared = rng.choice(pre[0], 30, replace=False)
    post[0] = sorted({*post[0], *(int(s) for s in shared if s > 0)})
    return pre, post


def delays_of(kind: str) -> int | list[int]:
    if kind == "one for all":
        return 15
    if kind == "each its own":
        return [int(d) for d in np.random.default_rng(9).integers(0, 80, N_PRE * N_POST)]
    return 0


def random_run(
    name: str,
    values: Pair,
    delays: str,
    dendritic: int,
    *,
    every: int | None = None,
    strategy: str | None = None,
) -> Floats:
    pre, post = trains()
    return weights(
        Forced(
            rule=rule(name, values),
            pre=pre,
            post=post,
            steps=STEPS,
            delays=delays_of(delays),
            dendritic=dendritic,
            wiring="all_to_all",
            every=every,
            strategy=strategy,
        )
    )


def as_the_synapses_see_them(
    delays: str, dendritic: int
) -> Iterator[tuple[int, list[float], list[float]]]:
    """Yield number, arrivals and post events (ms) of each synapse, in the order (input, cell)."""
    pre, post = trains()
    each = np.broadcast_to(delays_of(delays), N_PRE * N_POST)
    for number in range(N_PRE * N_POST):
        source, target = divmod(number, N_POST)
        yield (
            number,
            [(s + int(each[number])) * DT for s in pre[source]],
            [(s + dendritic) * DT for s in post[target]],
        )


@pytest.mark.parametrize("name", ["PairSTDP", "PairSTDPNearest"])
def test_one_pair_moves_the_weight_by_the_window(name: str) -> None:
    """Lags of 0 (pre is first), 0.1 to 100 ms, both orders."""
    lags = [0, *LAGS, *(-lag for lag in LAGS)]
    (got,) = weights(
        Forced(
            rule=rule(name, WINDOW),
            pre=[[1100]] * len(lags),
            post=[[1100 + lag] for lag in lags],
            steps=2200,
        )
    )
    for lag, weight in zip(lags, got, strict=True):
        if lag >= 0:
            wanted = WINDOW.A_plus * np.exp(-lag * DT / WINDOW.tau_plus)
        else:
            wanted = -WINDOW.A_minus * np.exp(lag * DT / WINDOW.tau_minus)
        assert weight - 0.5 == pytest.approx(wanted, rel=0, abs=1e-12), lag


@pytest.mark.parametrize("dendritic", [0, 20])
@pytest.mark.parametrize("delays", ["none", "one for all", "each its own"])
@pytest.mark.parametrize(
    ("name", "total"), [("PairSTDP", all_pairs), ("PairSTDPNearest", nearest_pairs)]
)
def test_random_trains_give_the_sum_over_pairs(
    name: str, total: Total, delays: str, dendritic: int
) -> None:
    """Far from the bounds: the weight is the sum of the window over all pairs, or the nearest."""
    (got,) = random_run(name, SMALL, delays, dendritic)
    for number, pre, post in as_the_synapses_see_them(delays, dendritic):
        wanted = 0.5 + total(pre, post, SMALL)
        assert 0.05 < wanted < 0.95
        assert abs(wanted - 0.5) > 1e-4
        assert got[number] == pytest.approx(wanted, rel=0, abs=1e-12), number


@pytest.mark.parametrize("strategy", [None, "replayed", "swept"])
@pytest.mark.parametrize(("delays", "dendritic"), [("none", 0), ("each its own", 20)])
def test_bounds_are_met_event_by_event(delays: str, dendritic: int, strategy: str | None) -> None:
    """Every 10 ms the weight is that after the last event, clipped at each; both bounds are hit."""
    got = random_run("PairSTDP", LARGE, delays, dendritic, every=100, strategy=strategy)
    for number, pre, post in as_the_synapses_see_them(delays, dendritic):
        history = weights_after(
            in_order(pre, post),
            0.5,
            on_pre=lambda w, y, _: w - LARGE.A_minus * y,
            on_post=lambda w, x, _: w + LARGE.A_plus * x,
            tau_plus=LARGE.tau_plus,
            tau_minus=LARGE.tau_minus,
        )
        values = np.array([0.5] + [w for _, w in history])
        assert 0.0 in values
        assert 1.0 in values
        # a recording of time t comes before the events of t
        times = np.array([t for t, _ in history])
        seen = np.searchsorted(times, np.arange(1, STEPS // 100 + 1) * 100 * DT - DT / 2)
        np.testing.assert_allclose(got[:, number], values[seen], rtol=0, atol=1e-12)
