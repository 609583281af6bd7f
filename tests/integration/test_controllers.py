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


TAGGED = """network Net:
    populations:
        inputs : PoissonSource[20] { rate = 60 Hz if t < 200 ms or t > 500 ms else 0 Hz }
        cells  : LIF[7] { I_e = 500 pA if t < 200 ms or t > 500 ms else 0 pA }
    modulators:
        protein : ProteinPool {
            tagged = mean(tag of learned), step = 20 ms, threshold = 0.5, k_p = 5 Hz, tau_p = 200 ms
        }
    projections:
        inputs -> cells as learned : AMPA with DualWeight {
            w_max = 2 nS, protein = protein.p, theta = 0.02, tau_tag = 100 ms, step_c = 50 ms,
            k_c = 5 Hz
        } all_to_all { weight = 1 nS, delay = 1 ms }
    record:
        p, made of protein every 20 ms
        tag, w_f, w_c of learned every 20 ms
    simulate: 800 ms, dt = 0.1 ms, seed = 3
"""


def test_proteins_are_made_from_a_tick_with_enough_tags_to_one_without() -> None:
    net = bns.load(TAGGED)
    results = net.run()
    assert net.compile().rules[0].learned.system.strategy == "replayed"
    enough = np.mean(results["learned"].tag.values, axis=1) > 0.5
    made = results["protein"].made.values[:, 0]
    assert np.count_nonzero(np.diff(made)) == 2
    np.testing.assert_array_equal(made, enough.astype(float))
    p = 0.0
    for making, found in zip([0.0, *made[:-1]], results["protein"].p.values[:, 0], strict=True):
        rate = 0.005 * making + 1 / 200
        p = p * np.exp(-20 * rate) + 0.005 * making / rate * -np.expm1(-20 * rate)
        assert found == pytest.approx(p, rel=1e-12)
    assert p > 0.1


def test_consolidated_weights_move_at_ticks_alone() -> None:
    results = bns.load(TAGGED).run()
    slow = results["learned"].w_c.values
    moved = np.any(np.diff(slow, axis=0) != 0.0, axis=1)
    at = np.arange(40, 801, 20)  # those intervals of 20 ms that have a tick of 50 ms in them
    has_tick = at // 50 > (at - 20) // 50
    assert not np.any(moved & ~has_tick)
    assert np.count_nonzero(moved & has_tick) >= 14
    assert np.abs(slow[-1] - 1.0).max() > 0.001
