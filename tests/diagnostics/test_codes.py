"""The table of codes: sorted, complete, in one style."""

from __future__ import annotations

import re
from pathlib import Path

from bnsyn_dsl import diagnostics
from bnsyn_dsl.diagnostics.codes import CODES

PACKAGE = Path(diagnostics.__file__).parents[1]


def test_the_codes_are_sorted_and_well_formed() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(re.fullmatch(r"BN[1-9]\d\d", code) for code in CODES)


def test_the_meanings_are_one_line_each_and_distinct() -> None:
    meanings = list(CODES.values())
    assert len(set(meanings)) == len(meanings)
    assert not [text for text in meanings if "\n" in text or text.endswith(".") or len(text) > 90]


def test_every_code_of_the_syntax_stage_is_in_the_table() -> None:
    sources = (PACKAGE / "syntax").glob("*.py")
    used = {code for path in sources for code in re.findall(r'"(BN\d+)"', path.read_text("utf-8"))}
    assert used == {code for code in CODES if code.startswith("BN1")}
