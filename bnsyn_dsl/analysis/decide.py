"""Whether a right-hand side is affine after all, where its tree does not show it.

`(V_m - a)*(V_m + a)/k - V_m^2/k` is constant, and no look at the tree says so: terms must cancel.
SymPy decides that. Nothing of SymPy leaves this module: the form is built from the modeller's own
tree, whose derivatives are constant once the decision is made. SymPy is imported only when numbers
already say that it will agree.
"""

from __future__ import annotations

from typing import Any

from bnsyn_dsl.analysis.derive import Affine, derivative
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Random,
    Ref,
    Symbol,
    references,
    substitute,
    walk,
)

__all__ = ["hidden_affine"]

_LARGEST = 200  # nodes; beyond, expanding could take long
_POLYNOMIAL = frozenset({"add", "sub", "neg", "mul"})
_POINTS = (0.731, -1.377, 2.113)


def hidden_affine(expr: Expr, states: frozenset[Symbol]) -> Affine | None:
    """Return the affine form of a polynomial in `states` whose higher terms cancel, else None."""
    if sum(1 for _ in walk(expr)) > _LARGEST or not _is_polynomial(expr, states):
        return None
    if not _looks_affine(expr, states) or not _is_affine(expr, states):
        return None
    nothing: dict[Symbol, Expr] = {s: Const(value=0.0) for s in states}
    coefficients: dict[Symbol, Expr] = {}
    for symbol in references(expr):
        if symbol in states:
            slope = derivative(expr, symbol)
            if slope is None:
                return None
            coefficients[symbol] = substitute(slope, nothing)
    return Affine(coefficients=coefficients, constant=substitute(expr, nothing))


def _is_polynomial(expr: Expr, states: frozenset[Symbol]) -> bool:
    if not states.intersection(references(expr)) or isinstance(expr, Ref):
        return True
    match expr:
        case Apply(op="div"):
            top, bottom = expr.args
            return _is_polynomial(top, states) and not states.intersection(references(bottom))
        case Apply(op="pow", args=(base, Const(value=value))):
            return value in {2.0, 3.0} and _is_polynomial(base, states)
        case Apply() if expr.op in _POLYNOMIAL:
            return all(_is_polynomial(a, states) for a in expr.args)
        case _:
            return False


def _looks_affine(expr: Expr, states: frozenset[Symbol]) -> bool:
    """Compare second differences with rounding: cheap, and enough to refuse nearly everything."""
    others = [s for s in references(expr) if s not in states]
    if any(isinstance(node, Random) for node in walk(expr)):
        return False
    fixed: dict[Symbol, Value] = {s: 1.3 + 0.17 * k for k, s in enumerate(others)}
    for scale in _POINTS:
        values = []
        for factor in (0.0, 1.0, 2.0):
            moved = {s: factor * scale * (1.0 + 0.3 * k) for k, s in enumerate(_in_order(states))}
            env = Environment(symbols={**fixed, **moved}, functions=_PLAIN)
            values.append(float(evaluate(expr, env)))
        size = max(abs(v) for v in values) + 1e-300
        if not abs(values[0] - 2.0 * values[1] + values[2]) <= 1e-9 * size:
            return False
    return True


def _in_order(states: frozenset[Symbol]) -> list[Symbol]:
    """Return the states in an order that does not depend on hashing."""
    return sorted(states, key=lambda s: s.name)


def _opaque(x: Value) -> Value:
    """Stand in for a function of constants: any number will do."""
    return x * 0.5 + 0.7


_PLAIN = dict.fromkeys(("exp", "log", "sin", "cos", "tanh", "sigmoid", "exprel"), _opaque)
_PLAIN["pow"] = lambda base, exponent: base * 0.5 + exponent  # type: ignore[assignment, misc]


def _is_affine(expr: Expr, states: frozenset[Symbol]) -> bool:
    import sympy

    names: dict[Expr, Any] = {}
    converted = _converted(expr, states, names, sympy)
    symbols = [names.setdefault(Ref(symbol=s), sympy.Dummy()) for s in _in_order(states)]
    return bool(sympy.Poly(sympy.expand(converted), *symbols).total_degree() <= 1)


def _converted(expr: Expr, states: frozenset[Symbol], names: dict[Expr, Any], sympy: Any) -> Any:
    """Return the polynomial in SymPy; what contains no state is a symbol or an exact number."""
    if isinstance(expr, Const):
        return sympy.Rational(expr.value)
    if isinstance(expr, Ref) or not states.intersection(references(expr)):
        return names.setdefault(expr, sympy.Dummy())
    assert isinstance(expr, Apply)
    args = [_converted(a, states, names, sympy) for a in expr.args]
    match expr.op:
        case "add":
            return args[0] + args[1]
        case "sub":
            return args[0] - args[1]
        case "mul":
            return args[0] * args[1]
        case "div":
            return args[0] / args[1]
        case "pow":
            return args[0] ** int(args[1])
        case _:
            return -args[0]
