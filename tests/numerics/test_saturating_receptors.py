"""Receptors whose sum has no equation of its own: NMDA of Wang (2002), GABA-B; and Levina's J."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from bnsyn_dsl.assembly.connections import local_request, synapse_values
from bnsyn_dsl.runtime.connectivity import synapses
from tests.network_runs import Run, plan_of, run, started

DECISION = """
neuron Pyramidal:
    parameters:
        C_m   = 0.5 nF
        g_L   = 25 nS
        t_ref = 2 ms
    input:
        I_syn = 0 pA
    state:
        V_m = -70 mV
    equations:
        C_m * dV_m/dt = -g_L*(V_m + 70 mV) + I_syn
    spike when V_m >= -50 mV:
        V_m = -55 mV
    refractory t_ref: hold V_m

neuron Interneuron is Pyramidal:
    parameters:
        C_m   = 0.2 nF
        g_L   = 20 nS
        t_ref = 1 ms

synapse FastAMPA is ExpConductance:
    parameters:
        tau = 2 ms

synapse FastGABA is ExpConductance:
    parameters:
        E_rev = -70 mV
        tau   = 5 ms

network Decision:
    parameters:
        W = [[1.7, 0.9, 0.9], [0.9, 1.7, 0.9], [1, 1, 1]]
    populations:
        A : Pyramidal[24]
        B : Pyramidal[24]
        N : Pyramidal[112]
        I : Interneuron[40]
        P = A, B, N
    projections:
        poisson(4 kHz) -> P : FastAMPA one_to_one { weight = 2.1 nS, delay = 0.5 ms }
        poisson(3.5 kHz) -> I : FastAMPA one_to_one { weight = 1.62 nS, delay = 0.5 ms }
        P -> P : SaturatingNMDA all_to_all { weight = 1.65 nS*W[target, source], delay = 0.5 ms }
        P -> I : SaturatingNMDA all_to_all {
            weight = uniform(1 nS, 1.6 nS), delay = uniform(0 ms, 0.6 ms)
        }
        I -> P : FastGABA all_to_all { weight = 13 nS, delay = 0.5 ms }
        I -> I : FastGABA all_to_all { weight = 10 nS, delay = 0.5 ms }
    record:
        spikes of A, B, N, I
        V_m, I_syn, FastAMPA.g, FastGABA.g of A, N, I
    simulate: 60 ms, dt = 0.1 ms, seed = 7
"""


def opened(
    times: NDArray[np.int64], cells: NDArray[np.int64], size: int, steps: int
) -> NDArray[np.float64]:
    """Return the open fraction s at the beginning of each step, after what arrives then."""
    x, s, found = np.zeros(size), np.zeros(size), np.zeros((steps, size))
    for k in range(steps):
        np.add.at(x, cells[times == k], 1.0)
        found[k] = s
        middle = x * np.exp(-0.05 / 2)
        rate = -1 / 100 - 0.5 * middle
        s = s + (0.5 * middle + rate * s) * np.expm1(rate * 0.1) / rate
        x = x * np.exp(-0.1 / 2)
    return found


def nmda(got: Run, target: str) -> NDArray[np.float64]:
    """Return the NMDA current by a plain loop over the recorded spikes, at the end of each step."""
    steps = round(got.plan.duration / got.plan.dt)
    total = np.zeros((steps, got.plan.population(target).size))
    for one in got.assembly.compiled.plan.couplings:
        if one.target.population != target:
            continue
        values = synapse_values(one, one.weight, "weight", got.plan)
        sources, targets, weights, delays = synapses(
            local_request(one, got.plan, values), got.plan.seed
        )
        times, cells = got.spikes(one.source.population)
        late = np.round(delays / 0.1).astype(int)
        for delay in np.unique(late):  # the states of a source are as late as its spikes
            here = late == delay
            matrix = np.zeros((one.source.size, one.target.size))
            matrix[sources[here], targets[here]] = weights[here]
            total += opened(times + delay, cells, one.source.size, steps) @ matrix
    v = got.trace(target, "V_m")
    return total * -v / (1 + np.exp(-0.062 * v) / 3.57)


@pytest.mark.parametrize("target", ["A", "N", "I"])
def test_saturating_currents_match_a_plain_loop(target: str) -> None:
    got = run(DECISION)
    assert min(got.spikes(name)[0].size for name in "ABN") > 5
    v, current = got.trace(target, "V_m"), got.trace(target, "I_syn")
    others = got.trace(target, "FastAMPA.g") * -v + got.trace(target, "FastGABA.g") * (-70 - v)
    expected = nmda(got, target)
    assert expected[-1].min() > 1.0
    assert current - others == pytest.approx(expected, abs=1e-9)


def test_threads_and_split_runs_give_the_same_bits() -> None:
    plan = plan_of(DECISION)
    whole = started(plan).more(600)
    assert whole.spikes("A")[0].size > 5
    split = started(plan, threads=2).more(1).more(122).more(477)
    assert split.digest() == whole.digest()
    assert started(plan, threads=3).more(600).digest() == whole.digest()


CLAMPED = """
neuron Clamped:
    input:
        I_syn = 0 pA
    state:
        V_m = -60 mV
    equations:
        dV_m/dt = I_syn/(1 F)
network Net:
    populations:
        train : SpikeSource[1] { times = TIMES }
        cell  : Clamped[1]
    projections:
        train -> cell : SYNAPSE one_to_one { weight = 1 nS, delay = 0.2 ms }
    record:
        I_syn of cell
    simulate: 12 ms, dt = 0.1 ms, seed = 1
"""


def current_at(text: str, dt: float, time: float) -> float:
    """Return the current that was held in the step that begins at `time`."""
    got = run(text, dt=dt)
    return float(got.trace("cell", "I_syn")[round(time / dt), 0])


def test_the_saturating_state_has_second_order() -> None:
    text = CLAMPED.replace("TIMES", "[0.8 ms, 3.8 ms]").replace("SYNAPSE", "SaturatingNMDA")

    def slope(_: float, y: NDArray[np.float64]) -> list[float]:
        return [-y[0] / 2, -y[1] / 100 + 0.5 * y[0] * (1 - y[1])]

    y = np.zeros(2)
    for span in (3.0, 6.0):  # spikes arrive at 1 ms and 4 ms
        y = solve_ivp(slope, (0, span), y + np.array([1.0, 0.0]), rtol=1e-12, atol=1e-14).y[:, -1]
    block = 1 / (1 + np.exp(-0.062 * -60) / 3.57)
    true = y[1] * block * 60
    steps = (0.2, 0.1, 0.05)
    errors = [abs(current_at(text, dt, 10.0) - true) for dt in steps]
    assert errors[-1] < 1e-3 * true
    assert [np.log2(a / b) for a, b in pairwise(errors)] == pytest.approx([2.0] * 2, abs=0.1)


def test_gaba_b_follows_its_equations() -> None:
    """A burst of two spikes; overlapping pulses of transmitter extend each other."""
    text = CLAMPED.replace("TIMES", "[0.8 ms, 1 ms]").replace("SYNAPSE", "GABA_B")
    text = text.replace("weight = 1 nS", "weight = 1 mS").replace("12 ms", "60 ms")

    def slope(t: float, y: NDArray[np.float64]) -> list[float]:
        transmitter = 0.5 if 1.0 <= t < 1.5 else 0.0  # mM: pulses of 0.3 ms from 1 ms and 1.2 ms
        return [
            0.09 * transmitter * (1 - y[0]) - 0.0012 * y[0],
            0.18 * y[0] - 0.034 * y[1],  # uM
        ]

    y = np.zeros(2)
    for begin, end in ((0.0, 1.0), (1.0, 1.5), (1.5, 50.0)):
        inside = (begin + 1e-12, end - 1e-12)
        y = solve_ivp(slope, inside, y, rtol=1e-11, atol=1e-15).y[:, -1]
    true = 1e6 * y[1] ** 4 / (y[1] ** 4 + 100) * (-95 + 60)
    assert true < -1
    errors = [abs(current_at(text, dt, 50.0) / true - 1) for dt in (0.1, 0.05, 0.025)]
    assert errors[0] < 1e-4
    assert [np.log2(a / b) for a, b in pairwise(errors)] == pytest.approx([2.0] * 2, abs=0.2)


def test_levinas_resources_are_used_and_recover() -> None:
    """Each spike transmits weight*u*J; J then has 1 - u of itself and relaxes to alpha/u."""
    text = """
    network Net:
        populations:
            train : SpikeSource[1] { times = [5 ms, 7 ms, 30 ms, 31 ms] }
            cell  : PerfectIntegrator[1] { V_m = 0, V_th = 100 }
        projections:
            train -> cell : LevinaHerrmannGeisel { nu = 0.5, N = 40 } one_to_one {
                weight = 0.025, delay = 1 ms
            }
        record:
            V_m of cell
        simulate: 40 ms, dt = 1 ms, seed = 1
    """
    v = np.concatenate([[0.0], run(text).trace("cell", "V_m")[:, 0]])
    resources, last, total = 7.0, 0.0, {}
    for spike in (5.0, 7.0, 30.0, 31.0):
        resources = 7.0 + (resources - 7.0) * np.exp(-(spike - last) / 20.0)
        total[spike] = 0.025 * 0.2 * resources
        resources, last = 0.8 * resources, spike
    # a spike acts in the step that begins 1 ms later: it is seen at that step's end
    jumps = {k: v[k + 2] - v[k + 1] for k in (5, 7, 30, 31)}
    assert [jumps[int(k)] for k in total] == pytest.approx(list(total.values()), abs=1e-7)
