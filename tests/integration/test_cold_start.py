"""What a first run compiles: the start from an empty cache is as long as this list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from numba.core import event

class Listener(event.Listener):
    def on_start(self, happened):
        function = happened.data["dispatcher"]
        function = getattr(function, "py_func", function)
        compiled.append((function.__module__, function.__qualname__.partition(".")[0]))

    def on_end(self, happened):
        pass

compiled = []
event.register("numba:compile", Listener())
import bnsyn_dsl
bnsyn_dsl.load(sys.argv[1]).run("0.2 ms")
print(json.dumps(compiled))
"""
RUNTIME = ["lay_out_groups", "count_synapses", "fill_synapses", "next_bernoulli"]
RUNTIME += ["uniform_pairs", "normal_pairs"]
NETWORK = ["advance", "deliver", "meet", "prepare", "update"]
CELL = ["exp", "exp_tail", "expm1", "exprel", "exprel_near", "next_marked", "rint"]
DRAWS = ["block", "normal_pair", "philox", "uniform", "unit"]  # initial values, connections
DRAWS += ["log", "log_reduced", "log_tail", "exponent"]
DRAWS += ["cos", "cosine_core", "quarter", "sin", "sine_core"]
NUMBA = {"ol_max", "ol_min"}  # what a kernel says in Python and Numba compiles as a function


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Return module and name of every function that a cold run of COBA compiled."""
    cache = str(tmp_path_factory.mktemp("cache"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT / "examples" / "coba.bns")],
        env={**os.environ, "BNSYN_CACHE_DIR": cache, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return [(module, name) for module, name in json.loads(done.stdout.splitlines()[-1])]


def test_no_function_is_compiled_for_two_kinds_of_arguments(
    compiled: list[tuple[str, str]],
) -> None:
    ours = Counter(each for each in compiled if not each[0].startswith("numba."))
    assert {each: times for each, times in ours.items() if times > 1} == {}


def test_only_what_the_network_calls_is_compiled(compiled: list[tuple[str, str]]) -> None:
    ours = [name for module, name in compiled if not module.startswith("numba.")]
    wanted = {*RUNTIME, *NETWORK, *(f"bn_{name}" for name in (*CELL, *DRAWS))}
    assert set(ours) == wanted


def test_numba_adds_few_functions_of_its_own(compiled: list[tuple[str, str]]) -> None:
    assert {name for module, name in compiled if module.startswith("numba.")} <= NUMBA
