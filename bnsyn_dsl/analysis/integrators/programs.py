"""Pieces that several integrators share: right-hand sides as lets, slopes as functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Call, Function, Let, local
from bnsyn_dsl.semantics.expression import (
    Apply,
    Expr,
    Ref,
    Symbol,
    constant,
    references,
    substitute,
)

__all__ = [
    "DT",
    "call",
    "definitions_for",
    "moving",
    "ref",
    "rest_while_refractory",
    "slopes_function",
]

DT = Ref(symbol=Symbol("dt", "dt"))
_REFRACTORY = Ref(symbol=Symbol("refractory", "refractory"))


def ref(state: str) -> Ref:
    """Return a use of a state."""
    return Ref(symbol=Symbol(state, "state"))


def moving(system: CoupledSystem) -> tuple[str, ...]:
    """Return the states that have an equation, in the order of their declaration."""
    return tuple(s.name for s in system.states if system.rhs(s.name) is not None)


def definitions_for(
    system: CoupledSystem, used: Sequence[Expr], names: Mapping[Symbol, Expr] | None = None
) -> tuple[Let, ...]:
    """Return lets for the auxiliary names that `used` needs, with states replaced by `names`.

    Held definitions are not among them: they are formed once, at the beginning of the step.
    """
    needed: set[str] = set()
    for definition in reversed(system.definitions):
        symbol = Symbol(definition.name, "auxiliary")
        later = [d.value for d in system.definitions if d.name in needed]
        if any(symbol in references(e) for e in (*used, *later)):
            needed.add(definition.name)
    return tuple(
        Let(names=(d.name,), value=substitute(d.value, names or {}))
        for d in system.definitions
        if d.name in needed and not d.held
    )


def rest_while_refractory(value: Expr, old: Expr) -> Expr:
    """Return `old` while the neuron is refractory, `value` otherwise."""
    return Apply(op="select", args=(_REFRACTORY, old, value))


def slopes_function(
    system: CoupledSystem, states: Sequence[str], given: Sequence[str] = ()
) -> Function:
    """Return `slopes(states..., given..., t) -> d state/dt` for `states`.

    `given` are states whose values are handed in but whose slopes are not wanted. The slope of a
    held state is 0 while the neuron is refractory.
    """
    arguments = (*states, *given)
    names: dict[Symbol, Expr] = {Symbol(s, "state"): local(s) for s in arguments}
    right = {}
    for state in states:
        value = system.rhs(state)
        assert value is not None
        right[state] = value
    body = list(definitions_for(system, tuple(right.values()), names))
    results = []
    for state, value in right.items():
        slope = substitute(value, names)
        if state in system.held:
            slope = rest_while_refractory(slope, constant(0.0))
        body.append(Let(names=(f"{state}:slope",), value=slope, comment=state))
        results.append(local(f"{state}:slope"))
    return Function(
        name="slopes",
        arguments=arguments,
        body=tuple(body),
        results=tuple(results),
        comment="the right-hand sides of " + ", ".join(states),
    )


def call(names: Sequence[str], function: Function, arguments: Sequence[Expr]) -> Let:
    """Return `names = function(arguments)`."""
    return Let(names=tuple(names), value=Call(function=function.name, arguments=tuple(arguments)))
