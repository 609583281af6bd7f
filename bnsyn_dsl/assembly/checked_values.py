"""Values that were drawn, against what the models ask of them: bounds and `require` lines.

What is one number for a population was checked when the network was settled; here everything is
known, so that `C_m = normal(0 pF, 1 pF)` is found out before it is divided by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.compiler import CompiledSystem
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, Label, error
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Apply, Expr, Symbol, references
from bnsyn_dsl.semantics.model import Bounds, Requirement
from bnsyn_dsl.semantics.plan import PopulationPlan
from bnsyn_dsl.semantics.quantity_text import quantity_text

__all__ = ["require_valid"]

_TOLERANCE = 1e-9  # equality is meant up to the rounding of units
_Known = Mapping[Symbol, Value]


def require_valid(
    population: PopulationPlan, system: CompiledSystem, known: _Known, dt: float
) -> None:
    """Raise what is wrong with the parameters and initial states in `known`.

    Raises:
        BnsError: a value is not finite (BN440), outside of its bounds (BN443), or violates a
            requirement (BN444); the first neuron concerned is named.
    """
    values: _Known = {Symbol("dt", "dt"): dt, **known}
    found = [*_not_finite(population, system, values)]
    if not found:
        found += _outside(population, system, values)
        found += _violated(population, values)
    if found:
        raise BnsError(found)


def _not_finite(
    population: PopulationPlan, system: CompiledSystem, known: _Known
) -> Iterator[Diagnostic]:
    for symbol, dimension in _declared(system).items():
        bad = np.flatnonzero(~np.isfinite(np.atleast_1d(known[symbol])))
        if len(bad):
            shown = _shown(known[symbol], int(bad[0]), dimension)
            who = _neuron(known[symbol], int(bad[0]), population)
            yield error("BN440", f"`{symbol.name}` of {who} is {shown}", population.span)


def _declared(system: CompiledSystem) -> dict[Symbol, Dimension]:
    made = {Symbol(p.name, "parameter"): p.dimension for p in system.group.system.parameters}
    return made | {Symbol(s.name, "state"): s.dimension for s in system.group.system.states}


def _outside(
    population: PopulationPlan, system: CompiledSystem, known: _Known
) -> Iterator[Diagnostic]:
    bounded: list[tuple[Symbol, Dimension, Bounds, Label | None]] = []
    for parameter in population.model.parameters:
        if parameter.bounds is not None:
            where = Label(span=parameter.span, text="bounds declared here")
            symbol = Symbol(parameter.name, "parameter")
            bounded.append((symbol, parameter.dimension, parameter.bounds, where))
    for state in system.group.system.states:
        if state.bounds is not None:
            bounded.append((Symbol(state.name, "state"), state.dimension, state.bounds, None))
    for symbol, dimension, bounds, label in bounded:
        ends = (bounds.low, bounds.high)
        if any(s not in known for e in ends for s in references(e)):
            continue
        low, high = (_value(e, known) for e in ends)
        value = known[symbol]
        bad = np.flatnonzero(~np.atleast_1d((low <= value) & (value <= high)))
        if len(bad):
            k = int(bad[0])
            shown, *limits = (_shown(v, k, dimension) for v in (value, low, high))
            message = f"`{symbol.name}` of {_neuron(value, k, population)} is {shown}"
            expected = f"expected {limits[0]} to {limits[1]}"
            yield error("BN443", f"{message}, {expected}", population.span, label=label)


def _violated(population: PopulationPlan, known: _Known) -> Iterator[Diagnostic]:
    for requirement in population.model.requires:
        used = references(requirement.condition)
        if any(s not in known for s in used):
            continue
        bad = np.flatnonzero(~_holds(requirement.condition, known))
        if len(bad):
            yield _violation(population, requirement, known, int(bad[0]))


def _violation(
    population: PopulationPlan, requirement: Requirement, known: _Known, k: int
) -> Diagnostic:
    used = references(requirement.condition)
    named = [(s, population.model.dimension_of(s.name)) for s in used]
    shown = [f"{s.name} = {_shown(known[s], k, d)}" for s, d in named if d is not None]
    many: Value = next((known[s] for s in used if np.ndim(known[s])), 0.0)
    message = f"`require {requirement.text}` is violated by {_neuron(many, k, population)}"
    return error(
        "BN444",
        f"{message}: {', '.join(shown)}" if shown else message,
        population.span,
        help="a random value can be kept inside: `clip(x, low, high)`",
        label=Label(span=requirement.span, text="required here"),
    )


def _value(expr: Expr, known: _Known) -> Value:
    with np.errstate(all="ignore"):
        return evaluate(expr, Environment(symbols=known, functions=HOST_FUNCTIONS))


def _holds(condition: Expr, known: _Known) -> NDArray[np.bool_]:
    holds: NDArray[np.bool_]
    if isinstance(condition, Apply) and condition.op in {"eq", "ne"}:
        left, right = (np.atleast_1d(_value(a, known)) for a in condition.args)
        scale = np.maximum(np.abs(left), np.abs(right))
        holds = np.abs(left - right) <= _TOLERANCE * scale
        return holds if condition.op == "eq" else ~holds
    if isinstance(condition, Apply) and condition.op == "and":
        first, second = (_holds(a, known) for a in condition.args)
        return first & second
    holds = np.atleast_1d(_value(condition, known)) != 0.0
    return holds


def _shown(value: Value, k: int, dimension: Dimension) -> str:
    values = np.atleast_1d(value)
    return quantity_text(float(values[k if len(values) > 1 else 0]), dimension)


def _neuron(value: Value, k: int, population: PopulationPlan) -> str:
    return f"neuron {k} of `{population.name}`" if np.ndim(value) else f"`{population.name}`"
