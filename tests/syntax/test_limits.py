"""Texts that are too large, too deep or plain noise get an answer, quickly and without a crash."""

from __future__ import annotations

import random
import time

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.syntax import nodes, parse, unparse
from bnsyn_dsl.syntax.limits import MAX_BYTES, MAX_CHAIN, MAX_DEPTH, MAX_NESTING

EQ = "neuron X:\n    equations:\n        "


def outcome(text: str) -> tuple[nodes.File, list[str]]:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="big.bns", text=text), log)
    return tree, [found.code for found in log.found]


@pytest.mark.parametrize(
    "text",
    [
        f"{'(' * 10_000}1{')' * 10_000}",
        f"{'f(' * 10_000}1{')' * 10_000}",
        f"{'[' * 10_000}1{']' * 10_000}",
        "1+" * 10_000 + "1",
        "x^" * 10_000 + "1",
        "-" * 10_000 + "1",
        "not " * 10_000 + "1",
        "1 if a else " * 6_000 + "1",
        "1 " * 30_000,
    ],
    ids=["brackets", "calls", "lists", "sum", "power", "signs", "not", "ternary", "long-line"],
)
def test_an_expression_of_ten_thousand_levels_is_an_error_and_nothing_else(text: str) -> None:
    # the next line is still read: its own error is found, unless the file was given up
    _, codes = outcome(f"{EQ}x = {text}\n        y = = 1\n")
    assert codes in (["BN109", "BN110"], ["BN109"])


@pytest.mark.parametrize(
    "text",
    [
        "1 + " * (MAX_CHAIN - 10) + "1",
        "1 or " * (MAX_CHAIN - 10) + "1",
        "-" * (MAX_DEPTH - 10) + "1",
        "x^" * (MAX_DEPTH - 10) + "1",
        "1 if a else " * (MAX_DEPTH - 10) + "1",
        "not " * (MAX_DEPTH - 10) + "a",
        "f(1 - " * (MAX_NESTING - 10) + "1" + ")" * (MAX_NESTING - 10),
    ],
    ids=["sum", "or", "signs", "power", "ternary", "not", "calls"],
)
def test_the_deepest_expressions_that_are_allowed_can_be_printed(text: str) -> None:
    tree, codes = outcome(f"{EQ}x = {text}\n")
    assert codes == []
    assert outcome(unparse(tree))[0] == tree


def test_a_wide_table_is_not_deep() -> None:
    table = ",\n".join("[" + ", ".join("1" * 50) + "]" for _ in range(50))
    tree, codes = outcome(f"network N:\n    parameters:\n        P = [{table}]\n")
    assert codes == []
    assert len(tree.items) == 1


def test_brackets_up_to_the_limit() -> None:
    assert outcome(f"{EQ}x = {'(' * MAX_NESTING}1{')' * MAX_NESTING}\n")[1] == []


def test_a_hundred_levels_of_if_are_too_many() -> None:
    lines = [" " * (n + 2) + "if a:" for n in range(150)]
    text = "neuron X:\n on pre:\n" + "\n".join(lines) + "\n" + " " * 160 + "b = 1\n"
    assert outcome(text)[1] == ["BN109"]


def test_a_block_of_a_hundred_thousand_words_is_refused() -> None:
    assert outcome("neuron X:\n    state:\n" + "        a = 1\n" * 40_000)[1] == ["BN109"]


def test_a_file_above_the_limit_is_refused() -> None:
    assert outcome("#" * (MAX_BYTES + 1))[1] == ["BN102"]
    assert outcome("#" * MAX_BYTES)[1] == ["BN103"]


@pytest.mark.parametrize("size", [1_000_000, 3_900_000, 10_000_000])
def test_noise_is_answered_fast(size: int) -> None:
    outcome("neuron X is Y\n")
    characters = [chr(code) for code in range(1, 1000)]
    noise = "".join(random.Random(size).choices(characters, k=size))
    start = time.perf_counter()
    tree, codes = outcome(noise)
    assert time.perf_counter() - start < 3.0  # measured: 0.1 s
    assert tree.items == ()
    assert 1 <= len(codes) <= 20
