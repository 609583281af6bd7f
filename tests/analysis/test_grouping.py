"""Which populations share a kernel."""

from __future__ import annotations

from bnsyn_dsl.analysis.grouping import CoupledGroup
from tests import systems


def groups(populations: str, rest: str = "") -> list[CoupledGroup]:
    lines = [f"        {line}" for line in populations.split(" | ")]
    text = "\n".join(
        [
            "network Small:",
            "    populations:",
            *lines,
            *rest.splitlines(),
            "    record:",
            "        spikes of A",
            "    simulate: 10 ms, dt = 0.1 ms, seed = 3",
        ]
    )
    return systems.groups_of(systems.plan_of(text + "\n"))


def names(found: list[CoupledGroup]) -> list[list[str]]:
    return [[p.name for p in g.populations] for g in found]


def varying(group: CoupledGroup) -> set[str]:
    return {p.name for p in group.system.parameters if p.varies}


def test_populations_of_one_model_share_a_kernel() -> None:
    assert names(groups("A : LIF[3] | B : LIF[5] { tau_m = 20 ms }")) == [["A", "B"]]


def test_variants_share_the_kernel_of_what_they_vary() -> None:
    found = groups("A : AdEx[3] | B : TonicSpiking[5] | C : Adapting[2]")
    assert names(found) == [["A", "B", "C"]]
    assert varying(found[0]) == set()


def test_other_models_do_not() -> None:
    assert names(groups("A : LIF[3] | B : AdEx[5] | C : LIF[2]")) == [["A", "C"], ["B"]]


def test_other_receptors_make_another_kernel() -> None:
    rest = """    projections:
        A -> B : AMPA all_to_all { weight = 1 nS, delay = 1 ms }
        B -> C : AMPA all_to_all { weight = 1 nS, delay = 1 ms }"""
    assert names(groups("A : LIF[3] | B : LIF[5] | C : LIF[5]", rest)) == [["A"], ["B", "C"]]


def test_a_random_parameter_is_an_array_in_the_whole_group() -> None:
    (group,) = groups("A : LIF[3] | B : LIF[5] { tau_m = uniform(5 ms, 9 ms) }")
    assert varying(group) == {"tau_m"}
    assert all(m.system == group.system for m in group.members)
    assert group.members[0].parameters["tau_m"] == 10.0


def test_arrays_of_several_populations_are_joined() -> None:
    (group,) = groups(
        "A : LIF[3] { C_m = uniform(5 pF, 9 pF) } | B : LIF[5] { tau_m = uniform(5 ms, 9 ms) }"
    )
    assert varying(group) == {"tau_m", "C_m"}


def test_what_is_wired_differently_does_not_share() -> None:
    populations = "A : LIF[3] {{ I_e = {} }} | B : LIF[5]"
    assert names(groups(populations.format("100 pA"))) == [["A", "B"]]
    assert names(groups(populations.format("1 pA/ms*t"))) == [["A"], ["B"]]


def test_a_wire_from_another_population_is_gathered() -> None:
    found = groups("ou : OUSource[3] | A : LIF[3] { I_e = ou.I }")
    assert names(found) == [["ou"], ["A"]]
    assert found[1].system.gathered == ("ou.I",)
    assert varying(found[0]) == set()


def test_descriptions_do_not_separate() -> None:
    head = "neuron Mine is LIF:\n    parameters:\n        tau_m = 3 ms   # another text\n"
    text = systems.network_text("LIF[3]\n        B : Mine[2]", head=head)
    assert names(systems.groups_of(systems.plan_of(text))) == [["A", "B"]]


def test_recorded_auxiliary_names_belong_to_the_group() -> None:
    text = systems.network_text("LIF[3]", {"AMPA": "1 nS"}).replace(
        "spikes of A", "I_syn of A every 1 ms\n        V_m of A every 1 ms"
    )
    (group,) = systems.groups_of(systems.plan_of(text))
    assert group.observed == ("I_syn",)
