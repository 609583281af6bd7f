"""What tests of several stages share: golden files and modules beside the tests."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew, to be reviewed"
    )


def _module(file: str) -> ModuleType:
    """Return a module beside this one; it is no test, so pytest does not import it."""
    name = f"bnsyn_tests_{file}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, HERE / f"{file}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def assembly() -> ModuleType:
    """The module `tests/assembly_reader.py`."""
    module = _module("assembly_reader")
    if not module.READABLE:
        pytest.skip("reads x86-64 assembly only")
    return module


@pytest.fixture(scope="session")
def systems() -> ModuleType:
    """The module `tests/systems.py`."""
    return _module("systems")


@pytest.fixture(scope="session")
def interpreter() -> ModuleType:
    """The module `tests/ir/interpreter.py`."""
    return _module("ir/interpreter")


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
