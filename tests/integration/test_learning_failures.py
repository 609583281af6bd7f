"""Rules and gains that leave the numbers: the run stops, and says whose and when."""

from __future__ import annotations

import re

import pytest

import bnsyn_dsl as bns

TEXT = """
plasticity Rule:
    parameters:
        w_max : weight
        k = 0
    require k == k
    state:
        x = 0
        y = 0
    {bounds}
    equations:
        dx/dt = -x/(20 ms)
        dy/dt = -y/(20 ms)
    on pre:
        weight += 0*k*w_max
        x += 1
        {pre}
    on post:
        y += 1
        {post}

modulator Growing:
    state:
        g = 1
    equations:
        dg/dt = g/(1 ms)

network Net:
    populations:
        inputs : SpikeSource[3] {{ times = [5 ms, 15 ms, 25 ms, 35 ms] }}
        teach : SpikeSource[4] {{ times = [10 ms, 20 ms] }}
        cells : LIF[4]
    modulators:
        pool : Growing
    projections:
        inputs -> cells as learning : ExpCurrent with Rule {{ w_max = 10 pA }} all_to_all {{
            weight = {weight}, delay = 1 ms{gain}
        }}
        teach -> cells as forced : Delta one_to_one {{ weight = 100 mV, delay = 0.1 ms{forced} }}
    record:
        spikes of cells
    simulate: 40 ms, dt = 0.1 ms, seed = 1
"""
PLAIN = {
    "bounds": "weight in [0, w_max]",
    "pre": "",
    "post": "",
    "weight": "5 pA",
    "gain": "",
    "forced": "",
}


def stopped(**changes: str) -> bns.NumericalError:
    net = bns.load(TEXT.format(**{**PLAIN, **changes}))
    with pytest.raises(bns.NumericalError) as caught:
        net.run()
    return caught.value


def message(problem: bns.BnsError) -> str:
    (found,) = problem.diagnostics
    assert found.code in {"BN490", "BN443"}
    assert found.span is not None
    assert "as learning" in found.span.source.line(found.span.line) or "forced" in found.message
    return found.message


def test_the_rule_as_it_stands_runs() -> None:
    assert len(bns.load(TEXT.format(**PLAIN)).run().spikes["cells"]) == 8


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"pre": "weight -= w_max*log(y - 0.5)"},
         r"`weight` of the synapse from neuron 0 of `inputs` to neuron 0 of `cells` in `learning` "
         r"became not a number"),
        ({"post": "weight += w_max*log(x - 2)"},
         r"`weight` of the synapse from neuron 0 of `inputs` to neuron 0 of `cells` in `learning` "
         r"became not a number"),
        ({"post": "y += 1/(y - 1)"}, r"`y` of neuron 0 of `cells` in `learning` became infinite"),
        ({"post": "y += sqrt(0.5 - y)"},
         r"`y` of neuron 0 of `cells` in `learning` became not a number"),
    ],
)  # fmt: skip
def test_what_is_no_number_stops_the_run_by_name(changes: dict[str, str], what: str) -> None:
    problem = stopped(**changes)
    assert re.fullmatch(rf"{what}, found at \d+(\.\d+)? ms", message(problem))
    assert problem.diagnostics[0].help is not None
    assert "`Rule`" in problem.diagnostics[0].help


def test_a_weight_without_bounds_that_explodes_stops_the_run() -> None:
    problem = stopped(bounds="", pre="weight *= 1000")
    assert message(problem).startswith(
        "what `learning` transmits became more than 1024 times what the network was built with"
    )
    assert problem.results is not None
    assert len(problem.results.spikes["cells"]) > 0


@pytest.mark.parametrize("place", ["gain", "forced"])
def test_a_gain_that_explodes_stops_the_run(place: str) -> None:
    problem = stopped(**{place: ", gain = pool.g"})
    name = {"gain": "learning", "forced": "forced"}[place]
    assert message(problem).startswith(f"what `{name}` transmits became more than 1024 times")
    (when,) = re.findall(r"at ([0-9.]+) ms", message(problem))
    assert float(when) == pytest.approx({"gain": 16, "forced": 7}[place], abs=2)


@pytest.mark.parametrize("weight", ["normal(5 pA, 3 pA)", "-normal(5 pA, 0 pA)"])
def test_drawn_weights_outside_of_the_bounds_are_refused_when_built(weight: str) -> None:
    net = bns.load(TEXT.format(**{**PLAIN, "weight": weight}))
    with pytest.raises(bns.BnsError) as caught:
        net.build()
    assert re.fullmatch(
        r"the weight of synapse \d+ of `learning` is .* pA, outside of 0 pA to 10 pA, "
        r"the bounds of `Rule`",
        message(caught.value),
    )
