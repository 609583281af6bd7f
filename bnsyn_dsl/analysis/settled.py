"""Values of a population's parameters that are known before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Expr, Random, Symbol, references, walk
from bnsyn_dsl.semantics.plan import PlanValue

__all__ = ["Functions", "settled", "settled_parameters", "value_of"]

_INDEX = Symbol("index", "element")

Functions = Mapping[str, Callable[..., Value]]


def settled_parameters(
    member: Coupled, size: int, dt: float, functions: Functions
) -> dict[Symbol, Value]:
    """Return what each parameter is, one value or float64[size]; random ones are left out."""
    return settled(member.parameters, size, dt, functions)


def settled(
    parameters: Mapping[str, PlanValue], size: int, dt: float, functions: Functions
) -> dict[Symbol, Value]:
    """Return what each of the values is that may refer to one another; see settled_parameters."""
    known: dict[Symbol, Value] = {
        Symbol("dt", "dt"): dt,
        Symbol("size", "size"): float(size),
    }
    waiting = dict(parameters)
    formulas = [v for v in waiting.values() if not isinstance(v, float | np.ndarray)]
    if any(_INDEX in references(f) for f in formulas):  # nothing large for those that need none
        known[_INDEX] = np.arange(size, dtype=np.float64)
    while True:
        found: dict[str, Value] = {}
        for name, given in waiting.items():
            value = given if isinstance(given, float | np.ndarray) else None
            if not isinstance(given, float | np.ndarray):
                value = value_of(given, known, functions)
            if value is not None:
                found[name] = value
        if not found:
            return known
        for name, value in found.items():
            known[Symbol(name, "parameter")] = value
            del waiting[name]


def value_of(expr: Expr, known: Mapping[Symbol, Value], functions: Functions) -> Value | None:
    """Return the value of `expr`, None where something in it is random or not known."""
    if any(isinstance(e, Random) for e in walk(expr)):
        return None
    if any(symbol not in known for symbol in references(expr)):
        return None
    with np.errstate(all="ignore"):
        return evaluate(expr, Environment(symbols=known, functions=functions))
