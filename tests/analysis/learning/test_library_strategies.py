"""Owners, moves and strategy of every rule of the library."""

from __future__ import annotations

import re

import pytest

from bnsyn_dsl.analysis.learning.system import Driven, Increment, LearningSystem
from bnsyn_dsl.resources import models_directory
from tests.analysis.learning.rule_systems import RULES, library_system

# states as "name owner move", what post spikes add, strategy, what the reason names
EXPECTED: dict[str, tuple[str, str, str, str]] = {
    "PairSTDP": (
        "weight synapse Rest, x pre Decay, y post Decay",
        "weight x", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "PairSTDPNearest": (
        "weight synapse Rest, x pre Decay, y post Decay",
        "weight x", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "DopamineSTDP": (
        "weight synapse Driven, x pre Decay, y post Decay, c synapse Decay",
        "c x", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "RSTDP": (
        "weight synapse Driven, x pre Decay, y post Decay, e synapse Decay",
        "e x", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "TripletSTDP": (
        "weight synapse Rest, r1 pre Decay, r2 pre Decay, o1 post Decay, o2 post Decay",
        "weight r1", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "TripletSTDPFull": (
        "weight synapse Rest, r1 pre Decay, r2 pre Decay, o1 post Decay, o2 post Decay",
        "weight r1", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "InhibitorySTDP": (
        "weight synapse Rest, x pre Decay, y post Decay",
        "weight x", "accumulated", "a presynaptic trace times what the target owns",
    ),
    "WeightDependentSTDP": (
        "weight synapse Rest, x pre Decay, y post Decay",
        "", "replayed", "`on post` adds to `weight` depends on `weight` of the synapse",
    ),
    "RMax": (
        "weight synapse Stepped, psp pre Decay, e synapse Stepped",
        "", "swept", "de/dt has no closed form between events: `post.V_m`",
    ),
    "BCM": (
        "weight synapse Stepped, x pre Decay, y post Decay, theta post Stepped",
        "", "swept", "dtheta/dt has no closed form between events: `y`",
    ),
    "BraderFusi": (
        "X synapse Stepped, C post Decay",
        "", "swept", "dX/dt has no closed form between events: it is not linear in `X`",
    ),
    "ClopathSTDP": (
        "weight synapse Stepped, x pre Decay, u_m post Stepped, u_p post Stepped, u_h post Stepped",
        "", "swept", "du_m/dt has no closed form between events: `post.V_m`",
    ),
    "DualWeight": (
        "x pre Decay, y post Decay, w_f synapse Decay, w_c synapse Rest, tag synapse Decay",
        "", "replayed", "`on post` decides with `if`",
    ),
    "EProp": (
        "weight synapse Stepped, zbar pre Decay, eps_a synapse Stepped, ebar synapse Stepped",
        "", "swept", "deps_a/dt has no closed form between events: `post.refractory`",
    ),
}  # fmt: skip


def described(system: LearningSystem) -> str:
    return ", ".join(f"{s.name} {s.owner} {type(s.move).__name__}" for s in system.states)


def added(parts: tuple[Increment, ...]) -> str:
    return ", ".join(f"{p.state} {p.trace}" for p in parts)


@pytest.mark.parametrize("name", EXPECTED)
def test_rules_are_taken_apart_as_they_should(name: str) -> None:
    states, increments, strategy, why = EXPECTED[name]
    system = library_system(name)
    assert described(system) == states
    assert added(system.increments) == increments
    assert system.strategy == strategy
    assert why in system.why


def test_every_rule_of_the_library_is_in_the_table() -> None:
    texts = [f.read_text("utf-8") for f in (models_directory() / "plasticity").glob("*.bns")]
    names = {m[1] for text in texts for m in re.finditer(r"(?m)^plasticity (\w+)", text)}
    assert set(EXPECTED) == names == set(RULES)


def test_third_factors_drive_the_weight_by_the_eligibility() -> None:
    weight = library_system("DopamineSTDP").state("weight")
    assert isinstance(weight.move, Driven)
    assert weight.move.source == "c"
    assert library_system("DopamineSTDP").factors == ("n",)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("wanted", ["replayed", "swept"])
def test_a_more_general_strategy_can_be_asked_for(name: str, wanted: str) -> None:
    """One that is cheaper than what is right cannot."""
    order = ["accumulated", "replayed", "swept"]
    best, found = library_system(name).strategy, library_system(name, wanted).strategy
    assert found == max(best, wanted, key=order.index)
    assert library_system(name, wanted).increments == ()


def test_amplitudes_decide_whether_clipping_once_is_right() -> None:
    """With potentiation and depression by post spikes the order of clipping matters."""
    assert library_system("TripletSTDP", more="A2_plus = 0.01").strategy == "accumulated"
    mixed = library_system("TripletSTDP", more="A2_plus = -0.01")
    assert mixed.strategy == "replayed"
    assert mixed.why == (
        "post spikes may raise and lower the weight, so the order of clipping matters"
    )


@pytest.mark.parametrize(("mu", "found"), [("0", "accumulated"), ("1", "replayed")])
def test_an_exponent_of_0_makes_a_soft_bound_additive(mu: str, found: str) -> None:
    system = library_system("WeightDependentSTDP", more=f"mu_plus = {mu}, mu_minus = {mu}")
    assert system.strategy == found
