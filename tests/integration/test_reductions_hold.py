"""A reduction holds what a direct wire to the same state holds, at the same moment.

Everything that can read a modulator is there twice: one reads the state, one a reduction over it.
"""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

TEXT = """
modulator Source:
    parameters:
        tau = 1 ms
    state:
        s = 1
    equations:
        ds/dt = -s/tau
    every 0.7 ms:
        s += 1
    on spike:
        s = 2*s
    on push(by):
        s += by

modulator Reader:
    input:
        v : 1
    state:
        q = 0
        tick = 0
        hit = 0
        told = 0
    equations:
        dq/dt = v/(1 ms)
        twice = 2*v
    every 0.2 ms:
        tick += v
    on spike:
        hit += v
    on tell(x):
        told = v*x

modulator Follower:                     # clocks alone read the input
    input:
        v : 1
    state:
        tick = 0
    every 0.3 ms:
        tick += v

neuron Cell:
    input:
        I = 0
    state:
        V = 1
    equations:
        dV/dt = (I - V)/(1 ms)

synapse Jump:
    on pre:
        post.V += weight

plasticity Gated:
    input:
        gate = 1
    state:
        c = 0.0
    on pre:
        c += gate
    on post:
        weight += 0.1*gate

network Net:
    populations:
        S : SpikeSource[1] { times = [0.3 ms, 0.6 ms, 1.4 ms, 1.5 ms] }
        A : Cell[1] { I = d.s }
        B : Cell[1] { I = sum(s of d) }
        C : Fires[1]
        D : Fires[1]
    modulators:
        d : Source from S
        a : Reader { v = d.s } from S
        b : Reader { v = sum(s of d) } from S
        f : Follower { v = d.s }
        g : Follower { v = max(s of d) }
    projections:
        S -> A as plain_a : Jump one_to_one { weight = 0.5, delay = 0.2 ms, gain = d.s }
        S -> B as plain_b : Jump one_to_one { weight = 0.5, delay = 0.2 ms, gain = mean(s of d) }
        S -> C as p : Jump with Gated { gate = d.s } one_to_one {
            weight = 0.5, delay = 0.1 ms, gain = d.s
        }
        S -> D as r : Jump with Gated { gate = min(s of d) } one_to_one {
            weight = 0.5, delay = 0.1 ms, gain = sum(s of d)
        }
    record:
        v, q, tick, hit, told, twice of a
        v, q, tick, hit, told, twice of b
        v, tick of f
        v, tick of g
        V, I of A
        V, I of B
        V of C
        V of D
        weight, c of p
        weight, c of r
    simulate: 3 ms, dt = 0.1 ms, seed = 1

neuron Fires is Base

neuron Base:
    state:
        V = 0
    equations:
        dV/dt = -V/(1 ms)
    spike when V > 0.8:
        V = 0
"""
TWINS = {
    ("a", "b"): ("v", "q", "tick", "hit", "told", "twice"),
    ("f", "g"): ("v", "tick"),
    ("A", "B"): ("V", "I"),
    ("C", "D"): ("V",),
    ("p", "r"): ("weight", "c"),
}


def assert_twins(results: bns.Results, still: tuple[str, ...] = ()) -> None:
    """Check that both readers of each pair saw the same bits; what is not `still` moves."""
    for (direct, reduced), names in TWINS.items():
        for name in names:
            expected, found = results[direct][name].values, results[reduced][name].values
            np.testing.assert_array_equal(found, expected, err_msg=f"{reduced}.{name}")
            if f"{direct}.{name}" not in still:
                assert np.ptp(expected) > 0.0, f"{direct}.{name} never moves"


@pytest.mark.parametrize("threads", [1, 2])
def test_reductions_over_modulators_hold_what_direct_wires_hold(threads: int) -> None:
    results = bns.load(TEXT).run(threads=threads)
    assert_twins(results, still=("a.told",))
    decay = np.exp(-0.1 * np.arange(1, 4))
    np.testing.assert_allclose(results["b"].v.values[:2, 0], decay[:2], rtol=1e-12)
    assert results["b"].v.values[2, 0] == pytest.approx(2 * decay[2], rel=1e-12)  # spikes at 0.3 ms
    before_they_doubled = results["b"].hit.values[2, 0]
    assert before_they_doubled == pytest.approx(decay[2], rel=1e-12)
    np.testing.assert_allclose(results["B"].I.values[1:3, 0], decay[:2], rtol=1e-12)  # held at t


def test_pieces_and_what_is_set_between_them() -> None:
    net, whole = bns.load(TEXT), bns.load(TEXT).run()
    for piece in ("0.1 ms", "0.6 ms", "0.1 ms", "1.3 ms", "0.9 ms"):  # 0.7 ms: a tick at the end
        results = net.run(piece, threads=2)
        now = net.modulators["d"].s
        for name in ("a", "b", "f", "g"):
            np.testing.assert_array_equal(net.modulators[name].v, now)
    for (direct, reduced), names in TWINS.items():
        for one in (direct, reduced):
            for name in names:
                values = results[one][name].values
                np.testing.assert_array_equal(values, whole[one][name].values)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_next_step_reads_what_was_set_or_sent_in_between(threads: int) -> None:
    net = bns.load(TEXT)
    net.build(threads)
    net.modulators["d"].send("push", by=1.0)  # before the first step
    net.run("0.4 ms")
    net.modulators["d"].s = 5.0
    net.run("0.1 ms")
    assert net.modulators["d"].s == pytest.approx([5.0 * np.exp(-0.1)], rel=1e-12)
    net.modulators["d"].send("push", by=3.0)
    for reader in ("a", "b"):
        net.modulators[reader].send("tell", x=1.0)
    results = net.run("1.5 ms")
    assert_twins(results, still=("C.V",))  # every arrival makes it spike
    assert results["B"].I.values[[0, 4], 0].tolist() == [2.0, 5.0]


NEURONS = """
    populations:
        E : Cell[3] { V = 1 + index }
        A : Cell[3] { I = E.V }
        B : Cell[1] { I = sum(V of E) }
        S : SpikeSource[1] { times = [0.4 ms] }
        T : Fires[2]
    modulators:
        m : Reader { v = sum(V of E) } from S
        w : Reader { v = sum(weight of p) } from S
    projections:
        S -> T as p : Jump with Gated all_to_all { weight = 1, delay = 0.1 ms }
    record:
        v, q, tick, hit of m
        v, q, tick, hit of w
        V of E
        I of A
        I of B
        weight of p
    simulate: 3 ms, dt = 0.1 ms, seed = 1
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_reductions_over_neurons_and_synapses_hold_the_beginning_of_a_step(threads: int) -> None:
    """In equations; handlers, recorders and Python read its end."""
    head, tail = TEXT[: TEXT.index("network Net:")], TEXT[TEXT.index("neuron Fires") :]
    net = bns.load(f"{head}network Net:{NEURONS}\n{tail}")
    results = net.run(threads=threads)
    np.testing.assert_allclose(
        results["B"].I.values[:, 0], results["A"].I.values.sum(axis=1), rtol=1e-14
    )
    total = results["E"].V.values.sum(axis=1)
    weights = results["p"].weight.values.sum(axis=1)
    assert np.ptp(weights) > 0.1
    for name, after, first in (("m", total, 6.0), ("w", weights, 2.0)):
        reader = results[name]
        np.testing.assert_allclose(reader.v.values[:, 0], after, rtol=1e-6)
        before = np.array([first, *after[:-1]])
        np.testing.assert_allclose(reader.q.values[:, 0], np.cumsum(before) * 0.1, rtol=1e-6)
        np.testing.assert_allclose(reader.tick.values[1::2, 0], np.cumsum(after[1::2]), rtol=1e-6)
        assert reader.hit.values[-1, 0] == pytest.approx(after[3], rel=1e-6)
        assert net.modulators[name].v == pytest.approx([after[-1]], rel=1e-6)


def test_the_next_step_reads_weights_that_were_set_in_between() -> None:
    head, tail = TEXT[: TEXT.index("network Net:")], TEXT[TEXT.index("neuron Fires") :]
    net = bns.load(f"{head}network Net:{NEURONS}\n{tail}")
    net.run("1 ms")
    before = net.modulators["w"].q
    net.synapses["p"].weight = 2.0
    net.run("0.1 ms")
    assert net.modulators["w"].q - before == pytest.approx([0.4], rel=1e-6)


def test_what_depends_on_time_is_recorded_for_the_time_of_the_row() -> None:
    net = bns.load("""
modulator Ramp:
    input:
        v : 1
    state:
        s = 1
    equations:
        x = s + t/(1 ms)
    every 1 s:
        s = v

network Net:
    populations:
        E : LIF[1]
    modulators:
        m : Ramp { v = t/(1 ms) }
    record:
        v, x of m
    simulate: 0.5 ms, dt = 0.1 ms, seed = 1
""")
    results, times = net.run(), 0.1 * np.arange(1, 6)
    np.testing.assert_allclose(results["m"].v.values[:, 0], times, rtol=1e-12)
    np.testing.assert_allclose(results["m"].x.values[:, 0], 1.0 + times, rtol=1e-12)
    np.testing.assert_array_equal(net.modulators["m"].x, results["m"].x.values[-1])


PLACES = """
neuron Cell:
    input:
        I = 0
    state:
        V = 1
    equations:
        dV/dt = (I - V)/(1 ms)

modulator Source:
    state:
        s = 1
    equations:
        ds/dt = -s/(1 ms)

modulator Reader:
    input:
        v : 1
    state:
        q = 0
    equations:
        dq/dt = v/(1 ms)

network Net:
    parameters:
        k = 4
    populations:
        E : Cell[3]
    modulators:
        d : Source
        a : Reader[3] { v = k*d.s*index }
        b : Reader[3] { v = a.v }
        c : Reader { v = sum(V*(dt/(0.1 ms)) of E) }
    record:
        v, q of b
        v of a[1:3]
        v of c
        V of E
    simulate: 0.5 ms, dt = 0.1 ms, seed = 1
"""


def test_wires_of_modulators_may_tell_pools_apart() -> None:
    net = bns.load(PLACES)
    results = net.run()
    after = np.exp(-0.1 * np.arange(1, 6))
    np.testing.assert_allclose(results["b"].v.values, np.outer(after, [0, 4, 8]), rtol=1e-12)
    before = np.cumsum(0.1 * np.exp(-0.1 * np.arange(5)))
    np.testing.assert_allclose(results["b"].q.values, np.outer(before, [0, 4, 8]), rtol=1e-12)
    np.testing.assert_array_equal(net.modulators["b"].v, results["b"].v.values[-1])
    np.testing.assert_array_equal(results["a"].v.values, results["b"].v.values[:, 1:])
    total = results["E"].V.values.sum(axis=1)
    np.testing.assert_allclose(results["c"].v.values[:, 0], total, rtol=1e-12)


@pytest.mark.parametrize("wire", ["d.s", "t/(1 ms)", "index*d.s", "sum(s of d)", "d.s + 1"])
def test_what_is_wired_is_not_reduced(wire: str) -> None:
    """Its elements may be others, or one: nothing of the collection itself is read."""
    text = PLACES.replace("E : Cell[3]", f"E : Cell[3] {{ I = {wire} }}")
    bns.load(text).compile()
    with pytest.raises(bns.BnsError) as caught:
        bns.load(text.replace("sum(V*(dt/(0.1 ms)) of E)", "sum(I of E)")).compile()
    assert "a reduction over `E` reads this wire, which cannot be reduced" in str(caught.value)
    assert {d.code for d in caught.value.diagnostics} == {"BN508"}
