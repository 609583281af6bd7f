"""Sizes and names of files, and what the templates are given."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes

import bnsyn_dsl
from bnsyn_dsl.codegen.numba.handle import HandleView
from bnsyn_dsl.codegen.numba.learning_view import RuleView
from bnsyn_dsl.codegen.numba.network import NetworkView
from bnsyn_dsl.codegen.views import SystemView
from bnsyn_dsl.diagnostics.codes import CODES
from bnsyn_dsl.resources import models_directory, templates_directory

PACKAGE = Path(bnsyn_dsl.__file__).parent
ROOT = PACKAGE.parent
PYTHON = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
TEMPLATES = sorted(templates_directory().rglob("*.j2"))
# the grammar of syntax trees, one class per node, reads better in one piece
LONG = {PACKAGE / "syntax" / "nodes.py"}


def test_no_file_is_long() -> None:
    written = [file for file in PYTHON if (ROOT / "tests" / "golden") not in file.parents]
    lengths = {f: len(f.read_text(encoding="utf-8").splitlines()) for f in written}
    too_long = {f.relative_to(ROOT).as_posix(): n for f, n in lengths.items() if n > 400}
    assert set(too_long) <= {f.relative_to(ROOT).as_posix() for f in LONG}, too_long


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "base"}
    assert not [f for f in PYTHON if f.stem in empty]


def test_test_files_have_names_of_their_own() -> None:
    names = [f.name for f in PYTHON if f.name.startswith("test_")]
    assert len(names) == len(set(names))


BLOCKS = "neuron|synapse|plasticity|modulator|network"
# macros that other templates import: they see their arguments alone
MACROS = {"deliver_scaled.py.j2"}
# template -> its variable and what this is
GIVEN = {
    "system.py.j2": ("system", SystemView),
    "network.py.j2": ("network", NetworkView),
    "network_learning.py.j2": ("network", NetworkView),  # parts of the one before
    "network_couplings.py.j2": ("network", NetworkView),
    "learning.py.j2": ("rule", RuleView),
    "handle.py.j2": ("handle", HandleView),
}


def test_templates_use_exactly_what_they_are_given() -> None:
    """One variable, the view, and of it every field and no other."""
    assert {path.name for path in TEMPLATES} == set(GIVEN) | MACROS
    used: dict[type, set[str]] = {view: set() for _, view in GIVEN.values()}
    for path in TEMPLATES:
        tree = jinja2.Environment(autoescape=False).parse(path.read_text(encoding="utf-8"))
        if path.name in MACROS:
            assert meta.find_undeclared_variables(tree) == set()
            continue
        name, view = GIVEN[path.name]
        assert meta.find_undeclared_variables(tree) == {name}
        used[view] |= {
            node.attr
            for node in tree.find_all(nodes.Getattr)
            if isinstance(node.node, nodes.Name) and node.node.name == name
        }
    for view, names in used.items():
        assert names == {field.name for field in dataclasses.fields(view)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_templates_say_what_they_need_and_name_no_model(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("{# needs: ")
    models = {
        match[1]
        for file in models_directory().rglob("*.bns")
        for match in re.finditer(rf"(?m)^(?:{BLOCKS}) (\w+)", file.read_text("utf-8"))
    }
    assert models
    assert not models & set(re.findall(r"\w+", text))


def test_every_code_that_is_used_is_explained_and_the_reverse() -> None:
    used = {
        code
        for file in PACKAGE.rglob("*.py")
        if file.name != "codes.py"
        for code in re.findall(r'"(BN\d{3})"', file.read_text(encoding="utf-8"))
    }
    assert used - set(CODES) == set()
    assert set(CODES) - used == set()
