"""The doctest of the package, and the examples as scripts."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bnsyn_dsl

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_first_example_of_the_package_runs() -> None:
    failed, tried = doctest.testmod(bnsyn_dsl)
    assert tried > 5
    assert failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adex_patterns", "fi_curve", "own_neuron"])
def test_an_example_saves_its_picture(name: str, tmp_path: Path) -> None:
    picture = tmp_path / f"{name}.png"
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), str(picture)]
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(EXAMPLES.parent)}
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")
