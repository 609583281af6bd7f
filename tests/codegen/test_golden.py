"""Generated modules as text, and that nothing but the model decides it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from tests import systems

Golden = Callable[[str, str], None]
SYSTEMS = {
    "lif_exp_current": systems.network_text("LIF[9]", {"ExpCurrent": "1 pA"}),
    "coba_cell": systems.network_text("LIF[9]", {"AMPA": "1 nS", "GABA_A": "1 nS"})
    + "    solve: exponential_euler\n",
    "adex": systems.network_text("AdEx[9]"),
    "adex_nmda": systems.network_text("AdEx[9]", {"NMDA": "1 nS"}),
    "gif": systems.network_text("GIF[9]"),
    "izhikevich_published": systems.network_text("IzhikevichPublished[9]", {"PulseI": "1"}).replace(
        "dt = 0.1 ms", "dt = 1 ms"
    ),
}
_DEFINITION = re.compile(r"(?ms)^(?:@.*\n)*(?:def bn_\w+\(.*?(?=^\S)|bn_\w+ = .*\n)")


def without_functions(text: str) -> str:
    """Return a module's text with the project's own functions left out."""
    return re.sub(r"\n{4,}", "\n\n\n", _DEFINITION.sub("", text))


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_print_as_they_did(name: str, golden: Golden) -> None:
    text, _ = BACKEND.system_text(systems.kernel_of_text(SYSTEMS[name]), "golden")
    golden(f"{name}.py", without_functions(text))


@pytest.mark.parametrize("name", ["coba", "brunel"])
def test_networks_print_as_they_did(name: str, golden: Golden, tmp_path: Path) -> None:
    plan = systems.plan_of(systems.EXAMPLES / f"{name}.bns")
    made = compile_network(plan, CompileOptions(cache=tmp_path), DiagnosticLog())
    text = re.sub(r"(bnsyn_\w+?)_[0-9a-f]{12}", r"\1_hash", made.path.read_text(encoding="utf-8"))
    golden(f"network_{name}.py", without_functions(text))


@pytest.mark.parametrize("name", SYSTEMS)
def test_modules_are_python_and_end_with_one_line_end(name: str) -> None:
    text, _ = BACKEND.system_text(systems.kernel_of_text(SYSTEMS[name]), "1")
    compile(text, name, "exec")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not [line for line in text.split("\n") if line != line.rstrip()]
    assert "\n\n\n\n" not in text


PRINT = """
import sys
from tests import systems
from bnsyn_dsl.codegen.numba import BACKEND
from tests.codegen.test_golden import SYSTEMS
for text in SYSTEMS.values():
    sys.stdout.write(BACKEND.system_text(systems.kernel_of_text(text), "1")[0])
"""


def test_text_does_not_depend_on_the_hash_seed() -> None:
    root = Path(__file__).parents[2]
    texts = set()
    for seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", PRINT]
        done = subprocess.run(
            command, env=env, cwd=root, capture_output=True, text=True, check=True
        )
        texts.add(done.stdout)
    (text,) = texts
    assert text.count("def update(") == len(SYSTEMS)


NEURON = '''
neuron Cell:
    """A cell with three states."""
    parameters:
        {tau} = 10 ms
        E_L = -70 mV
    input:
        I_syn = 0 mV/ms
    state:
        {V} = E_L
        {w} = 0 mV
        {z} = 0 mV
    equations:
        d{V}/dt = -({V} - E_L)/{tau} + {w}/{tau} - {z}/{tau}*{bent} + I_syn
        d{w}/dt = ({z} - {w})/2 ms
        d{z}/dt = ({V} - E_L - {z})/{tau}
    spike when {V} >= -50 mV:
        {V} = E_L
        {w} += 1 mV
    refractory 2 ms: hold {V}
'''
PLAIN = {"V": "aa", "w": "bb", "z": "cc", "tau": "dd"}
ORDERED_OTHERWISE = {"V": "zz", "w": "mm", "z": "ee", "tau": "kk"}


@pytest.mark.parametrize("bent", ["1", "(1 + {w}/1 mV)"])
@pytest.mark.parametrize("solve", ["auto", "rk4"])
def test_renamed_states_change_the_names_alone(bent: str, solve: str) -> None:
    texts = []
    for names in (PLAIN, ORDERED_OTHERWISE):
        head = NEURON.format(**names, bent=bent.format(**names))
        text = systems.network_text("Cell[4]", head=head) + f"    solve: {solve}\n"
        made, _ = BACKEND.system_text(systems.kernel_of_text(text), "1")
        for plain, name in names.items():
            made = re.sub(rf"(?<![A-Za-z0-9])(d?){name}(?![A-Za-z0-9])", rf"\1<{plain}>", made)
        texts.append(made)
    assert texts[0] == texts[1]
