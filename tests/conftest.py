"""What tests of several stages share: golden files and modules beside the tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests import assembly_reader

HERE = Path(__file__).parent

# the cores belong to the tests; those of compilation in several processes ask for it
os.environ["BNSYN_COMPILE_PROCESSES"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew, to be reviewed"
    )


@pytest.fixture(scope="session")
def assembly() -> ModuleType:
    """The module `tests/assembly_reader.py`."""
    if not assembly_reader.READABLE:
        pytest.skip("reads x86-64 assembly only")
    return assembly_reader


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name; a missing file is a failure."""

    def compare(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}: run pytest --update-golden and review it"
        assert text == path.read_text(encoding="utf-8")

    return compare
