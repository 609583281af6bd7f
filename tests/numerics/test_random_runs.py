"""Noise, sources and drives have the statistics they claim; every bound is four standard errors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.network_runs import Run, run

DT = 0.1  # ms
Floats = NDArray[np.float64]

OU = """
network Noise:
    populations:
        ou : OUSource[400] { mu = 20 pA, sigma = 50 pA, tau = 5 ms }
        cell : LIF[400] { I_e = ou.I, V_th = 1 V }
    record:
        I of ou every 0.5 ms
        V_m of cell every 0.1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 7
"""


@pytest.fixture(scope="module")
def noise() -> Run:
    return run(OU)


def test_the_ou_current_has_its_mean_and_variance_in_space_and_time(noise: Run) -> None:
    I = noise.trace("ou", "I")  # noqa: E741 (the symbol of the model)
    for row in (I[0], I[99], I[199]):
        assert abs(row.mean() - 20) < 4 * 50 / np.sqrt(400)
        # Euler-Maruyama's own stationary variance is 1 % larger: sigma^2/(1 - dt/(2 tau))
        assert abs(row.var() / 2500 / 1.01 - 1) < 4 * np.sqrt(2 / 400)
    # 100 ms and tau = 5 ms: 10 independent samples for each of 400 sources
    assert abs(I.mean() - 20) < 4 * 50 / np.sqrt(4000)
    assert abs(I.var() / 2500 / 1.01 - 1) < 4 * np.sqrt(2 / 4000)


@pytest.mark.parametrize("lag", [1, 5, 20])
def test_the_ou_current_forgets_exponentially(noise: Run, lag: int) -> None:
    I = (noise.trace("ou", "I") - 20) / 50  # noqa: E741
    found = (I[:-lag] * I[lag:]).mean()
    assert abs(found - np.exp(-lag * 0.5 / 5)) < 4 * np.sqrt(2 / 4000)


def test_neighbours_get_independent_noise(noise: Run) -> None:
    I = (noise.trace("ou", "I")[-1] - 20) / 50  # noqa: E741
    assert abs((I[:-1] * I[1:]).mean()) < 4 / np.sqrt(399)


def test_a_wired_value_is_that_of_the_begin_of_the_step() -> None:
    got = run(OU.replace("every 0.5 ms", "every 0.1 ms"), duration=5.0)
    I, V_m = got.trace("ou", "I"), got.trace("cell", "V_m")  # noqa: E741
    held = np.exp(-DT / 10)
    wanted = -70 + (V_m[:-1] + 70) * held + 10 / 250 * I[:-1] * (1 - held)
    np.testing.assert_allclose(V_m[1:], wanted, rtol=1e-12)


SOURCES = """
network Sources:
    populations:
        even : PoissonSource[500] { rate = 40 Hz }
        wave : PoissonSource[500] { rate = 40 Hz*(1 + sin(2*pi*10 Hz*t)) }
        escape : GIF[500] {
            V_m = -30 mV, E_L = -30 mV, V_reset = -30 mV, V_T0 = -30 mV, lambda_0 = 50 Hz,
            q_eta1 = 0 pA, q_eta2 = 0 pA, q_gam = 0 mV, t_ref = 4 ms
        }
    simulate: 2 s, dt = 0.1 ms, seed = 11
"""


@pytest.fixture(scope="module")
def sources() -> Run:
    return run(SOURCES)


def counts(got: Run, population: str) -> Floats:
    """Return the spikes of each neuron."""
    return np.bincount(got.spikes(population)[1], minlength=500).astype(np.float64)


def test_a_poisson_source_has_its_rate_and_fano_factor_one(sources: Run) -> None:
    found = counts(sources, "even")
    p = 1 - np.exp(-40 * DT / 1000)  # of one or more arrivals in a step
    mean = p * 20_000
    assert abs(found.mean() - mean) < 4 * np.sqrt(mean / 500)
    assert abs(found.var(ddof=1) / found.mean() - (1 - p)) < 4 * np.sqrt(2 / 499)


def test_a_rate_may_change_in_time(sources: Run) -> None:
    steps, _ = sources.spikes("wave")
    phase = (steps - 1) * DT % 100  # ms, at the begin of the step
    for quarter, factor in enumerate((1 + 2 / np.pi, 1 + 2 / np.pi, 1 - 2 / np.pi, 1 - 2 / np.pi)):
        found = np.count_nonzero((phase >= 25 * quarter) & (phase < 25 * (quarter + 1)))
        wanted = 500 * 2 / 4 * 40 * factor
        assert abs(found - wanted) < 4 * np.sqrt(wanted) + 0.01 * wanted


def test_escape_noise_has_the_hazard_of_the_clamped_voltage(sources: Run) -> None:
    steps, ids = sources.spikes("escape")
    gaps = np.concatenate([np.diff(steps[ids == i]) for i in range(500)])
    assert gaps.min() >= 40
    # geometric from the first step in which a spike may come
    p = 1 - np.exp(-50 * DT / 1000)
    waits = gaps - gaps.min()
    mean = (1 - p) / p
    # long gaps are missing from a finite run: 2 s against 24 ms
    assert waits.mean() == pytest.approx(mean, rel=4 / np.sqrt(len(waits)) + 0.02)
    assert waits.std() == pytest.approx(mean, rel=0.05)
    assert np.mean(waits > 200) == pytest.approx((1 - p) ** 201, abs=4 * 0.5 / np.sqrt(len(waits)))


DRIVES = """
network Driven:
    populations:
        even : LIF[500] { V_th = 1 kV, tau_m = 1e12 s }
        wave : LIF[500] { V_th = 1 kV, tau_m = 1e12 s }
        busy : LIF[500] { V_th = 1 kV, tau_m = 1e12 s }
    projections:
        poisson(2 kHz) -> even : Delta one_to_one { weight = 1 mV, delay = 1 ms }
        poisson(20 Hz*(1 + sin(2*pi*10 Hz*t))) -> wave : Delta one_to_one {
            weight = 1 mV, delay = 0 ms
        }
        poisson(1 MHz) -> busy : Delta one_to_one { weight = 1 mV, delay = 0 ms }
    record:
        V_m of even, wave, busy every 0.1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 5
"""


@pytest.fixture(scope="module")
def driven() -> Run:
    return run(DRIVES)


def arrivals(got: Run, population: str) -> Floats:
    """Return the arrivals of each step and neuron: V_m rises by 1 mV with each."""
    V_m = got.trace(population, "V_m")
    found = np.diff(V_m, axis=0, prepend=-70)
    np.testing.assert_allclose(found, np.rint(found), atol=1e-6)
    return np.rint(found)


@pytest.mark.parametrize(("population", "mean", "first"), [("even", 0.2, 10), ("busy", 100.0, 0)])
def test_arrivals_of_a_drive_are_poisson_numbers(
    driven: Run, population: str, mean: float, first: int
) -> None:
    found = arrivals(driven, population)
    assert np.all(found[:first] == 0)
    found = found[first:]
    n = found.size
    assert abs(found.mean() - mean) < 4 * np.sqrt(mean / n)
    # the variance of a sample variance: (mu4 - var^2)/n with mu4 = mean + 3 mean^2
    assert abs(found.var() - mean) < 4 * np.sqrt((mean + 2 * mean**2) / n)
    together = ((found[1:] - mean) * (found[:-1] - mean)).mean() / mean
    assert abs(together) < 4 / np.sqrt(n)


def test_a_drive_follows_its_rate_in_time(driven: Run) -> None:
    found = arrivals(driven, "wave").sum(axis=1)
    t = np.arange(1000) * DT
    rate = 0.02 * (1 + np.sin(2 * np.pi * t / 100)) * DT * 500
    for part in np.split(np.arange(1000), 8):
        wanted = rate[part].sum()
        assert abs(found[part].sum() - wanted) < 4 * np.sqrt(wanted) + 1
