"""Inputs of neurons that are wired to reductions: over neurons and synapses."""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

TEXT = """
neuron Cell:
    parameters:
        tau = 10 ms
        E_L = 0 mV
    input:
        drive = 0 mV
    state:
        V_m = E_L
    equations:
        tau*dV_m/dt = E_L - V_m + drive
    spike when V_m > 8 mV: V_m = E_L

modulator Pool:
    input:
        v = 0 mV
    state:
        d = 1 mV
    equations:
        dd/dt = -d/(30 ms)
        level = v + d

network Net:
    populations:
        E : Cell[5] { drive = 9 mV + 1 mV*index }
        F : Cell[3] { drive = mean(V_m of E) + 2*max(V_m of E) }
        G : Cell[2] { drive = m.level }
        H : Cell[4] { drive = mean(weight of p) + one.V_m }
        one : Cell[1]
    modulators:
        m : Pool { v = mean(V_m of E) }
    projections:
        E -> E as p : Delta with PairSTDP { w_max = 2 mV } all_to_all {
            weight = 1 mV, delay = 0.5 ms
        }
    record:
        V_m of E every 0.1 ms
        drive of F every 0.1 ms
        drive of G every 0.1 ms
        drive of H every 0.1 ms
        d of m every 0.1 ms
        weight of p every 0.1 ms
    simulate: 40 ms, dt = 0.1 ms, seed = 1
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_inputs_hold_what_was_reduced_at_the_beginning_of_the_step(threads: int) -> None:
    results = bns.load(TEXT).run(threads=threads)
    assert len(results["E"].spikes) > 0  # type: ignore[arg-type]
    v = results["E"].V_m.values[:-1]
    weights = results["p"].weight.values[:-1]
    assert np.ptp(weights[-1]) > 0.0

    def close(name: str, expected: np.ndarray) -> None:
        given = results[name].drive.values[1:]
        np.testing.assert_allclose(
            given, np.broadcast_to(expected[:, None], given.shape), atol=1e-5
        )

    close("F", v.mean(axis=1) + 2.0 * v.max(axis=1))
    close("G", v.mean(axis=1) + results["m"].d.values[:-1, 0])
    close("H", weights.mean(axis=1))


def test_threads_do_not_matter() -> None:
    one, two = (bns.load(TEXT).run(threads=n) for n in (1, 2))
    for name in ("F", "G", "H"):
        np.testing.assert_array_equal(one[name].drive.values, two[name].drive.values)
