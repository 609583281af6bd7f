"""Triplet STDP: protocols of Pfister & Gerstner (2006) and random trains, triplet by triplet."""

from __future__ import annotations

import numpy as np
import pytest

from tests.numerics.forced_trains import Forced, random_train, weights
from tests.numerics.references.spike_pairs import triplets

MINIMAL = (
    {"2+": 0.0, "3+": 6.5e-3, "2-": 7.1e-3, "3-": 0.0},
    {"+": 16.8, "-": 33.7, "x": 101.0, "y": 114.0},
)
FULL = (
    {"2+": 5e-10, "3+": 6.2e-3, "2-": 7e-3, "3-": 2.3e-4},
    {"+": 16.8, "-": 33.7, "x": 101.0, "y": 125.0},
)
SETS = {"TripletSTDP": MINIMAL, "TripletSTDPFull": FULL}
PAIRS, LAG, DT = 60, 10, 1.0  # 10 ms


def protocol(period: int, lag: int) -> tuple[list[int], list[int]]:
    """Return 60 pairs, one each period (ms); lag is post minus pre."""
    pre = [100 + k * period for k in range(PAIRS)]
    return pre, [step + lag for step in pre]


def final(name: str, periods: tuple[int, ...], start: float) -> None:
    """Run a protocol for each period and lag side by side and compare with the sums.

    `start` is a weight from which none of them reaches a bound.
    """
    protocols = [protocol(period, lag) for period in periods for lag in (LAG, -LAG)]
    (got,) = weights(
        Forced(
            rule=f"{name} {{ w_max = 1 pA }}",
            pre=[pre for pre, _ in protocols],
            post=[post for _, post in protocols],
            steps=300 + PAIRS * max(periods),
            dt=DT,
            weight=f"{start} pA",
        )
    )
    A, tau = SETS[name]
    for number, (pre, post) in enumerate(protocols):
        wanted = triplets(pre, post, A, tau)
        assert got[number] - start == pytest.approx(wanted, rel=0, abs=1e-9), number


@pytest.mark.parametrize("name", SETS)
def test_sixty_pairs_at_10_to_50_hz(name: str) -> None:
    final(name, (100, 50), 0.5)
    final(name, (25, 20), 0.2)


@pytest.mark.parametrize("name", SETS)
def test_sixty_pairs_at_a_tenth_of_a_hertz(name: str) -> None:
    """600 s of model time."""
    final(name, (10000,), 0.5)


def test_the_sums_show_what_the_paper_shows() -> None:
    """Their figure 4: at +10 ms it grows with the rate from 0, at -10 ms slow pairs depress."""
    A, tau = MINIMAL
    up = [triplets(*protocol(period, LAG), A, tau) for period in (10000, 100, 50, 25, 20)]
    assert up == sorted(up)
    assert up[0] < 1e-4
    assert up[-1] > 0.4
    down = [triplets(*protocol(period, -LAG), A, tau) for period in (10000, 100, 50)]
    assert max(down) < -0.3


@pytest.mark.parametrize("dendritic", [0, 20])
def test_random_trains_with_all_four_amplitudes(dendritic: int) -> None:
    """Every amplitude and time constant of its own, delays of their own, 100 spikes a train."""
    rng = np.random.default_rng(12)
    pre = [random_train(rng, 100, 0, 19000) for _ in range(3)]
    post = [random_train(rng, 100, 1, 19000) for _ in range(3)]
    delays = [int(d) for d in rng.integers(0, 60, 9)]
    A = {"2+": 1.1e-3, "3+": 0.9e-3, "2-": 1.7e-3, "3-": 0.6e-3}
    tau = {"+": 15.0, "-": 31.0, "x": 90.0, "y": 130.0}
    (got,) = weights(
        Forced(
            rule=(
                "TripletSTDP { w_max = 1 pA, A2_plus = 1.1e-3, A3_plus = 0.9e-3, "
                "A2_minus = 1.7e-3, A3_minus = 0.6e-3, tau_plus = 15 ms, tau_minus = 31 ms, "
                "tau_x = 90 ms, tau_y = 130 ms }"
            ),
            pre=pre,
            post=post,
            steps=20000,
            delays=delays,
            dendritic=dendritic,
            wiring="all_to_all",
        )
    )
    for number, delay in enumerate(delays):
        arrivals = [(s + delay) * 0.1 for s in pre[number // 3]]
        heard = [(s + dendritic) * 0.1 for s in post[number % 3]]
        wanted = 0.5 + triplets(arrivals, heard, A, tau)
        assert 0.1 < wanted < 0.9
        assert got[number] == pytest.approx(wanted, rel=0, abs=1e-11), number
