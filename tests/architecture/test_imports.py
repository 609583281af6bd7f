"""Who may import whom, and what lives where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import bnsyn_dsl

PACKAGE = Path(bnsyn_dsl.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# stage -> what it may import of ours
STAGES: dict[str, set[str]] = {
    "diagnostics": set(),
    "syntax": {"diagnostics"},
    "semantics": {"diagnostics", "syntax"},
    "analysis": {"diagnostics", "semantics"},
    "ir": set(),
    "abi": set(),
    "lowering": {"analysis", "diagnostics", "ir", "semantics"},
    "ahead": set(),
    "codegen": {"abi", "ahead", "ir", "resources"},
    "runtime": {"abi"},
    "wiring": {"abi", "analysis", "codegen", "diagnostics", "ir", "lowering", "semantics"},
    "assembly": {
        "abi",
        "ahead",
        "analysis",
        "compiler",
        "diagnostics",
        "ir",
        "lowering",
        "runtime",
        "semantics",
        "wiring",
    },
    "registry": {"diagnostics"},
    "resources": set(),
    "options": set(),
    "extras": set(),
    "criticality": {"api", "extras"},
    "fingerprint": {"__version__", "resources"},
    "compiler": {
        *("__version__", "abi", "ahead", "analysis", "codegen", "diagnostics", "fingerprint"),
        "ir",
        *("lowering", "options", "registry", "resources", "semantics", "wiring"),
    },
    # the interfaces: they use the stages, never the reverse
    "api": {
        *("abi", "ahead", "assembly", "compiler", "diagnostics", "extras", "options", "registry"),
        *("resources", "runtime", "semantics", "syntax", "wiring"),
    },
    "models": {"api", "semantics"},
    "cli": {
        *("__version__", "abi", "analysis", "api", "assembly", "codegen"),
        *("compiler", "diagnostics", "ir", "options", "registry", "resources"),
        *("runtime", "semantics", "syntax", "wiring"),
    },
    "__init__": {"api", "diagnostics", "models", "options"},
    "__main__": {"cli"},
}


def stage_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(file: Path) -> Iterator[str]:
    """Yield every module a file imports; names taken from the package itself with their name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            module = node.module or ""
            own = module == "bnsyn_dsl"
            yield from ([f"{module}.{a.name}" for a in node.names] if own else [module])


def users_of(library: str) -> set[str]:
    return {
        file.relative_to(PACKAGE).as_posix()
        for file in FILES
        if any(name.split(".")[0] == library for name in imports_of(file))
    }


@pytest.mark.parametrize("stage", STAGES)
def test_stages_import_along_the_arrows(stage: str) -> None:
    found = {
        name.split(".")[1]
        for file in FILES
        if stage_of(file) == stage
        for name in imports_of(file)
        if name.startswith("bnsyn_dsl.")
    }
    assert found - {stage} <= STAGES[stage]


def test_every_part_of_the_package_is_named_here() -> None:
    assert {stage_of(file) for file in FILES} == set(STAGES)


def test_the_arrows_have_no_circle() -> None:
    TopologicalSorter(STAGES).prepare()  # raises where they have


def test_lark_is_used_by_the_syntax_alone() -> None:
    used = users_of("lark")
    assert used
    assert all(name.startswith("syntax/") for name in used)


def test_templates_are_filled_in_one_file() -> None:
    assert users_of("jinja2") == {"codegen/emit.py"}


def test_sympy_is_used_by_the_analysis_alone() -> None:
    assert all(name.startswith("analysis/") for name in users_of("sympy"))


def test_numba_is_used_where_kernels_are() -> None:
    compiling = "codegen/numba/machine_code.py"  # what the other files of its folder only write
    places = {name.split("/")[0] for name in users_of("numba") if name != compiling}
    assert places <= {"abi", "ahead.py", "runtime", "cli"}
    assert "abi" in places


@pytest.mark.parametrize("library", ["scipy", "pandas", "mpmath", "random", "pickle", "marshal"])
def test_some_libraries_are_not_used_at_all(library: str) -> None:
    assert users_of(library) == set()


def attributes_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("stage", ["runtime", "assembly", "semantics", "analysis", "api"])
def test_numbers_come_from_the_projects_own_functions(stage: str) -> None:
    """NumPy's exp, log, power and BLAS give other bits on other processors."""
    refused = {f"np.{n}" for n in ("random", "exp", "log", "power", "sin", "cos", "tanh", "dot")}
    refused |= {"np.linalg", "np.matmul", "np.expm1", "np.log1p"}
    files = [file for file in FILES if stage_of(file) == stage]
    assert files
    assert not {(f.name, a) for f in files for a in attributes_of(f) if a in refused}


def test_nothing_is_evaluated_from_text() -> None:
    calls = {
        (file.name, node.func.id)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not {c for c in calls if c[1] in {"eval", "exec", "compile", "__import__"}}


def test_the_environment_is_read_at_the_edges_alone() -> None:
    readers = {
        file.relative_to(PACKAGE).as_posix()
        for file in FILES
        if {"os.environ", "os.getenv"} & set(attributes_of(file))
    }
    assert {r for r in readers if not r.startswith("cli/")} <= {"resources.py"}
