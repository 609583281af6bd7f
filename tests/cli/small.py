"""One small network that every test of the command line uses, and what the tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from click.testing import Result

SMALL = """\
neuron Cell:
    parameters:
        tau  = 10 ms            # time constant
        V_th = 10 mV
    input:
        I = 0 mV
    state:
        V_m = 0 mV
    equations:
        dV_m/dt = (I - V_m)/tau
    spike when V_m >= V_th:
        V_m = 0 mV

network Small:
    parameters:
        drive = 12 mV
    populations:
        E : Cell[3] { I = drive }
        silent : Cell[2]
    record:
        spikes of E, silent
        V_m of E[0:2] every 1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""

Bnsyn: TypeAlias = Callable[..., Result]


def written(folder: Path) -> set[str]:
    """Return the names of the files in a folder and below."""
    return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}
