"""Systems and rules are compiled before they are called, for the types they are called with."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.ahead import Ahead
from bnsyn_dsl.codegen.module_files import content_name, load_module, write_once
from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.codegen.numba.machine_code import (
    prepare_types,
    rule_types,
    system_jobs,
    update_types,
)
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


def test_types_are_those_of_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # where the time loop lies in the cache, nothing it calls is compiled
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path))
    net = bns.load(EVERYTHING)
    net.build(threads=1)
    compiled = net.compile().systems
    arguments = {a for s in compiled for a in s.manifest.update_arguments}
    assert {"above", "refractory", "varied"} <= arguments
    assert any(s.manifest.gathered for s in compiled)
    for system in compiled:
        module = load_module(system.module, system.path)
        (signature,) = module.update.signatures
        assert signature == update_types(system.manifest), system.module
        (signature,) = module.prepare.signatures
        assert signature == prepare_types(system.manifest), system.module


LEARNING = """
modulator Source:
    state:
        d = 0.3 Hz
    equations:
        dd/dt = -d/(30 ms)

network Learning:
    populations:
        inputs : PoissonSource[4] { rate = 60 Hz }
        cells : AdEx[3]
    modulators:
        da : Source
    projections:
        inputs -> cells as pair : ExpCurrent with PairSTDP { w_max = 9 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
        inputs -> cells as short : TsodyksMarkram with PairSTDP { w_max = 9 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
        inputs -> cells as dopamine : ExpCurrent with DopamineSTDP {
            w_max = 9 pA, n = da.d } all_to_all {
            weight = 1 pA, delay = 1 ms }
        inputs -> cells as soft : ExpCurrent with WeightDependentSTDP { w_max = 9 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
        inputs -> cells as wide : ExpCurrent with DualWeight {
            w_max = 9 pA, protein = 0.5 } all_to_all {
            weight = 1 pA, delay = 1 ms }
        inputs -> cells as voltage : ExpCurrent with ClopathSTDP { w_max = 9 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
    simulate: 1 ms, dt = 0.1 ms, seed = 1
"""


@pytest.mark.slow
@pytest.mark.parametrize("strategy", [None, "swept"])
def test_types_of_a_rule_are_those_of_the_calls(
    strategy: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNSYN_CACHE_DIR", str(tmp_path))
    net = bns.load(LEARNING, options=bns.CompileOptions(learning=strategy))
    net.build(threads=1)
    called = set()
    for rule in net.compile().rules:
        module = load_module(rule.module, rule.path)
        for function, names in rule.arguments.items():
            for signature in getattr(module, function).signatures:
                assert signature == rule_types(names), (rule.module, function)
                called.add(function)
        (signature,) = module.prepare.signatures
        assert signature == rule_types(("par", "dt", "decay")), rule.module
    assert called >= {"arrive", "fire", "sweep" if strategy == "swept" else "rebase"}


def test_jobs_leave_what_is_then_found(tmp_path: Path) -> None:
    kernel = systems.kernel_of_text(systems.network_text("LIF[3]"))
    text, manifest = BACKEND.system_text(kernel, str(tmp_path))  # a name that no other test loads
    name = content_name(kernel.name, text)
    path = tmp_path / f"{name}.py"
    write_once(path, text)
    jobs = system_jobs(name, path, manifest)
    assert jobs[0].rank < jobs[1].rank  # the longer one goes first
    with Ahead(processes=2) as ahead:
        ahead.add(*jobs)
        ahead.begin()
        until = time.monotonic() + 60
        while ahead.pending:
            assert time.monotonic() < until
            time.sleep(0.02)
    module = load_module(name, path)
    for function, types in (
        (module.update, update_types(manifest)),
        (module.prepare, prepare_types(manifest)),
    ):
        function.compile(types)
        assert sum(function.stats.cache_hits.values()) == 1
