"""Where blocks are found: the file, its imports, the model directories."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.syntax import parse

NEURON = """neuron {name}{base}:
    parameters:
        k = {k}
    state:
        x = k
    equations:
        dx/dt = -k*x/(1 ms)
"""


def neuron(name: str, k: float = 1) -> str:
    return NEURON.format(name=name, base="", k=k)


def library(
    text: str, directory: Path | None = None, *model_dirs: Path
) -> tuple[Library, DiagnosticLog]:
    log = DiagnosticLog()
    file = parse(SourceFile(name="main.bns", text=text), log)
    return Library(file, directory=directory, model_dirs=model_dirs, log=log), log


def value(one: Library, name: str) -> float:
    model = one.model(name, one.blocks()[0].span)
    assert model is not None
    return model.parameters[0].value.value  # type: ignore[union-attr]


def test_the_files_own_block_goes_before_imports_and_directories(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "m.bns").write_text(neuron("A", 1) + neuron("B", 1) + neuron("C", 1))
    (tmp_path / "other.bns").write_text(neuron("A", 2) + neuron("B", 2))
    text = 'import "other.bns"\n' + neuron("A", 3)
    one, log = library(text, tmp_path, tmp_path / "dir")
    assert [value(one, n) for n in "ABC"] == [3.0, 2.0, 1.0]
    assert log.found == ()


def test_a_users_block_does_not_change_what_a_library_model_is_built_on(tmp_path: Path) -> None:
    (tmp_path / "m.bns").write_text(neuron("A", 1) + "neuron B is A\n")
    one, _ = library(neuron("A", 3) + "neuron C is B\n", None, tmp_path)
    assert [value(one, n) for n in "ABC"] == [3.0, 1.0, 1.0]


def test_only_files_that_are_needed_are_parsed(tmp_path: Path) -> None:
    (tmp_path / "good.bns").write_text(neuron("A"))
    (tmp_path / "bad.bns").write_text("neuron Broken:\n    what is this\n")
    one, log = library(neuron("M"), None, tmp_path)
    assert value(one, "A") == 1.0
    assert not log.has_errors
    assert one.model("Broken", one.blocks()[0].span) is None
    assert log.has_errors


def test_imports_of_imports_are_relative_to_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.bns").write_text('import "b.bns"\n' + neuron("A"))
    (tmp_path / "sub" / "b.bns").write_text("function f(x) = 2*x\n" + neuron("B"))
    one, log = library('import "sub/a.bns"\n' + neuron("M"), tmp_path)
    assert value(one, "B") == 1.0
    assert set(one.functions) == {"f"}
    assert log.found == ()


def test_files_may_be_imported_twice_but_not_in_a_ring(tmp_path: Path) -> None:
    (tmp_path / "a.bns").write_text('import "b.bns"\n')
    (tmp_path / "b.bns").write_text(neuron("B"))
    _, log = library('import "a.bns"\nimport "b.bns"\n', tmp_path)
    assert log.found == ()
    (tmp_path / "b.bns").write_text('import "a.bns"\n')
    _, log = library('import "a.bns"\n', tmp_path)
    (finding,) = log.found
    assert finding.code == "BN231"
    assert finding.span is not None
    assert (Path(finding.span.source.name).name, finding.span.line) == ("b.bns", 1)


@pytest.mark.parametrize("name", ["none.bns", "."])
def test_a_file_that_cannot_be_read_is_reported_at_the_import(name: str, tmp_path: Path) -> None:
    _, log = library(f'{neuron("A")}import "{name}"\n', tmp_path)
    (finding,) = log.found
    assert finding.code == "BN230"
    assert finding.span is not None
    assert finding.span.line == 8


def test_a_ring_of_links_is_reported_at_the_import(tmp_path: Path) -> None:
    (tmp_path / "loop.bns").symlink_to("loop.bns")
    _, log = library('import "loop.bns"\n', tmp_path)
    (finding,) = log.found
    assert finding.code == "BN230"
    assert "its links lead back to it" in finding.message
    assert finding.span is not None
    assert (finding.span.line, finding.span.column, finding.span.end_column) == (1, 1, 18)


def test_text_without_a_place_has_no_imports() -> None:
    _, log = library('import "a.bns"\n')
    assert [d.code for d in log.found] == ["BN230"]


def test_unknown_blocks_have_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "m.bns").write_text(neuron("AdEx"))
    one, log = library(neuron("Mine"), None, tmp_path)
    assert one.model("Adex", one.blocks()[0].span) is None
    assert log.found[0].help == "did you mean `AdEx`?"


def test_functions_are_those_of_the_file_of_the_block(tmp_path: Path) -> None:
    text = "function f(x) = {k}*x\n" + NEURON.format(name="{name}", base="", k="f(1)")
    (tmp_path / "m.bns").write_text(text.format(name="A", k=2))
    one, _ = library(text.format(name="M", k=3), None, tmp_path)
    found = []
    for name in ("A", "M"):
        model = one.model(name, one.blocks()[0].span)
        assert model is not None
        found.append(model.parameters[0].value.args[0].value)  # type: ignore[union-attr]
    assert found == [2.0, 3.0]


@pytest.mark.parametrize("line", ["function f(x) = x", "function exp(x) = x"])
def test_functions_are_declared_once(line: str) -> None:
    _, log = library(f"function f(x) = x\n{line}\n")
    assert [d.code for d in log.found] == ["BN214" if "exp" in line else "BN232"]


def test_the_expansion_of_functions_is_bounded() -> None:
    chain = "".join(f"function f{n}(x) = f{n - 1}(x) + f{n - 1}(x)\n" for n in range(1, 40))
    text = "function f0(x) = x\n" + chain + neuron("A").replace("k = 1", "k = f39(1)")
    one, log = library(text)
    assert one.model("A", one.blocks()[0].span) is None
    assert [d.code for d in log.found] == ["BN209"]


@pytest.mark.parametrize("count", [240, 3000])
def test_long_sums_and_long_chains_are_no_problem(count: int) -> None:
    chain = "".join(f"        a{n} = a{n + 1}\n" for n in range(count))
    total = "+".join(["k"] * min(count, 240))
    text = neuron("A").replace("    state:", f"{chain}        a{count} = {total}\n    state:")
    one, log = library(text)
    assert one.model("A", one.blocks()[0].span) is not None
    assert not log.has_errors


def test_the_whole_library_is_sound() -> None:
    models = Path(__file__).parents[2] / "models"
    one, log = library(neuron("M"), None, models)
    span = one.blocks()[0].span
    names = [n for n in one.names() if n != "M"]
    assert len(names) > 50
    for name in names:
        assert one.find(name, span) is not None
    for name in names:
        found = one.find(name, span)
        if hasattr(found, "kind"):
            assert one.model(name, span) is not None
    assert log.found == ()


def test_finding_a_model_takes_milliseconds() -> None:
    models = Path(__file__).parents[2] / "models"
    library(neuron("M"), None, models)[0].names()
    start = time.perf_counter()
    one, _ = library(neuron("M"), None, models)
    one.names()
    assert time.perf_counter() - start < 0.1  # about 5 ms; generous for a busy machine


def test_models_are_checked_once(check: Callable[..., Any]) -> None:
    one, _ = library(neuron("A"))
    span = one.blocks()[0].span
    assert one.model("A", span) is one.model("A", span)
