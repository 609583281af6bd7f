"""Synapses from Python: who is connected, states of every owner, writing while a run goes on."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import StepPatch
from numpy.typing import NDArray

import bnsyn_dsl as bns

mpl.use("agg")

# every strategy, with states of every owner; `x` and `c` do not decay to 0
TEXT = """
plasticity Resting:
    parameters:
        tau_x = 20 ms
        tau_c = 100 ms
        tau_y = 30 ms
        w_max : weight
    state:
        x = {rest}
        y = 0
        c = 0.2
    weight in [0, w_max]
    equations:
        dx/dt = ({rest} - x)/tau_x
        dy/dt = -y/tau_y
        dc/dt = (0.2 - c)/tau_c
    on pre:
        c -= 0.1*y
        x += 1
        weight -= 0.02*w_max*y
    on post:
        c += {tag}*x
        y += 1
        weight += {post}

network N:
    populations:
        S : PoissonSource[8] {{ rate = 40 Hz }}
        E : LIF[6] {{ I_e = uniform(500 pA, 700 pA) }}
    projections:
        S -> E[2:6] as recurrent : Delta with Resting {{ w_max = 0.5 mV }} all_to_all {{
            weight = uniform(0.1 mV, 0.4 mV), delay = uniform(0.5 ms, 2 ms)
        }}
        E -> E as still : Delta pairwise_bernoulli(0.5) {{
            weight = normal(0.2 mV, 0.05 mV), delay = uniform(1 ms, 2 ms)
        }}
    simulate: 1 s, dt = 0.1 ms, seed = 3
"""
POST = {
    "accumulated": "0.02*w_max*x",
    "replayed": "0.02*w_max*x*(1 - weight/(2*w_max))",
    "swept": "0.02*w_max*x + 0*w_max*post.V_m/1 mV",
}
STRATEGIES = list(POST)
DT, STEPS = 0.1, 3000


def network(strategy: str = "accumulated") -> bns.Network:
    return bns.load(text_of(strategy))


def text_of(strategy: str) -> str:
    """Sums need a presynaptic trace that decays to 0, and no post spike at what does not."""
    summed = strategy == "accumulated"
    text = TEXT.format(post=POST[strategy], rest=0 if summed else 0.5, tag=0.1)
    return text.replace("        c += 0.1*x\n", "") if summed else text


def brute(net: bns.Network, results: bns.Results, writes: dict[int, float]) -> dict[str, object]:
    """Follow every synapse event by event; `writes` gives new weights (mV) at steps."""
    syn = net.synapses["recurrent"]
    first = network().synapses["recurrent"]
    source, target = syn.source, syn.target
    delay = np.rint(syn.delay_ms / DT).astype(int)
    found: dict[str, list[float]] = {n: [] for n in ("weight", "x", "y", "c")}
    spikes = {
        name: [set(t.steps[t.ids == k].tolist()) for k in range(t.size)]
        for name, t in results.spikes.items()
    }
    strategy = net.compile().rules[0].learned.system.strategy
    rest, tag = (0.0, 0.0) if strategy == "accumulated" else (0.5, 0.1)
    decay = {n: np.exp(-DT / tau) for n, tau in (("x", 20), ("y", 30), ("c", 100))}
    for j, w0 in enumerate(first.weight):
        w, x, y, c = w0, rest, 0.0, 0.2
        pre = {s + delay[j] for s in spikes["S"][source[j]]}
        post = spikes["E"][target[j]]
        for step in range(results.n_steps):
            w = writes.get(step, w)
            if step in pre:
                c -= 0.1 * y
                x += 1
                w = min(max(w - 0.01 * y, 0), 0.5)
            if step in post:
                c += tag * x
                y += 1
                rise = 0.01 * x * ((1 - w / 1.0) if strategy == "replayed" else 1.0)
                w = min(max(w + rise, 0), 0.5)
            x = rest + (x - rest) * decay["x"]
            y *= decay["y"]
            c = 0.2 + (c - 0.2) * decay["c"]
        for name, value in zip(found, (w, x, y, c), strict=True):
            found[name].append(value)
    return dict(found)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_state_is_that_of_a_synapse_followed_by_itself(strategy: str) -> None:
    net = network(strategy)
    results = net.run(f"{STEPS * DT} ms")
    assert net.compile().rules[0].learned.system.strategy == strategy
    assert len(results.spikes["E"]) > 30
    for name, expected in brute(net, results, {}).items():
        assert net.synapses["recurrent"][name] == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_run_continues_from_what_was_written(strategy: str, threads: int) -> None:
    net = network(strategy)
    net.run(f"{STEPS // 2 * DT} ms", threads=threads)
    net.synapses["recurrent"].weight = np.full(32, 0.25)
    net.synapses["recurrent"].write(c=0.7)
    assert net.synapses["recurrent"].weight == pytest.approx(np.full(32, 0.25), rel=1e-12)
    assert net.synapses["recurrent"].c == pytest.approx(np.full(32, 0.7), rel=1e-12)
    results = net.run(f"{STEPS // 2 * DT} ms")
    expected = brute(net, results, {STEPS // 2: 0.25})
    for name in ("weight", "x", "y"):
        assert net.synapses["recurrent"][name] == pytest.approx(expected[name], rel=1e-9), name


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_reading_changes_no_bit_of_a_run(strategy: str) -> None:
    read, unread = network(strategy), network(strategy)
    for _ in range(10):
        read.run("20 ms", threads=2)
        assert all(len(read.synapses["recurrent"][n]) == 32 for n in ("weight", "x", "y", "c"))
        unread.run("20 ms", threads=2)
    assert read.results is not None
    assert unread.results is not None
    assert read.results.spikes_sha256 == unread.results.spikes_sha256
    for name in ("weight", "x", "y", "c"):
        pair = (read.synapses["recurrent"][name], unread.synapses["recurrent"][name])
        assert np.array_equal(*pair), name


def test_what_was_written_is_transmitted() -> None:
    silent, loud = network(), network()
    silent.synapses["recurrent"].weight = 0
    loud.synapses["recurrent"].weight = "500 uV"
    rates = [len(n.run("300 ms").spikes["E"]) for n in (silent, loud)]
    assert rates[1] > rates[0]


def test_places_are_ordered_and_counted_in_their_populations() -> None:
    syn = network().synapses["recurrent"]
    assert len(syn) == 32
    assert syn.source.tolist() == np.repeat(np.arange(8), 4).tolist()
    assert syn.target.tolist() == [2, 3, 4, 5] * 8
    assert syn.source.dtype == np.int64
    assert np.all((syn.delay_ms >= 0.5) & (syn.delay_ms <= 2.0))
    assert len(set(syn.delay_ms.tolist())) > 5
    assert syn.states == {"weight": "mV", "x": "1", "y": "1", "c": "1"}
    assert {"weight", "c", "delay_ms", "write"} <= set(dir(syn))


def test_states_do_not_depend_on_the_number_of_threads() -> None:
    one, two = network(), network()
    one.run("100 ms", threads=1)
    two.run("100 ms", threads=2)
    for name in ("weight", "x", "y", "c", "delay_ms", "target"):
        values = [getattr(n.synapses["recurrent"], name) for n in (one, two)]
        assert np.array_equal(values[0], values[1]), name


def test_a_recorded_trace_of_a_neuron_is_spread_over_its_synapses() -> None:
    text = text_of("accumulated")
    net = bns.load(
        text.replace(
            "    simulate", "    record:\n        x, c of recurrent every 50 ms\n    simulate"
        )
    )
    recorded = net.run("100 ms")["recurrent"]
    assert np.array_equal(recorded.x.values[-1], net.synapses["recurrent"].x)
    assert np.array_equal(recorded.c.values[-1], net.synapses["recurrent"].c)
    assert recorded.x.values.shape == (2, 32)


# -------------------------------------------------------------------------------- static


def test_a_static_projection_shows_what_its_tables_hold() -> None:
    net = network()
    still = net.synapses["still"]
    assert np.all(still.source != still.target)
    assert 5 <= len(still) <= 25
    assert 0.1 < still.weight.mean() < 0.3
    # the tables of the run: in fixed point, by place in the inbox
    own = net.build(1).simulation._own[0]
    sums = np.zeros(6)
    offset, start = own["group_offset"], own["group_start"]
    for g in range(len(offset)):
        for j in range(start[g], start[g + 1]):
            spread = offset[g] >= 0
            fixed = own["weights"][offset[g] + j - start[g]] if spread else own["group_weight"][g]
            sums[own["targets"][j] % 6] += fixed
    expected = np.bincount(still.target, still.weight, minlength=6)
    assert sums / sums.sum() == pytest.approx(expected / expected.sum(), rel=1e-6)


def test_a_static_projection_is_read_with_its_delays_and_listed_weights() -> None:
    net = bns.Network()
    cells = net.population("E", "LIF", 4)
    listed = {"sources": [2, 0, 1], "targets": [0, 3, 1]}
    weights = bns.quantity([30.0, 10.0, 20.0], "uV")
    net.connect(cells, cells, "Delta", weight=weights, delay="1.26 ms", name="list", **listed)  # type: ignore[arg-type]
    found = net.synapses["list"]
    assert found.source.tolist() == [0, 1, 2]
    assert found.target.tolist() == [3, 1, 0]
    assert found.weight == pytest.approx([0.01, 0.02, 0.03])
    assert found.delay_ms == pytest.approx([1.3] * 3)


def test_synapses_without_spikes_are_read_like_others() -> None:
    net = bns.Network()
    cells = net.population("E", "LIF", 3)
    net.connect(cells, cells, "GapJunction", rule="all_to_all", weight="0.5 nS", name="gap")
    net.run("1 ms")
    assert list(net.synapses) == ["gap"]
    assert net.synapses["gap"].weight.tolist() == [0.5] * 6
    assert net.synapses["gap"].delay_ms.tolist() == [0.0] * 6


# ----------------------------------------------------------------------------- histograms


def test_a_histogram_counts_every_synapse() -> None:
    syn = network().synapses["recurrent"]
    counts, edges = syn.histogram(bins=4)
    assert counts.sum() == 32
    assert edges[[0, -1]].tolist() == [syn.weight.min(), syn.weight.max()]
    ax = syn.plot_histogram(bins=4)
    assert ax.get_xlabel() == "weight (mV)"
    (drawn,) = ax.patches
    assert isinstance(drawn, StepPatch)
    assert np.array_equal(drawn.get_data()[0], counts)
    assert syn.plot_histogram(ax, state="x") is ax
    assert ax.get_xlabel() == "x"


# --------------------------------------------------------------------------- wrong input


def _write(**states: object) -> Callable[[bns.Network], None]:
    return lambda net: net.synapses["recurrent"].write(**states)


def _with_one(value: float) -> NDArray[np.float64]:
    values = np.full(32, 0.1)
    values[5] = value
    return values


WRONG: dict[str, Callable[[bns.Network], object]] = {
    r"no projection `recurent`[^~]*did you mean `recurrent`": lambda n: n.synapses["recurent"],
    r"`recurrent` has no `wheight`; did you mean `weight`": lambda n: n.synapses["recurrent"][
        "wheight"
    ],
    r"would be 0.6 mV at synapse 5 \(1 -> 3\), expected 0 mV to 0.5 mV": _write(
        weight=_with_one(0.6)
    ),
    r"would be -0.1 mV at synapse 5": _write(weight=_with_one(-0.1)),
    r"not a number at index 5 \(NaN\)": _write(weight=_with_one(np.nan)),
    r"`c` of `recurrent` is not finite at index 5": _write(c=_with_one(np.inf)),
    r"one for each of 32 synapses, found an array of shape \(3,\)": _write(weight=np.zeros(3)),
    r"`weight` of `recurrent` is in `mV`, but this is in `nS`": _write(weight="1 nS"),
    r"`x` of `recurrent` has one value for all synapses of a source neuron": _write(x=1.0),
    r"`y` of `recurrent` has one value for all synapses of a target neuron": _write(y=1.0),
    r"`recurrent` has no `z`": _write(z=1.0),
    r"`still` has no rule: its weights are fixed": lambda n: n.synapses["still"].write(weight=1),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_refused_and_nothing_changes(message: str) -> None:
    net = network()
    before = net.synapses["recurrent"].weight
    with pytest.raises(bns.BnsError, match=message):
        WRONG[message](net)
    assert np.array_equal(net.synapses["recurrent"].weight, before)


def test_one_weight_is_changed_where_others_have_drifted_out_of_their_bounds() -> None:
    net = bns.load(
        """
network Drift:
    populations:
        S : SpikeSource[2] { times = [500 ms] }
        E : LIF[1]
    projections:
        S -> E as p : Delta with DopamineSTDP { w_max = 1 mV, n = 10 Hz } all_to_all {
            weight = 0.9 mV, delay = 1 ms, c = 1 mV
        }
    simulate: 1 s, dt = 0.1 ms
"""
    )
    net.run("100 ms")
    weights = net.synapses["p"].weight
    assert list(weights) == [1.0, 1.0]  # 1.85 mV between arrivals; what is read is in its bounds
    weights[0] = 0.5
    net.synapses["p"].weight = weights
    assert net.synapses["p"].weight == pytest.approx(weights, rel=1e-12)
    with pytest.raises(bns.BnsError, match="expected 0 mV to 1 mV"):
        net.synapses["p"].weight = 1.5
    net.run("500 ms")
    # both have drifted above their bound again; one that is written stays until it is driven
    assert list(net.synapses["p"].weight) == [1.0, 1.0]
    net.synapses["p"].write(c=0, weight=[0.25, 0.75])
    net.run("100 ms")
    assert net.synapses["p"].weight == pytest.approx([0.25, 0.75], rel=1e-12)


def test_one_wrong_state_of_several_leaves_all_as_they_are() -> None:
    net = network()
    before = net.synapses["recurrent"].c
    with pytest.raises(bns.BnsError, match="would be 9 mV"):
        net.synapses["recurrent"].write(c=0.9, weight=9)
    assert np.array_equal(net.synapses["recurrent"].c, before)


def test_a_computed_weight_is_not_written_but_what_it_is_made_of() -> None:
    text = text_of("accumulated")
    net = bns.load(text.replace("with Resting {", "with DualWeight { protein = 0,"))
    syn = net.synapses["recurrent"]
    with pytest.raises(
        bns.BnsError, match=r"computed from its states[^~]*write these: w_f, w_c, tag"
    ):
        syn.weight = 0.2
    syn.write(w_f="0.1 mV", w_c="0.2 mV")
    assert syn.weight == pytest.approx([0.3] * 32)
    net.run("50 ms")
    assert np.ptp(syn.weight) > 0


def test_places_and_names_are_not_set() -> None:
    syn = network().synapses["recurrent"]
    with pytest.raises(AttributeError, match="`source` of synapses cannot be set"):
        syn.source = np.zeros(32)  # type: ignore[misc, assignment]
    with pytest.raises(AttributeError, match="there are: weight, x, y, c"):
        syn.q  # noqa: B018


def test_a_list_of_pairs_tells_its_projections() -> None:
    net = bns.Network()
    cells = [net.population(n, "LIF", 2) for n in ("A", "B")]
    net.connect(cells, cells[0], "Delta", rule="all_to_all", weight="1 mV", delay="1 ms", name="p")
    with pytest.raises(bns.BnsError, match=r"one for each pair: p\[A->A\], p\[B->A\]"):
        net.synapses["p"]
    assert len(net.synapses["p[B->A]"]) == 4


def test_continuous_synapses_are_read_like_others() -> None:
    net = bns.Network()
    cells = net.population("A", "LIF", 6)
    net.connect(cells, cells, "GapJunction", rule="all_to_all", weight="2 nS", name="gaps")
    mix = "0.5*GapJunction + AMPA"
    net.connect(cells, cells, mix, rule="all_to_all", weight="3 nS", delay="1 ms", name="mixed")
    assert list(net.synapses) == ["gaps", "mixed"]
    net.run("1 ms")
    assert sorted(net.synapses) == ["gaps", "mixed"]
    assert net.synapses["gaps"].weight.tolist() == [2.0] * 30
    assert net.synapses["mixed"].weight.tolist() == [3.0] * 30
