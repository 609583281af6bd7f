"""Plans of rules, modulators, gain, reductions and their recorders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.model import Set
from bnsyn_dsl.semantics.plan import LearningPlan, NetworkPlan, Part, PoolPlan, ProjectionPlan
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.semantics.units import find_unit

Check = Callable[..., Any]

NETWORK = """network Net:
    parameters:
        w = 2 nS
    populations:
        E : LIF[80]
        I : LIF[20] {{ I_e = {current} }}
        cells = E, I
    modulators:
        {modulators}
    projections:
        {projections}
    record:
        {record}
    simulate: 10 ms
"""
DUAL = "DualWeight {{ protein = {}, w_max = 10*w }}"


def plan(
    check: Check,
    *projections: str,
    modulators: str = "critic : RewardPredictionError[4]",
    current: str = "0 pA",
    record: str = "spikes of cells",
) -> NetworkPlan:
    text = NETWORK.format(
        projections="\n        ".join(projections),
        modulators=modulators,
        current=current,
        record=record,
    )
    checked = check(text)
    assert checked.codes() == []
    found = checked.plans["Net"]
    assert found is not None
    return found  # type: ignore[no-any-return]


def learning(plan: NetworkPlan, at: int = 0) -> LearningPlan:
    found = plan.projections[at].learning
    assert found is not None
    return found


def unit(name: str) -> Dimension:
    found = find_unit(name)
    assert found is not None
    return found.dimension


def text(value: object) -> str:
    assert isinstance(value, Expr)
    return expression_text(value)


def rule(
    use: str, *, weight: str = "w", synapse: str = "AMPA", more: str = "", name: str = "as rec"
) -> str:
    return (
        f"E -> E {name} : {synapse} with {use} all_to_all "
        f"{{ weight = {weight}, delay = 1 ms{more} }}"
    )


def dopamine(more: str = "", wire: str = "sum(S of critic)") -> str:
    return rule(f"DopamineSTDP {{ n = {wire}, w_max = 5*w }}", more=more)


# ------------------------------------------------------------------------------ rules


def test_a_rule_has_parameters_states_and_wires(check: Check) -> None:
    found = plan(check, dopamine())
    one = learning(found)
    assert one.rule.name == "DopamineSTDP"
    assert one.parameters["w_max"] == 10.0
    assert one.parameters["tau_c"] == 1000.0
    assert one.initial == {"x": 0.0, "y": 0.0, "c": 0.0}
    assert one.inputs == {}
    assert one.wires == {
        "n": Apply(
            op="sum_of",
            args=(
                Ref(symbol=Symbol("S", "member", "critic")),
                Ref(symbol=Symbol("critic", "collection", "pool")),
            ),
        )
    }
    assert one.dendritic_delay == 0.0
    assert found.projections[0].gain == 1.0
    assert one.span is not None
    assert one.span.line == 11


@pytest.mark.parametrize(
    ("synapse", "weight", "shown"), [("AMPA", "1 nS", "nS"), ("ExpCurrent", "1 pA", "pA")]
)
def test_the_receptor_settles_the_unit_of_the_weight(
    synapse: str, weight: str, shown: str, check: Check
) -> None:
    use = f"DopamineSTDP {{ n = 1 Hz, w_max = 5*{weight} }}"
    other = "E -> I : AMPA all_to_all { weight = w, delay = 1 ms }"
    model = learning(plan(check, rule(use, weight=weight, synapse=synapse), other)).rule
    assert model.weight == unit(shown)
    assert model.dimension_of("w_max") == unit(shown)
    assert model.dimension_of("c") == unit(shown)


def test_one_rule_on_two_units_is_two_models(check: Check) -> None:
    use = "DopamineSTDP {{ n = 1 Hz, w_max = 5*{} }}"
    found = plan(
        check,
        rule(use.format("w")),
        rule(use.format("1 pA"), weight="1 pA", synapse="ExpCurrent", name=""),
    )
    units = [learning(found, k).rule.weight for k in (0, 1)]
    assert units == [unit("nS"), unit("pA")]


def test_an_initial_state_may_depend_on_the_given_weight(check: Check) -> None:
    one = learning(plan(check, rule(DUAL.format("1"), weight="uniform(0 nS, w)")))
    assert one.initial["w_c"] == Ref(symbol=Symbol("weight", "weight"))
    assert one.inputs == {"protein": 1.0, "gate": 1.0}


def test_initial_states_per_synapse_stand_behind_the_connection_rule(check: Check) -> None:
    found = plan(check, dopamine(", c = w/4, y = uniform(0, 1)"))
    assert learning(found).initial["c"] == 0.5
    assert text(learning(found).initial["y"]) == "uniform(0, 1)"


def test_names_of_the_neurons_have_the_kind_they_have_there(check: Check) -> None:
    source = "plasticity P:\n    on pre: weight += 0.1*weight*(post.V_m - pre.E_L)/(1 mV)\n\n"
    network = NETWORK.format(
        projections=rule("P"), modulators="critic : RewardPredictionError", current="0 pA",
        record="spikes of E",
    )  # fmt: skip
    checked = check(source + network)
    assert checked.codes() == []
    model = learning(checked.plans["Net"]).rule
    (statement,) = model.handlers[0].body
    assert isinstance(statement, Set)
    used = [s for s in references(statement.value) if s.owner]
    assert used == [Symbol("V_m", "state", "post"), Symbol("E_L", "parameter", "pre")]


def test_the_dendritic_delay_is_kept_in_milliseconds(check: Check) -> None:
    assert learning(plan(check, dopamine(", dendritic_delay = 0.4 ms"))).dendritic_delay == 0.4


def test_every_pair_of_a_list_learns_with_its_own_wires(check: Check) -> None:
    line = "E, I -> cells as rec : AMPA with {} all_to_all {{ weight = w, delay = 1 ms }}"
    sizes = "DopamineSTDP { n = source.size*1 Hz, w_max = 5*w }"
    found = plan(check, line.format(sizes))
    names = ["rec[E->E]", "rec[E->I]", "rec[I->E]", "rec[I->I]"]
    assert [p.name for p in found.projections] == names
    inputs = [learning(found, k).inputs["n"] for k in range(4)]
    assert inputs == pytest.approx([0.08, 0.08, 0.02, 0.02])


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ("critic.S", "critic.S"),
        ("max(S of critic)*w/(1 nS)", "max(S of critic)*w/1"),
        ("1 Hz if t < 5 ms else 0 Hz", "0.001 if t < 5 else 0"),
    ],
)
def test_wires_keep_what_changes_and_the_networks_parameters(
    wire: str, shown: str, check: Check
) -> None:
    pool = "critic : RewardPredictionError"
    found = plan(check, dopamine(wire=wire), modulators=pool)
    assert text(learning(found).wires["n"]) == shown
    assert learning(found).inputs == {}


# -------------------------------------------------------------------------- modulators


def pool(plan: NetworkPlan, at: int = 0) -> PoolPlan:
    return plan.pools[at]


def test_a_modulator_has_size_values_and_sources(check: Check) -> None:
    static = "E -> I : AMPA all_to_all { weight = w, delay = 1 ms }"
    lines = (
        "control : RateHomeostasis[2] { tau = 5 s, gain = 1 + index } from E[10:30], I\n"
        "        critic : RewardPredictionError { eta_R = uniform(0, 1) }"
    )
    control, critic = plan(check, static, modulators=lines).pools
    assert (control.name, control.size, control.model.name) == ("control", 2, "RateHomeostasis")
    assert control.parameters["tau"] == 5000.0
    assert text(control.initial["gain"]) == "1 + index"
    assert control.sources == (
        Part(population="E", first=10, last=30),
        Part(population="I", first=0, last=20),
    )
    assert (critic.size, critic.sources) == (1, ())
    assert text(critic.parameters["eta_R"]) == "uniform(0, 1)"


def test_modulators_read_each_other_in_any_order_and_in_a_ring(check: Check) -> None:
    source = (
        "modulator Follow:\n    input:\n        u = 0\n    state:\n        x = 1\n"
        "    equations:\n        dx/dt = (u - x)/1 s\n        twice = 2*x\n\n"
    )
    network = NETWORK.format(
        projections="E -> I : AMPA all_to_all { weight = w, delay = 1 ms }",
        modulators="a : Follow[3] { u = b.twice }\n        b : Follow { u = sum(x of a) + "
        "mean(V_m of cells)/(1 mV) }",
        current="b.twice*1 pA",
        record="twice of a",
    )
    checked = check(source + network)
    assert checked.codes() == []
    found = checked.plans["Net"]
    assert text(pool(found).wires["u"]) == "b.twice"
    assert text(pool(found, 1).wires["u"]) == (
        "sum(x of a) + (sum(V_m of E) + sum(V_m of I))/(count(1 of E) + count(1 of I))/1"
    )
    assert text(found.population("I").wires["I_e"]) == "b.twice*1"


# ---------------------------------------------------------------- gain and reductions


def test_the_gain_is_a_number_or_a_wire(check: Check) -> None:
    control = "control : RateHomeostasis from E"
    line = "E -> I : AMPA all_to_all {{ weight = w, delay = 1 ms, gain = {} }}"

    def gain(value: str) -> object:
        projection: ProjectionPlan = plan(
            check, line.format(value), modulators=control
        ).projections[0]
        assert projection.learning is None
        return projection.gain

    assert gain("2*w/(1 nS)") == 4.0
    assert gain("control.gain") == Ref(symbol=Symbol("gain", "member", "control"))
    assert text(gain("1 + control.gain*w/(1 nS)")) == "1 + control.gain*w/1"


def test_reductions_see_the_weight_and_the_states_of_a_rule(check: Check) -> None:
    protein = "protein : ProteinPool { tagged = mean(tag of rec) }"
    found = plan(check, rule(DUAL.format("protein.p"), more=", gain = count(weight > w of rec)/10"),
                 modulators=protein, current="sum(w_f of rec)*1 mV")  # fmt: skip
    tagged = pool(found).wires["tagged"]
    assert tagged == Apply(
        op="mean_of",
        args=(
            Ref(symbol=Symbol("tag", "member", "rec")),
            Ref(symbol=Symbol("rec", "collection", "projection")),
        ),
    )
    assert text(found.projections[0].gain) == "count(weight > w of rec)/10"
    assert text(found.population("I").wires["I_e"]) == "sum(w_f of rec)*1"


def test_a_reduction_over_a_list_of_projections_is_put_together(check: Check) -> None:
    line = "E -> cells as rec : AMPA with {} {} {{ weight = w, delay = 1 ms, gain = {} }}"
    use = DUAL.format("1")
    mean = plan(check, line.format(use, "all_to_all", "mean(tag of rec)"))
    both = ("rec[E->E]", "rec[E->I]")
    sums = " + ".join(f"sum(tag of {name})" for name in both)
    counts = " + ".join(f"count(1 of {name})" for name in both)
    assert text(mean.projections[1].gain) == f"({sums})/({counts})"
    largest = plan(check, line.format(use, "all_to_all", "max(tag of rec)"))
    gain = largest.projections[0].gain
    assert isinstance(gain, Apply)
    assert (gain.op, [a.op for a in gain.args if isinstance(a, Apply)]) == ("max", ["max_of"] * 2)
    part = plan(
        check, line.format(use, "pairwise_bernoulli(0.5 if target.size < 50 else 0)",
                           "mean(tag of rec)")
    )  # fmt: skip
    assert [p.name for p in part.projections] == ["rec[E->I]"]
    assert text(part.projections[0].gain) == "mean(tag of rec[E->I])"


# --------------------------------------------------------------------------- recording


def test_recorders_say_what_they_are_of(check: Check) -> None:
    record = "S of critic[1:3] every 1 ms\n        weight, c of rec every 2 ms\n        V_m of I"
    found = plan(check, dopamine(), record=record).probes
    assert [(p.over, p.part, p.variable, p.interval) for p in found] == [
        ("pool", Part(population="critic", first=1, last=3), "S", 1.0),
        ("projection", Part(population="rec", first=0, last=0), "weight", 2.0),
        ("projection", Part(population="rec", first=0, last=0), "c", 2.0),
        ("population", Part(population="I", first=0, last=20), "V_m", 0.1),
    ]


def test_a_list_of_projections_is_recorded_one_by_one(check: Check) -> None:
    line = rule(DUAL.format("1")).replace("E -> E", "E -> cells")
    found = plan(check, line, record="weight of rec every 1 ms").probes
    assert [p.part.population for p in found] == ["rec[E->E]", "rec[E->I]"]


def test_variants_of_networks_rules_and_modulators_keep_working(check: Check) -> None:
    source = (
        "plasticity Fast is DopamineSTDP:\n    parameters:\n        tau_c = 100 ms\n\n"
        "modulator Slow is RewardPredictionError:\n    parameters:\n        tau_S = 1 s\n\n"
    )
    network = NETWORK.format(
        projections=dopamine().replace("DopamineSTDP", "Fast"), modulators="critic : Slow",
        current="0 pA", record="weight of rec every 1 ms",
    )  # fmt: skip
    variant = "\nnetwork Stronger is Net:\n    parameters:\n        w = 3 nS\n"
    checked = check(source + network + variant)
    assert checked.codes() == []
    found = checked.plans["Stronger"]
    assert learning(found).parameters["tau_c"] == 100.0
    assert learning(found).parameters["w_max"] == 15.0
    assert learning(found).rule.root == "DopamineSTDP"
    assert pool(found).parameters["tau_S"] == 1000.0
    assert isinstance(learning(checked.plans["Net"]).parameters["w_max"], float)


def test_values_in_the_braces_of_a_modulator_can_be_set_from_outside(check: Check) -> None:
    source = NETWORK.format(
        projections=dopamine(), modulators="critic : RewardPredictionError[4] { eta_R = 0.2 }",
        current="0 pA", record="spikes of E",
    )  # fmt: skip
    changed = check(source, settings=RunSettings(values={"critic.eta_R": "0.5"}))
    assert changed.codes() == []
    assert pool(changed.plans["Net"]).parameters["eta_R"] == 0.5
    unknown = check(source, settings=RunSettings(values={"critics.eta_R": "0.5"})).one("BN248")
    assert unknown.message == "the network `Net` has no population or modulator `critics`"
    assert unknown.help == "did you mean `critic`?"
