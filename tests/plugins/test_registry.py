"""Packages of others add methods, backends and models: found by name, loaded when used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnsyn_dsl import registry
from bnsyn_dsl.analysis.verify_update import verify_update
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, SourceFile
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.resources import models_directory
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.syntax import nodes, parse
from tests import systems

METHOD = '''
"""Implicit-looking, explicit-working: a method of a tenth of a slope, for tests."""

from bnsyn_dsl.analysis.integrators.programs import DT, definitions_for, moving, ref
from bnsyn_dsl.analysis.registration import Integrator, UnsuitableError
from bnsyn_dsl.analysis.update import Let, Update, local
from bnsyn_dsl.semantics.expression import Apply, constant


def update(system):
    if len(moving(system)) > 2:
        raise UnsuitableError("more than two equations are too much for a toy")
    right = {s: system.rhs(s) for s in moving(system)}
    body = list(definitions_for(system, list(right.values())))
    new = {}
    for state, value in right.items():
        tenth = Apply(op="mul", args=(constant(0.1), Apply(op="mul", args=(DT, value))))
        step = Apply(op="add", args=(ref(state), tenth))
        body.append(Let(names=(f"{state}.new",), value=step))
        new[state] = local(f"{state}.new")
    return Update(body=tuple(body), new=new)


TOY = Integrator(name="toy", update=update, order=0)
'''
MODEL = '''
neuron ToyCell:
    """A cell from elsewhere."""
    parameters:
        tau = 5 ms
    state:
        v = 1
    equations:
        dv/dt = -v/tau
    spike when v > 2
'''
POINTS = """
[bnsyn_dsl.integrators]
toy = {package}:TOY
[bnsyn_dsl.models]
{package} = {package}:models
"""


def install(folder: Path, package: str, *, points: str = POINTS, version: str = "1.0") -> None:
    """Lay out a package and its metadata as an installer does."""
    (folder / f"{package}.py").write_text(
        METHOD
        + "\ndef models():\n    from pathlib import Path\n"
        + f"    return Path(__file__).parent / '{package}_models'\n"
    )
    models = folder / f"{package}_models"
    models.mkdir(exist_ok=True)
    (models / "toy_cell.bns").write_text(MODEL)
    info = folder / f"{package}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(points.format(package=package))
    registry.entry_points_of.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path; what was imported from it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.model_directories.cache_clear()
    registry.entry_points_of.cache_clear()
    yield tmp_path
    registry.model_directories.cache_clear()
    registry.entry_points_of.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith("bnsyn_toy"):
            del sys.modules[name]


TEXT = systems.network_text("LIF[5]") + "    solve: toy\n"


def test_a_method_of_another_package_integrates(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    assert "toy" in registry.integrator_names()
    update = systems.update_of(systems.system_of(TEXT))
    assert (update.method, update.reason) == ("toy", "asked for by `solve`")
    verify_update(update)
    module = systems.module_of(systems.kernel_of_text(TEXT), folder)
    arrays = module.arrays(5)
    columns = [c.source for c in module.manifest.parameters]
    arrays["par"][0, columns.index("tau_m")] = 10.0
    arrays["par"][0, columns.index("C_m")] = 250.0
    arrays["par"][0, columns.index("V_th")] = 100.0
    arrays["V_m_all"][:] = 50.0
    module.prepare(arrays, 0.1)
    assert module.step(arrays, 0.1) == []
    assert arrays["V_m_all"].tolist() == pytest.approx([50.0 - 0.1 * 0.1 * 5.0] * 5, abs=1e-12)


def test_a_method_may_refuse(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    text = systems.network_text("HodgkinHuxley[5]") + "    solve: toy\n"
    with pytest.raises(BnsError, match="more than two equations are too much for a toy"):
        systems.kernel_of_text(text)


def test_without_the_package_the_method_is_unknown() -> None:
    with pytest.raises(BnsError, match=r"BN401.*unknown method `toy`"):
        systems.kernel_of_text(TEXT)


def test_a_name_of_two_packages_is_refused(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    install(folder, "bnsyn_toy_too")
    log = DiagnosticLog()
    options = CompileOptions(cache=folder / "cache")
    with pytest.raises(BnsError) as caught:
        compile_network(systems.plan_of(TEXT), options, log)
    (finding,) = caught.value.diagnostics
    assert finding.code == "BN601"
    assert "`toy` is registered by several packages: bnsyn_toy, bnsyn_toy_too" in finding.message


def test_a_package_that_is_listed_twice_is_no_clash(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    install(folder, "bnsyn_toy", version="2.0")
    assert getattr(registry.find(registry.INTEGRATORS, "toy"), "name", None) == "toy"


def test_another_version_of_a_method_makes_another_module_key(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    first = registry.origin(registry.INTEGRATORS, "toy")
    info = folder / "bnsyn_toy-1.0.dist-info" / "METADATA"
    info.write_text(info.read_text().replace("Version: 1.0", "Version: 1.1"))
    assert "1.0" in first
    assert registry.origin(registry.INTEGRATORS, "toy") != first
    assert registry.origin(registry.INTEGRATORS, "auto") == "[]"


def test_models_of_another_package_are_found_by_name(folder: Path) -> None:
    install(folder, "bnsyn_toy")
    text = systems.network_text("ToyCell[3]")
    log = DiagnosticLog()
    tree = parse(SourceFile(name="test.bns", text=text), log)
    places = (models_directory(), *registry.model_directories())
    library = Library(tree, directory=None, model_dirs=places, log=log)
    network = next(i for i in tree.items if isinstance(i, nodes.Network))
    found = library.model("ToyCell", network.name_span)
    assert log.found == ()
    assert found is not None
    assert found.docstring == "A cell from elsewhere."


def test_an_unknown_backend_is_refused_with_those_there_are(tmp_path: Path) -> None:
    plan = systems.plan_of(systems.network_text("LIF[3]"))
    with pytest.raises(BnsError) as caught:
        compile_network(plan, CompileOptions(backend="abacus", cache=tmp_path), DiagnosticLog())
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.message) == ("BN602", "unknown backend `abacus`")
    assert finding.help is not None
    assert "numba" in finding.help


def test_what_is_registered_by_the_project_is_what_it_says() -> None:
    for name in registry.integrator_names():
        assert getattr(registry.find(registry.INTEGRATORS, name), "name", None) == name
    assert getattr(registry.find(registry.BACKENDS, "numba"), "name", None) == "numba"
    assert registry.find(registry.BACKENDS, "none") is None
