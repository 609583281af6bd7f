"""The code of the page on Python runs as it stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("agg")

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_code_of_the_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the page saves its picture
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 4
    # a common experiment with three factors: the import, and so many statements
    assert len(ast.parse(blocks[0]).body) - 1 < 15
    names: dict[str, object] = {}
    exec(compile("\n".join(blocks), str(PAGE), "exec"), names)
    assert {"dopamine", "learning", "counts", "results"} <= set(names)
    assert (tmp_path / "dopamine.png").read_bytes().startswith(b"\x89PNG")
