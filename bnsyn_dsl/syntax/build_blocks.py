"""Grammar rules of imports, functions and model blocks -> nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.build_expressions import EXPRESSIONS
from bnsyn_dsl.syntax.children import Children, behind, comment, cover, names, nodes_of
from bnsyn_dsl.syntax.equations import equation

__all__ = ["ACTIONS"]

SECTIONS: tuple[type, ...] = nodes.Section.__args__


def _import(c: Children) -> nodes.Import:
    return nodes.Import(path=c[1].value[1:-1], span=cover(c))


def _function(c: Children) -> nodes.Function:
    arguments = tuple(child for child in c[2:-3] if isinstance(child, nodes.Name))
    return nodes.Function(name=c[1].value, arguments=arguments, value=c[-2], span=cover(c))


def _block(c: Children) -> nodes.Block:
    name = c[1]
    base = behind(c, "is")
    return nodes.Block(
        kind=c[0].value,
        name=name.value,
        name_span=name.span,
        base=None if base is None else nodes.Name(ident=base.value, span=base.span),
        sections=nodes_of(c, *SECTIONS),
        span=cover(c),
    )


def _docstring(c: Children) -> nodes.Docstring:
    return nodes.Docstring(text=c[0].value[3:-3].replace("\r\n", "\n"), span=cover(c))


def _parameters(c: Children) -> nodes.Parameters:
    return nodes.Parameters(declarations=nodes_of(c, nodes.Declaration), span=cover(c))


def _inputs(c: Children) -> nodes.Inputs:
    return nodes.Inputs(declarations=nodes_of(c, nodes.Declaration), span=cover(c))


def _states(c: Children) -> nodes.States:
    return nodes.States(declarations=nodes_of(c, nodes.Declaration), span=cover(c))


def _declaration(c: Children) -> nodes.Declaration:
    name = c[0]
    return nodes.Declaration(
        name=name.value,
        name_span=name.span,
        value=behind(c, "="),
        unit=behind(c, ":"),
        range=behind(c, "in"),
        description=comment(c),
        span=cover(c),
    )


def _range(c: Children) -> nodes.Range:
    return nodes.Range(low=c[1], high=c[3], span=cover(c))


def _equations(c: Children) -> nodes.Equations:
    return nodes.Equations(equations=nodes_of(c, nodes.Equation), span=cover(c))


def _spike(c: Children) -> nodes.Spike:
    return nodes.Spike(condition=c[2], body=_statements(c), span=cover(c))


def _crosses(c: Children) -> nodes.Crosses:
    return nodes.Crosses(left=c[0], right=c[2], span=cover(c))


def _refractory(c: Children) -> nodes.Refractory:
    return nodes.Refractory(duration=c[1], hold=nodes_of(c[2:], nodes.Name), span=cover(c))


def _require(c: Children) -> nodes.Require:
    return nodes.Require(conditions=nodes_of(c, *EXPRESSIONS), span=cover(c))


def _bound(c: Children) -> nodes.Bound:
    return nodes.Bound(name=c[0].value, range=c[2], span=cover(c))


def _handler(c: Children) -> nodes.Handler:
    return nodes.Handler(
        event=c[1].value, arguments=nodes_of(c, nodes.Name), body=_statements(c), span=cover(c)
    )


def _every(c: Children) -> nodes.Every:
    return nodes.Every(period=c[1], body=_statements(c), span=cover(c))


def _solve(c: Children) -> nodes.Solve:
    return nodes.Solve(method=c[2].value, span=cover(c))


def _statements(c: Children) -> tuple[nodes.Statement, ...]:
    return nodes_of(c, nodes.Assign, nodes.If)


def _assign(c: Children) -> nodes.Assign:
    *target, op, value = c
    words = names(target)
    return nodes.Assign(
        op=op.value,
        owner=words[0].value if len(words) == 2 else None,
        name=words[-1].value,
        value=value,
        span=cover(c),
    )


def _branch(c: Children) -> nodes.If:
    return nodes.If(condition=c[1], then=c[3], otherwise=c[6] if len(c) > 4 else (), span=cover(c))


ACTIONS: dict[str, Callable[[Children], Any]] = {
    "import_": _import,
    "function": _function,
    "block": _block,
    "docstring": _docstring,
    "parameters": _parameters,
    "inputs": _inputs,
    "states": _states,
    "declaration": _declaration,
    "range": _range,
    "equations": _equations,
    "equation": equation,
    "spike": _spike,
    "crosses": _crosses,
    "refractory": _refractory,
    "require": _require,
    "bound": _bound,
    "handler": _handler,
    "every": _every,
    "solve": _solve,
    "suite": _statements,
    "assign": _assign,
    "branch": _branch,
}
