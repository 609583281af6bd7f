"""Bounds of parameters, states and weights: which are reversed, and which values lie outside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bnsyn_dsl.diagnostics import Label, Span, error
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import Const, Expr, Random, Symbol, references, walk
from bnsyn_dsl.semantics.model import Bounds, Model
from bnsyn_dsl.semantics.network_scope import NetworkScope
from bnsyn_dsl.semantics.quantity_text import quantity_text

__all__ = ["check_bounds", "check_weight", "is_settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """Bounds as numbers, and what has them."""

    name: str
    low: float
    high: float
    dimension: Dimension
    span: Span | None


def check_bounds(
    model: Model,
    known: Mapping[Symbol, float],
    spans: Mapping[str, Span],
    place: str,
    span: Span,
    scope: NetworkScope,
) -> None:
    """Report bounds that are reversed or not numbers, and known values outside of theirs.

    `place` names what the values are for, `span` and, by name, `spans` say where they are given.
    """
    for symbol, dimension, bounds in _bounded(model):
        limit = _limit(symbol.name, dimension, bounds, known, scope)
        value = known.get(symbol)
        if limit is None or _is_wrong(limit, place, span, scope) or value is None:
            continue
        where = spans.get(symbol.name, span)
        _check_range((value, value), limit, place, where, scope)


def check_weight(
    model: Model,
    parameters: Mapping[str, float | Expr],
    weight: float | Expr,
    place: str,
    span: Span,
    scope: NetworkScope,
) -> None:
    """Report a given weight outside of the rule's bounds, as far as its range is known.

    Weights are never clipped when they are given.
    """
    known = {Symbol(n, "parameter"): v for n, v in parameters.items() if isinstance(v, float)}
    found = _range(weight)
    for symbol, dimension, bounds in _bounded(model):
        if symbol.name != "weight" or found is None:
            continue
        limit = _limit("weight", dimension, bounds, known, scope)
        if limit is not None and limit.low <= limit.high:
            _check_range(found, limit, place, span, scope)


def _bounded(model: Model) -> Iterator[tuple[Symbol, Dimension, Bounds]]:
    """Yield everything with bounds: parameters, states, and the weight of a rule."""
    for kind, section in (("parameter", model.parameters), ("state", model.states)):
        for declared in section:
            if declared.bounds is not None:
                yield Symbol(declared.name, kind), declared.dimension, declared.bounds
    for name, bounds in model.bounds:
        if name == "weight":
            yield Symbol("weight", "weight"), model.weight, bounds
        else:
            dimension = model.dimension_of(name)
            assert dimension is not None
            yield Symbol(name, "state"), dimension, bounds


def _limit(
    name: str,
    dimension: Dimension,
    bounds: Bounds,
    known: Mapping[Symbol, float],
    scope: NetworkScope,
) -> _Limit | None:
    """Return bounds as numbers, or None where they depend on what is not known."""
    if not (is_settled(bounds.low, known) and is_settled(bounds.high, known)):
        return None
    environment = Environment(symbols=known, functions=scope.functions)
    low, high = (float(evaluate(e, environment)) for e in (bounds.low, bounds.high))
    return _Limit(name=name, low=low, high=high, dimension=dimension, span=bounds.low.span)


def _is_wrong(limit: _Limit, place: str, span: Span, scope: NetworkScope) -> bool:
    if limit.low <= limit.high:
        return False
    low, high = (quantity_text(x, limit.dimension) for x in (limit.low, limit.high))
    what = f"the bounds of `{limit.name}` in {place}"
    if math.isnan(limit.low) or math.isnan(limit.high):
        scope.checked(math.nan, span, f"one of {what}")
        return True
    message = f"{what} are reversed: {low} to {high}"
    label = None if limit.span is None else Label(span=limit.span, text="bounds declared here")
    scope.log.add(error("BN455", message, span, help="the lower one stands first", label=label))
    return True


def _range(value: float | Expr) -> tuple[float, float] | None:
    """Return the range of a number or of one draw whose ends are numbers, else None."""
    if isinstance(value, float):
        return value, value
    if not isinstance(value, Random) or not all(isinstance(a, Const) for a in value.args):
        return None
    ends = {"uniform": value.args, "normal": value.args[2:], "lognormal": value.args[2:]}
    found = [a.value for a in ends.get(value.distribution, ()) if isinstance(a, Const)]
    return (found[0], found[1]) if len(found) == 2 else None


def _check_range(
    found: tuple[float, float], limit: _Limit, place: str, span: Span, scope: NetworkScope
) -> None:
    if limit.low <= found[0] and found[1] <= limit.high:
        return
    values = " to ".join(quantity_text(x, limit.dimension) for x in dict.fromkeys(found))
    low, high = (quantity_text(x, limit.dimension) for x in (limit.low, limit.high))
    message = f"`{limit.name}` of {place} is {values}, expected {low} to {high}"
    label = None if limit.span is None else Label(span=limit.span, text="bounds declared here")
    scope.log.add(error("BN443", message, span, label=label))


def is_settled(expr: Expr, known: Mapping[Symbol, float]) -> bool:
    """Tell whether an expression has one value that `known` settles."""
    return all(s in known for s in references(expr)) and not any(
        isinstance(e, Random) for e in walk(expr)
    )
