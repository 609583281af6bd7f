"""Check what was derived against what was written, in numbers, before anything is emitted.

In: a coupled system and its update. Out: nothing, or `WrongUpdateError`: a bug of the compiler. The
equations are evaluated in plain Python at three fixed points; where a value is not finite, or a
function has no plain counterpart, nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from bnsyn_dsl.analysis.derive import Affine, affine, derivative
from bnsyn_dsl.analysis.integrators.linear import linear_part
from bnsyn_dsl.analysis.integrators.programs import moving
from bnsyn_dsl.analysis.system import CoupledSystem, expanded
from bnsyn_dsl.analysis.update import UpdateSystem
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol, references, walk

__all__ = ["WrongUpdateError", "check_affine", "check_derivative", "verify_update"]

_POINTS = 3
_TOLERANCE = 1e-9
_STEP = 1e-5
_SLOPE_TOLERANCE = 1e-5


class WrongUpdateError(AssertionError):
    """A derived form differs from the equation it was derived from: a bug of the compiler."""


def verify_update(made: UpdateSystem) -> None:
    """Compare the linear forms and slopes that the method rests on with the equations.

    Raises:
        WrongUpdateError: they disagree.
    """
    system = made.system
    if made.method in {"exact", "adaptive"}:
        part = linear_part(system)
        for state in part.states:
            check_affine(_right_hand_side(system, state), part.forms[state], state)
    if made.method == "exponential_euler":
        for state in moving(system):
            symbol = Symbol(state, "state")
            full = _right_hand_side(system, state)
            slope = derivative(full, symbol)
            if slope is not None:
                check_derivative(full, symbol, slope)
            form = affine(full, frozenset({symbol}))
            if form is not None:
                check_affine(full, form, state)


def check_affine(expr: Expr, form: Affine, name: str) -> None:
    """Compare `expr` with its affine form: relative agreement of 1e-9."""
    for point in range(_POINTS):
        values = _values(expr, point)
        wanted = evaluated(expr, values)
        parts = [evaluated(form.constant, values)]
        for symbol, coefficient in form.coefficients.items():
            parts.append(evaluated(coefficient, values) * values.get(symbol, math.nan))
        total = math.fsum(parts) if all(map(math.isfinite, parts)) else math.nan
        large = max((abs(e.value) for e in walk(expr) if isinstance(e, Const)), default=0.0)
        size = max([abs(wanted), *map(abs, parts), 1e-6 * large])  # what may cancel has no digits
        if math.isfinite(total - wanted) and abs(total - wanted) > _TOLERANCE * size:
            raise WrongUpdateError(
                f"the linear form of `{name}` gives {total}, its equation {wanted}"
            )


def check_derivative(expr: Expr, symbol: Symbol, slope: Expr) -> None:
    """Compare d expr/d symbol with a central difference."""
    for point in range(_POINTS):
        values = _values(expr, point)
        here = values.get(symbol, 0.0)
        step = _STEP * max(abs(here), 1.0)
        ends = [evaluated(expr, {**values, symbol: here + s * step}) for s in (-2, -1, 1, 2)]
        inner, outer = (ends[2] - ends[1]) / (2 * step), (ends[3] - ends[0]) / (4 * step)
        # a kink between the points (of `abs`, of a choice) shows as two different differences
        size = max(abs(inner), abs(outer), abs(evaluated(expr, values)))
        if not math.isfinite(inner - outer) or abs(inner - outer) > _SLOPE_TOLERANCE * size:
            continue
        derived = evaluated(slope, values)
        if math.isfinite(derived) and abs(derived - inner) > 10 * _SLOPE_TOLERANCE * size:
            raise WrongUpdateError(
                f"the slope by `{symbol.text}` is {inner}, derived was {derived}"
            )


def _right_hand_side(system: CoupledSystem, state: str) -> Expr:
    value = system.rhs(state)
    assert value is not None
    return expanded(value, system)


def _values(expr: Expr, point: int) -> dict[Symbol, float]:
    """Return fixed numbers between 0.3 and 2.3 for the symbols, others at each point."""
    return {
        symbol: 0.3 + 2.0 * math.fmod((k + 1) * 0.6180339887498949 + point * 0.7548776662466927, 1)
        for k, symbol in enumerate(references(expr))
    }


def evaluated(expr: Expr, values: Mapping[Symbol, float]) -> float:
    """Return the value of an expression in plain Python, NaN where there is none."""
    match expr:
        case Const():
            return expr.value
        case Ref():
            return values.get(expr.symbol, math.nan)
        case Random():
            return math.nan
        case Apply(op="select"):
            condition, then, otherwise = expr.args
            return evaluated(then if evaluated(condition, values) else otherwise, values)
        case Apply():
            args = [evaluated(a, values) for a in expr.args]
            if expr.op not in _OPERATIONS or any(map(math.isnan, args)):
                return math.nan
            try:
                return float(_OPERATIONS[expr.op](*args))
            except (ArithmeticError, ValueError):
                return math.nan  # a point outside of the domain says nothing


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _exprel(x: float) -> float:
    return math.expm1(x) / x if x != 0.0 else 1.0


_OPERATIONS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": math.pow,
    "neg": lambda a: -a,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "and": lambda a, b: bool(a) and bool(b),
    "or": lambda a, b: bool(a) or bool(b),
    "not": lambda a: not a,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigmoid": _sigmoid,
    "exprel": _exprel,
    "floor": math.floor,
    "round": round,
    "sqrt": math.sqrt,
    "abs": abs,
    "min": min,
    "max": max,
    "clip": lambda x, low, high: min(max(x, low), high),
}
