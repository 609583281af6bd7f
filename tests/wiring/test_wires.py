"""What wires can read: auxiliary names in terms of states, and the codes of what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnsyn_dsl.analysis.members import with_states_in_wires
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.semantics.expression import references
from tests import systems

TEXT = """
neuron Cell:
    parameters:
        tau = 10 ms
        E_L = 0 mV
    input:
        I_syn = 0 mV
    state:
        V_m = E_L
    equations:
        tau*dV_m/dt = E_L - V_m + I_syn
        depth = V_m - E_L
        drive = I_syn - V_m
    spike when V_m > 20 mV: V_m = E_L

modulator Pool:
    parameters:
        tonic = 0.5 Hz
    input:
        level = 0 Hz
    state:
        d = 0 Hz
    equations:
        dd/dt = -d/(30 ms)
        n = d + tonic + level
        twice = 2*n

plasticity Rule:
    parameters:
        w_max : weight
    input:
        n : Hz
    state:
        x = 0
        c = 0*w_max
    weight in [0, w_max]
    equations:
        dx/dt = -x/(20 ms)
        dc/dt = -c/(1 s)
        dweight/dt = n*c
    on pre:
        x += 1
    on post:
        c += 0.1*w_max*x

network Net:
    populations:
        E : Cell[4]
        one : Cell[1]
    modulators:
        other : Pool { tonic = 0.1 Hz }
        da : Pool { level = 0.2 Hz }
        many : Pool[2] { tonic = uniform(0 Hz, 1 Hz) }
    projections:
        E -> E as rec : Exp with Rule { n = da.n, w_max = 4 mV } all_to_all {
            weight = 1 mV, delay = 1 ms, gain = 1
        }
    simulate: 10 ms, dt = 0.1 ms, seed = 1

synapse Exp:
    state:
        i = 0 mV
    equations:
        di/dt = -i/(5 ms)
        post.I_syn += i
    on pre: i += weight
"""

WIRE = "n = da.n"
GAIN = "gain = 1"


def problems(old: str, new: str, cache: Path) -> list[tuple[str, str, str | None]]:
    """Return code, message and marked text of what is found with a part replaced."""
    assert old in TEXT
    log = DiagnosticLog()
    with pytest.raises(BnsError):
        compile_network(systems.plan_of(TEXT.replace(old, new)), CompileOptions(cache=cache), log)
    found = []
    for d in log.found:
        line = None if d.span is None else d.span.source.line(d.span.line)
        marked = None if line is None else line[d.span.column - 1 : d.span.end_column - 1]  # type: ignore[union-attr]
        found.append((d.code, d.message, marked))
    return found


def test_auxiliary_names_become_states_of_their_pool() -> None:
    log = DiagnosticLog()
    plan = with_states_in_wires(systems.plan_of(TEXT.replace(WIRE, "n = da.twice")), log)
    assert log.found == ()
    learning = plan.projections[0].learning
    assert learning is not None
    (wire,) = learning.wires.values()
    assert [s.text for s in references(wire)] == ["da.d"]


def test_wires_of_modulators_are_followed_into_those_they_read() -> None:
    text = TEXT.replace("level = 0.2 Hz", "level = other.n").replace(WIRE, "n = da.twice")
    log = DiagnosticLog()
    plan = with_states_in_wires(systems.plan_of(text), log)
    learning = plan.projections[0].learning
    assert learning is not None
    assert [s.text for s in references(learning.wires["n"])] == ["da.d", "other.d"]
    assert [s.text for s in references(plan.pools[1].wires["level"])] == ["other.d"]


def test_wires_that_need_one_another_are_a_circle() -> None:
    text = TEXT.replace("tonic = 0.1 Hz", "level = da.level")
    for level, ring in [
        ("other.n", "`da.level` -> `other.n` -> `other.level` -> `da.level`"),
        ("da.level", "`da.level` -> `da.level`"),
    ]:
        log = DiagnosticLog()
        with_states_in_wires(
            systems.plan_of(text.replace("level = 0.2 Hz", f"level = {level}")), log
        )
        assert [d.code for d in log.found] == ["BN217"]
        assert log.found[0].message == f"`da.level` depends on itself: {ring}"


def test_a_circle_through_states_is_none() -> None:
    text = TEXT.replace("tonic = 0.1 Hz", "level = da.d").replace(
        "level = 0.2 Hz", "level = other.n"
    )
    log = DiagnosticLog()
    with_states_in_wires(systems.plan_of(text), log)
    assert log.found == ()


def test_a_wire_that_can_be_formed_compiles(tmp_path: Path) -> None:
    for old, new in [(GAIN, "gain = mean(depth of E)/(1 mV)"), (WIRE, "n = mean(n of many)")]:
        log = DiagnosticLog()
        if "many" in new:
            new = "n = mean(d of many)"
        plan = systems.plan_of(TEXT.replace(old, new))
        compile_network(plan, CompileOptions(cache=tmp_path), log)
        assert log.found == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "marked"),
    [
        (WIRE, "n = sum(n of many)", "BN507",
         "`many.tonic` differs from element to element and cannot be wired", "n"),
        (GAIN, "gain = mean(drive of E)/(1 mV)", "BN507",
         "`E.I_syn` changes with what is added to it and cannot be wired", "drive"),
        (GAIN, "gain = mean(I_syn of E)/(1 mV)", "BN507",
         "`E.I_syn` changes with what is added to it and cannot be wired", "I_syn"),
        (GAIN, "gain = mean(x of rec)", "BN508",
         "`x` of `rec` does not lie at the synapses and cannot be wired", "x"),
        (GAIN, "gain = one.V_m/(1 mV)", "BN508",
         "`one.V_m` is read neuron by neuron and cannot be wired", "one.V_m"),
        (WIRE, "n = one.depth/(1 mV)*(1 Hz)", "BN508",
         "`one.V_m` is read neuron by neuron and cannot be wired", "one.depth"),
    ],
)  # fmt: skip
def test_what_a_wire_cannot_read_is_shown_where_it_stands(
    old: str, new: str, code: str, message: str, marked: str, tmp_path: Path
) -> None:
    assert problems(old, new, tmp_path) == [(code, message, marked)]


def test_a_reduced_weight_is_within_its_bounds(tmp_path: Path) -> None:
    """As is a weight that is read or recorded: a driven one may be outside between arrivals."""
    plan = systems.plan_of(TEXT.replace(GAIN, "gain = mean(weight of rec)/(1 mV)"))
    text = compile_network(plan, CompileOptions(cache=tmp_path), DiagnosticLog()).path.read_text()
    (loop,) = [part for part in text.split("@njit") if "def reduce_0(" in part]
    assert "bn_clip(rec_weight, 0.0, 4.0)" in loop
    assert "def bn_clip(" in text


def test_the_flag_of_neurons_that_never_rest_is_false(tmp_path: Path) -> None:
    text = TEXT.replace("c += 0.1*w_max*x", "c += 0.1*w_max*x if post.refractory else 0.2*w_max*x")
    log = DiagnosticLog()
    compiled = compile_network(systems.plan_of(text), CompileOptions(cache=tmp_path), log)
    (rule,) = compiled.rules
    assert rule.learned.system.members == ()
    rests = text.replace("V_m > 20 mV: V_m = E_L", "V_m > 20 mV: V_m = E_L\n    refractory 1 ms")
    compiled = compile_network(systems.plan_of(rests), CompileOptions(cache=tmp_path), log)
    assert [m.text for m in compiled.rules[0].learned.system.members] == ["post.refractory"]
