"""Values of a model's parameters, states and inputs in one place of a network.

In: a model and what the network gives. Out: a value for every name: a number, or an expression of
`index`, random calls and the model's own parameters, drawn when the network is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.diagnostics import Diagnostic, Label, Span, error
from bnsyn_dsl.semantics.bounds import check_bounds, is_settled
from bnsyn_dsl.semantics.declarations import in_order
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Symbol, references
from bnsyn_dsl.semantics.model import Declared, Model, Requirement
from bnsyn_dsl.semantics.network_scope import DT, NetworkScope, renumbered
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.units import format_dimension

__all__ = ["Given", "ModelValues", "holds", "model_values"]

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a network gives: settled values by name, and names that were wrong and stay open."""

    values: Mapping[str, float | Expr] = field(default_factory=dict)
    wired: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    spans: Mapping[str, Span] = field(default_factory=dict)  # where, if not in the braces


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelValues:
    """A value for every parameter and state, and for every input that is not wired."""

    parameters: dict[str, float | Expr]
    initial: dict[str, float | Expr]
    inputs: dict[str, float | Expr]


def model_values(
    model: Model, given: Given, place: str, span: Span, scope: NetworkScope
) -> ModelValues:
    """Return all values; `place` names what they are for, `span` is where to report.

    What is missing, out of its bounds, or violates a `require` of the model is reported.
    """
    known: dict[Symbol, float] = {}
    parameters = _section(model.parameters, "parameter", known, given, place, span, scope)
    initial = _section(model.states, "state", known, given, place, span, scope)
    inputs = _section(
        tuple(d for d in model.inputs if d.name not in given.wired),
        "input", known, given, place, span, scope,
    )  # fmt: skip
    check_bounds(model, known, given.spans, place, span, scope)
    for requirement in model.requires:
        _check_requirement(requirement, model, known, place, span, scope)
    return ModelValues(parameters=parameters, initial=initial, inputs=inputs)


def _section(
    declared: tuple[Declared, ...],
    kind: str,
    known: dict[Symbol, float],
    given: Given,
    place: str,
    span: Span,
    scope: NetworkScope,
) -> dict[str, float | Expr]:
    """Settle one section in its order of dependence; `known` gathers what is constant."""
    listed = {d.name: d for d in declared if d.name not in given.broken}
    defaults = {n: None if n in given.values else d.value for n, d in listed.items()}
    made: dict[str, float | Expr] = {}
    for name in in_order(defaults, {n: d.span for n, d in listed.items()}, scope.log):
        default = defaults[name]
        if name in given.values:
            value = given.values[name]
        elif default is None:
            scope.log.add(_missing(listed[name], kind, place, span))
            continue
        else:
            value = _default(default, known, scope)
        if isinstance(value, float):
            known[Symbol(name, kind)] = value
        made[name] = value
    return {name: made[name] for name in listed if name in made}


def _default(expr: Expr, known: Mapping[Symbol, float], scope: NetworkScope) -> float | Expr:
    if isinstance(expr, Const):
        return expr.value
    if not is_settled(expr, known):
        return renumbered(expr)
    return float(evaluate(expr, Environment(symbols=known, functions=scope.functions)))


def _missing(declared: Declared, kind: str, place: str, span: Span) -> Diagnostic:
    unit = format_dimension(declared.dimension)
    shown = "..." if declared.dimension.unknowns or unit == "1" else f"... {unit}"
    verb = "wired" if kind == "input" else "given"
    return error(
        "BN239",
        f"the {kind} `{declared.name}` of {place} has no default and must be {verb}",
        span,
        help=f"in braces: `{declared.name} = {shown}`",
        label=Label(span=declared.span, text="declared here"),
    )


def _check_requirement(
    requirement: Requirement,
    model: Model,
    known: Mapping[Symbol, float],
    place: str,
    span: Span,
    scope: NetworkScope,
) -> None:
    symbols = {DT: scope.values[DT], **known}
    condition = requirement.condition
    if not is_settled(condition, symbols) or holds(condition, symbols, scope):
        return
    names = [
        f"{s.name} = {quantity_text(symbols[s], dimension)}"
        for s in references(condition)
        if (dimension := model.dimension_of(s.name)) is not None
    ]
    if DT in references(condition):
        names.append(f"dt = {symbols[DT]:.12g} ms")
    scope.log.add(
        error(
            "BN444",
            f"`require {requirement.text}` is violated in {place}"
            + (f": {', '.join(names)}" if names else ""),
            span,
            help="give a value that satisfies it",
            label=Label(span=requirement.span, text="required here"),
        )
    )


def holds(condition: Expr, symbols: Mapping[Symbol, float], scope: NetworkScope) -> bool:
    """Tell whether a condition is met; equality is meant up to the rounding of units."""
    environment = Environment(symbols=symbols, functions=scope.functions)
    if isinstance(condition, Apply) and condition.op in {"eq", "ne"}:
        left, right = (float(evaluate(a, environment)) for a in condition.args)
        close = abs(left - right) <= _TOLERANCE * max(abs(left), abs(right))
        return close if condition.op == "eq" else not close
    if isinstance(condition, Apply) and condition.op == "and":
        return all(holds(a, symbols, scope) for a in condition.args)
    return bool(evaluate(condition, environment))
