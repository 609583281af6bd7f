"""`bnsyn new`: what is written passes the check, is canonical, and runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.small import Bnsyn, written


@pytest.mark.parametrize("kind", ["neuron", "synapse", "network"])
def test_the_file_passes_check_and_fmt(bnsyn: Bnsyn, tmp_path: Path, kind: str) -> None:
    assert bnsyn("new", kind, "Thing").stdout == "wrote thing.bns\n"
    checked = bnsyn("check", "thing.bns")
    assert checked.exit_code == 0
    assert checked.stderr == ""
    assert bnsyn("fmt", "--check", "thing.bns").exit_code == 0
    assert written(tmp_path) == {"thing.bns"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["neuron", "synapse", "network"])
def test_the_file_runs_and_spikes(bnsyn: Bnsyn, kind: str) -> None:
    bnsyn("new", kind, "Thing")
    result = bnsyn("run", "thing.bns", "--no-plot", "--json", "-")
    assert result.exit_code == 0, result.stderr
    rates = json.loads(result.stdout)["rates_hz"]
    assert all(1 < rate < 100 for rate in rates.values())


def test_a_chosen_file_in_a_new_folder(bnsyn: Bnsyn, tmp_path: Path) -> None:
    assert bnsyn("new", "neuron", "Thing", "-o", "models/x.bns").exit_code == 0
    assert written(tmp_path) == {"models/x.bns"}
    assert "neuron Thing:" in (tmp_path / "models" / "x.bns").read_text()


def test_a_file_is_not_overwritten(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "thing.bns").write_text("mine")
    result = bnsyn("new", "neuron", "Thing")
    assert result.exit_code == 1
    assert "error[BN611]: `thing.bns` exists, and is not overwritten" in result.stderr
    assert (tmp_path / "thing.bns").read_text() == "mine"
