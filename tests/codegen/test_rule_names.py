"""A rule may call its states and parameters whatever the generated code calls its own names."""

from __future__ import annotations

import ast
import re

import pytest

from bnsyn_dsl.codegen.numba import BACKEND
from bnsyn_dsl.lowering.learning import lower_learning
from tests.analysis.learning.rule_systems import NETWORK, PLAIN, system_of

RULE = """
plasticity Rule:
    parameters:
        {p} = 20 ms
        w_max : weight
    state:
        {x} = 0
        {y} = 0
        {c} = 0*w_max
    weight in [0, w_max]
    equations:
        d{x}/dt = -{x}/{p}
        d{y}/dt = -{y}/{p}
        d{c}/dt = -{c}/(3*{p})
        dweight/dt = {c}/(1 s)
    on pre:
        {c} -= 0.1*w_max*{y}
        {x} += 1
    on post:
        {c} += 0.1*w_max*{x}*(1 + {y})
        {y} += 1
    every 10 ms:
        {c} *= 0.5
"""
MODEL = {"p": "tau_own", "x": "x_own", "y": "y_own", "c": "c_own"}


def module(strategy: str | None, **names: str) -> str:
    rule = RULE.format(**{**MODEL, **names})
    system = system_of(rule + NETWORK.format(**PLAIN, rule="Rule { w_max = 10 pA }"), strategy)
    kernel, _ = lower_learning(system)
    return BACKEND.learning_text(kernel, "", "1")


def generated(strategy: str | None) -> list[str]:
    """Return what the module binds itself: arguments and variables that no name is made of."""
    found: set[str] = set()
    for node in ast.parse(module(strategy)).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("bn_"):
            found |= {a.arg for a in node.args.args} | {node.name}
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    found.add(inner.id)
    own = {n for n in found if re.match(r"(tau|x|y|c)_own", n)} | {"w_max", "weight"}
    return sorted(found - own)


@pytest.mark.parametrize("strategy", [None, "replayed", "swept"])
def test_names_of_the_generated_code_are_free_for_models(strategy: str | None) -> None:
    """Each name in turn as a trace: it gets an identifier that nothing else in the module has."""
    names = generated(strategy)
    assert len(names) > 20
    reserved = {"pre", "post", "dt", "t", "gain", "synapse"}
    for name in [n for n in names if n not in reserved]:
        text = module(strategy, c=name)
        tree = ast.parse(text)
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        fresh = {n for n in used if re.fullmatch(rf"{name}_(x_*)?(\d+)?|{name}_", n)}
        assert fresh, f"`{name}` keeps its name"


@pytest.mark.parametrize("name", ["x_own_next", "x_own_after", "x_own_before", "c_own_kept"])
def test_names_made_of_names_are_free_too(name: str) -> None:
    assert f"{name}_x" in module(None, y=name)
