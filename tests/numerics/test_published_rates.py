"""Whole networks fire at the rates that were published for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.network_runs import run

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("variant", "low", "high"),
    [
        ("BrunelAI", 37.7 * 0.95, 37.7 * 1.05),
        ("BrunelSIFast", 60.7 * 0.9, 60.7 * 1.1),
        ("BrunelSISlow", 4.0, 7.0),
    ],
)
def test_brunel_networks_fire_as_in_figure_8(variant: str, low: float, high: float) -> None:
    got = run(EXAMPLES / "brunel.bns", variant, duration=500.0, threads=2)
    assert low < got.rate("E", after=200.0) < high
    assert low < got.rate("I", after=200.0) < high


def test_the_synchronous_regular_network_fires_in_step() -> None:
    got = run(EXAMPLES / "brunel.bns", "BrunelSR", duration=300.0, threads=2)
    steps, _ = got.spikes("E")
    together = np.bincount(steps, minlength=3001)[1000:]
    # a tenth of all cells in single steps, silence between
    assert together.max() > 1000
    assert np.mean(together == 0) > 0.3


@pytest.mark.parametrize(("name", "low", "high"), [("coba", 18, 22), ("cuba", 5, 6.5)])
def test_balanced_networks_fire_as_in_the_review_of_simulators(
    name: str, low: float, high: float
) -> None:
    got = run(EXAMPLES / f"{name}.bns", threads=2)
    assert low < 0.8 * got.rate("E", after=200.0) + 0.2 * got.rate("I", after=200.0) < high


def test_net_m_fires_at_six_to_nine_hertz() -> None:
    rates = []
    for seed in range(1, 6):
        got = run(ROOT / "models" / "networks" / "net_m.bns", seed=seed)
        rates.append(0.8 * got.rate("E") + 0.2 * got.rate("I"))
    assert 6.5 < np.mean(rates) < 8.5


# spikes per second of Potjans and Diesmann (2014), full size, at 8 Hz of Poisson drive
CORTEX = {
    "L23E": 0.86,
    "L23I": 2.80,
    "L4E": 4.45,
    "L4I": 5.93,
    "L5E": 7.59,
    "L5I": 8.63,
    "L6E": 1.09,
    "L6I": 7.88,
}


def test_the_microcircuit_fires_in_the_published_order() -> None:
    got = run(EXAMPLES / "microcircuit.bns", duration=1000.0, threads=2)
    rates = {name: got.rate(name, after=200.0) for name in CORTEX}
    for name, published in CORTEX.items():
        assert 0.4 * published < rates[name] < 2.5 * published, rates
    # at a tenth of the size, layer 5 is too small for its two rates to keep their order
    for layer in ("L23", "L4", "L6"):
        assert rates[f"{layer}I"] > rates[f"{layer}E"]
    assert max(rates["L23E"], rates["L6E"]) < min(rates["L4E"], rates["L5E"])
