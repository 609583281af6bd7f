"""The same network gives the same bits: on any number of threads, in one run or in many."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.network_runs import Run, plan_of, run, started

ROOT = Path(__file__).parents[2]
STEPS = 1000  # of 0.1 ms

COBA = """
network Coba:
    populations:
        E : LIF[800] { t_ref = 5 ms, E_L = -60 mV, V_th = -50 mV, V_reset = -60 mV, I_e = 500 pA }
        I : LIF[200] { t_ref = 5 ms, E_L = -60 mV, V_th = -50 mV, V_reset = -60 mV, I_e = 500 pA }
    projections:
        E -> E, I : AMPA pairwise_bernoulli(0.08) { weight = 6 nS, delay = uniform(0.5 ms, 2 ms) }
        I -> E, I : GABA_A pairwise_bernoulli(0.08) {
            weight = normal(67 nS, 6 nS, 0 nS, inf), delay = 0.5 ms
        }
    record:
        V_m of E[0:5] every 1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""
BRUNEL = """
network Small:
    populations:
        E : LIF[800] { tau_m = 20 ms, E_L = 0 mV, V_th = 20 mV, V_reset = 10 mV }
        I : LIF[200] { tau_m = 20 ms, E_L = 0 mV, V_th = 20 mV, V_reset = 10 mV }
    projections:
        poisson(10 kHz + 5 kHz*sin(2*pi*20 Hz*t)) -> E : Delta one_to_one {
            weight = 0.2 mV, delay = 1.5 ms
        }
        poisson(10 kHz) -> I : Delta one_to_one { weight = 0.2 mV, delay = 1.5 ms }
        E -> E, I : Delta fixed_indegree(100) { weight = 0.2 mV, delay = 1.5 ms }
        I -> E, I : Delta fixed_indegree(25) { weight = -1 mV, delay = 1.5 ms }
    record:
        V_m of E[0:5] every 1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""
# wires from one population to another, white noise, short-term plasticity, uneven sizes
WIRED = """
network Wired:
    populations:
        ou     : OUSource[301]
        wave   : PoissonSource[77] { rate = 100 Hz*(1 + sin(2*pi*5 Hz*t)) }
        cell   : AdEx[301] { I_e = 700 pA + ou.I }
        escape : GIF[130] { I_e = 150 pA }
        chain  : LIF[53]
    projections:
        wave -> cell : TsodyksMarkram { U = 0.4 } pairwise_bernoulli(0.3) {
            weight = 50 pA, delay = 0 ms
        }
        cell -> escape : ExpCurrent fixed_outdegree(5) { weight = 40 pA, delay = 0.1 ms }
        escape -> chain : AMPA fixed_total_number(700, multapses = true) {
            weight = exponential(8 nS), delay = 1 ms
        }
    record:
        V_m of cell every 1 ms
        I of ou every 1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 3
"""
TEXTS = {
    "coba": COBA,
    "brunel": BRUNEL,
    "wired": WIRED,
    "microcircuit": "examples/microcircuit.bns",
}


def begun(name: str, threads: int) -> Run:
    if name == "microcircuit":
        values = {"scale": "0.01"}
        return started(plan_of(ROOT / TEXTS[name], values=values, duration=100.0), threads=threads)
    return started(plan_of(TEXTS[name]), threads=threads)


@cache
def reference(name: str) -> str:
    """Return the digest of one run on one thread."""
    whole = begun(name, 1).more(STEPS)
    assert len(whole.assembly.simulation.spikes()[0]) > 100
    return whole.digest()


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", TEXTS)
def test_a_run_is_the_same_on_any_number_of_threads(name: str, threads: int) -> None:
    assert begun(name, threads).more(STEPS).digest() == reference(name)


@pytest.mark.parametrize("name", TEXTS)
def test_ten_short_runs_are_one_long_run(name: str) -> None:
    parts = begun(name, 2)
    for _ in range(10):
        parts.more(STEPS // 10)
    assert parts.digest() == reference(name)


def test_chunks_need_not_fit_the_recording() -> None:
    parts = begun("coba", 1)
    for steps in (1, 36, 5, 338, 620):
        parts.more(steps)
    assert parts.digest() == reference("coba")


def test_another_seed_gives_another_run() -> None:
    assert run(BRUNEL, seed=4).digest() != reference("brunel")


MAKE = """
import sys
from pathlib import Path
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.api.network import load
for name in sys.argv[2:]:
    load(Path(name), options=CompileOptions(cache=Path(sys.argv[1]))).compile()
"""


def test_generated_modules_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    sources = [
        str(ROOT / "examples" / "microcircuit.bns"),
        str(ROOT / "models/networks/drives.bns"),
    ]
    for number, text in enumerate((COBA, BRUNEL, WIRED)):
        (tmp_path / f"{number}.bns").write_text(text, encoding="utf-8")
        sources.append(str(tmp_path / f"{number}.bns"))
    made = []
    for seed in ("0", "1"):
        cache_here = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", MAKE, str(cache_here), *sources],
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        files = sorted((cache_here / "modules").iterdir())
        made.append({f.name: f.read_bytes() for f in files if f.is_file()})
    assert len(made[0]) >= 10
    assert made[0] == made[1]
