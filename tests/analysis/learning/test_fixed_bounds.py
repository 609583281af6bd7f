"""Bounds of a weight that read what changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from tests.systems import plan_of

TEXT = """
plasticity Rule:
    parameters:
        w_max : weight
    input:
        gate = 1
    state:
        x = 0
    weight in [0, 2*w_max]
    equations:
        dx/dt = -x/(20 ms)
        ceiling = 2*w_max
    on pre: x += 1
    on post: weight += 0.1*w_max*x*gate

network Net:
    populations:
        A : LIF[2]
    projections:
        A -> A : Delta with Rule { w_max = 2 mV, gate = sin(t/(1 s)) } all_to_all {
            weight = 1 mV, delay = 1 ms
        }
    simulate: 10 ms, dt = 0.1 ms, seed = 1
"""


@pytest.mark.parametrize(
    ("end", "marked"), [("w_max*x", "x"), ("gate*w_max", "gate"), ("ceiling", "ceiling")]
)
def test_a_bound_that_changes_is_refused_where_it_stands(
    end: str, marked: str, tmp_path: Path
) -> None:
    log = DiagnosticLog()
    plan = plan_of(TEXT.replace("2*w_max]", f"{end}]"))
    with pytest.raises(BnsError):
        compile_network(plan, CompileOptions(cache=tmp_path), log)
    (found,) = log.found
    assert found.code == "BN240"
    assert f"reads `{marked}`, which is no parameter" in found.message
    assert found.span is not None
    line = found.span.source.line(found.span.line)
    assert line[found.span.column - 1 : found.span.end_column - 1] == marked


@pytest.mark.parametrize("end", ["2*w_max", "inf"])
def test_bounds_of_parameters_are_fixed(end: str, tmp_path: Path) -> None:
    log = DiagnosticLog()
    compile_network(
        plan_of(TEXT.replace("2*w_max]", f"{end}]")), CompileOptions(cache=tmp_path), log
    )
    assert [d for d in log.found if d.code == "BN240"] == []
