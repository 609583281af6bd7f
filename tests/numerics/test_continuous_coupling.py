"""Gap junctions and graded synapses against scipy and against plain loops."""

from __future__ import annotations

from itertools import pairwise
from textwrap import dedent

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from bnsyn_dsl.assembly.connections import local_request, synapse_values
from bnsyn_dsl.runtime.connectivity import synapses
from tests.network_runs import Run, plan_of, run, started

CELL = """
neuron Cell:
    parameters:
        tau = 10 ms
        E   = -65 mV
    input:
        I_syn = 0 pA
    state:
        V_m = E
    equations:
        dV_m/dt = (E - V_m)/tau + I_syn/(100 pF)
"""
PAIR = (
    CELL
    + """
network Pair:
    populations:
        A : Cell[1] { V_m = -50 mV }
        B : Cell[1] { V_m = -80 mV, tau = 20 ms }
    projections:
        A, B -> A, B : GapJunction all_to_all { weight = 3 nS }
    simulate: 8 ms, dt = 0.1 ms, seed = 1
"""
)
GRADED = (
    CELL
    + """
synapse Graded:
    parameters:
        tau   = 5 ms
        half  = -62 mV
        E_rev = 0 mV
    state:
        s = 0.1
    equations:
        a = sigmoid((pre.V_m - half)/(2 mV))
        ds/dt = (a*(1 - s) - 0.2*s^2)/tau
        drive = pre.V_m - 0.5*post.V_m
        post.I_syn += weight*s*(1 + drive/(40 mV))*(E_rev - post.V_m)

network Net:
    populations:
        A : Cell[7] { V_m = uniform(-75 mV, -50 mV) }
        B : Cell[5] { V_m = uniform(-75 mV, -50 mV) }
    projections:
        A -> B : Graded pairwise_bernoulli(0.6) {
            weight = uniform(0.1 nS, 0.3 nS), gain = 0.5
        }
    record:
        V_m of A, B
        I_syn of B
    simulate: 2 ms, dt = 0.1 ms, seed = 4
"""
)


def at_end(got: Run) -> NDArray[np.float64]:
    return np.concatenate([got.state("A", "V_m"), got.state("B", "V_m")])


def test_a_pair_of_gap_junctions_converges_to_the_exact_solution_with_first_order() -> None:
    def slope(_: float, v: NDArray[np.float64]) -> NDArray[np.float64]:
        leak = (-65.0 - v) / np.array([10.0, 20.0])
        slopes: NDArray[np.float64] = leak + 3.0 * (v[::-1] - v) / 100.0
        return slopes

    true = solve_ivp(slope, (0.0, 8.0), [-50.0, -80.0], rtol=1e-12, atol=1e-12).y[:, -1]
    errors = [
        float(np.abs(at_end(run(PAIR, dt=dt)) - true).max()) for dt in (0.2, 0.1, 0.05, 0.025)
    ]
    assert errors[-1] < 0.01
    orders = [np.log2(a / b) for a, b in pairwise(errors)]
    assert orders == pytest.approx([1.0] * 3, abs=0.06)


def test_what_flows_out_of_one_cell_flows_into_the_other() -> None:
    """Equal cells around their resting potential: the mean stays where it is."""
    got = run(PAIR.replace(", tau = 20 ms", ""))
    assert np.ptp(at_end(got)) < 10.0
    assert np.mean(at_end(got)) == pytest.approx(-65.0, abs=1e-9)


NETWORK = (
    CELL
    + """
network Net:
    populations:
        A : Cell[12] { V_m = uniform(-80 mV, -50 mV) }
    projections:
        A -> A : GapJunction pairwise_bernoulli(0.4, symmetric = true) {
            weight = uniform(0.2 nS, 0.8 nS)
        }
    record:
        V_m of A
        I_syn of A
    simulate: 5 ms, dt = 0.05 ms, seed = 9
"""
)


def links(got: Run) -> NDArray[np.float64]:
    """Return the weights as a matrix [source, target], times what all of them are multiplied by."""
    (one,) = got.assembly.compiled.plan.couplings
    weight = synapse_values(one, one.weight, "weight", got.plan)
    request = local_request(one, got.plan, weight)
    sources, targets, weights, _ = synapses(request, got.plan.seed)
    found = np.zeros((one.source.size, one.target.size))
    found[sources, targets] = weights
    assert np.count_nonzero(found) == len(sources) > 10
    assert isinstance(one.gain, float)
    scaled: NDArray[np.float64] = found * one.gain
    return scaled


def test_symmetric_gap_junctions_match_a_plain_sum() -> None:
    got = run(NETWORK)
    matrix = links(got)
    assert np.array_equal(matrix, matrix.T)
    v, current = got.trace("A", "V_m"), got.trace("A", "I_syn")
    # the potentials of the sources are held where the step began, that of the target is not
    expected = v[:-1] @ matrix - v[1:] * matrix.sum(axis=0)
    assert current[1:] == pytest.approx(expected, abs=1e-9)


def test_a_graded_synapse_matches_a_plain_loop() -> None:
    got = started(plan_of(GRADED))
    before = got.state("A", "V_m")
    got.more(20)
    matrix = links(got)
    v = np.vstack([before, got.trace("A", "V_m")])
    w, current = got.trace("B", "V_m"), got.trace("B", "I_syn")
    dt, s = 0.1, np.full(7, 0.1)
    for k in range(20):
        to_b = matrix * s[:, None] * (1 + (v[k][:, None] - 0.5 * w[k]) / 40)
        assert current[k] == pytest.approx(to_b.sum(axis=0) * (0 - w[k]), abs=1e-9)
        a = 1 / (1 + np.exp(-(v[k] + 62) / 2))
        middle = s + dt / 2 * (a * (1 - s) - 0.2 * s**2) / 5
        s = s + dt * (a * (1 - middle) - 0.2 * middle**2) / 5


def test_names_of_the_generated_code_may_be_those_of_a_synapse() -> None:
    text = GRADED.replace("half", "held0").replace("    s = 0.1", "    total0 = 0.1")
    text = text.replace("ds/dt", "dtotal0/dt").replace("(1 - s) - 0.2*s^2", "(1 - row) - 0.2*row^2")
    text = text.replace("weight*s*", "weight*row*").replace(
        "    a =", "    row = total0\n        a ="
    )
    renamed = run(text.replace("5 ms\n        held0", "5 ms\n        par = 1\n        held0"))
    assert renamed.digest() == run(GRADED).digest()


@pytest.mark.parametrize("text", [NETWORK, GRADED], ids=["gap", "graded"])
def test_threads_and_split_runs_give_the_same_bits(text: str) -> None:
    plan = plan_of(text.replace("[12]", "[61]").replace("[7]", "[37]"))
    steps = round(plan.duration / plan.dt)
    whole = started(plan).more(steps).digest()
    assert started(plan, threads=2).more(steps).digest() == whole
    assert started(plan, threads=3).more(7).more(1).more(steps - 8).digest() == whole


def test_several_synapses_between_two_neurons_all_count() -> None:
    """Equal targets in a row are no run of neighbours: 3, 3, 5 has the ends of one."""
    text = """
    network Several:
        populations:
            A : Cell[3] { V_m = -50 mV }
            B : Cell[4]
        projections:
            A -> B : GapJunction fixed_outdegree(5, multapses = true) { weight = WEIGHT }
        record:
            I_syn of B
        simulate: 0.1 ms, dt = 0.1 ms, seed = 3
    """
    for weight in ("1 nS", "uniform(1 nS, 2 nS)"):
        got = run(CELL + dedent(text).replace("WEIGHT", weight))
        (one,) = got.assembly.compiled.plan.couplings
        values = synapse_values(one, one.weight, "weight", got.plan)
        _, targets, weights, _ = synapses(local_request(one, got.plan, values), got.plan.seed)
        assert len(targets) == 15
        total = np.bincount(targets, weights, 4)
        held = total * -50 - total * got.state("B", "V_m")
        assert got.trace("B", "I_syn")[0] == pytest.approx(held, abs=1e-9)


def test_a_share_and_a_gain_multiply_what_flows() -> None:
    plain = run(PAIR.replace("3 nS", "1.5 nS"))
    halved = run(PAIR.replace("3 nS }", "3 nS, gain = 0.5 }"))
    shared = run(PAIR.replace(": GapJunction", ": 0.5*GapJunction"))
    assert at_end(halved).tolist() == at_end(plain).tolist() == at_end(shared).tolist()


def test_a_mix_with_spikes_keeps_one_set_of_connections() -> None:
    """The gap junction acts at once, the delayed pulse of the same connections later."""
    text = """
    network Mixed:
        populations:
            A : LIF[20] { V_m = uniform(-70 mV, -50 mV), I_e = 400 pA }
            B : LIF[20]
        projections:
            A -> B : 0.1*GapJunction + 0.5*AMPA pairwise_bernoulli(0.2) {
                weight = uniform(1 nS, 3 nS), delay = 1 ms
            }
        record:
            AMPA.g of B
            I_syn of B
            V_m of A, B
        simulate: 60 ms, dt = 0.1 ms, seed = 5
    """
    got = run(text)
    weights = links(got)
    g, v = got.trace("B", "AMPA.g"), got.trace("A", "V_m")
    current, w = got.trace("B", "I_syn"), got.trace("B", "V_m")
    flows = 0.1 * (v[:-1] @ weights - w[1:] * weights.sum(axis=0))
    assert current[1:] - g[1:] * (0 - w[1:]) == pytest.approx(flows, abs=1e-9)
    assert got.spikes("A")[0].size > 10
    reached = g.max(axis=0) > 0
    assert np.array_equal(reached, weights.any(axis=0))


def test_the_error_of_a_readout_reaches_every_cell() -> None:
    """`pre.error` is a formula of a state, of a wire and of the network's parameters."""
    text = """
    neuron Readout:
        parameters:
            tau = 20 ms
            offset = uniform(0.1, 0.2)
        input:
            target = 0
        state:
            V_m = 1
        equations:
            tau * dV_m/dt = -V_m
            error = V_m - target + offset
    neuron Taker:
        input:
            L = 0
        state:
            V_m = 0
        equations:
            dV_m/dt = L/(1 ms)
    network Net:
        parameters:
            f = 20 Hz
        populations:
            O : Readout[2] { target = sin(2*pi*f*t) }
            R : Taker[3]
        projections:
            O -> R : Feedback all_to_all { weight = 2 }
        record:
            L of R
            error of O
            V_m of O
        simulate: 3 ms, dt = 0.5 ms, seed = 2
    """
    got = run(text)
    v, error = got.trace("O", "V_m"), got.trace("O", "error")
    times = 0.5 * np.arange(1, 7)
    offset = error - v + np.sin(2 * np.pi * 0.02 * times)[:, None]
    assert np.ptp(offset, axis=0).max() < 1e-12
    assert (offset > 0.1).all()
    expected = 2 * error[:-1].sum(axis=1, keepdims=True) + np.zeros(3)
    assert got.trace("R", "L")[1:] == pytest.approx(expected, abs=1e-12)


EPROP = """
network Regression:
    populations:
        inputs : PoissonSource[20] { rate = 100 Hz }
        R : EpropALIF[30]
        O : Readout[1] { goal = sin(2*pi*2 Hz*t) }
    projections:
        inputs, R -> R as learned : Delta with EProp { w_max = 5 } all_to_all {
            weight = normal(0, 0.2), delay = 1 ms
        }
        R -> O : Delta all_to_all { weight = normal(0, 0.1), delay = 1 ms }
        O -> R : Feedback all_to_all { weight = normal(0, 1) }
    record:
        V_m of O
        L of R
        weight of learned every 50 ms
    simulate: 100 ms, dt = 1 ms, seed = 2
"""


def test_e_prop_learns_from_the_error_that_is_fed_back() -> None:
    plan = plan_of(EPROP)
    whole = started(plan).more(100)
    assert whole.spikes("R")[0].size > 20
    feedback = links(whole)[0]
    error = whole.trace("O", "V_m")[:, 0] - np.sin(2 * np.pi * 0.002 * np.arange(1, 101))
    heard = whole.trace("R", "L")
    assert heard[1:] == pytest.approx(np.outer(error[:-1], feedback), abs=1e-9)
    rows = [s.rows for s in whole.assembly.simulation.snapshots]
    assert len(rows) == 2
    assert all(np.abs(last - first).max() > 1e-6 for first, last in rows)
    assert started(plan, threads=2).more(40).more(60).digest() == whole.digest()
