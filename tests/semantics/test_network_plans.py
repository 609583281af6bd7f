"""What a network block becomes: sizes, values, wires, receptors, projections, drives, probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bnsyn_dsl.semantics.expression import Const, Random, Symbol, references, walk
from bnsyn_dsl.semantics.plan import Part
from bnsyn_dsl.semantics.run_settings import RunSettings

Check = Callable[..., Any]


def network(body: str, *, head: str = "") -> str:
    return f"{head}network Net:\n{body}    simulate: 100 ms, dt = 0.1 ms, seed = 3\n"


def populations(*lines: str) -> str:
    return "    populations:\n" + "".join(f"        {line}\n" for line in lines)


def projections(*lines: str) -> str:
    return "    projections:\n" + "".join(f"        {line}\n" for line in lines)


TWO = populations("E : LIF[80]", "I : LIF[20]", "cells = E, I")


def test_parameters_depend_on_each_other_in_any_order(check: Check) -> None:
    text = "    parameters:\n        a = 2*b\n        b = c + 1\n        c = 3 ms/(1 ms)\n"
    plan = check(network(text + populations("E : LIF[a]"))).plan
    assert plan.parameters == {"a": 8.0, "b": 4.0, "c": 3.0}
    assert plan.population("E").size == 8


def test_parameters_may_use_dt_and_dt_may_use_parameters(check: Check) -> None:
    text = "    parameters:\n        n = 5\n        step = 1 ms/n\n        D = 3*dt\n"
    text = f"network Net:\n{text}{populations('E : LIF[1] { t_ref = D }')}"
    plan = check(text + "    simulate: 10 ms, dt = step\n").plan
    assert plan.dt == pytest.approx(0.2)
    assert plan.population("E").parameters["t_ref"] == pytest.approx(0.6)


def test_settings_replace_parameters_and_dependants_move(check: Check) -> None:
    text = network("    parameters:\n        g = 5\n        h = 2*g\n" + populations("E : LIF[h]"))
    plan = check(text, settings=RunSettings(values={"g": "6"})).plan
    assert plan.parameters == {"g": 6.0, "h": 12.0}


def test_settings_reach_into_the_braces_of_a_population(check: Check) -> None:
    text = network(populations("E : LIF[2] { V_th = -40 mV }"))
    values = {"E.V_th": "-45 mV", "E.I_e": "500 pA"}
    population = check(text, settings=RunSettings(values=values)).plan.population("E")
    assert population.parameters["V_th"] == -45.0
    assert population.inputs["I_e"] == 500.0


@pytest.mark.parametrize(
    ("target", "text", "help_text"),
    [
        ("gg", "6", "did you mean `g`?"),
        ("e.I_e", "6 pA", "did you mean `E`?"),
        ("F.I_e", "6 pA", "there is `E`"),
        (
            "I_e",
            "6 pA",
            "there is `g`; what belongs to a population is set by both names: `E.I_e`",
        ),
        ("g", "6\n    solve: euler", None),
    ],
)
def test_settings_of_nothing_are_refused(
    target: str, text: str, help_text: str | None, check: Check
) -> None:
    block = network("    parameters:\n        g = 5\n" + populations("E : LIF[g]"))
    finding = check(block, settings=RunSettings(values={target: text})).one("BN248")
    assert finding.help == help_text


def test_the_caller_sets_the_length_of_the_run(check: Check) -> None:
    settings = RunSettings(duration=5.0, dt=0.5, seed=2**64 - 1)
    plan = check(network(TWO), settings=settings).plan
    assert (plan.duration, plan.dt, plan.seed) == (5.0, 0.5, 2**64 - 1)


def test_without_simulate_there_is_a_default_and_a_note(check: Check) -> None:
    checked = check("network Net:\n" + TWO)
    assert (checked.plan.duration, checked.plan.dt, checked.plan.seed) == (1000.0, 0.1, 1)
    assert checked.codes() == ["BN491"]


def test_every_parameter_and_state_has_a_value(check: Check) -> None:
    population = check(network(populations("E : LIF[3]"))).plan.population("E")
    assert population.parameters == {
        "C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0, "t_ref": 2.0,
    }  # fmt: skip
    assert population.initial == {"V_m": -70.0}
    assert population.inputs == {"I_syn": 0.0, "I_e": 0.0}
    assert population.wires == {}


def test_a_default_moves_with_the_parameter_it_depends_on(check: Check) -> None:
    population = check(network(populations("E : LIF[3] { E_L = -60 mV }"))).plan.population("E")
    assert population.initial == {"V_m": -60.0}


def test_a_random_parameter_leaves_its_dependants_as_expressions(check: Check) -> None:
    population = check(
        network(populations("E : NetME[3]")).replace("0.1 ms", "1 ms")
    ).plan.population("E")
    drawn = population.parameters["r"]
    assert isinstance(drawn, Random)
    assert drawn.number == 0
    assert references(population.parameters["c"]) == (Symbol("r", "parameter"),)
    assert population.parameters["noise"] == 5.0


def test_what_differs_from_element_to_element_stays_with_constants_put_in(check: Check) -> None:
    text = "    parameters:\n        d = 1 pA\n"
    text += populations("E : LIF[4] { I_e = 2*d*index + normal(0 pA, 3*d)/size }")
    value = check(network(text)).plan.population("E").inputs["I_e"]
    assert references(value) == (Symbol("index", "element"),)
    assert [e.value for e in walk(value) if isinstance(e, Const)] == [2.0, 0.0, 3.0, 4.0]


def test_wires_keep_the_parameters_of_the_network(check: Check) -> None:
    text = "    parameters:\n        f = 5 Hz\n"
    text += populations("w : PoissonSource[3] { rate = 10 Hz*size*(1 + sin(2*pi*f*t)) }")
    population = check(network(text)).plan.population("w")
    assert population.inputs == {}
    assert set(references(population.wires["rate"])) == {
        Symbol("f", "network"),
        Symbol("t", "time"),
    }


def test_a_wire_reads_a_member_of_another_population(check: Check) -> None:
    text = populations("cell : LIF[3] { I_e = 500 pA + ou.I + one.I }", "ou : OUSource[3]",
                       "one : OUSource[1]")  # fmt: skip
    wire = check(network(text)).plan.population("cell").wires["I_e"]
    assert set(references(wire)) == {Symbol("I", "member", "ou"), Symbol("I", "member", "one")}


def test_spike_sources_have_their_times(check: Check) -> None:
    text = "    parameters:\n        first = 10 ms\n        T = [1 ms, 2 ms]\n" + populations(
        "a : SpikeSource[2] { times = [30 ms, first] }",
        "b : SpikeSource[2] { times = [[1 ms], [2 ms, 3 ms]] }",
        "c : SpikeSource[1] { times = T }",
    )
    plan = check(network(text)).plan
    times = {p.name: [t.tolist() for t in p.spike_times] for p in plan.populations}
    assert times == {"a": [[10.0, 30.0]] * 2, "b": [[1.0], [2.0, 3.0]], "c": [[1.0, 2.0]]}
    assert plan.population("a").model.kind == "neuron"
    assert all(t.dtype == np.float64 for t in plan.population("a").spike_times)


def test_groups_and_slices_stand_for_their_members(check: Check) -> None:
    text = populations("a : LIF[10]", "b : LIF[5]", "ab = a, b", "mid = ab[8:12]", "one = b[2]")
    text += "    record:\n        spikes of mid, one\n"
    parts = [p.part for p in check(network(text)).plan.probes]
    assert parts == [
        Part(population="a", first=8, last=10),
        Part(population="b", first=0, last=2),
        Part(population="b", first=2, last=3),
    ]


def test_one_projection_for_each_pair_with_tables_by_position(check: Check) -> None:
    text = "    parameters:\n        W = [[1, 2], [3, 4]]\n" + TWO
    text += projections("cells -> cells : Delta all_to_all "
                        "{ weight = W[target, source]*1 mV, delay = 1 ms }")  # fmt: skip
    plan = check(network(text)).plan
    assert {p.name: p.weight for p in plan.projections} == {
        "E->E:Delta": 1.0, "I->E:Delta": 2.0, "E->I:Delta": 3.0, "I->I:Delta": 4.0,
    }  # fmt: skip


def test_names_of_projections_do_not_depend_on_others(check: Check) -> None:
    line = "E -> I : Delta all_to_all { weight = 1 mV, delay = 1 ms }"
    named = "E -> cells as r : Delta all_to_all { weight = 1 mV, delay = 1 ms }"
    single = "I -> I as s : Delta all_to_all { weight = 1 mV, delay = 1 ms }"
    plan = check(network(TWO + projections(line, named, single, line))).plan
    assert [p.name for p in plan.projections] == [
        "E->I:Delta", "r[E->E]", "r[E->I]", "s", "E->I:Delta#2",
    ]  # fmt: skip


def test_sizes_of_the_ends_are_known(check: Check) -> None:
    text = TWO + projections(
        "E -> I : Delta fixed_total_number(target.size*source.size/3, multapses = true)"
        " { weight = 1 mV*source.size, delay = 1 ms }"
    )
    (projection,) = check(network(text)).plan.projections
    assert (projection.rule.count, projection.weight) == (533, 80.0)
    assert (projection.rule.multapses, projection.rule.autapses) == (True, False)


@pytest.mark.parametrize("rule", ["pairwise_bernoulli(0)", "fixed_indegree(0)"])
def test_nothing_to_connect_makes_no_projection(rule: str, check: Check) -> None:
    text = TWO + projections(f"E -> I : Delta {rule} {{ weight = 1 mV, delay = 1 ms }}")
    assert check(network(text)).plan.projections == ()


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ("fixed_indegree(79)", True),
        ("fixed_indegree(80)", False),
        ("fixed_indegree(80, autapses = true)", True),
        ("fixed_indegree(200, multapses = true)", True),
        ("fixed_total_number(6320)", True),
        ("fixed_total_number(6321)", False),
    ],
)
def test_more_connections_than_pairs_are_refused(rule: str, fits: bool, check: Check) -> None:
    text = TWO + projections(f"E -> E : Delta {rule} {{ weight = 1 mV, delay = 1 ms }}")
    assert check(network(text)).codes() == ([] if fits else ["BN450"])


def test_projections_that_agree_share_a_receptor(check: Check) -> None:
    text = TWO + projections(
        "E -> cells : AMPA all_to_all { weight = 1 nS, delay = 1 ms }",
        "I -> E : AMPA { tau = 5 ms } all_to_all { weight = 1 nS, delay = 1 ms }",
        "I -> E : AMPA { tau = 2 ms } all_to_all { weight = 1 nS, delay = 1 ms }",
    )
    plan = check(network(text)).plan
    receptors = plan.population("E").receptors
    assert [(r.name, r.parameters["tau"]) for r in receptors] == [("AMPA", 5.0), ("AMPA_2", 2.0)]
    assert [p.ports[0].receptor for p in plan.projections] == [0, 0, 0, 1]
    assert [r.name for r in plan.population("I").receptors] == ["AMPA"]


def test_a_mix_has_a_port_for_each_share(check: Check) -> None:
    text = "    parameters:\n        q = 0.3\n" + TWO
    text += projections("E -> I : 0.7*AMPA + q*NMDA + (q/3)*GABA_A one_to_one { weight = 1 nS, "
                        "delay = 1 ms }").replace("E ->", "I ->")  # fmt: skip
    (projection,) = check(network(text)).plan.projections
    assert [(p.receptor, p.share) for p in projection.ports] == [
        (0, 0.7), (1, 0.3), (2, pytest.approx(0.1)),
    ]  # fmt: skip
    assert projection.name == "I->I:AMPA+NMDA+GABA_A"


def test_the_braces_of_a_population_give_receptors_their_initial_values(check: Check) -> None:
    text = populations("E : LIF[5] { AMPA.g = normal(40 nS, 15 nS) }") + projections(
        "E -> E : AMPA all_to_all { weight = 1 nS, delay = 1 ms }",
        "E -> E : GABA_A all_to_all { weight = 1 nS, delay = 1 ms }",
    )
    ampa, gaba = check(network(text)).plan.population("E").receptors
    assert isinstance(ampa.initial["g"], Random)
    assert gaba.initial["g"] == 0.0


def test_ports_are_renamed_for_one_use(check: Check) -> None:
    text = populations("cell : TwoCompartment[3]") + projections(
        "poisson(1 kHz) -> cell : AMPA { post.V_m = V_d, post.I_syn = I_den } one_to_one "
        "{ weight = 1 nS }",
        "poisson(1 kHz) -> cell : AMPA one_to_one { weight = 1 nS, delay = 1 ms }",
        "poisson(1 kHz) -> cell : Delta { post.V_m = V_d } one_to_one { weight = 1 mV }",
    )
    plan = check(network(text)).plan
    dendrite, soma, jump = plan.population("cell").receptors
    assert [d.delay for d in plan.drives] == [0.0, 1.0, 0.0]
    used = references(dendrite.synapse.contributions[0].value)
    assert dendrite.synapse.contributions[0].port == "I_den"
    assert Symbol("V_d", "state", "post") in used
    assert soma.synapse.contributions[0].port == "I_syn"
    assert jump.synapse.handlers[0].body[0].target == Symbol("V_d", "state", "post")


def test_the_rate_of_a_drive_is_a_number_or_a_function_of_time(check: Check) -> None:
    text = (
        "    parameters:\n        f = 20 Hz\n        K = [2, 3]\n"
        + TWO
        + projections(
            "poisson(K[target]*f) -> cells : Delta one_to_one { weight = 1 mV }",
            "poisson(f*K[target] if t > 5 ms else 0 Hz) -> I as later : Delta one_to_one "
            "{ weight = 1 mV }",
            "poisson(0 Hz) -> I as never : Delta one_to_one { weight = 1 mV }",
        )
    )
    drives = {d.name: d.rate for d in check(network(text)).plan.drives}
    assert drives["poisson->E:Delta"] == pytest.approx(0.04)
    assert drives["poisson->I:Delta"] == pytest.approx(0.06)
    assert set(references(drives["later"])) == {Symbol("f", "network"), Symbol("t", "time")}
    assert "never" not in drives


def test_random_weights_stay_random_with_numbers_inside(check: Check) -> None:
    text = TWO + projections(
        "E -> I : Delta all_to_all { weight = normal(1 mV, 0.1*2 mV), "
        "delay = uniform(dt, 2*dt) + 0*uniform(0 ms, 1 ms) }"
    )
    (projection,) = check(network(text)).plan.projections
    assert isinstance(projection.weight, Random)
    assert projection.weight.args == (Const(value=1.0), Const(value=0.2))
    assert [e.number for e in walk(projection.delay) if isinstance(e, Random)] == [0, 1]


def test_probes_are_expanded_and_have_steps(check: Check) -> None:
    text = TWO + projections("E -> E : AMPA all_to_all { weight = 1 nS, delay = 1 ms }")
    text += "    record:\n        V_m, I_syn of cells every 0.3 ms\n        AMPA.g of E[0:2]\n"
    plan = check(network(text)).plan
    found = [(p.part.population, p.variable, p.interval) for p in plan.probes]
    assert found == [
        ("E", "V_m", pytest.approx(0.3)),
        ("I", "V_m", pytest.approx(0.3)),
        ("E", "I_syn", pytest.approx(0.3)),
        ("I", "I_syn", pytest.approx(0.3)),
        ("E", "AMPA.g", 0.1),
    ]


def test_the_method_of_a_block_wins_over_that_of_the_network(check: Check) -> None:
    head = "neuron Own is LIF:\n    solve: rk4\n\n"
    text = network(populations("a : Own[1]", "b : LIF[1]") + "    solve: euler\n", head=head)
    assert [p.method for p in check(text).plan.populations] == ["rk4", "euler"]


def test_a_requirement_names_the_values(check: Check) -> None:
    finding = check(network(populations("E : LIF[1] { V_reset = -50 mV }"))).one("BN444")
    assert finding.message == (
        "`require V_reset < V_th` is violated in population `E`: V_reset = -50 mV, V_th = -55 mV"
    )


@pytest.mark.parametrize(("dt", "codes"), [("1 ms", []), ("1000 us", []), ("0.5 ms", ["BN444"])])
def test_a_required_step_is_compared_up_to_rounding(
    dt: str, codes: list[str], check: Check
) -> None:
    text = network(populations("E : IzhikevichPublished[1]")).replace("dt = 0.1 ms", f"dt = {dt}")
    assert check(text).codes() == codes


def test_units_of_plain_receptors_follow_the_target(check: Check) -> None:
    text = populations("E : ALIF[3]")
    line = "E -> E : Delta all_to_all {{ weight = {}, delay = 1 ms }}"
    assert check(network(text + projections(line.format("0.1")))).codes() == []
    finding = check(network(text + projections(line.format("0.1 mV")))).one("BN310")
    assert finding.message == ("the weight of `E->E:Delta` is a plain number, but this is in `mV`")


def test_a_synapse_that_does_not_fit_the_units_of_its_target_says_where(check: Check) -> None:
    text = populations("E : ALIF[3]") + projections(
        "E -> E : AMPA all_to_all { weight = 1 nS, delay = 1 ms }"
    )
    finding = next(d for d in check(network(text)).found if d.code.startswith("BN3"))
    assert finding.span.source.name.endswith("conductance.bns")
    assert finding.label.span.source.name == "text.bns"


def test_a_parameter_that_nothing_reads_is_a_warning(check: Check) -> None:
    text = "    parameters:\n        used = 1\n        unused = used\n" + populations("E : LIF[1]")
    assert [d.message for d in check(network(text)).found] == ["`unused` is not used"]
