"""`bnsyn models`: the library as tables and pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.small import Bnsyn

HEADER = re.compile(r"^(neuron|synapse|plasticity|modulator|network) (\w+)", re.MULTILINE)
LIBRARY = Path(__file__).parents[2] / "models"


def blocks() -> list[tuple[str, str]]:
    """Return kind and name of every block of the library, by a scan of its text."""
    texts = [f.read_text(encoding="utf-8") for f in sorted(LIBRARY.rglob("*.bns"))]
    return [(kind, name) for text in texts for kind, name in HEADER.findall(text)]


def test_the_list_has_every_model_under_its_kind(bnsyn: Bnsyn) -> None:
    result = bnsyn("models")
    assert result.exit_code == 0, result.stderr
    found: list[tuple[str, str]] = []
    kind = ""
    for line in result.stdout.splitlines():
        word = line.split(" ")[0]
        if line.strip() in {"neuron", "synapse", "plasticity", "modulator", "network"}:
            kind = line.strip()
        elif word not in {"", "name"}:
            found.append((kind, word))
    assert sorted(found) == sorted([*blocks(), ("neuron", "SpikeSource")])


def test_a_page_has_values_units_descriptions_and_equations(bnsyn: Bnsyn) -> None:
    result = bnsyn("models", "AdEx")
    lines = result.stdout.splitlines()
    assert lines[:2] == ["neuron AdEx", "models/neurons/adex.bns"]
    assert any("Brette & Gerstner 2005" in line for line in lines)
    assert "    C_m      281 pF    pF  membrane capacitance" in lines
    assert "    V_m  E_L   mV  membrane potential" in lines
    assert "    tau_w * dw/dt = a*(V_m - E_L) - w" in lines
    assert "spike when V_m > V_peak:" in lines


def test_a_page_of_a_variant_has_its_own_values_and_the_equations_of_its_base(bnsyn: Bnsyn) -> None:
    lines = bnsyn("models", "Adapting").stdout.splitlines()
    assert lines[0] == "neuron Adapting is TonicSpiking"
    assert any(line.split()[:3] == ["tau_w", "300", "ms"] for line in lines)
    assert "    tau_w * dw/dt = a*(V_m - E_L) - w" in lines


@pytest.mark.parametrize("name", [name for _, name in blocks()])
def test_every_model_has_a_page(bnsyn: Bnsyn, name: str) -> None:
    result = bnsyn("models", name)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""


def test_the_spike_source_is_built_in(bnsyn: Bnsyn) -> None:
    result = bnsyn("models", "SpikeSource")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[:4] == [
        "neuron SpikeSource", "built in", "", "Spikes at given times."
    ]  # fmt: skip
    assert "did you mean `SpikeSource`?" in bnsyn("models", "SpikeSorce").stderr


def test_an_unknown_model(bnsyn: Bnsyn) -> None:
    result = bnsyn("models", "AdptingX")
    assert result.exit_code == 1
    assert "did you mean `Adapting`?" in result.stderr
