"""Every rule and every modulator that comes with the project, in a small network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[2] / "models"


def blocks(kind: str) -> list[str]:
    """Return the names of all blocks of a kind, from the headers of the texts."""
    header = re.compile(rf"^{kind} (\w+)", re.MULTILINE)
    texts = (p.read_text("utf-8") for p in sorted(MODELS.rglob("*.bns")))
    return [name for text in texts for name in header.findall(text)]


RULES = blocks("plasticity")
MODULATORS = blocks("modulator")

NETWORK = """network Net:
    populations:
        inputs : PoissonSource[10] {{ rate = 20 Hz }}
        cells  : {neuron}[5]
    modulators:
        {modulators}
    projections:
        inputs -> cells as learned : {synapse} with {rule} all_to_all {{
            weight = {weight}, delay = 1 ms, dendritic_delay = 0.1 ms
        }}
    record:
        weight of learned every 1 s
    simulate: 1 s
"""
# what a rule needs beside `w_max`; cells are LIF where nothing else is said
BRACES = {
    "DopamineSTDP": "n = 1 Hz, w_max = 2 nS",
    "RSTDP": "S = 1 Hz, w_max = 2 nS",
    "RMax": "S = 1 Hz, w_max = 2 pA",
    "DualWeight": "protein = protein.p, w_max = 2 nS",
    "BraderFusi": "J_minus = 0.1 nS, J_plus = 1 nS",
    "EProp": "eta = 1e-3 Hz",
}
CELLS = {"RMax": ("GIF", "ExpCurrent", "1 pA"), "EProp": ("EpropALIF", "Delta", "0.1")}
NEEDS = {"EnergyReward": "w_sq = mean((weight/(2 nS))^2 of learned)",
         "ProteinPool": "tagged = 0.1"}  # fmt: skip
READS_SPIKES = {"BranchingControl", "EnergyReward", "RateHomeostasis"}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fits_a_projection(rule: str, check: Callable[..., Any]) -> None:
    neuron, synapse, weight = CELLS.get(rule, ("LIF", "AMPA", "1 nS"))
    braces = BRACES.get(rule, "w_max = 2 nS")
    text = NETWORK.format(
        neuron=neuron, synapse=synapse, weight=weight, rule=f"{rule} {{ {braces} }}",
        modulators="protein : ProteinPool { tagged = 0.1 }",
    )  # fmt: skip
    checked = check(text)
    assert checked.codes() == []
    (projection,) = checked.plans["Net"].projections
    assert projection.learning.rule.name == rule
    assert projection.learning.rule.weight.unknowns == ()
    assert set(projection.learning.parameters) == {
        p.name for p in projection.learning.rule.parameters
    }


@pytest.mark.parametrize("modulator", MODULATORS)
def test_a_modulator_has_a_plan(modulator: str, check: Callable[..., Any]) -> None:
    sources = " from cells" if modulator in READS_SPIKES else ""
    text = NETWORK.format(
        neuron="LIF", synapse="AMPA", weight="1 nS", rule="PairSTDP { w_max = 2 nS }",
        modulators=f"pool : {modulator} {{ {NEEDS.get(modulator, '')} }}{sources}".replace(
            "{  }", ""
        ),
    )  # fmt: skip
    checked = check(text)
    assert checked.codes() == []
    (found,) = checked.plans["Net"].pools
    assert found.model.name == modulator
    assert bool(found.sources) == (modulator in READS_SPIKES)


def test_the_library_has_the_rules_and_modulators_of_its_directories() -> None:
    assert len(RULES) > 10
    assert len(MODULATORS) > 5
