"""Generated modules of plasticity rules, and a network with a modulator, as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bnsyn_dsl.compiler import CompiledNetwork, compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from tests import systems
from tests.analysis.learning.rule_systems import NETWORK, PLAIN, RULES
from tests.codegen.test_golden import without_functions

RULE_FILES = {
    "PairSTDP": "rule_pair_stdp.py",  # accumulated
    "DopamineSTDP": "rule_dopamine_stdp.py",  # accumulated, driven by a third factor
    "WeightDependentSTDP": "rule_weight_dependent_stdp.py",  # replayed
    "BraderFusi": "rule_brader_fusi.py",  # swept
}
MODULATED = """
modulator Pool:
    parameters:
        tau = 30 ms
        target = 0.5
    input:
        level = 0
    state:
        n = 0 Hz
        gain = 1 in [0, 2]
    equations:
        dn/dt = -n/tau
    on spike:
        n += 0.1 Hz
    every 10 ms:
        gain += 0.1*(target - level)

network Modulated:
    populations:
        E : LIF[40]
    modulators:
        pool : Pool { level = mean(weight/(10 pA) of learning) } from E
    projections:
        E -> E as learning : ExpCurrent with DopamineSTDP { w_max = 10 pA, n = pool.n } all_to_all {
            weight = 5 pA, delay = 1 ms
        }
        E -> E as fixed : ExpCurrent all_to_all { weight = 1 pA, delay = 1 ms, gain = pool.gain }
    simulate: 10 ms, dt = 0.1 ms, seed = 1
"""


def compiled(text: str, cache: Path) -> CompiledNetwork:
    log = DiagnosticLog()
    made = compile_network(systems.plan_of(text), CompileOptions(cache=cache), log)
    log.stop_on_errors()
    return made


def plain(path: Path) -> str:
    """Return a module's text without the project's functions and the hashes of other modules."""
    text = re.sub(r"(bnsyn_\w+?)_[0-9a-f]{12}", r"\1_hash", path.read_text(encoding="utf-8"))
    return re.sub(r"by bnsyn \S+\n", "by bnsyn golden\n", without_functions(text))


@pytest.mark.parametrize("name", RULE_FILES)
def test_rules_print_as_they_did(
    name: str, golden: Callable[[str, str], None], tmp_path: Path
) -> None:
    braces, places = RULES[name]
    text = NETWORK.format(**{**PLAIN, **places}, rule=f"{name} {{ {braces} }}")
    (rule,) = compiled(text, tmp_path).rules
    golden(RULE_FILES[name], plain(rule.path))


def test_a_network_with_a_modulator_prints_as_it_did(
    golden: Callable[[str, str], None], tmp_path: Path
) -> None:
    golden("network_modulated.py", plain(compiled(MODULATED, tmp_path).path))
