"""Modulators of the library that count spikes or reduce synapses, in runs."""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

CONTROL = """network Net:
    parameters:
        rate = 10 Hz
    populations:
        cells : PoissonSource[50] { rate = rate }
    modulators:
        control : BranchingControl {
            eta = 0.01, memory = 20, hi = 50, lo = 0.01, most = 20 Hz
        } from cells
    record:
        gain, m, my of control every 4 ms
    simulate: 1 s, dt = 1 ms, seed = 3
"""


def test_the_gain_follows_the_regression_of_activity() -> None:
    results = bns.load(CONTROL).run()
    gain = results["control"]["gain"].values[:, 0]
    m = results["control"]["m"].values[:, 0]
    moved = np.diff(gain) != 0.0
    assert moved.sum() > 200
    np.testing.assert_allclose(np.diff(gain)[moved], -0.01 * (m[1:][moved] - 0.98), rtol=1e-12)
    assert gain[-1] > 2.0  # independent spikes: nothing is caused by what was there before


def test_the_regression_is_that_of_the_spikes() -> None:
    results = bns.load(CONTROL).run()
    counts = np.bincount((results.spikes["cells"].steps - 1) // 4, minlength=250)
    last = mx = my = cxx = cxy = 0.0
    for now in counts:
        mx += (last - mx) / 20
        my += (now - my) / 20
        cxx += ((last - mx) ** 2 - cxx) / 20
        cxy += ((last - mx) * (now - my) - cxy) / 20
        last = now
    assert results["control"]["my"].values[-1, 0] == pytest.approx(my, rel=1e-12)
    assert results["control"]["m"].values[-1, 0] == pytest.approx(cxy / cxx, rel=1e-9)


def test_too_much_activity_lowers_the_gain_whatever_its_regression() -> None:
    results = bns.load(CONTROL, values={"rate": "100 Hz"}).run()
    gain = results["control"]["gain"].values[:, 0]
    m = results["control"]["m"].values[:, 0]
    busy = results["control"]["my"].values[:, 0] > 20.0 * 50 * 0.004
    steps = np.diff(gain)[busy[1:] & (gain[1:] > 0.01)]
    assert len(steps) > 20
    assert (m[busy] < 0.98).any()
    np.testing.assert_allclose(steps[25:], -0.01, rtol=1e-9)


REDUCED = """modulator Held:
    input:
        w_sq : 1
    state:
        seen = 0
    every 100 ms:
        seen = w_sq

network Net:
    parameters:
        w_0 = 2 nS
    populations:
        inputs : PoissonSource[20] { rate = 40 Hz }
        cells  : LIF[7] { I_e = 500 pA }
    modulators:
        cost : Held { w_sq = mean((weight/w_0)^2 of learned) }
    projections:
        inputs -> cells as learned : AMPA with PairSTDP { w_max = 2 nS } all_to_all {
            weight = uniform(0 nS, 2 nS), delay = 1 ms
        }
    record:
        seen of cost every 100 ms
        weight of learned every 100 ms
    simulate: 500 ms, dt = 0.1 ms, seed = 3
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_mean_over_synapses_is_that_of_their_weights(threads: int) -> None:
    results = bns.load(REDUCED).run(threads=threads)
    weights = results["learned"]["weight"].values
    found = results["cost"]["seen"].values[:, 0]
    assert np.ptp(weights[-1] - weights[0]) > 0.0
    # an input is read at the beginning of its step: one step before the weights
    np.testing.assert_allclose(found, np.mean((weights / 2.0) ** 2, axis=1), atol=1e-3)
    alone = bns.load(REDUCED).run(threads=1)["cost"]["seen"].values[:, 0]
    np.testing.assert_array_equal(found, alone)
