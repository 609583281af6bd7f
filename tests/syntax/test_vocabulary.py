"""The words of the grammar and the lists that messages and recovery rely on."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from lark import Lark

from bnsyn_dsl import syntax
from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.syntax import parse
from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.scan import STARTERS
from bnsyn_dsl.syntax.syntax_words import (
    ALIASES,
    BLOCKS,
    FOREIGN_WORDS,
    HEADERS,
    MODEL_SECTIONS,
    NETWORK_SECTIONS,
    expected_words,
    listed,
    meant,
)
from bnsyn_dsl.syntax.unit_names import is_unit_name


def codes(text: str) -> list[str]:
    log = DiagnosticLog()
    parse(SourceFile(name="x.bns", text=text), log)
    return [found.code for found in log.found]


def test_the_lists_of_words_are_words_of_the_grammar() -> None:
    lists = {*BLOCKS, *MODEL_SECTIONS, *NETWORK_SECTIONS, *HEADERS, *STARTERS, *ALIASES.values()}
    assert lists <= grammar().keywords
    assert not set(FOREIGN_WORDS) - {"from"} & grammar().keywords


@pytest.mark.parametrize("word", sorted(grammar().keywords - {"refractory"}))
def test_every_word_is_reserved_everywhere(word: str) -> None:
    assert codes(f"neuron X:\n    state:\n        {word} = 0\n") == ["BN117"]
    assert codes(f"function f({word}) = 1\n") == ["BN117"]


@pytest.mark.parametrize("word", ["V_m", "t", "dt", "pi", "spikes", "size", "weight", "min", "tau"])
def test_ordinary_names_are_not_reserved(word: str) -> None:
    assert codes(f"neuron X:\n    state:\n        {word} = {word}\n") == []


def test_refractory_may_be_read_but_not_declared() -> None:
    assert codes("neuron X:\n    equations:\n        x = refractory\n") == []
    assert codes("neuron X:\n    equations:\n        x = post.refractory\n") == []
    assert codes("neuron X:\n    equations:\n        refractory = 1\n") == ["BN127"]
    assert codes("neuron X:\n    state:\n        refractory = 1\n") == ["BN117"]


def conflicts(text: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    # Lark resolves a shift/reduce conflict silently and only tells its logger
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark(text, parser="lalr", debug=True, lexer="basic")
    return [record.message for record in caplog.records if "conflict" in record.message]


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    dangling = 'start: "i" start | "i" start "e" start | "x"'
    assert conflicts(dangling, caplog)
    assert not conflicts(Path(syntax.__file__).with_name("bns.lark").read_text("utf-8"), caplog)


@pytest.mark.parametrize(
    "name", ["V", "mV", "nS", "pF", "MOhm", "kHz", "ms", "min", "h", "um", "mmol", "dam", "Gs"]
)
def test_unit_names(name: str) -> None:
    assert is_unit_name(name)


@pytest.mark.parametrize("name", ["dt", "tau", "C", "g", "mh", "kmin", "E_L", "x", "Volt", "mmV"])
def test_names_that_are_no_units(name: str) -> None:
    assert not is_unit_name(name)


def test_lists_in_words() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b or c"
    assert expected_words(["PLUS", "MINUS", "STAR", "SLASH", "NEWLINE", "NAME"]) == (
        "an operator, the end of the line or a unit"
    )


def test_what_may_have_been_meant() -> None:
    assert meant("nueron", BLOCKS) == "neuron"
    assert meant("Params", MODEL_SECTIONS) == "parameters"
    assert meant("connections", MODEL_SECTIONS) is None
    assert meant("connections", NETWORK_SECTIONS) == "projections"
    assert meant("xyz", BLOCKS) is None
