"""The group: help, version, exit codes, and what a start imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bnsyn_dsl import __version__
from bnsyn_dsl.cli.entry import COMMANDS
from tests.cli.small import Bnsyn

HEAVY = ("numba", "numpy", "sympy", "jinja2", "matplotlib")

PROGRAM = """
import sys
from bnsyn_dsl.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code == 0, end.code
print("loaded:", *(m for m in {watched!r} if m in sys.modules))
"""


def loaded(arguments: list[str], watched: tuple[str, ...], folder: Path) -> list[str]:
    """Return which modules a call of `bnsyn` imports, in a process of its own."""
    program = PROGRAM.format(arguments=arguments, watched=watched)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()[1:]


def test_the_help_names_every_command_and_shows_examples(bnsyn: Bnsyn) -> None:
    result = bnsyn("--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS)
    assert "bnsyn run brunel.bns --network BrunelAI" in result.stdout


def test_the_version(bnsyn: Bnsyn) -> None:
    assert bnsyn("--version").stdout == f"bnsyn, version {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help(bnsyn: Bnsyn, name: str) -> None:
    result = bnsyn(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {name}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["check"],
        ["check", "--nonsense", "a.bns"],
        ["run"],
        ["run", "a.bns", "b.bns"],
        ["run", "a.bns", "--seed", "-1"],
        ["run", "a.bns", "--seed", "1.5"],
        ["run", "a.bns", "--threads", "0"],
        ["run", "a.bns", "--set", "g"],
        ["run", "a.bns", "--set", "=6"],
        ["compile", "a.bns", "--emit", "nonsense"],
        ["compile", "a.bns", "--network", "A", "--model", "B"],
        ["new", "planet", "A"],
        ["new", "neuron", "neuron"],
        ["new", "neuron", "two words"],
        ["fmt"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_how(
    bnsyn: Bnsyn, tmp_path: Path, arguments: list[str]
) -> None:
    result = bnsyn(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "compile", "run", "fmt"])
def test_a_missing_file_is_an_error_of_the_input(bnsyn: Bnsyn, command: str) -> None:
    result = bnsyn(command, "nowhere.bns")
    assert result.exit_code == 1
    assert "error[BN100]: cannot read `nowhere.bns`: no such file or directory" in result.stderr


def test_help_and_fmt_start_without_the_compiler(tmp_path: Path, small: Path) -> None:
    assert loaded(["--help"], HEAVY, tmp_path) == []
    assert loaded(["fmt", str(small)], HEAVY, tmp_path) == []


def test_a_run_without_a_picture_does_not_load_matplotlib(tmp_path: Path, small: Path) -> None:
    arguments = ["run", str(small), "--duration", "1 ms", "--no-plot"]
    assert loaded(arguments, ("numba", "matplotlib"), tmp_path) == ["numba"]
