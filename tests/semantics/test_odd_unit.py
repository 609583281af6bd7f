"""A wrong unit at one declaration is reported there, not at every place that it spoils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CELL = """neuron Cell:
    parameters:
        tau_m   = 10 ms
        E_L     = -70 mV
        V_th    = -50 mV
        V_reset = -70 mV
        R       = 100 MOhm
    input:
        I_syn = 0 pA
    state:
        V_m = E_L
        w = 0 pA
    equations:
        tau_m * dV_m/dt = E_L - V_m + R*(I_syn - w)
        dw/dt = -w/tau_m
    spike when V_m > V_th:
        V_m = V_reset
        w += 5 pA
"""
Check = Callable[..., Any]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "column"),
    [
        ("E_L     = -70 mV", "E_L     = -70", 4, 19),
        ("E_L     = -70 mV", "E_L     = -70 ms", 4, 19),
        ("tau_m   = 10 ms", "tau_m   = 10 pA", 3, 19),
        ("w = 0 pA", "w = 0 mV", 12, 13),
    ],
)
def test_the_declaration_is_named(
    right: str, wrong: str, line: int, column: int, check: Check
) -> None:
    (found,) = check(CELL.replace(right, wrong, 1)).found
    name = wrong.split()[0]
    assert (found.code, found.message) == ("BN310", f"the unit of `{name}` fits nowhere it is used")
    assert (found.span.line, found.span.column) == (line, column)
    assert found.help == f"write `{' '.join(right.split())}`"
    assert found.label.text == "such as here"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        # one error alone stays where it is
        ({"= E_L - V_m + R*(I_syn - w)": "= (E_L - V_m + R*(I_syn - w))*tau_m"}, ["BN310"]),
        ({"R       = 100 MOhm": "R       = 100"}, ["BN312"]),
        # two wrong declarations: neither of them explains all
        ({"E_L     = -70 mV": "E_L     = -70", "w = 0 pA": "w = 0 mV"}, None),
        # an error of another kind may be behind the others
        ({"E_L     = -70 mV": "E_L     = -70", "w += 5 pA": "u += 5 pA"}, None),
    ],
)
def test_other_errors_stay_where_they_are(
    changes: dict[str, str], codes: list[str] | None, check: Check
) -> None:
    text = CELL
    for right, wrong in changes.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    found = check(text).found
    assert not any("fits nowhere" in d.message for d in found)
    if codes is not None:
        assert [d.code for d in found] == codes
    else:
        assert len(found) > 1
