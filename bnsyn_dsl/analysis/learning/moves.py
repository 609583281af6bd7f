"""How a state moves between events: at rest, decaying, driven by a pool, or stepped."""

from __future__ import annotations

from collections.abc import Mapping

from bnsyn_dsl.analysis.derive import Affine, affine, is_zero, negative, over
from bnsyn_dsl.analysis.learning.system import WEIGHT, Decay, Driven, Move, Rest, Stepped
from bnsyn_dsl.semantics.expression import Expr, Symbol, references
from bnsyn_dsl.semantics.model import Derivative, Model

__all__ = ["moves"]


def moves(rule: Model) -> dict[str, Move]:
    """Return how each state, and the weight, of an inlined rule moves between events."""
    equations = {d.state: d for d in rule.derivatives}
    names = [s.name for s in rule.states]
    if not any(a.name == "weight" for a in rule.auxiliaries):
        names.insert(0, "weight")
    symbols = {n: WEIGHT if n == "weight" else Symbol(n, "state") for n in names}
    found: dict[str, Move] = {}
    for name in names:
        equation = equations.get(name)
        found[name] = Rest() if equation is None else _move(name, equation, symbols)
    for name, equation in equations.items():
        if isinstance(found[name], Stepped):
            driven = _driven(name, equation, symbols, found)
            found[name] = driven if driven is not None else found[name]
    return found


def _move(name: str, equation: Derivative, symbols: Mapping[str, Symbol]) -> Move:
    own = symbols[name]
    form = affine(equation.value, frozenset({own}))
    if form is None:
        return Stepped(value=equation.value, term=f"it is not linear in `{name}`")
    rate = form.coefficients.get(own)
    for expr in (rate, form.constant):
        moving = () if expr is None else tuple(filter(_moves, references(expr)))
        if moving:  # a neuron's state says more than a trace it is multiplied with
            worst = next((s for s in moving if s.owner), moving[0])
            return Stepped(value=equation.value, term=f"`{worst.text}` changes meanwhile")
    if rate is None or is_zero(rate):
        return Driven(source=None, factor=form.constant)
    rest = None if is_zero(form.constant) else negative(over(form.constant, rate))
    return Decay(rate=rate, rest=rest)


def _moves(symbol: Symbol) -> bool:
    return symbol.kind != "parameter" or bool(symbol.owner)


def _driven(
    name: str, equation: Derivative, symbols: Mapping[str, Symbol], found: Mapping[str, Move]
) -> Move | None:
    """Return ds/dt = factor*source with a factor common to all synapses, where it is that."""
    own = {s for s in references(equation.value) if s in symbols.values()}
    if len(own) > 1 or symbols[name] in own:
        return None
    form = affine(equation.value, frozenset(own)) or Affine(
        coefficients={}, constant=equation.value
    )
    if own and not is_zero(form.constant):
        return None
    source = next(iter(own), None)
    factor: Expr = form.constant if source is None else form.coefficients[source]
    if not all(_is_common(s) for s in references(factor)):
        return None
    if source is None:
        return Driven(source=None, factor=factor)
    move = found[source.name]
    if isinstance(move, Decay) and move.rest is None:
        return Driven(source=source.name, factor=factor)
    return Driven(source=source.name, factor=factor) if isinstance(move, Rest) else None


def _is_common(symbol: Symbol) -> bool:
    return not symbol.owner and symbol.kind in {"parameter", "input"}
