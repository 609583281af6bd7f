"""What a spike makes of a receptor: peaks, block, short-term plasticity, other compartments."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from tests.network_runs import Run, run

DT = 0.1  # ms

SHAPES = """
network Shapes:
    populations:
        train : SpikeSource[1] { times = [1 ms] }
        rise : LIF[1]
        conductance : LIF[1]
        current : LIF[1]
        clamped : LIF[5] { V_m = -90 mV + 20 mV*index, C_m = 1 F, tau_m = 1e9 s, V_th = 1 V }
        both : TwoCompartment[1]
        soma : TwoCompartment[1]
    projections:
        train -> rise : NMDARise all_to_all { weight = 3 nS, delay = 0 ms }
        train -> conductance : AlphaConductance all_to_all { weight = 3 nS, delay = 0 ms }
        train -> current : AlphaCurrent all_to_all { weight = 30 pA, delay = 0 ms }
        train -> clamped : NMDA all_to_all { weight = 3 nS, delay = 0 ms }
        train -> both : AMPA { post.V_m = V_d, post.I_syn = I_den } all_to_all {
            weight = 3 nS, delay = 0 ms
        }
        train -> soma : AMPA all_to_all { weight = 3 nS, delay = 0 ms }
    record:
        NMDARise.g_d, NMDARise.g_r of rise every 0.1 ms
        AlphaConductance.g of conductance every 0.1 ms
        AlphaCurrent.i of current every 0.1 ms
        I_syn of clamped every 0.1 ms
        V_m, V_d of both, soma every 0.1 ms
    simulate: 20 ms, dt = 0.1 ms, seed = 1
"""


@pytest.fixture(scope="module")
def shapes() -> Run:
    return run(SHAPES)


def test_alpha_shapes_peak_at_the_weight_after_tau(shapes: Run) -> None:
    for trace, peak in (
        (shapes.trace("conductance", "AlphaConductance.g"), 3.0),
        (shapes.trace("current", "AlphaCurrent.i"), 30.0),
    ):
        since = np.maximum(np.arange(1, 201) * DT - 1, 0)
        wanted = peak * since / 2 * np.exp(1 - since / 2)
        np.testing.assert_allclose(trace[:, 0], wanted, rtol=0, atol=1e-12 * peak)
        assert np.argmax(trace[:, 0]) == 29  # the end of step 30: 2 ms after the arrival
        assert trace.max() == pytest.approx(peak, rel=1e-12)


def test_the_rising_nmda_conductance_peaks_at_the_weight(shapes: Run) -> None:
    g = shapes.trace("rise", "NMDARise.g_d") - shapes.trace("rise", "NMDARise.g_r")
    peak_at = 2 * 100 / 98 * log(50)
    assert g.max() == pytest.approx(3, rel=1e-4)
    assert (np.argmax(g) + 1) * DT == pytest.approx(1 + peak_at, abs=DT)
    norm = 1 / (exp(-peak_at / 100) - exp(-peak_at / 2))
    wanted = 3 * norm * (exp(-5 / 100) - exp(-5 / 2))
    assert g[59, 0] == pytest.approx(wanted, rel=1e-10)


def test_the_magnesium_block_follows_the_voltage(shapes: Run) -> None:
    V = -90.0 + 20 * np.arange(5)
    B = 1 / (1 + np.exp(-0.062 * V) / 3.57)
    g = 3 * exp(-DT / 100)
    np.testing.assert_allclose(shapes.trace("clamped", "I_syn")[10], -g * B * V, rtol=1e-9)


def test_a_renamed_port_reaches_the_dendrite_and_no_other_place(shapes: Run) -> None:
    early = slice(10, 14)
    assert np.all(shapes.trace("both", "V_d")[early] > shapes.trace("both", "V_m")[early] + 0.1)
    assert np.all(shapes.trace("soma", "V_m")[early] > shapes.trace("soma", "V_d")[early] + 0.1)
    # the two compartments are alike: what happens to one in one cell happens to the other
    np.testing.assert_allclose(
        shapes.trace("both", "V_d"), shapes.trace("soma", "V_m"), rtol=0, atol=1e-4
    )


SETS = {  # U, tau_rec, tau_fac
    "depressing": (0.5, 800.0, 0.0001),
    "facilitating": (0.03, 130.0, 530.0),
    "mixed": (0.2, 300.0, 200.0),
}


@pytest.fixture(scope="module", params=[20, 70])
def plastic(request: pytest.FixtureRequest) -> tuple[float, Run]:
    """Return the interval in ms and a run with one target for each set of parameters."""
    gap = {20: 50.0, 70: 14.3}[request.param]
    times = ", ".join(f"{10 + gap * k:.1f} ms" for k in range(12))
    cells = "\n".join(f"        {name} : LIF[1]" for name in SETS)
    lines = "\n".join(
        f"        train -> {name} : TsodyksMarkram {{ U = {U}, tau_rec = {rec} ms, "
        f"tau_fac = {fac} ms, tau_in = 1 ms }} all_to_all {{ weight = 250 pA, delay = 0 ms }}"
        for name, (U, rec, fac) in SETS.items()
    )
    text = f"""
network Plastic:
    populations:
        train : SpikeSource[1] {{ times = [{times}] }}
{cells}
    projections:
{lines}
    record:
        TsodyksMarkram.i of {", ".join(SETS)} every 0.1 ms
    simulate: 700 ms, dt = 0.1 ms, seed = 1
"""
    return gap, run(text)


@pytest.mark.parametrize("name", SETS)
def test_short_term_plasticity_follows_the_recurrence(
    plastic: tuple[float, Run], name: str
) -> None:
    gap, got = plastic
    U, tau_rec, tau_fac = SETS[name]
    trace = got.trace(name, "TsodyksMarkram.i")[:, 0]
    u, x, wanted, seen = 0.0, 1.0, [], []
    before = 0.0
    for k in range(12):
        if k:
            u *= exp(-gap / tau_fac)
            x = 1 - (1 - x) * exp(-gap / tau_rec)
        u += U * (1 - u)
        wanted.append(250 * u * x)
        x -= u * x
        step = round((10 + gap * k) / DT)  # the arrival acts in the step that begins here
        before = trace[step - 1]
        seen.append(trace[step] * exp(DT / 1.0) - before)
    # weights travel in fixed point: to 1e-12 of the weight
    np.testing.assert_allclose(seen, wanted, rtol=1e-13, atol=250e-12)
    assert (wanted[5] < wanted[0]) == (name != "facilitating")


def test_each_sender_has_its_own_short_term_state() -> None:
    text = """
    network Senders:
        populations:
            train : SpikeSource[2] { times = [10 ms, 20 ms] }
            cell : LIF[2]
        projections:
            train -> cell : TsodyksMarkram { U = 0.5, tau_rec = 800 ms } one_to_one {
                weight = 100 pA, delay = 1 ms
            }
        record:
            TsodyksMarkram.i of cell every 0.1 ms
        simulate: 30 ms, dt = 0.1 ms, seed = 1
    """
    trace = run(text).trace("cell", "TsodyksMarkram.i")
    assert trace.max() > 0
    np.testing.assert_array_equal(trace[:, 0], trace[:, 1])
