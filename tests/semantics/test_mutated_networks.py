"""Whatever is written in a network, it is accepted or refused with a finding; nothing raises."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.syntax import parse
from tests.semantics.test_learning_codes import BASE as LEARNING

ROOT = Path(__file__).parents[2]
TOKEN = re.compile(r"\w+|\S|[ \n]+")
STRANGE = (
    "0",
    "-1",
    "1e400",
    "inf",
    "t",
    "index",
    "0/0",
    "nothing",
    "1 mV",
    "[1,2]",
    "uniform(0,1)",
)


def mutated(text: str, draw: random.Random) -> str:
    """Replace up to three words by others of the text or by strange ones."""
    parts = TOKEN.findall(text)
    words = [p for p in parts if p.strip()]
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(parts))
        if parts[at].strip():
            parts[at] = draw.choice((draw.choice(words), draw.choice(STRANGE)))
    return "".join(parts)


@pytest.mark.parametrize(
    "name",
    [
        "examples/brunel_bench",
        "examples/coba",
        "models/networks/drives",
        "models/networks/three_shapes",
        "learning",
    ],
)
def test_nothing_raises(name: str, check: Callable[..., Any]) -> None:
    text = LEARNING if name == "learning" else (ROOT / f"{name}.bns").read_text()
    draw = random.Random(name)
    tried = 0
    while tried < 40:
        mutant = mutated(text, draw)
        log = DiagnosticLog()
        parse(SourceFile(name="text.bns", text=mutant), log)
        if log.has_errors:
            continue
        tried += 1
        checked = check(mutant)
        if None in [*checked.models.values(), *checked.plans.values()]:
            assert checked.codes(warnings=False) != []
