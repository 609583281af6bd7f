"""New systems are compiled in other processes, for the types that the time loop calls them with."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

import bnsyn_dsl as bns
from bnsyn_dsl import resources
from bnsyn_dsl.codegen.backend import NewSystem
from bnsyn_dsl.codegen.module_files import content_name, load_module, write_once
from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.codegen.numba.ahead import NumbaAhead, update_types
from tests import systems

EVERYTHING = """
network Everything:
    populations:
        spread : LIF[3] { I_e = uniform(0 pA, 10 pA) }
        edge : TraubMiles[2]
        wired : LIF[3] { I_e = 1 nS*spread.V_m }
        noisy : OUSource[2]
    projections:
        spread -> edge : AMPA all_to_all { weight = 1 nS, delay = 1 ms }
        edge -> spread : ExpCurrent all_to_all { weight = 1 pA, delay = 1 ms }
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""


def test_types_are_those_of_the_time_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # where the time loop lies in the cache, nothing it calls is compiled
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path))
    net = bns.load(EVERYTHING)
    net.build(threads=1)
    compiled = net.compile().systems
    arguments = {a for s in compiled for a in s.manifest.update_arguments}
    assert {"above", "refractory", "varied"} <= arguments
    assert any(s.manifest.gathered for s in compiled)
    for system in compiled:
        (signature,) = load_module(system.module, system.path).update.signatures
        assert signature == update_types(system.manifest), system.module


def new_system(folder: Path, model: str) -> NewSystem:
    """Write the module of a system under a name that no other test loads."""
    kernel = systems.kernel_of_text(systems.network_text(model))
    text, manifest = BACKEND.system_text(kernel, str(folder))
    name = content_name(kernel.name, text)
    write_once(folder / f"{name}.py", text)
    return NewSystem(module=name, path=folder / f"{name}.py", manifest=manifest)


def hits(system: NewSystem) -> int:
    """Compile a system here; return how often Numba's cache had it."""
    update = load_module(system.module, system.path).update
    update.compile(update_types(system.manifest))
    return sum(update.stats.cache_hits.values())


def test_another_process_compiles_what_this_one_then_finds(tmp_path: Path) -> None:
    system = new_system(tmp_path, "LIF[3]")
    with NumbaAhead([system], processes=2) as ahead:
        claims = ahead._claims
        until = time.monotonic() + 60
        while not claims.done(system).exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        ahead.finish()
    assert hits(system) == 1


def test_what_nobody_took_is_compiled_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    system = new_system(tmp_path, "AdLIF[3]")
    with NumbaAhead([system], processes=2) as ahead:
        ahead.finish()
    assert len(load_module(system.module, system.path).update.signatures) == 1


def test_a_process_that_dies_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    system = new_system(tmp_path, "ALIF[3]")
    with NumbaAhead([system], processes=2) as ahead:
        assert ahead._claims.take(system)  # by the one that is dead
        ahead.finish()
    assert not load_module(system.module, system.path).update.signatures


def test_one_process_begins_nothing(tmp_path: Path) -> None:
    system = new_system(tmp_path, "Izhikevich[3]")
    with NumbaAhead([system], processes=1) as ahead:
        ahead.finish()
    assert not load_module(system.module, system.path).update.signatures


def test_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNSYN_COMPILE_PROCESSES", "3")
    assert resources.compile_processes() == 3
    monkeypatch.delenv("BNSYN_COMPILE_PROCESSES")
    assert resources.compile_processes() >= 1
