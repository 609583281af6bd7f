"""Reductions that clocks alone read are formed when these are due: the values are the same.

Every network here runs as it is compiled, and once more with all reductions formed in every step.
"""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.wiring import learning as wiring

TEXT = """
modulator Watch:
    parameters:
        short = 5 ms
        long = 11 ms
    input:
        w : 1
        v : mV
        others = 0
    state:
        seen = 1
        total = 0
        depth = 0 mV
    equations:
        half = w/2
    every short:
        seen = w
        total += others
    every long:
        total += half*spikes
        depth = v

network Net:
    populations:
        S : PoissonSource[20] { rate = 40 Hz }
        E : LIF[13] { I_e = uniform(400 pA, 600 pA) }
    modulators:
        watch : Watch[2] {
            short = (5 + 2*index)*1 ms, w = 10*mean((weight/(2 nS))^2 of p), v = max(V_m of E),
            others = sum(seen of watch) + max(weight/(2 nS) of p)
        } from E
    projections:
        S -> E as p : AMPA with RULE { w_max = 2 nS } all_to_all {
            weight = uniform(0 nS, 2 nS), delay = 1 ms, gain = GAIN
        }
    record:
        seen, total, depth of watch
        w of watch every 3 ms
        weight of p every 3 ms
    simulate: 200 ms, dt = 0.1 ms, seed = 3
"""
STRATEGIES = {
    "accumulated": ("PairSTDP", None),
    "replayed": ("WeightDependentSTDP", None),
    "swept": ("PairSTDP", "swept"),
}
STATES = ("seen", "total", "depth")


def network(strategy: str = "replayed", gain: str = "1", text: str = TEXT) -> bns.Network:
    rule, asked = STRATEGIES[strategy]
    text = text.replace("RULE", rule).replace("GAIN", gain)
    return bns.load(text, options=CompileOptions(learning=asked))


def traces(results: bns.Results) -> dict[str, bytes]:
    """Return what was recorded, and the spikes, as bytes."""
    found = {name: results["watch"][name].values.tobytes() for name in (*STATES, "w")}
    found["weight"] = results["p"].weight.values.tobytes()
    return {**found, "spikes": results.spikes_sha256.encode()}


def formed_in_every_step(monkeypatch: pytest.MonkeyPatch, net: bns.Network) -> bns.Network:
    """Compile a network that has not run yet with all its reductions in every step."""
    with monkeypatch.context() as patched:
        patched.setattr(wiring, "reduction_clocks", lambda plan, one: None)
        shape = net.compile().shape
    assert all(one.clocks is None for one in shape.reductions)
    return net


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_clocks_read_the_same_bits(
    strategy: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network(strategy)
    assert all(one.clocks for one in net.compile().shape.reductions)
    found = net.run(threads=threads)
    always = formed_in_every_step(monkeypatch, network(strategy))
    assert traces(found) == traces(always.run(threads=1))
    seen = found["watch"].seen.values
    changes = np.count_nonzero(np.diff(seen, axis=0), axis=0)
    assert changes.tolist() == [40, 28]  # at 5, 10, ... and at 7, 14, ... of 200 ms
    assert np.ptp(found["watch"].depth.values) > 1.0


def test_a_run_in_pieces_reads_the_same_bits() -> None:
    """Pieces end beside the ticks; what is formed at their ends is nothing that a clock reads."""
    whole = network().run()
    pieces = network()
    for piece in ("0.1 ms", "4.8 ms", "0.1 ms", "8.3 ms", "86.7 ms", "100 ms"):
        results = pieces.run(piece, threads=2)
    assert traces(results) == traces(whole)


def test_between_two_runs_an_input_is_what_there_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    net, always = network(), formed_in_every_step(monkeypatch, network())
    for piece in ("3.3 ms", "20.2 ms", "12.4 ms"):  # no tick at the end
        net.run(piece)
        always.run(piece)
        now = 10 * np.mean((net.synapses["p"].weight / 2.0) ** 2)
        assert net.modulators["watch"].w == pytest.approx([now] * 2, rel=1e-5)
        assert net.modulators["watch"].half == pytest.approx([now / 2] * 2, rel=1e-5)
        most = net.synapses["p"].weight.max() / 2 + net.modulators["watch"].seen.sum()
        assert net.modulators["watch"].others == pytest.approx([most] * 2, rel=1e-12)
        for name in ("w", "v", "others", "half"):
            one, other = (n.modulators["watch"][name] for n in (net, always))
            np.testing.assert_array_equal(one, other)


def test_a_recorded_input_is_what_there_is_at_that_time() -> None:
    now = 10 * np.mean((network().run()["p"].weight.values / 2.0) ** 2, axis=1)
    assert len(now) == 66
    assert np.count_nonzero(np.diff(now)) > 60
    line = "        weight of p every 3 ms\n"  # recording synapses ends calls of the time loop
    assert line in TEXT
    found = network(text=TEXT.replace(line, ""))
    np.testing.assert_allclose(found.run()["watch"].w.values[:, 0], now, rtol=1e-5)


def test_what_a_gain_reads_too_is_formed_in_every_step() -> None:
    gain = "1 + 0.1*mean((weight/(2 nS))^2 of p)"
    shape = network(gain=gain).compile().shape
    assert [one.clocks for one in shape.reductions] == [
        None,  # the clock reads it and the gain does
        ((0, 1),),
        ((0, 0),),
        ((0, 0),),
    ]
    plain = network().compile().shape
    assert [one.clocks for one in plain.reductions][:2] == [((0, 0), (0, 1)), ((0, 1),)]
