"""What a diagnostic looks like: the place, the source line, carets of the right width."""

from __future__ import annotations

import json

import pytest
from rich.text import Text

from bnsyn_dsl.diagnostics import (
    BnsError,
    Diagnostic,
    Label,
    SourceFile,
    Span,
    error,
    note,
    warning,
)
from bnsyn_dsl.diagnostics.render import render_plain, render_rich, to_json

ADEX = SourceFile(
    name="models/adex.bns",
    text="equations:\n    dV/dt = (E_L - V + I_syn) / tau_m\n\n",
)


def span(source: SourceFile, line: int, column: int, width: int) -> Span:
    return Span(source=source, line=line, column=column, end_line=line, end_column=column + width)


def shown(diagnostic: Diagnostic) -> list[str]:
    return render_plain(diagnostic).split("\n")


def test_the_form_of_an_error() -> None:
    found = error(
        "BN301", "cannot add pA to mV", span(ADEX, 2, 24, 5), help="divide by a conductance"
    )
    assert shown(found) == [
        "error[BN301]: cannot add pA to mV",
        "  --> models/adex.bns:2:24",
        "  |",
        "2 |     dV/dt = (E_L - V + I_syn) / tau_m",
        "  |                        ^^^^^",
        "  = help: divide by a conductance",
    ]


def test_a_label_shows_a_second_place() -> None:
    source = SourceFile(name="x.bns", text="\n" * 8 + "V = 1\nW = 2\n")
    label = Label(span=span(source, 9, 1, 1), text="declared here")
    found = error("BN201", "`V` is declared twice", span(source, 10, 1, 5), label=label)
    assert shown(found) == [
        "error[BN201]: `V` is declared twice",
        "   --> x.bns:10:1",
        "   |",
        "10 | W = 2",
        "   | ^^^^^",
        "   :",
        " 9 | V = 1",
        "   | - declared here",
    ]


def test_a_label_in_another_file_names_it() -> None:
    other = SourceFile(name="base.bns", text="neuron LIF:\n")
    label = Label(span=span(other, 1, 8, 3), text="declared here")
    found = warning("BN202", "`x` is not used", span(ADEX, 1, 1, 9), label=label)
    assert shown(found)[5:] == [
        "  ::: base.bns:1:8",
        "  |",
        "1 | neuron LIF:",
        "  |        --- declared here",
    ]


def test_a_finding_without_a_place() -> None:
    assert shown(note("BN400", "steps of 0.1 ms", None, help="one\ntwo")) == [
        "note[BN400]: steps of 0.1 ms",
        "  = help: one",
        "          two",
    ]


@pytest.mark.parametrize(
    ("line", "column", "width", "displayed", "marks"),
    [
        ("\tx = y", 2, 1, "    x = y", "    ^"),
        ("ab\tx", 4, 1, "ab  x", "    ^"),
        ("\tx", 1, 1, "    x", "^^^^"),
        ("# 膜電位 x", 7, 1, "# 膜電位 x", "         ^"),
        ("# 膜電位", 3, 3, "# 膜電位", "  ^^^^^^"),
        ("e\u0301 = x", 6, 1, "e\u0301 = x", "    ^"),
        ("a\u200bb = x", 7, 1, "a\ufffdb = x", "      ^"),
        ("a\x00b", 3, 1, "a\ufffdb", "  ^"),
        ("x = 1", 6, 1, "x = 1", "     ^"),
        ("x = 1", 1, 0, "x = 1", "^"),
    ],
    ids=[
        "tab", "tab-stop", "the-tab", "behind-wide", "wide", "combining", "invisible", "nul",
        "behind-the-end", "empty",
    ],
)  # fmt: skip
def test_carets_stand_under_what_they_mean(
    line: str, column: int, width: int, displayed: str, marks: str
) -> None:
    source = SourceFile(name="x.bns", text=line)
    lines = shown(error("BN100", "here", span(source, 1, column, width)))
    assert lines[3] == f"1 | {displayed}"
    assert lines[4] == f"  | {marks}"


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    long = Span(source=ADEX, line=1, column=1, end_line=2, end_column=10)
    assert shown(error("BN100", "here", long))[4] == "  | ^^^^^^^^^^"


def test_windows_line_ends_are_not_shown() -> None:
    source = SourceFile(name="x.bns", text="a = 1\r\nb = 2\r\n")
    assert shown(error("BN100", "here", span(source, 1, 1, 1)))[3] == "1 | a = 1"


def test_the_coloured_text_is_the_plain_one_with_styles() -> None:
    found = error("BN301", "cannot add", span(ADEX, 2, 24, 5), help="divide")
    text = render_rich(found)
    assert isinstance(text, Text)
    assert text.plain == render_plain(found)
    styles = {text.plain[s.start : s.end].strip(): str(s.style) for s in text.spans}
    assert styles["error[BN301]"] == "bold red"
    assert styles["^^^^^"] == "bold red"
    assert "yellow" in str(render_rich(warning("BN1", "x", None)).spans[0].style)
    assert "cyan" in str(render_rich(note("BN1", "x", None)).spans[0].style)


def test_markup_in_a_message_is_not_interpreted() -> None:
    assert "[red]E[0:5][/red]" in render_rich(error("BN1", "[red]E[0:5][/red]", None)).plain


def test_json_has_every_field() -> None:
    label = Label(span=span(ADEX, 1, 1, 9), text="in here")
    found = error("BN301", "cannot add", span(ADEX, 2, 24, 5), help="divide", label=label)
    value = to_json(found)
    assert json.loads(json.dumps(value)) == value
    assert value == {
        "severity": "error",
        "code": "BN301",
        "message": "cannot add",
        "file": "models/adex.bns",
        "line": 2,
        "column": 24,
        "end_line": 2,
        "end_column": 29,
        "help": "divide",
        "label": {
            "text": "in here",
            "file": "models/adex.bns",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 10,
        },
    }


def test_json_without_a_place() -> None:
    value = to_json(note("BN400", "steps", None))
    assert [value[key] for key in ("severity", "file", "line", "column", "help", "label")] == [
        "note", None, None, None, None, None
    ]  # fmt: skip


def test_the_exception_shows_its_errors_and_keeps_all_findings() -> None:
    findings = [warning("BN202", "not used", None), error("BN301", "cannot add", None)]
    raised = BnsError(findings)
    assert str(raised) == "error[BN301]: cannot add"
    assert raised.diagnostics == tuple(findings)
