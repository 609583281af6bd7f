"""Values that are drawn when a network is built must keep what its models ask for."""

from __future__ import annotations

import pytest

from bnsyn_dsl.diagnostics import BnsError, Diagnostic
from tests.network_runs import plan_of, started

TEXT = """
neuron Cell:
    parameters:
        C_m = 100 pF
        p   = 0.5 in [0, 1]
        two = 2
    require C_m > 0 pF and two == 2
    state:
        V_m = 0 mV
        x   = 0 in [0, 1]
    equations:
        dV_m/dt = -V_m*(1 nS)/C_m
        dx/dt = (p - x)/(1 ms)
network Net:
    populations:
        A : Cell[3]
        B : Cell[40] { %s }
    simulate: 10 ms, dt = 0.1 ms, seed = 1
"""


def refused(setting: str) -> Diagnostic:
    with pytest.raises(BnsError) as caught:
        started(plan_of(TEXT % setting))
    (found,) = caught.value.diagnostics
    return found


def place(found: Diagnostic) -> str:
    assert found.span is not None
    return found.span.source.line(found.span.line).strip()


def test_a_drawn_parameter_must_keep_the_requirement() -> None:
    found = refused("C_m = (7.5 - index)*(1 pF) + 0*normal(0 pF, 1 pF)")
    assert found.code == "BN444"
    assert found.message == (
        "`require C_m > 0 pF and two == 2` is violated by neuron 8 of `B`: C_m = -0.5 pF, two = 2"
    )
    assert place(found).startswith("B : Cell[40]")
    assert found.label is not None
    assert place(
        Diagnostic(severity=found.severity, code="", message="", span=found.label.span)
    ).startswith("require C_m")


def test_random_numbers_around_zero_are_refused() -> None:
    assert refused("C_m = normal(0 pF, 1 pF)").code == "BN444"


def test_a_drawn_parameter_must_keep_its_bounds() -> None:
    found = refused("p = 1.5 - 0.1*index + 0*uniform(0, 1)")
    assert found.code == "BN443"
    assert found.message == "`p` of neuron 0 of `B` is 1.5, expected 0 to 1"


def test_a_drawn_initial_state_must_keep_its_bounds() -> None:
    found = refused("x = 0.3*index + 0*uniform(0, 1)")
    assert found.message == "`x` of neuron 4 of `B` is 1.2, expected 0 to 1"


def test_a_drawn_value_must_be_finite() -> None:
    found = refused("V_m = (1 mV)/(2 - index) + 0*normal(0 mV, 1 mV)")
    assert (found.code, found.message) == ("BN440", "`V_m` of neuron 2 of `B` is inf mV")


def test_values_inside_are_accepted() -> None:
    run = started(plan_of(TEXT % "C_m = uniform(50 pF, 150 pF), p = uniform(0, 1)"))
    assert run.state("B", "V_m").shape == (40,)
