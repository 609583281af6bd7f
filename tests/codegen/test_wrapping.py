"""Long calls are broken behind commas, and mean the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bnsyn_dsl.codegen.wrapping import WIDTH, wrapped

NAMES = ", ".join(f"argument_{k}" for k in range(12))


@pytest.mark.parametrize(
    "line",
    [
        f"call({NAMES})",
        f"    n = call({NAMES})",
        f"        first, second = call({NAMES}, inner(a, b)[0, 1], {NAMES})",
        f"    return call({NAMES})",
        f"            a_long_name_of_a_result_that_stands_far_to_the_right, other = call({NAMES})",
    ],
)
def test_a_long_call_is_broken_and_means_the_same(line: str) -> None:
    rows = wrapped(line)
    assert len(rows) > 1
    assert all(len(row) <= WIDTH for row in rows)
    whole = "def f():\n" + "\n".join(f"    {row}" for row in rows)
    assert ast.dump(ast.parse(whole)) == ast.dump(ast.parse(f"def f():\n    {line.strip()}"))


def test_a_head_is_broken_behind_its_parenthesis() -> None:
    first, second, *_ = wrapped(f"def update({NAMES}):")
    assert first.startswith("def update(argument_0, argument_1,")
    assert second.startswith("           argument_")


@pytest.mark.parametrize(
    "line",
    [
        f"call({NAMES})"[:WIDTH],
        f"x = call({NAMES}) + call({NAMES})",  # two calls: a sum
        f"x = call({NAMES})  # why",
        f"x = call({NAMES}, 'a, b')",
        f"x = ({NAMES})",
        f"if call({NAMES}):",
    ],
)
def test_other_lines_stay(line: str) -> None:
    assert wrapped(line) == [line]


def test_generated_modules_have_no_longer_call() -> None:
    folder = Path(__file__).parents[1] / "golden"
    for file in sorted(folder.glob("*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if wrapped(line) != [line]] == []
