"""Whole files: what the tree of a model is, and that every shipped model parses and prints."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.syntax import nodes, parse, read_source, unparse

ROOT = Path(__file__).parents[2]
EVERYTHING = Path(__file__).parent / "data" / "everything.bns"
MODELS = [EVERYTHING, *sorted((ROOT / "models").rglob("*.bns"))]


def parsed(text: str) -> nodes.File:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="model.bns", text=text), log)
    log.stop_on_errors()
    assert log.found == ()
    return tree


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_survives_printing_with_all_its_comments(path: Path) -> None:
    tree = parsed(read_source(path).text)
    text = unparse(tree)
    again = parsed(text)
    assert again == tree
    assert unparse(again) == text
    assert [c.text for c in again.comments] == [c.text for c in tree.comments]


def test_the_canonical_text_of_every_construct() -> None:
    text = EVERYTHING.read_text(encoding="utf-8")
    assert unparse(parsed(text)) == text


def test_the_kinds_and_names_of_the_items() -> None:
    tree = parsed(EVERYTHING.read_text(encoding="utf-8"))
    shown = [
        (item.kind if isinstance(item, nodes.Block) else type(item).__name__, item.name)
        for item in tree.items
        if not isinstance(item, nodes.Import)
    ]
    assert shown == [
        ("Function", "Q10"),
        ("Function", "area"),
        ("neuron", "AdEx"),
        ("neuron", "Regular"),
        ("neuron", "Alif"),
        ("synapse", "NMDA"),
        ("plasticity", "Rule"),
        ("modulator", "Critic"),
        ("Network", "Net"),
        ("Network", "Other"),
    ]


def test_a_hundred_lines_are_parsed_in_a_blink() -> None:
    text = EVERYTHING.read_text(encoding="utf-8")
    parsed(text)
    best = min(_timed(text) for _ in range(5))
    assert best / text.count("\n") < 0.0015  # measured: 0.1 ms a line


def _timed(text: str) -> float:
    start = time.perf_counter()
    parsed(text)
    return time.perf_counter() - start


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""], ids=["unix", "windows", "no-final-newline"])
def test_line_ends_do_not_matter(ending: str) -> None:
    lines = ["neuron X:", '    """One', '    two."""', "    state:", "        V = 0  # volts"]
    assert parsed((ending or "\n").join(lines) + ending) == parsed("\n".join(lines) + "\n")


def test_one_line_bodies_are_the_same_as_indented_ones() -> None:
    short = "synapse S:\n    on pre: g += weight\n"
    long = "synapse S:\n    on pre:\n        g += weight\n"
    assert parsed(short) == parsed(long)


def test_a_line_may_be_broken_in_every_bracket_with_comments_between() -> None:
    text = (
        "network N:\n    projections:\n        E -> I : A rule(\n  1,  # one\n\n"
        "# two\nx = [2,\n3],\n) {\nweight = (1 +\n2),\n}\n"
    )
    flat = (
        "network N:\n    projections:\n        E -> I : A rule(1, x = [2, 3]) { weight = 1 + 2 }\n"
    )
    assert parsed(text) == parsed(flat)


def test_blank_and_comment_lines_have_no_indentation() -> None:
    text = "neuron X:\n# a\n    state:\n\n            # b\n        V = 0\n  # c\n        u = 0\n\n"
    assert parsed(text) == parsed("neuron X:\n    state:\n        V = 0\n        u = 0\n")


def test_any_depth_of_indentation_is_a_body() -> None:
    assert parsed("neuron X:\n  state:\n     V = 0\n") == parsed(
        "neuron X:\n    state:\n        V = 0\n"
    )
