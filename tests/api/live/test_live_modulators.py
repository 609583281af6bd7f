"""Modulators from Python: their states in shown units, setting them, signals between runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import bnsyn_dsl as bns

TEXT = """
modulator Dopa:
    parameters:
        tau = 200 ms
        tonic = 0.002 Hz
        high = 2*low
        low = uniform(1, 2)
    input:
        g = 1
        drive = 0 mV
    state:
        d = 0 Hz in [0 Hz, 5 Hz]
        last = 0 ms
        side = 0
    equations:
        dd/dt = -d/tau
        n = d + tonic
        level = n*(1 + drive/1 mV)
    on reward(R):
        d += g*R*0.5 Hz
        last = t
        if R < 0:
            side += high
        else:
            side -= low
    on pulse(rate, scale):
        d = rate*(1 + scale)
    on free(a, b):
        d = a*b
    on kick:
        side = uniform(0, 1)
    on blast(R):
        side = exp(R)*1e300

network N:
    populations:
        E : LIF[3] { I_e = 600 pA }
    modulators:
        dopamine : Dopa
        critic : Dopa[4] { g = 2, drive = mean(V_m of E) }
    record:
        d, n of dopamine every 10 ms
    simulate: 1 s, dt = 0.1 ms, seed = 3
"""


@pytest.fixture
def net() -> bns.Network:
    return bns.load(TEXT)


def test_names_sizes_units_and_signals_are_shown(net: bns.Network) -> None:
    assert list(net.modulators) == ["dopamine", "critic"]
    assert len(net.modulators["critic"]) == 4
    assert net.modulators["critic"].states == {"d": "Hz", "last": "ms", "side": "1"}
    assert net.modulators["dopamine"].signals["pulse"] == ("rate", "scale")
    assert {"d", "n", "send", "tau"} <= set(dir(net.modulators["dopamine"]))
    assert repr(net.modulators["critic"][1:3]) == "<modulator critic[1:3]: 2 pools>"


def test_values_are_in_the_unit_that_is_shown(net: bns.Network) -> None:
    dopamine = net.modulators["dopamine"]
    dopamine.d = "500 mHz"
    assert dopamine.d.tolist() == [0.5]
    assert dopamine.n.tolist() == pytest.approx([0.502])
    assert dopamine.tau.tolist() == [200.0]
    assert dopamine["d"].dtype == np.float64
    critic = net.modulators["critic"]
    assert critic.high == pytest.approx(2 * critic.low)
    assert len(set(critic.low.tolist())) == 4


def test_what_is_read_is_a_copy(net: bns.Network) -> None:
    net.modulators["dopamine"].d[:] = 3.0
    assert net.modulators["dopamine"].d.tolist() == [0.0]


def test_a_set_state_is_where_the_next_run_begins(net: bns.Network) -> None:
    net.modulators["dopamine"].d = bns.quantity(2.0, "Hz")
    trace = net.run("20 ms")["dopamine"].d
    assert trace.values[:, 0] == pytest.approx([2 * math.exp(-0.05), 2 * math.exp(-0.1)])


def test_single_pools_are_set_and_sent_signals(net: bns.Network) -> None:
    critic = net.modulators["critic"]
    critic.d = [0, 1, 2, 3]
    critic[2].d *= 2
    critic[-1].send("reward", R=-0.5)
    critic[0:2].send("reward", R=0.5)
    assert critic.d.tolist() == [0.5, 1.5, 4.0, 2.5]
    assert critic.side == pytest.approx([-critic.low[0], -critic.low[1], 0, critic.high[3]])


def test_a_signal_acts_before_the_next_step(net: bns.Network) -> None:
    dopamine = net.modulators["dopamine"]
    net.run("10 ms")
    dopamine.send("reward", R=1)
    assert dopamine.d.tolist() == [0.5]
    assert dopamine.last.tolist() == [10.0]
    trace = net.run("10 ms")["dopamine"].n.values[:, 0]
    assert trace == pytest.approx([0.002, 0.002 + 0.5 * math.exp(-0.05)])


def test_signals_are_the_same_bits_as_a_setting(net: bns.Network) -> None:
    sent, still = net, bns.load(TEXT)
    sent.modulators["dopamine"].send("reward", R=3)
    still.modulators["dopamine"].d = 1.5
    first, second = (n.run("50 ms")["dopamine"].d.values for n in (sent, still))
    assert np.array_equal(first, second)


def test_bounds_hold_after_a_signal(net: bns.Network) -> None:
    net.modulators["dopamine"].send("reward", R=1000)
    assert net.modulators["dopamine"].d.tolist() == [5.0]


def test_an_argument_with_a_unit(net: bns.Network) -> None:
    net.modulators["dopamine"].send("pulse", rate="1 Hz", scale=bns.quantity(3.0, "1"))
    assert net.modulators["dopamine"].d.tolist() == [4.0]


def test_arguments_whose_units_the_handler_leaves_open_must_fit_together(net: bns.Network) -> None:
    dopamine = net.modulators["dopamine"]
    dopamine.send("free", a="2 mV", b=bns.quantity(0.5, "Hz/mV"))
    assert dopamine.d.tolist() == [1.0]
    with pytest.raises(
        bns.BnsError, match=r"`b` of `free\(a, b\)` is in `.*`, but this is in `mV`"
    ):
        dopamine.send("free", a="2 mV", b="1 mV")


def test_draws_of_signals_differ_and_come_again_with_the_seed(net: bns.Network) -> None:
    def drawn(network: bns.Network) -> list[float]:
        found = []
        for _ in range(2):
            network.modulators["critic"].send("kick")
            found += network.modulators["critic"].side.tolist()
        return found

    first = drawn(net)
    assert len(set(first)) == 8
    assert drawn(bns.load(TEXT)) == first
    assert drawn(bns.load(TEXT, seed=4)) != first
    net.reset()
    assert drawn(net) == first


def test_a_wire_has_its_value_once_a_step_has_begun(net: bns.Network) -> None:
    critic = net.modulators["critic"]
    with pytest.raises(bns.BnsError, match="no value before the first step"):
        critic.level  # noqa: B018
    net.run("10 ms")
    assert critic.level == pytest.approx(0.002 * (1 + critic.drive))
    assert np.all(critic.drive < -30)


def test_a_handler_that_reads_a_wire_waits_for_the_first_step() -> None:
    late = bns.load(TEXT.replace("{ g = 2,", "{ g = mean(V_m of E)/1 mV,"))
    with pytest.raises(bns.BnsError, match=r"`on reward` reads the wire `g`, which has no value"):
        late.modulators["critic"].send("reward", R=1)
    late.modulators["critic"].send("pulse", rate="1 Hz", scale=1)
    assert late.modulators["critic"].d.tolist() == [2.0] * 4


def test_an_infinite_result_is_refused_and_changes_nothing(net: bns.Network) -> None:
    with pytest.raises(bns.BnsError, match="`side` would become infinite"):
        net.modulators["dopamine"].send("blast", R=1000)
    assert net.modulators["dopamine"].side.tolist() == [0.0]


def test_a_reset_begins_with_the_initial_states(net: bns.Network) -> None:
    dopamine = net.modulators["dopamine"]
    dopamine.d = 3
    net.reset()
    assert dopamine.d.tolist() == [0.0]


WRONG: dict[str, Callable[[bns.Network], object]] = {
    r"no modulator `dopamin`[^~]*did you mean `dopamine`": lambda n: n.modulators["dopamin"],
    r"no signal `rewerd`[^~]*did you mean `reward`": lambda n: _send(n, "rewerd", R=1),
    r"no signal `x`[^~]*it has: reward, pulse, free, kick, blast": lambda n: _send(n, "x"),
    r"`reward\(R\)` to `dopamine` needs a value for `R`": lambda n: _send(n, "reward"),
    r'send\("pulse", rate="1 Hz", scale=1\)': lambda n: _send(n, "pulse", scale=1),
    r"no argument `Q`[^~]*it is `reward\(R\)`": lambda n: _send(n, "reward", Q=1),
    r"`rate` of `pulse\(rate, scale\)` needs a unit: it is in `Hz`": lambda n: _send(
        n, "pulse", rate=1, scale=1
    ),
    r"is in `Hz`, but this is in `mV`": lambda n: _send(
        n, "pulse", rate=bns.quantity(1.0, "mV"), scale=1
    ),
    r"not a number \(NaN\)": lambda n: _send(n, "reward", R=math.nan),
    r"is not finite": lambda n: _send(n, "reward", R=math.inf),
    r"must be one value, found an array": lambda n: _send(n, "reward", R=[1, 2]),
    r"`critic` has no `dd`": lambda n: n.modulators["critic"]["dd"],
    r"`n` of `critic` is no state": lambda n: setattr(n.modulators["critic"], "n", 1),
    r"`d` of `critic\[1\]` would be 6 Hz in pool 1, expected 0 Hz to 5 Hz": lambda n: setattr(
        n.modulators["critic"][1], "d", 6
    ),
    r"one value, or one for each of 4 pools": lambda n: setattr(
        n.modulators["critic"], "d", [1, 2]
    ),
    r"not finite at index 1": lambda n: setattr(n.modulators["critic"][0:2], "d", [1, math.inf]),
}


def _send(net: bns.Network, signal: str, **arguments: object) -> None:
    net.modulators["dopamine"].send(signal, **arguments)


@pytest.mark.parametrize("message", WRONG)
def test_what_is_not_there_or_impossible_is_said(net: bns.Network, message: str) -> None:
    with pytest.raises(bns.BnsError, match=message):
        WRONG[message](net)


def test_attributes_and_places_that_are_not_there(net: bns.Network) -> None:
    with pytest.raises(AttributeError, match="there are: d, last, side, n, level"):
        net.modulators["critic"].q  # noqa: B018
    with pytest.raises(IndexError, match="`critic` has 4 pools, there is no 4"):
        net.modulators["critic"][4]
    with pytest.raises(IndexError, match="slice without step"):
        net.modulators["critic"][::2]
    with pytest.raises(AttributeError, match="cannot be set"):
        net.modulators["critic"].name = "x"
