"""The module of a neuron, imported and stepped with plain NumPy arrays."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner

import bnsyn_dsl as bns
from bnsyn_dsl.cli import main

TEXT = '''neuron Resonator:
    """A damped resonator that is reset."""
    parameters:
        tau = 5 ms
        f   = 40 Hz
        r   = uniform(0, 1)
    input:
        I_e = 0 mV
    state:
        x = r*1 mV
        y = 0 mV
    equations:
        dx/dt = -x/tau - 6.28*f*y + I_e/tau
        dy/dt = -y/tau + 6.28*f*x
    spike when x > 5 mV:
        x = 0 mV
'''


@pytest.fixture(scope="module")
def resonator(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("handle")
    (folder / "reso.bns").write_text(TEXT, encoding="utf-8")
    done = CliRunner().invoke(main, ["compile", str(folder / "reso.bns"), "-o", str(folder)])
    assert done.exit_code == 0, done.output
    return imported("handle_test_reso", folder / "reso.py")


def imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_its_spikes_are_those_of_a_network(resonator: ModuleType) -> None:
    r = np.array([0.0, 0.5, 1.0])
    cells = resonator.new(3, dt=0.1, I_e=12.0, r=r, x=r)  # initial values stay as they are given
    steps, indices = resonator.advance(cells, 500)
    net = bns.Network(dt="0.1 ms")
    net.population("R", resonator, 3, I_e="12 mV", r=r)
    spikes = net.run("50 ms").spikes["R"]
    assert len(steps) > 0
    assert steps.tolist() == spikes.steps.tolist()
    assert indices.tolist() == spikes.ids.tolist()


def test_a_name_it_does_not_have_is_refused(resonator: ModuleType) -> None:
    with pytest.raises(TypeError, match="Resonator has no tau_m"):
        resonator.new(1, tau_m=1.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 0}, "n = 0 and dt = 0.1: both must be positive"),
        ({"dt": -0.1}, "n = 4 and dt = -0.1: both must be positive"),
        ({"dt": np.nan}, "both must be positive"),
        ({"tau": np.ones(4)}, "`tau` must be one number, finite, in ms; it is array"),
        ({"I_e": "8 mV"}, "`I_e` must be one number, finite, in mV; it is '8 mV'"),
        ({"tau": np.inf}, "`tau` must be one number"),
        ({"x": np.zeros(3)}, "`x` must be one number or 4, finite, in mV; it is array"),
        ({"r": [0.1, 0.2]}, "`r` must be one number or 4, finite, in no unit; it is"),
    ],
)
def test_values_that_cannot_be_are_refused(
    resonator: ModuleType, given: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        resonator.new(**{"n": 4, **given})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x_all": np.zeros(3)}, "`x_all` must be an array float64[4]"),
        ({"x_all": np.zeros(4, np.float32)}, "`x_all` must be an array float64[4]"),
        ({"x_all": [0.0] * 4}, "`x_all` must be an array float64[4]"),
        ({"x_all": np.zeros(8)[::2]}, "`x_all` must be contiguous: take a copy of it"),
        ({"hi": 3}, "must be an array"),
        ({"lo": 1}, "`lo`, `hi` and `segments` must stay as `new` made them"),
        ({"I_e": 20.0}, "cells of Resonator come from `new`: missing or unknown I_e"),
    ],
)
def test_arrays_that_update_would_leave_are_refused(
    resonator: ModuleType, change: dict[str, object], message: str
) -> None:
    cells = resonator.new(4, I_e=12.0)
    assert len(resonator.advance(cells, 100)[0]) > 0
    before = cells["step"]
    with pytest.raises(ValueError, match=re.escape(message)):
        resonator.advance({**cells, **change})
    assert cells["step"] == before


def test_arrays_that_share_memory_are_refused(resonator: ModuleType) -> None:
    cells = resonator.new(4)
    both = np.zeros(7)
    cells["x_all"], cells["y_all"] = both[:4], both[3:]
    with pytest.raises(ValueError, match="`x_all` and `y_all` share memory"):
        resonator.advance(cells)
    cells["x_all"], cells["y_all"] = np.zeros((2, 4))
    assert len(resonator.advance(cells, 2)[0]) == 0


def test_a_state_that_is_no_number_stops_it(resonator: ModuleType) -> None:
    cells = resonator.new(4)
    cells["y_all"][2] = np.nan
    with pytest.raises(FloatingPointError, match="a state of Resonator is no longer finite"):
        resonator.advance(cells, 32)


def test_a_file_with_two_networks_says_how_to_compile_its_neuron(tmp_path: Path) -> None:
    network = "network {}:\n    populations:\n        E : Resonator[2]\n"
    path = tmp_path / "two.bns"
    path.write_text(TEXT + network.format("A") + network.format("B"), encoding="utf-8")
    done = CliRunner().invoke(main, ["compile", str(path), "-o", str(tmp_path)])
    assert done.exit_code == 1
    assert "choose one with `--network`, or a neuron with `--model Resonator`" in done.stderr
