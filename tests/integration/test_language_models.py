"""Every neuron, synapse and network of the library and the examples compiles and runs.

More files are run for some steps when the environment variable BNSYN_MORE_MODELS names a directory
of them, or where those of the language's description lie beside the project.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests.network_runs import Run, run

ROOT = Path(__file__).parents[2]
BESIDE = ROOT.parent / "shared" / "language"
MORE = os.environ.get("BNSYN_MORE_MODELS") or (str(BESIDE) if BESIDE.is_dir() else None)
NEURONS = sorted((ROOT / "models" / "neurons").glob("*.bns"))
NETWORKS = [
    *sorted((ROOT / "models" / "networks").glob("*.bns")),
    *sorted((ROOT / "examples").glob("*.bns")),
    *(sorted(Path(MORE).glob("*.bns")) if MORE else ()),
]
# values that make a network small enough for a test
SMALLER = {
    "Microcircuit": {"scale": "0.01"},
    "Brunel": {"C_E": "100"},
    "BrunelSR": {"C_E": "100"},
    "BrunelSIFast": {"C_E": "100"},
    "BrunelAI": {"C_E": "100"},
    "BrunelSISlow": {"C_E": "100"},
    "BrunelBench": {"N": "1000", "K": "100"},
}
# (target, weight) of the synapses that are not for V_m and I_syn of a LIF
TARGETS = {
    "PulseI": ("IzhikevichPublished", "1"),
    "SaturatingNMDA": ("LIF", "9 nS"),
    "GABA_B": ("LIF", "100 mS"),
    "LevinaHerrmannGeisel": ("PerfectIntegrator", "0.01"),
    "Delta": ("LIF", "1 mV"),
    **dict.fromkeys(
        ("ExpCurrent", "AlphaCurrent", "TsodyksMarkram", "Depressing"), ("LIF", "9 pA")
    ),
}
SYNAPSES = (
    *("Delta", "ExpCurrent", "AlphaCurrent", "TsodyksMarkram", "Depressing", "PulseI"),
    *("ExpConductance", "AlphaConductance", "AMPA", "GABA_A", "NMDA", "NMDARise"),
    *("LevinaHerrmannGeisel", "SaturatingNMDA", "GABA_B"),
)


def blocks(path: Path, kind: str) -> list[str]:
    """Return the names of the blocks of a file."""
    return re.findall(rf"^{kind} (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


def assert_finite(got: Run) -> None:
    """Fail if a state is not finite; at least one state must exist."""
    states = [s for system in got.assembly.simulation.systems for s in system.states.values()]
    assert all(np.isfinite(values).all() for values in states)


@pytest.mark.parametrize("path", NEURONS, ids=lambda path: path.stem)
def test_every_neuron_of_a_file_runs_alone(path: Path) -> None:
    by_step: dict[float, list[str]] = {}
    for name in blocks(path, "neuron"):
        published = path.stem == "izhikevich" and name != "Izhikevich"
        by_step.setdefault(1.0 if published else 0.1, []).append(name)
    for dt, names in by_step.items():
        cells = "\n".join(f"        p{k} : {name}[3]" for k, name in enumerate(names))
        settings = f"    simulate: 20 ms, dt = {dt} ms, seed = 1"
        got = run(f"network Alone:\n    populations:\n{cells}\n{settings}\n")
        assert got.assembly.simulation.step == round(20 / dt)
        assert_finite(got)


@pytest.mark.parametrize("name", SYNAPSES)
def test_a_synapse_moves_the_cell_it_reaches_and_no_other(name: str) -> None:
    target, weight = TARGETS.get(name, ("LIF", "2 nS"))
    dt = 1.0 if name == "PulseI" else 0.1
    start = " { V_m = 0 }" if target == "PerfectIntegrator" else ""
    text = f"""
    network Pair:
        populations:
            train : SpikeSource[2] {{ times = [5 ms, 9 ms] }}
            cells : {target}[2]{start}
        projections:
            train -> cells[0:1] : {name} all_to_all {{ weight = {weight}, delay = 1 ms }}
        simulate: 12 ms, dt = {dt} ms, seed = 1
    """
    got = run(text)
    assert_finite(got)
    state = "v" if target == "IzhikevichPublished" else "V_m"
    reached, other = got.state("cells", state)
    assert abs(reached - other) > 1e-3


def cases() -> list[tuple[Path, str]]:
    """Return every network with its file."""
    return [(path, name) for path in NETWORKS for name in blocks(path, "network")]


@pytest.mark.parametrize(("path", "name"), cases(), ids=[f"{p.stem}-{n}" for p, n in cases()])
def test_every_network_runs(path: Path, name: str, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    is_more = MORE is not None and path.parent == Path(MORE)
    duration = 5.0 if is_more else 40.0
    if is_more and name == "Microcircuit":
        text = re.sub(r"\[(\d{4,})\]", lambda size: f"[{int(size[1]) // 10}]", text)
        path = tmp_path / path.name
        path.write_text(text, encoding="utf-8")
    values = {
        k: v for k, v in SMALLER.get(name, {}).items() if re.search(rf"^ +{k} +=", text, re.M)
    }
    got = run(path, name, duration=duration, values=values)
    assert_finite(got)
    assert got.assembly.simulation.step == round(duration / got.plan.dt)
