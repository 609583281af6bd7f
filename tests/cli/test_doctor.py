"""`bnsyn doctor`: what a run depends on, and clearing the cache."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from bnsyn_dsl import __version__
from tests.cli.small import Bnsyn, written


def test_the_report(bnsyn: Bnsyn, cache: Path) -> None:
    result = bnsyn("doctor")
    assert result.exit_code == 0, result.stderr
    rows = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert ["version", __version__] in rows
    assert ["numba", version("numba")] in rows
    assert ["numba", "ready"] in rows
    assert ["folder", str(cache)] in rows
    assert any(row[0] == "Python" and platform.python_version() in row[1] for row in rows)
    assert {"processor", "instructions", "threads", "free"} <= {row[0] for row in rows}


@pytest.mark.skipif(find_spec("cupy") is not None, reason="cupy is installed")
def test_a_backend_that_cannot_be_used_says_why(bnsyn: Bnsyn) -> None:
    assert "cannot be used: cupy is not installed" in bnsyn("doctor").stdout


def test_clearing_removes_generated_modules_and_nothing_else(
    bnsyn: Bnsyn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    (folder / "modules" / "__pycache__").mkdir(parents=True)
    (folder / "modules" / "__pycache__" / "a.nbi").write_bytes(b"x" * 1_200_000)
    (folder / "thesis.txt").write_text("precious")
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(folder))
    assert "1.2 MB" in bnsyn("doctor").stdout
    result = bnsyn("doctor", "--clear-cache")
    assert result.stdout == "removed 1.2 MB of generated modules\n"
    assert written(folder) == {"thesis.txt"}
    assert bnsyn("doctor", "--clear-cache").stdout == "removed 0.0 MB of generated modules\n"


def test_a_cache_that_cannot_be_used_is_told(
    bnsyn: Bnsyn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> str:
        lines = bnsyn("doctor").stdout.partition("\ncache\n")[2].splitlines()
        return next(line.split(maxsplit=1)[1] for line in lines if line.split()[0] == "state")

    assert state() == "ready"
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path / "not" / "yet"))
    assert state() == "ready"
    assert written(tmp_path) == set()  # looking makes no folder
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path / "taken" / "cache"))
    assert state() == f"cannot be used: `{tmp_path / 'taken'}` is no folder"
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path)
    assert state() == f"cannot be used: `{tmp_path}` cannot be written to"
