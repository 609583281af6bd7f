"""Calls of `bnsyn`, a cache of their own, and one small network that is compiled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bnsyn_dsl.cli import main
from tests.cli.small import SMALL, Bnsyn


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep generated modules out of the user's cache, and for all tests together."""
    place = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BNSYN_CACHE_DIR", str(place))
        yield place


@pytest.fixture
def bnsyn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bnsyn:
    """Call a command in an empty folder; an exception that it lets through fails the test."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, text: str | bytes | None = None) -> Result:
        return CliRunner(catch_exceptions=False).invoke(main, arguments, input=text)

    return call


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The file `small.bns` in the folder of the test."""
    place = tmp_path / "small.bns"
    place.write_text(SMALL, encoding="utf-8")
    return place
