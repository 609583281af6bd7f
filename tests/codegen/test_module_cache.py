"""Generated modules are kept, found again, and made again when they are damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bnsyn_dsl.codegen.module_files import content_name, load_module, recall, remember, write_once
from bnsyn_dsl.compiler import CompiledNetwork, compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from tests import systems

ROOT = Path(__file__).parents[2]
TEXT = systems.network_text("LIF[9]", {"ExpCurrent": "1 pA"})


def compiled(cache: Path, text: str = TEXT) -> CompiledNetwork:
    return compile_network(systems.plan_of(text), CompileOptions(cache=cache), DiagnosticLog())


def contents(cache: Path) -> dict[str, tuple[int, bytes]]:
    files = sorted((cache / "modules").iterdir())
    return {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in files}


def test_a_second_compilation_writes_nothing(tmp_path: Path) -> None:
    first = compiled(tmp_path)
    before = contents(tmp_path)
    second = compiled(tmp_path)
    assert contents(tmp_path) == before
    assert (first.module, first.path) == (second.module, second.path)
    assert [s.manifest for s in first.systems] == [s.manifest for s in second.systems]
    assert len(before) == 4


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"module": 3}', b"\xff\xfe"])
def test_damaged_entries_are_made_again(damage: bytes, tmp_path: Path) -> None:
    compiled(tmp_path)
    whole = {name: text for name, (_, text) in contents(tmp_path).items()}
    for entry in (tmp_path / "modules").glob("*.json"):
        entry.write_bytes(damage)
    compiled(tmp_path)
    assert {name: text for name, (_, text) in contents(tmp_path).items()} == whole


@pytest.mark.parametrize("cut", [0, 100])
def test_damaged_modules_are_made_again(cut: int, tmp_path: Path) -> None:
    compiled(tmp_path)
    whole = {name: text for name, (_, text) in contents(tmp_path).items()}
    for module in (tmp_path / "modules").glob("*.py"):
        module.write_bytes(module.read_bytes()[:cut])
    compiled(tmp_path)
    assert {name: text for name, (_, text) in contents(tmp_path).items()} == whole


def test_missing_modules_are_made_again(tmp_path: Path) -> None:
    made = compiled(tmp_path)
    made.systems[0].path.unlink()
    made.path.unlink()
    compiled(tmp_path)
    assert made.systems[0].path.exists()
    assert made.path.exists()


def test_other_equations_make_another_module_and_other_values_do_not(tmp_path: Path) -> None:
    names = {compiled(tmp_path).systems[0].module}
    other_values = TEXT.replace("LIF[9]", "LIF[5] { tau_m = 7 ms }")
    names.add(compiled(tmp_path, other_values).systems[0].module)
    assert len(names) == 1
    names.add(compiled(tmp_path, TEXT + "    solve: euler\n").systems[0].module)
    assert len(names) == 2


RUN = """
import sys, json
from pathlib import Path
from tests import systems
from tests.codegen.test_module_cache import TEXT, compiled
from bnsyn_dsl.assembly.assemble import assemble
from bnsyn_dsl.diagnostics import DiagnosticLog
made = compiled(Path(sys.argv[1]), TEXT.replace("10 Hz", "9000 Hz").replace("1 pA", "800 pA"))
imported = sorted({n.split(".")[0] for n in sys.modules} & {"jinja2", "sympy"})
run = assemble(made, 1, DiagnosticLog())
run.simulation.run(100)
hits = sum(sys.modules[made.module].advance.stats.cache_hits.values())
steps, ids = run.simulation.spikes()
print(json.dumps([imported, hits, steps.tolist(), ids.tolist()]))
"""


@pytest.mark.slow
def test_another_process_finds_modules_and_machine_code(tmp_path: Path) -> None:
    outcomes = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        outcomes.append(json.loads(done.stdout))
    cold, warm = outcomes
    assert "jinja2" in cold[0]
    assert warm[0] == []
    assert len(warm[2]) > 0
    assert cold[2:] == warm[2:]
    assert cold[1] == 0
    assert warm[1] > 0


def test_modules_are_imported_once_and_not_at_all_when_they_raise(tmp_path: Path) -> None:
    name = content_name("Once", "value = 1\n")
    write_once(tmp_path / f"{name}.py", "value = 1\n")
    assert load_module(name, tmp_path / f"{name}.py") is load_module(name, tmp_path / "none.py")
    assert sys.modules.pop(name).value == 1
    write_once(tmp_path / "bnsyn_bad.py", "raise KeyError('seen')\n")
    with pytest.raises(KeyError, match="seen"):
        load_module("bnsyn_bad", tmp_path / "bnsyn_bad.py")
    assert "bnsyn_bad" not in sys.modules


def test_content_names_follow_the_content_and_are_identifiers() -> None:
    name = content_name("A-b.c", "x")
    assert name.isidentifier()
    assert name.startswith("bnsyn_a_b_c_")
    assert name != content_name("A-b.c", "y")


def test_notes_are_found_again(tmp_path: Path) -> None:
    name = content_name("m", "x = 1\n")
    write_once(tmp_path / f"{name}.py", "x = 1\n")
    remember(tmp_path, "key", {"module": name, "more": [1, 2]})
    assert recall(tmp_path, "key") == {"module": name, "more": [1, 2]}
    assert recall(tmp_path, "other") is None
    assert not list(tmp_path.glob(".new-*"))
