"""Continuous synapses taken apart into sums over sources and factors of the target."""

from __future__ import annotations

import pytest

from bnsyn_dsl.analysis.continuous import acts_continuously, continuous_of
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.model import Model
from tests.network_runs import plan_of, started

NET = """
neuron Cell:
    input:
        I = 0
    state:
        V_m = 0
        u = 1
    equations:
        dV_m/dt = (I - V_m)/(10 ms)
        du/dt = -u/(10 ms)
{synapse}
network Net:
    populations:
        A : Cell[3]
    projections:
        A -> A : {use} all_to_all {{ {settings} }}
    record:
        V_m of A
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""


def text_of(equations: str, state: str = "", on_pre: str = "", use: str = "S") -> str:
    lines = ["synapse S:", "    parameters:", "        tau = 5 ms", "    require tau > 0 ms"]
    lines += ["    state:", *(f"        {x}" for x in state.split(" | "))] if state else []
    lines += ["    equations:", *(f"        {x}" for x in equations.split(" | "))]
    lines += ["    on pre:", *(f"        {x}" for x in on_pre.split(" | "))] if on_pre else []
    settings = "weight = 1, delay = 1 ms" if on_pre else "weight = 1"
    return NET.format(synapse="\n".join(lines), use=use, settings=settings)


def synapse_of(text: str) -> Model:
    return plan_of(text).populations[0].receptors[0].synapse


def apart(equations: str, state: str = "", on_pre: str = "") -> tuple[list[str], list[str]]:
    """Return the texts of what is summed (with the weight as w) and of what the target adds."""
    log = DiagnosticLog()
    found = continuous_of(synapse_of(text_of(equations, state, on_pre)), log)
    assert log.found == ()
    assert found is not None
    sums = [("w: " if s.weighted else "1: ") + expression_text(s.value) for s in found.sums]
    return sums, [expression_text(t.value) for t in found.terms]


@pytest.mark.parametrize(
    ("equations", "sums", "terms"),
    [
        (
            "post.I += weight*(pre.V_m - post.V_m)",
            ["w: pre.V_m", "w: 1"],
            ["sum0 - sum1*post.V_m"],
        ),
        ("post.I += weight*(post.V_m - pre.V_m)", ["w: 1", "w: pre.V_m"], ["sum0*post.V_m - sum1"]),
        ("post.I += pre.u*post.u", ["1: pre.u"], ["sum0*post.u"]),
        ("post.I += (1 + weight)*pre.u", ["w: pre.u", "1: pre.u"], ["sum0 + sum1"]),
        (
            "post.I += weight*(pre.V_m - post.V_m)^2",
            ["w: pre.V_m*pre.V_m", "w: pre.V_m", "w: 1"],
            None,
        ),
        ("post.I += weight*pre.u/(pre.V_m*post.V_m)", ["w: pre.u/pre.V_m"], ["sum0*(1/post.V_m)"]),
        (
            "B = exp(-post.V_m) | post.I += weight*exp(pre.V_m)*B*(5 - post.V_m)",
            ["w: exp(pre.V_m)"],
            ["sum0*(B*(5 - post.V_m))"],
        ),
        (
            "d = pre.V_m - post.V_m | post.I += weight*d",
            ["w: pre.V_m", "w: 1"],
            ["sum0 - sum1*post.V_m"],
        ),
        (
            "post.I += weight*(pre.u + post.u if post.V_m > 0 else 0)",
            ["w: pre.u", "w: 1"],
            None,
        ),
        ("post.I += weight*max(pre.u, 0) | post.I -= weight*post.u", None, None),
    ],
)
def test_contributions_are_sums_of_products(
    equations: str, sums: list[str] | None, terms: list[str] | None
) -> None:
    if "-=" in equations:
        equations = equations.replace("post.I -= ", "post.I += -")
        sums, terms = ["w: max(pre.u, 0)", "w: 1"], ["sum0", "-(sum1*post.u)"]
    found = apart(equations)
    assert sums is None or found[0] == sums
    assert terms is None or found[1] == terms


def test_states_are_those_of_the_source() -> None:
    sums, terms = apart(
        "dx/dt = -x/tau | ds/dt = x*(1 - s)/tau | post.I += weight*s^4/(s^4 + 1)*(2 - post.V_m)",
        "x = 0 | s = 0",
        "x += 1",
    )
    assert sums == ["w: s^4/(s^4 + 1)"]
    assert terms == ["sum0*(2 - post.V_m)"]


def refusal(text: str) -> Diagnostic:
    with pytest.raises(BnsError) as caught:
        started(plan_of(text))
    (finding,) = caught.value.diagnostics
    return finding


STATE = "ds/dt = -s/tau | post.I += weight*s*pre.u"


@pytest.mark.parametrize(
    ("equations", "state", "on_pre", "code", "message", "line"),
    [
        (
            "post.I += weight*tanh(pre.V_m - post.V_m)", "", "",
            "BN544", "`tanh(pre.V_m - post.V_m)` depends on both neurons", "post.I",
        ),
        (
            "post.I += pre.u/(pre.V_m + post.V_m)", "", "",
            "BN544", "`pre.u/(pre.V_m + post.V_m)` depends on both", "post.I",
        ),
        ("post.I += exp(weight)*pre.u", "", "", "BN544", "`exp(weight)", "post.I"),
        (STATE, "s = 0", "s += weight*(1 - s)", "BN501", "`on pre` reads `weight`", "s +="),
        (STATE, "s = 0", "s += post.u", "BN501", "`on pre` reads `post.u`", "s +="),
        (STATE, "s = 0", "s += uniform(0, 1)", "BN501", "reads a random number", "s +="),
        (
            "ds/dt = -s*post.u/tau | post.I += weight*s", "s = 0", "s += 1",
            "BN501", "the equation of `s` reads `post.u`, so every synapse", "ds/dt",
        ),
        (STATE, "s = 0", "s += 1 | post.u += weight", "BN501", "continuously and at", "on pre"),
        (STATE, "s = 0", "s += 1 | post.u += s", "BN501", "continuously and at", "on pre"),
        (
            "post.I += weight*pre.I", "", "",
            "BN506", "`S` reads `S` of its source, which is summed", "A -> A",
        ),
    ],
)  # fmt: skip
def test_what_is_no_sum_over_sources_is_refused(
    equations: str, state: str, on_pre: str, code: str, message: str, line: str
) -> None:
    finding = refusal(text_of(equations, state, on_pre))
    assert (finding.code, message in finding.message) == (code, True), finding
    assert finding.span is not None
    assert finding.span.source.line(finding.span.line).strip().startswith(line)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("A -> A : S", "poisson(1 kHz) -> A : S", "BN505", "needs presynaptic neurons"),
        ("delay = 1 ms", "delay = 1 ms, gain = 1 + t/(1 s)", "BN544", "gain of `S`"),
        (": S all", ": S with Grows all", "BN544", "the weights of `S`"),
        ("Cell[3]", "Cell[3] { S.s = uniform(0, 1) }", "BN240", "one value for all"),
        ("V_m of A", "S.s of A", "BN247", "belongs to the presynaptic neurons"),
    ],
)
def test_uses_that_are_not_compiled_are_refused(
    old: str, new: str, code: str, message: str
) -> None:
    rule = "plasticity Grows:\n    equations:\n        dweight/dt = 1 s^-1\n"
    text = text_of("ds/dt = -s^2/tau | post.I += weight*s", "s = 0", "s += 1")
    assert old in text
    if "poisson" in new:
        text = text.replace("all_to_all", "one_to_one")
    finding = refusal(rule + text.replace(old, new))
    assert (finding.code, message in finding.message) == (code, True), finding
    assert finding.span is not None


def test_synapses_that_spikes_act_on_are_not_continuous() -> None:
    linear = text_of("dg/dt = -g/tau | post.I += g*(1 - post.V_m)", "g = 0", "g += weight")
    assert not acts_continuously(synapse_of(linear))
    assert acts_continuously(synapse_of(text_of("post.I += pre.u")))
    # without spikes its state would be that of one synapse, and not the sum over them
    assert acts_continuously(synapse_of(text_of("dg/dt = (1 - g)/tau | post.I += g", "g = 0")))


def test_only_what_spikes_act_on_can_be_instant() -> None:
    late = text_of("ds/dt = -s^2/tau | post.I += weight*s", "s = 0", "s += 1")
    instant = late.replace("delay = 1 ms", "delay = 0 ms")
    found = [[d.code for d in started(plan_of(t)).log.found] for t in (late, instant)]
    assert found == [[], ["BN482"]]
    assert started(plan_of(text_of("post.I += weight*pre.u*0.1"))).log.found == ()
