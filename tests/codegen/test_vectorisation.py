"""The machine code of every kernel of the library: packed arithmetic, and no calls in the loop.

Numba says nothing when a loop stays scalar; it is then two to ten times slower.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from numba import njit

import bnsyn_dsl as bns
from bnsyn_dsl.compiler import load
from bnsyn_dsl.options import CompileOptions
from tests import systems

CURRENT = {"Delta": "0.1 mV", "ExpCurrent": "10 pA", "AlphaCurrent": "10 pA"}
CONDUCTANCE = {"AMPA": "1 nS", "AlphaConductance": "1 nS", "NMDA": "1 nS", "NMDARise": "1 nS"}
ALONE = (
    *("LIF", "AdLIF", "ALIF", "AdEx", "GIF", "HodgkinHuxley", "Izhikevich", "IzhikevichPublished"),
    *("PoissonSource", "OUSource", "TraubMiles", "TwoCompartment", "Readout"),
)
DRIVEN = ("LIF", "AdEx")  # one solved exactly, one with sub-steps
CASES = [
    *((neuron, {}) for neuron in ALONE),
    *((n, {s: w}) for n in DRIVEN for s, w in (CURRENT | CONDUCTANCE).items()),
    ("HodgkinHuxley", {"Delta": "0.1 mV"}),
    ("PerfectIntegrator", {"Delta": "0.1"}),
    ("IzhikevichPublished", {"PulseI": "1"}),
    ("LIF", {"AMPA": "1 nS", "GABA_A": "1 nS"}),
    ("LIF", {"AMPA": "1 nS", "GABA_A": "1 nS", "NMDA": "1 nS", "ExpCurrent": "1 pA"}),
]
ARITHMETIC = re.compile(r"^\s+v?(?:add|sub|mul|div|fn?m(?:add|sub)\d+)pd\s", re.MULTILINE)


def label(case: tuple[str, dict[str, str]]) -> str:
    return "-".join([case[0], *case[1]])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=label)
def test_the_first_pass_is_packed_and_calls_nothing(
    case: tuple[str, dict[str, str]], assembly: ModuleType, tmp_path: Path
) -> None:
    neuron, receptors = case
    text = systems.network_text(f"{neuron}[300]", receptors)
    if neuron == "IzhikevichPublished":
        text = text.replace("dt = 0.1 ms", "dt = 1 ms")
    update = systems.module_of(systems.kernel_of_text(text), tmp_path).compiled_update()
    (machine_code,) = update.inspect_asm().values()
    packed = [loop for loop in assembly.packed_loops(machine_code) if ARITHMETIC.search(loop)]
    assert packed
    assert [call for loop in packed for call in assembly.hot_loop_calls("_ZN:\n" + loop)] == []
    (llvm,) = update.inspect_llvm().values()
    assert assembly.vectorised_loops(llvm) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("population", ["LIF[9] { tau_m = uniform(5 ms, 9 ms) }"])
def test_parameters_that_vary_do_not_stop_the_vectors(
    population: str, assembly: ModuleType, tmp_path: Path
) -> None:
    text = systems.network_text(population, {"ExpCurrent": "1 pA"})
    update = systems.module_of(systems.kernel_of_text(text), tmp_path).compiled_update()
    (machine_code,) = update.inspect_asm().values()
    assert [loop for loop in assembly.packed_loops(machine_code) if ARITHMETIC.search(loop)]


@pytest.mark.slow
@pytest.mark.parametrize("neuron", ["LIF", "AdEx"])
def test_an_array_in_time_does_not_stop_the_vectors(
    neuron: str, assembly: ModuleType, tmp_path: Path
) -> None:
    net = bns.Network(options=CompileOptions(cache=tmp_path))
    current = bns.TimedArray([[1.0] * 300], unit="pA", every="1 ms")
    net.population("A", neuron, 300, I_e=current)
    net.run("1 ms", threads=1)
    (system,) = load(net.compile())[1]
    # compiled anew: what this process loaded from the cache shows no machine code
    update = njit(error_model="numpy", nogil=True)(system.update.py_func)
    update.compile(system.update.signatures[0])
    (machine_code,) = update.inspect_asm().values()
    packed = [loop for loop in assembly.packed_loops(machine_code) if ARITHMETIC.search(loop)]
    assert packed
    assert [call for loop in packed for call in assembly.hot_loop_calls("_ZN:\n" + loop)] == []
    (llvm,) = update.inspect_llvm().values()
    assert assembly.vectorised_loops(llvm) >= 1
