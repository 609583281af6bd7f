"""Experiments with plasticity and modulators written in Python: the networks of files."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import bnsyn_dsl as bns

FILE = """
network Reward:
    populations:
        S : PoissonSource[20] { rate = 20 Hz }
        E : LIF[10] { I_e = 480 pA }
    modulators:
        dopamine : Dopamine { tonic = 0.01 Hz }
        control : RateHomeostasis { tau = 1 s } from E, S[0:5]
    projections:
        S -> E as plastic : Delta with DopamineSTDP { w_max = 2 mV, n = dopamine.n } all_to_all {
            weight = 1 mV, delay = 1 ms, gain = control.gain, dendritic_delay = 0.5 ms, c = 0.1 mV
        }
    record:
        n of dopamine every 10 ms
        weight, c of plastic every 50 ms
    simulate: 1 s, dt = 0.1 ms, seed = 5
"""


def built() -> bns.Network:
    net = bns.Network(dt="0.1 ms", seed=5)
    S = net.population("S", bns.models.PoissonSource(rate="20 Hz"), 20)
    E = net.population("E", "LIF", 10, I_e="480 pA")
    dopamine = net.modulator("dopamine", bns.models.Dopamine, tonic="0.01 Hz")
    net.modulator("control", bns.models.RateHomeostasis(tau="1 s"), sources=[E, S[0:5]])
    net.connect(
        S, E, "Delta", rule="all_to_all", weight="1 mV", delay="1 ms",
        plasticity=bns.models.DopamineSTDP(w_max="2 mV", n="dopamine.n"), states={"c": "0.1 mV"},
        gain="control.gain", dendritic_delay="0.5 ms", name="plastic",
    )  # fmt: skip
    net.record(dopamine, "n", every="10 ms")
    net.record("plastic", "weight, c", every="50 ms")
    return net


def test_a_learning_network_in_python_is_the_network_of_the_file() -> None:
    file, python = bns.load(FILE).run("200 ms"), built().run("200 ms")
    assert python.spikes_sha256 == file.spikes_sha256
    for name, value in (("dopamine", "n"), ("plastic", "weight"), ("plastic", "c")):
        assert np.array_equal(python[name][value].values, file[name][value].values), name
    assert np.ptp(python["plastic"].weight.values) > 1e-4


def test_a_three_factor_experiment_in_a_dozen_lines() -> None:
    net = bns.Network(dt="0.1 ms", seed=1)
    stimulus = net.population("stimulus", bns.models.PoissonSource, 50, rate="10 Hz")
    cells = net.population("cells", bns.models.LIF, 20, I_e="450 pA")
    dopamine = net.modulator("dopamine", bns.models.Dopamine)
    rule = bns.models.DopamineSTDP(w_max="2 mV", n="dopamine.n")
    net.connect(
        stimulus, cells, "Delta", rule="all_to_all", weight="1 mV", delay="1 ms",
        plasticity=rule, name="learning",
    )  # fmt: skip
    net.record(dopamine, "n", every="10 ms")
    for trial in range(4):
        results = net.run("250 ms")
        if trial % 2:
            dopamine.send("reward")
    learned = net.synapses["learning"].weight
    # up to here 12 statements
    rewarded = results["dopamine"].n.values[:, 0]
    assert rewarded[:50].max() == pytest.approx(0.2)
    assert rewarded[50] > 40
    assert learned.shape == (1000,)
    assert np.std(learned) > 1e-3


def test_a_rule_may_be_text_and_a_synapse_have_values() -> None:
    def net(plasticity: object, synapse: object) -> bns.Network:
        made = bns.Network()
        cells = made.population("E", "LIF", 5, I_e="600 pA")
        made.connect(cells, cells, synapse, rule="all_to_all", weight="0.5 nS", delay="1 ms",
                     plasticity=plasticity, name="p")  # fmt: skip
        return made

    text = net("PairSTDP { w_max = 2 nS, A_plus = 0.1 }", "AMPA { tau = 3 ms }")
    calls = net(bns.models.PairSTDP(w_max="2 nS", A_plus=0.1), bns.models.AMPA(tau="3 ms"))
    assert text.run("100 ms").spikes_sha256 == calls.run("100 ms").spikes_sha256
    assert np.array_equal(text.synapses["p"].weight, calls.synapses["p"].weight)
    assert calls.plan.population("E").receptors[0].parameters["tau"] == 3.0


def test_a_handle_that_is_called_keeps_what_it_was_called_with() -> None:
    first = bns.models.PairSTDP(w_max="2 nS")
    second = first(A_plus=0.1)
    assert dict(first.settings) == {"w_max": "2 nS"}
    assert dict(second.settings) == {"w_max": "2 nS", "A_plus": 0.1}
    assert bns.models.PairSTDP.settings == {}


def test_own_rules_and_modulators_bring_their_blocks() -> None:
    own = bns.load_model(
        "plasticity Own:\n    input:\n        g = 1\n    state:\n        x = 0\n"
        "    on pre:\n        x += g\n        weight *= 1 + 0*x\n"
    )
    level = bns.load_model(
        "modulator Level:\n    state:\n        a = 3\n    on up:\n        a += 1\n"
    )
    net = bns.Network()
    spikes = net.population("S", "SpikeSource", 2, times=bns.quantity([1.0, 2.0, 3.0], "ms"))
    cells = net.population("E", "LIF", 2)
    two = net.modulator("m", level, 2)
    net.connect(spikes, cells, "Delta", rule="one_to_one", weight="1 mV", delay="1 ms",
                plasticity=own(g="sum(a of m)"), name="p")  # fmt: skip
    net.record(two[1], "a", every="1 ms")
    two[1].send("up")
    results = net.run("10 ms")
    assert two.a.tolist() == [3.0, 4.0]
    assert net.synapses["p"].x.tolist() == [21.0, 21.0]
    assert results["m"].a.values.shape == (10, 1)
    assert results["m"].a.ids.tolist() == [1]


def _connected(**how: object) -> Callable[[bns.Network], object]:
    def call(net: bns.Network) -> object:
        cells = net.population("E", "LIF", 3)
        given: dict[str, object] = {"rule": "all_to_all", "weight": "1 nS", "delay": "1 ms"}
        net.connect(cells, cells, "AMPA", **{**given, **how})  # type: ignore[arg-type]
        return net.plan

    return call


WRONG: dict[str, Callable[[bns.Network], object]] = {
    r"`PairSTDP` has no `wmax`[^~]*did you mean `w_max`": lambda n: bns.models.PairSTDP(wmax=1),
    r"`plasticity` of connect\(E, E\) must be a rule, found 3": _connected(plasticity=3),
    r"there is no plasticity `PairSTPD`|did you mean `PairSTDP`": _connected(plasticity="PairSTPD"),
    r"`w_max` of .* is in `nS`, but this is in `mV`|`w_max`.*`nS`": _connected(
        plasticity=bns.models.PairSTDP(w_max="1 mV")
    ),
    r"`w_max` of `PairSTDP` in connect\(E, E\) must be one value": _connected(
        plasticity=bns.models.PairSTDP(w_max=[1, 2])
    ),
    r"`c` of connect\(E, E\) must be one value[^~]*net.synapses": _connected(
        plasticity=bns.models.DopamineSTDP(w_max="2 nS", n="1 Hz"), states={"c": [1, 2]}
    ),
    r"the gain of `E->E:AMPA` is a plain number": _connected(gain="1 mV"),
    r"size of modulator `m` must be a whole number": lambda n: n.modulator("m", "Dopamine", 0),
    r"a modulator needs a name": lambda n: n.modulator("1", "Dopamine"),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_calls_say_what_is_wrong(message: str) -> None:
    with pytest.raises(bns.BnsError, match=message):
        WRONG[message](bns.Network())


def test_a_built_network_takes_no_modulator() -> None:
    net = bns.Network()
    net.population("E", "LIF", 1)
    net.run("1 ms")
    with pytest.raises(bns.BnsError, match="has been built and cannot change"):
        net.modulator("m", "Dopamine")
