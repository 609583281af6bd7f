"""Values of expressions before a run: parameters, initial values, sizes, weights.

NumPy's + - * / and sqrt are exact to the last bit everywhere; every other function is the
project's own and is handed in, so that two machines never differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol

__all__ = ["Environment", "Value", "evaluate", "is_constant"]

Value: TypeAlias = float | NDArray[np.float64]
Draw: TypeAlias = Callable[[Random, list[Value]], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What an evaluation may use.

    `symbols` gives values, `functions` the project's own exp, log, ... on floats and arrays, and
    `draw` the numbers of a random call (None: random calls are not allowed here).
    """

    symbols: Mapping[Symbol, Value]
    functions: Mapping[str, Callable[..., Value]]
    draw: Draw | None = None
    tables: Mapping[str, Any] | None = None


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "lt": lambda a, b: _number(a < b),
    "le": lambda a, b: _number(a <= b),
    "gt": lambda a, b: _number(a > b),
    "ge": lambda a, b: _number(a >= b),
    "eq": lambda a, b: _number(a == b),
    "ne": lambda a, b: _number(a != b),
    "and": lambda a, b: _number((a != 0) & (b != 0)),
    "or": lambda a, b: _number((a != 0) | (b != 0)),
    "min": lambda a, b: _pick(b < a, b, a),
    "max": lambda a, b: _pick(b > a, b, a),
}


def _number(condition: Any) -> Any:
    if isinstance(condition, np.ndarray):
        return condition.astype(np.float64)
    return 1.0 if condition else 0.0


def _pick(condition: Any, then: Any, otherwise: Any) -> Any:
    if isinstance(condition, np.ndarray):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def is_constant(expr: Expr) -> bool:
    """Tell whether nothing in it varies from element to element or in time."""
    from bnsyn_dsl.semantics.expression import walk

    return all(
        not isinstance(e, Random) and not (isinstance(e, Ref) and e.symbol.kind in _VARYING)
        for e in walk(expr)
    )


_VARYING = frozenset({"time", "element", "member", "noise", "collection"})


def evaluate(expr: Expr, env: Environment) -> Value:
    """Return the value of `expr` in internal units: a float, or an array over elements.

    Raises:
        KeyError: a symbol has no value (the caller offers only what may be used).
    """
    match expr:
        case Const():
            return expr.value
        case Ref():
            return env.symbols[expr.symbol]
        case Random():
            assert env.draw is not None
            return env.draw(expr, [evaluate(a, env) for a in expr.args])
        case Apply(op="index"):
            return _table_entry(expr, env)
        case Apply():
            return _apply(expr.op, [evaluate(a, env) for a in expr.args], env)
        case _:
            assert_never(expr)


def _apply(op: str, args: list[Any], env: Environment) -> Value:
    if op in _ARITHMETIC:
        return _ARITHMETIC[op](*args)  # type: ignore[no-any-return]
    match op:
        case "div":
            with np.errstate(all="ignore"):
                return _as_value(np.divide(args[0], args[1]))
        case "neg":
            return -args[0]  # type: ignore[no-any-return]
        case "not":
            return _number(args[0] == 0)  # type: ignore[no-any-return]
        case "select":
            return _pick(args[0] != 0, args[1], args[2])  # type: ignore[no-any-return]
        case "abs":
            return _as_value(np.abs(args[0]))
        case "sqrt":
            with np.errstate(all="ignore"):
                return _as_value(np.sqrt(args[0]))
        case "floor":
            return _as_value(np.floor(args[0]))
        case "round":
            return _as_value(np.rint(args[0]))
        case "clip":
            x, low, high = args
            raised = _pick(x < low, low, x)
            return _pick(raised > high, high, raised)  # type: ignore[no-any-return]
        case "pow":
            return _power(args[0], args[1], env)
        case _:
            return env.functions[op](args[0])


def _power(base: Any, exponent: Any, env: Environment) -> Value:
    """Small whole powers are products, as in the kernels; the rest is the project's own power."""
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= 8:
        count = int(abs(exponent))
        product = base if count else 1.0
        for _ in range(count - 1):
            product = product * base
        with np.errstate(all="ignore"):
            return product if exponent >= 0 else _as_value(np.divide(1.0, product))
    return env.functions["pow"](base, exponent)


def _as_value(x: Any) -> Value:
    return x if isinstance(x, np.ndarray) and x.ndim else float(x)


def _table_entry(expr: Apply, env: Environment) -> Value:
    table, *indices = expr.args
    assert isinstance(table, Ref)
    assert env.tables is not None
    entry = env.tables[table.symbol.name]
    for index in indices:
        where = evaluate(index, env)
        number = int(where) if isinstance(where, float) and where.is_integer() else -1
        if not isinstance(entry, list) or not 0 <= number < len(entry):
            raise IndexError(table.symbol.name)
        entry = entry[number]
    if isinstance(entry, list):
        raise IndexError(table.symbol.name)
    return float(entry)
