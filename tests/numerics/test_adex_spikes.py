"""AdEx by the method the compiler chooses against converged spike times, at dt = 0.1 ms."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tests.network_runs import Run, run
from tests.numerics.references.reference_file import DATA

DT = 0.1  # ms
SLACK = 5e-3  # ms; a spike this close to the end of a grid step may fall into the next
CASES: dict[str, dict[str, Any]] = json.loads(
    (DATA / "adex_spike_times.json").read_text(encoding="utf-8")
)["cases"]
UNITS = {"C_m": "pF", "g_L": "nS", "a": "nS", "b": "pA", "tau_w": "ms", "I_e": "pA"}


@pytest.fixture(scope="module")
def all_cases() -> Run:
    """Return one network with a cell for every case: one coupled system, one segment each."""
    lines = []
    for name, case in CASES.items():
        values = ", ".join(f"{k} = {v} {UNITS.get(k, 'mV')}" for k, v in case["parameters"].items())
        lines.append(f"        {name} : AdEx[1] {{ {values} }}")
    populations = "\n".join(lines)
    settings = f"    simulate: 600 ms, dt = {DT} ms, seed = 1"
    return run(f"network Cases:\n    populations:\n{populations}\n{settings}\n")


def in_right_step(step: int, converged: float) -> bool:
    """Whether a spike of the grid step (step-1, step] is where the converged one belongs."""
    right = math.ceil(converged / DT)
    late = right * DT - converged <= SLACK
    return step == right or (late and step == right + 1)


@pytest.mark.parametrize("name", CASES)
def test_every_spike_lies_in_the_grid_step_of_the_converged_one(all_cases: Run, name: str) -> None:
    case = CASES[name]
    steps = [s for s in all_cases.spike_steps(name) if s * DT <= case["duration_ms"] + 1e-9]
    converged = case["spike_times_ms"]
    if not case["complete"]:
        steps, converged = steps[:5], converged[:5]
    assert len(steps) == len(converged)
    wrong = {t: s * DT for s, t in zip(steps, converged, strict=True) if not in_right_step(s, t)}
    assert wrong == {}


def test_the_compiler_chose_the_error_controlled_pair(all_cases: Run) -> None:
    assert all_cases.method("TonicSpiking") == "adaptive"
