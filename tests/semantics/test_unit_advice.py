"""What stands beside a mismatch of units: the user's own words and places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import Diagnostic

CELL = """neuron Cell:
    parameters:
        tau = 10 ms
        g_L = 10 nS
        E_L = -70 mV
        th  = -50 mV
    input:
        I = 0 pA
    state:
        V = E_L
    equations:
        tau * dV/dt = E_L - V + I/g_L
    spike when V > th:
        V = E_L
"""
Refuses = Callable[..., Diagnostic]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("V > th", "V > <<g_L>>", "`>` needs one unit, found `mV` and `nS`"),
        ("V > th", "V <= <<I>>", "`<=` needs one unit, found `mV` and `pA`"),
        ("V > th", "not V == <<tau>>", "`==` needs one unit, found `mV` and `ms`"),
        ("V > th", "V crosses <<tau>>", "`crosses` needs one unit, found `mV` and `ms`"),
        ("V = E_L\n", "V = max(E_L, <<I>>)\n", "`max` needs one unit, found `mV` and `pA`"),
        (
            "        V = E_L\n",
            "        V = E_L if V > th else <<tau>>\n",
            "`if ... else` needs one unit, found `mV` and `ms`",
        ),
    ],
)
def test_the_word_that_was_written_is_named(
    refuses: Refuses, old: str, new: str, word: str
) -> None:
    before, _, after = CELL.rpartition(old)
    assert refuses("BN313", before + new + after).message == word


@pytest.mark.parametrize(
    ("code", "changes", "line", "advice"),
    [
        # the factor of a derivative, a divisor, one side of a sum, a comparison, a negative number
        (
            "BN310",
            {"tau = 10 ms": "tau = 10", "E_L - V + I/g_L": "<<E_L - V + I/g_L>>"},
            3,
            "`tau` is declared without a unit: `10 ms`?",
        ),
        (
            "BN310",
            {
                "tau = 10 ms": "tau = 10",
                "tau * dV/dt = E_L - V + I/g_L": "dV/dt = <<(E_L - V + I/g_L)/tau>>",
            },
            3,
            "`tau` is declared without a unit: `10 ms`?",
        ),
        (
            "BN312",
            {"E_L = -70 mV": "E_L = -70", "V = E_L\n    e": "V = 0 mV\n    e",
             "E_L - V": "E_L - <<V>>", "        V = E_L\n": "        V = -70 mV\n"},
            5,
            "`E_L` is declared without a unit: `-70 mV`?",
        ),
        (
            "BN313",
            {"th  = -50 mV": "th  = -50", "> th": "> <<th>>"},
            6,
            "`th` is declared without a unit: `-50 mV`?",
        ),
        (
            "BN310",
            {"g_L = 10 nS": "g_L = 10", "E_L - V + I/g_L": "(E_L - V)*g_L", "tau *": "g_L*tau*"},
            None,
            None,
        ),
    ],
)  # fmt: skip
def test_a_forgotten_unit_is_shown_where_the_name_is_declared(
    check: Callable[..., Any],
    refuses: Refuses,
    code: str,
    changes: dict[str, str],
    line: int | None,
    advice: str | None,
) -> None:
    text = CELL
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    if line is None:  # a factor of both sides explains nothing: its unit cancels
        assert check(text).codes(warnings=False) == []
        return
    found = refuses(code, text)
    assert found.help == advice
    assert found.label is not None
    assert (found.label.span.line, found.label.span.column) == (line, 9)
    assert found.label.text == "declared here"


def test_a_bare_number_is_shown_with_the_unit_that_fits(refuses: Refuses) -> None:
    found = refuses("BN313", CELL.replace("V > th", "V > <<10>>"))
    assert found.help == "a number needs its unit here: `10 mV`"
    found = refuses("BN312", CELL.replace("+ I/g_L", "+ <<3>>"))
    assert found.help == "a number needs its unit here: `3 mV`"


def test_advice_names_a_parameter_of_the_file_or_none(refuses: Refuses) -> None:
    wrong = CELL.replace("I/g_L", "<<I>>")
    found = refuses("BN312", wrong)
    assert found.help == "divide by a conductance, such as `g_L`"
    assert found.label is not None
    assert (found.label.span.line, found.label.span.column) == (8, 9)
    found = refuses("BN312", wrong.replace("        g_L = 10 nS\n", ""))
    assert found.help == "divide by a conductance"


def test_a_network_shows_its_own_parameter(refuses: Refuses) -> None:
    text = (
        CELL
        + """
network Net:
    parameters:
        drive = 500
    populations:
        E : Cell[3] { I = <<drive>> }
    simulate: 1 s
"""
    )
    found = refuses("BN310", text)
    assert found.message == "`I` of population `E` is in `pA`, but this is a plain number"
    assert found.help == "`drive` is declared without a unit: `500 pA`?"
    assert found.label is not None
    assert (found.label.span.line, found.label.span.column) == (18, 9)


def test_nothing_is_called_unused_where_not_everything_could_be_read(
    check: Callable[..., Any],
) -> None:
    text = (
        CELL
        + """
network Net:
    parameters:
        drive = 500 pA
    populations:
        E : Cell[3] { I = drive }
    simulate: 1 s
"""
    )
    assert check(text.replace("I/g_L", "I")).codes() == ["BN312"]
    assert check(text.replace("I = drive", "I = 1 pA")).codes() == ["BN290"]
