"""The module of a neuron, imported and stepped with plain NumPy arrays."""

from __future__ import annotations

import importlib.util
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
