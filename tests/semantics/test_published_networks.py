"""The networks that come with the project, and those of the language's description beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.network import trivial_network
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.syntax import parse

ROOT = Path(__file__).parents[2]
OWN = [*sorted((ROOT / "examples").glob("*.bns")), *sorted((ROOT / "models").rglob("*.bns"))]
BESIDE = sorted((ROOT.parent / "shared" / "language").glob("*.bns"))


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.stem)
def test_what_comes_with_the_project_is_accepted(path: Path, check: Callable[..., Any]) -> None:
    checked = check(path.read_text(), directory=path.parent)
    assert checked.codes() == []
    assert None not in [*checked.models.values(), *checked.plans.values()]


@pytest.mark.parametrize("path", BESIDE, ids=lambda p: p.stem)
def test_described_models_are_accepted(path: Path, check: Callable[..., Any]) -> None:
    checked = check(path.read_text(), directory=path.parent)
    assert checked.codes() == []
    assert None not in [*checked.models.values(), *checked.plans.values()]


def test_brunels_parameters(check: Callable[..., Any]) -> None:
    checked = check((ROOT / "examples" / "brunel.bns").read_text())
    plan = checked.plans["Brunel"]
    assert plan.parameters["nu_th"] == pytest.approx(0.01)  # 10 Hz
    assert [p.size for p in plan.populations] == [10_000, 2_500]
    assert [d.rate for d in plan.drives] == [pytest.approx(20.0)] * 2  # 20 kHz
    weights = {p.name: p.weight for p in plan.projections}
    assert weights["E->I:Delta"] == pytest.approx(0.1)
    assert weights["I->E:Delta"] == pytest.approx(-0.5)
    assert checked.plans["BrunelSR"].parameters["g"] == 3.0


def test_cobas_plan(check: Callable[..., Any]) -> None:
    plan = check((ROOT / "examples" / "coba.bns").read_text()).plan
    assert [p.method for p in plan.populations] == ["exponential_euler"] * 2
    receptors = plan.population("E").receptors
    assert [(r.name, r.parameters) for r in receptors] == [
        ("AMPA", {"E_rev": 0.0, "tau": 5.0}),
        ("GABA_A", {"E_rev": -80.0, "tau": 10.0}),
    ]
    assert [p.rule.p for p in plan.projections] == [0.02] * 4
    assert all(p.rule.autapses and p.delay == 0.0 for p in plan.projections)


def test_the_microcircuit_has_a_projection_for_each_pair_that_connects(
    check: Callable[..., Any],
) -> None:
    plan = check((ROOT / "examples" / "microcircuit.bns").read_text()).plan
    assert (len(plan.populations), len(plan.projections), len(plan.drives)) == (8, 55, 8)
    assert all(len(p.receptors) == 1 for p in plan.populations)


def test_a_model_alone_is_a_network_of_one() -> None:
    log = DiagnosticLog()
    file = parse(SourceFile(name="one.bns", text="neuron Mine is AdEx\n"), log)
    library = Library(file, directory=None, model_dirs=[ROOT / "models"], log=log)
    span = library.blocks()[0].name_span
    settings = RunSettings(dt=0.5, values={"neurons.I_e": "500 pA"})
    plan = trivial_network("Mine", library, settings, {}, log, span)
    assert log.found == ()
    assert plan is not None
    assert [(p.name, p.size, p.model.root) for p in plan.populations] == [("neurons", 1, "AdEx")]
    assert plan.populations[0].inputs["I_e"] == 500.0
    assert (plan.duration, plan.dt, plan.seed) == (1000.0, 0.5, 1)
    assert library.neurons() == ("Mine",)
    assert library.networks() == ()
    assert trivial_network("Mime", library, settings, {}, log, span) is None
