"""Rules that are integrated step by step, against the same equations solved to 1e-10.

BCM, Consolidating (DualWeight without a clock), ClopathSTDP and RMax read what changes meanwhile,
which is held through a step: their error is of the first order in dt. Runs at three steps are
extrapolated to none, which leaves an error of the third order: a term that is wrong by a
thousandth shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tests.numerics.forced_trains import CELL, Floats, Forced, Train, learned, random_train
from tests.numerics.references.continuous_rules import bcm, clopath, dual_weight, e_prop, r_max

STEPS_PER_MS = (10, 20, 40)
LENGTH = 600  # ms
RNG = np.random.default_rng(2)


def trains(count: int) -> list[list[int]]:
    """Return three trains in units of 0.1 ms, so that every grid has them."""
    return [random_train(RNG, count, 10, LENGTH * 10 - 100) for _ in range(3)]


PRE, POST, KICKS, REWARDS = trains(30), trains(25), trains(120), trains(3)


def in_ms(train: Train) -> list[float]:
    return [step * 0.1 for step in train]


def listed(each: Sequence[Train]) -> str:
    times = ("[" + ", ".join(f"{step * 0.1:.1f} ms" for step in train) + "]" for train in each)
    return "[" + ", ".join(times) + "]"


def limit(
    rule: str,
    state: str = "weight",
    *,
    cell: str = CELL,
    synapse: str = "ExpCurrent",
    weight: str = "0.5 pA",
    blocks: str = "",
    populations: str = "",
    modulators: str = "",
    projections: str = "",
) -> Floats:
    """Return the value at the end for dt to 0; its error at the largest dt halves with dt."""
    found = []
    for per_ms in STEPS_PER_MS:
        finer = per_ms // 10
        forced = Forced(
            rule=rule,
            pre=[[step * finer for step in train] for train in PRE],
            post=[[step * finer for step in train] for train in POST],
            steps=LENGTH * per_ms,
            dt=1 / per_ms,
            record=f"{state} of learning every {LENGTH} ms" if state != "weight" else "",
            cell=cell,
            synapse=synapse,
            weight=weight,
            blocks=blocks,
            populations=populations,
            modulators=modulators,
            projections=projections,
        )
        found.append(learned(forced)["learning"][state].values[-1])
    coarse, middle, fine = found
    np.testing.assert_allclose(coarse - middle, 2 * (middle - fine), rtol=0.2, atol=1e-12)
    return np.asarray((coarse - 6 * middle + 8 * fine) / 3)


def settings(values: Mapping[str, float], units: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value!r} {units[name]}" for name, value in values.items())


def test_bcm() -> None:
    p = {"eta": 0.35, "tau": 30.0, "tau_th": 150.0, "y_0": 0.03}
    units = {"eta": "ms", "tau": "ms", "tau_th": "ms", "y_0": "kHz"}
    got = limit(f"BCM {{ w_max = 1 pA, {settings(p, units)} }}")
    for k in range(3):
        wanted = bcm(p, {"pre": in_ms(PRE[k]), "post": in_ms(POST[k])}, LENGTH, 0.5)
        assert 0.005 < abs(wanted - 0.5) < 0.45
        assert got[k] == pytest.approx(wanted, rel=0, abs=1e-6)


CONSOLIDATING = """plasticity Consolidating:
    parameters:
        A_plus    = 0.02
        A_minus   = 0.02
        tau_plus  = 20 ms
        tau_minus = 20 ms
        tau_f     = 1 s
        tau_tag   = 1 s
        k_c       = 1 Hz
        theta     = 0.05
        protein   = 1
        gate      = 1
        w_max     : weight
    state:
        x   = 0
        y   = 0
        w_f = 0*w_max
        w_c = weight
        tag = 0
    equations:
        dx/dt = -x/tau_plus
        dy/dt = -y/tau_minus
        dtag/dt = -tag/tau_tag
        dw_f/dt = -w_f/tau_f - k_c*protein*tag*w_f
        dw_c/dt = k_c*protein*tag*w_f
        weight = w_f + w_c
    weight in [0, w_max]
    on pre:
        w_f -= gate*A_minus*w_max*y
        x += 1
        if abs(w_f) > theta*w_max:
            tag = 1
    on post:
        w_f += gate*A_plus*w_max*x
        y += 1
        if abs(w_f) > theta*w_max:
            tag = 1
"""


@pytest.mark.parametrize("state", ["weight", "w_f", "w_c", "tag"])
def test_states_that_multiply_and_a_computed_weight(state: str) -> None:
    """Time constants of a second instead of hours, so that every term counts within 0.6 s."""
    p = {
        "A_plus": 0.02, "A_minus": 0.029, "tau_plus": 17.0, "tau_minus": 29.0, "tau_f": 700.0,
        "tau_tag": 400.0, "k_c": 0.006, "theta": 0.02, "protein": 0.7, "gate": 0.8,
    }  # fmt: skip
    times = dict.fromkeys(("tau_plus", "tau_minus", "tau_f", "tau_tag"), "ms")
    units = {**dict.fromkeys(p, ""), **times, "k_c": "kHz"}
    rule = f"Consolidating {{ w_max = 1 pA, {settings(p, units)} }}"
    got = limit(rule, state, blocks=CONSOLIDATING)
    for k in range(3):
        fast, slow, tag = dual_weight(
            p, {"pre": in_ms(PRE[k]), "post": in_ms(POST[k])}, LENGTH, 0.5
        )
        assert abs(fast) > 0.01
        assert abs(slow - 0.5) > 0.01
        assert 0.0 < tag < 1.0
        wanted = {"weight": fast + slow, "w_f": fast, "w_c": slow, "tag": tag}[state]
        assert got[k] == pytest.approx(wanted, rel=0, abs=1e-7)


KICKED = "LIF { t_ref = 0 ms, C_m = 1 F, V_th = 0 mV }"


def kicks(size: float) -> dict[str, str]:
    """Return what makes V_m jump by `size` mV at times of its own."""
    return {
        "populations": f"kicks : SpikeSource[3] {{ times = {listed(KICKS)} }}",
        "projections": f"kicks -> cells : Delta one_to_one {{ weight = {size} mV, delay = 0 ms }}",
    }


def test_clopath() -> None:
    p = {
        "A_LTD": 2.3e-4, "A_LTP": 5.9e-6, "theta_m": -69.0, "theta_p": -55.0, "tau_m": 10.0,
        "tau_p": 7.0, "tau_x": 15.0, "tau_homeo": 200.0, "u_ref": 60.0,
    }  # fmt: skip
    units = {
        "A_LTD": "mV^-1", "A_LTP": "mV^-2 ms^-1", "theta_m": "mV", "theta_p": "mV", "tau_m": "ms",
        "tau_p": "ms", "tau_x": "ms", "tau_homeo": "ms", "u_ref": "mV^2",
    }  # fmt: skip
    more = kicks(9.0)
    got = limit(f"ClopathSTDP {{ w_max = 1 pA, {settings(p, units)} }}", cell=KICKED, **more)
    for k in range(3):
        given = {"pre": in_ms(PRE[k]), "post": in_ms(POST[k]), "kick": in_ms(KICKS[k])}
        wanted = clopath({**p, "kick": 9.0}, given, LENGTH, 0.5)
        assert 0.005 < abs(wanted - 0.5) < 0.45
        assert got[k] == pytest.approx(wanted, rel=0, abs=1e-6)


ESCAPE = """neuron Escape:
    parameters:
        lambda_0 = 0.02 kHz
        theta = -60 mV
        width = 5 mV
    input:
        I_syn = 0 pA
    state:
        V_m = -70 mV
    equations:
        dV_m/dt = -(V_m + 70 mV)/(10 ms) + I_syn/(1 F)
        hazard = lambda_0*max((V_m - theta)/width, 0)
    spike when V_m >= 0 mV:
        V_m = -70 mV

modulator Pulses:
    state:
        S = 0 Hz
    equations:
        dS/dt = -S/(40 ms)
    on spike:
        S += 0.006 kHz
"""


def test_r_max() -> None:
    """The target's hazard is linear above theta; the modulator is raised at rewards."""
    p = {"tau_psp": 21.0, "tau_e": 90.0, "eta": 0.3}
    units = {"tau_psp": "ms", "tau_e": "ms", "eta": ""}
    more = kicks(9.0)
    more["populations"] += f"\n        rewards : SpikeSource[1] {{ times = {listed(REWARDS[:1])} }}"
    got = limit(
        f"RMax {{ w_max = 1 pA, S = reward.S, {settings(p, units)} }}",
        blocks=ESCAPE,
        cell="Escape { theta = -66 mV }",
        modulators="reward : Pulses from rewards",
        **more,
    )
    known = {
        **p, "kick": 9.0, "lambda_0": 0.02, "theta": -66.0, "width": 5.0, "tau_S": 40.0,
        "release": 0.006,
    }  # fmt: skip
    for k in range(3):
        given = {
            "pre": in_ms(PRE[k]),
            "post": in_ms(POST[k]),
            "kick": in_ms(KICKS[k]),
            "reward": in_ms(REWARDS[0]),
        }
        wanted = r_max(known, given, LENGTH, 0.5)
        assert 0.005 < abs(wanted - 0.5) < 0.45
        assert got[k] == pytest.approx(wanted, rel=0, abs=1e-6)


READOUT = """neuron Readout:
    parameters:
        theta = -66 mV
        width = 25 mV
    input:
        drive = 0
    state:
        V_m = -70 mV
    equations:
        dV_m/dt = -(V_m + 70 mV)/(10 ms) + 1e-15 mV/ms*drive
        psi = max((V_m - theta)/width, 0)
        L = (V_m + 60 mV)/width
    spike when V_m >= 0 mV:
        V_m = -70 mV

synapse Plain:
    state:
        i = 0
    equations:
        di/dt = -i/(2 ms)
        post.drive += i
    on pre: i += weight
"""


def test_e_prop() -> None:
    """Pseudo-derivative and learning signal are functions of V_m, which is kicked about."""
    p = {
        "eta": 0.011, "tau_m": 19.0, "tau_a": 130.0, "tau_kappa": 23.0, "tau_step": 4.0,
        "beta": 0.09,
    }  # fmt: skip
    units = {**dict.fromkeys(p, "ms"), "eta": "kHz", "beta": ""}
    got = limit(
        f"EProp {{ w_max = 5, {settings(p, units)} }}",
        blocks=READOUT,
        cell="Readout { theta = -66 mV }",
        synapse="Plain",
        weight="0.5",
        **kicks(9.0),
    )
    known = {**p, "kick": 9.0, "theta": -66.0, "width": 25.0}
    for k in range(3):
        given = {"pre": in_ms(PRE[k]), "post": in_ms(POST[k]), "kick": in_ms(KICKS[k])}
        wanted = e_prop(known, given, LENGTH, 0.5)
        assert 0.005 < abs(wanted - 0.5) < 4
        assert got[k] == pytest.approx(wanted, rel=0, abs=1e-6)
