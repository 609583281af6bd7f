"""What was rehearsed compiles nothing more when a network is built."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = '''
import sys
from pathlib import Path

from numba.core import event

import bnsyn_dsl as bns
from bnsyn_dsl.assembly.rehearsals import rehearsals

TEXT = """
network Everything:
    populations:
        a : LIF[20] { V_m = normal(-70 mV, 2 mV), I_e = exponential(10 pA) }
        b : LIF[20]
    projections:
        a -> a : ExpCurrent pairwise_bernoulli(0.2) { weight = 1 pA, delay = 1 ms }
        a -> b : ExpCurrent fixed_indegree(3) { weight = normal(1 pA, 0.1 pA), delay = 1 ms }
        b -> a : ExpCurrent fixed_outdegree(3, multapses = true) {
            weight = lognormal(1 pA, 0.5), delay = uniform(1 ms, 2 ms) }
        b -> b : ExpCurrent fixed_total_number(30, multapses = true) { weight = 1 pA, delay = 1 ms }
        a -> b : AMPA fixed_total_number(30) { weight = 1 nS, delay = 1 ms }
        a -> b : AMPA one_to_one { weight = 1 nS, delay = 1 ms }
        b -> a : AMPA all_to_all { weight = 1 nS, delay = 1 ms }
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""
compiled = []


class Compiled(event.Listener):
    def on_start(self, event):
        function = event.data["dispatcher"].py_func
        if "runtime" in Path(function.__code__.co_filename).parts:
            compiled.append(function.__name__)

    def on_end(self, event):
        pass


event.register("numba:compile", Compiled())
net = bns.load(TEXT)
for job in rehearsals(net.compile().plan):
    job.perform()
rehearsed = set(compiled)
assert len(rehearsed) == len(compiled) > 10, compiled
net.build(threads=2)
assert set(compiled) == rehearsed and len(compiled) == len(rehearsed), compiled[len(rehearsed):]
print(*sorted(rehearsed))
'''


@pytest.mark.slow
def test_everything_that_a_build_calls_was_rehearsed(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
        "BNSYN_CACHE_DIR": str(tmp_path / "modules"),
    }
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert {"next_bernoulli", "pick_distinct", "fill_synapses"} <= set(result.stdout.split())
