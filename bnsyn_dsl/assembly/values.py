"""Plan values to numbers and arrays: parameters, initial states, weights, delays."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.diagnostics import BnsError, error
from bnsyn_dsl.runtime.draws import Draw, draw_array
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Symbol, walk
from bnsyn_dsl.semantics.plan import PlanValue

__all__ = ["element_values", "evaluate_all", "largest", "synapse_draw"]

_INDEX = Symbol("index", "element")
# what a 53-bit uniform number can become at most: see abi.random_numbers
_LARGEST_NORMAL = 8.6
_LARGEST_EXPONENTIAL = 36.8


def element_values(
    value: PlanValue, size: int, symbols: Mapping[Symbol, Value], seed: int, stream: str
) -> Value:
    """Return a float, or an array of one value per element."""
    if isinstance(value, float):
        return value
    if isinstance(value, np.ndarray):
        return value
    env = Environment(
        symbols={_INDEX: np.arange(size, dtype=np.float64), **symbols},
        functions=HOST_FUNCTIONS,
        draw=lambda random, args: _drawn(random, args, size, seed, stream),
    )
    return evaluate(value, env)


def evaluate_all(
    values: Mapping[str, PlanValue],
    kind: str,
    size: int,
    known: dict[Symbol, Value],
    seed: int,
    owner: str,
) -> dict[str, Value]:
    """Evaluate values that may refer to one another; `known` is filled on the way."""
    done: dict[str, Value] = {}

    def settle(name: str) -> None:
        if name in done:
            return
        value = values[name]
        if not isinstance(value, float | np.ndarray):
            for node in walk(value):
                symbol = getattr(node, "symbol", None)
                if symbol is not None and symbol not in known and symbol.name in values:
                    settle(symbol.name)
        done[name] = element_values(value, size, known, seed, f"{owner}.{name}")
        known[Symbol(name, kind)] = done[name]

    for name in values:
        settle(name)
    return done


def _drawn(random: Random, args: list[Value], size: int, seed: int, stream: str) -> Value:
    """Draw one number per element; parameters may be arrays where a draw can be scaled."""
    name = stream if random.number == 0 else f"{stream}#{random.number}"
    if all(isinstance(a, float) for a in args):
        draw = _draw(random.distribution, [float(a) for a in args])
        try:
            return draw_array(draw, size, seed, name)
        except ValueError as problem:
            raise BnsError([error("BN456", str(problem), random.span)]) from problem
    if len(args) == 2 and random.distribution in {"uniform", "normal"}:
        plain = Draw(kind="uniform", a=0.0, b=1.0)
        if random.distribution == "normal":
            plain = Draw(kind="normal", a=0.0, b=1.0)
        unit = draw_array(plain, size, seed, name)
        width = args[1] - args[0] if random.distribution == "uniform" else args[1]
        if np.any(np.asarray(width) < 0.0):
            what = "the upper bound" if random.distribution == "uniform" else "the deviation"
            limit = "below the lower" if random.distribution == "uniform" else "negative"
            message = f"`{stream}`: {what} of `{random.distribution}` is {limit} at some elements"
            raise BnsError([error("BN456", message, random.span)])
        return args[0] + width * unit
    message = f"`{stream}`: the arguments of `{random.distribution}` must be the same for all"
    raise BnsError([error("BN403", message, random.span)])


def _draw(distribution: str, args: list[float]) -> Draw:
    low, high = (args[2], args[3]) if len(args) == 4 else (-math.inf, math.inf)
    second = args[1] if len(args) > 1 else 0.0
    return Draw(kind=distribution, a=args[0], b=second, low=low, high=high)  # type: ignore[arg-type]


def synapse_draw(value: PlanValue) -> Draw | NDArray[np.float64] | None:
    """Return what can be drawn synapse by synapse: `offset + scale*draw`; None otherwise."""
    if isinstance(value, float):
        return Draw(kind="constant", a=value)
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value, np.float64)
    found = _affine_draw(value)
    if found is None:
        return None
    scale, offset, random = found
    args = [_literal(a) for a in random.args]
    if any(a is None for a in args):
        return None
    base = _draw(random.distribution, [a for a in args if a is not None])
    return Draw(
        kind=base.kind, a=base.a, b=base.b, low=base.low, high=base.high, scale=scale,
        offset=offset,
    )  # fmt: skip


def _affine_draw(expr: Expr) -> tuple[float, float, Random] | None:
    if isinstance(expr, Random):
        return 1.0, 0.0, expr
    if not isinstance(expr, Apply):
        return None
    if expr.op == "neg":
        inner = _affine_draw(expr.args[0])
        return None if inner is None else (-inner[0], -inner[1], inner[2])
    if expr.op not in {"add", "sub", "mul", "div"}:
        return None
    left, right = expr.args
    a, b = _literal(left), _literal(right)
    if a is not None:
        inner = _affine_draw(right)
        if inner is None or expr.op == "div":
            return None
        scale, offset, random = inner
        match expr.op:
            case "add":
                return scale, a + offset, random
            case "sub":
                return -scale, a - offset, random
            case _:
                return a * scale, a * offset, random
    if b is not None:
        inner = _affine_draw(left)
        if inner is None:
            return None
        scale, offset, random = inner
        match expr.op:
            case "add":
                return scale, offset + b, random
            case "sub":
                return scale, offset - b, random
            case "mul":
                return scale * b, offset * b, random
            case _:
                return scale / b, offset / b, random
    return None


def _literal(expr: Expr) -> float | None:
    if isinstance(expr, Const):
        return expr.value
    if any(not isinstance(e, Const | Apply) for e in walk(expr)):
        return None
    return float(evaluate(expr, Environment(symbols={}, functions=HOST_FUNCTIONS)))


def largest(value: Draw | NDArray[np.float64]) -> float:
    """Return a bound that no |value| exceeds: for the proof that sums cannot overflow."""
    if isinstance(value, np.ndarray):
        return float(np.max(np.abs(value))) if value.size else 0.0
    match value.kind:
        case "constant":
            low = high = value.a
        case "uniform":
            low, high = value.a, value.b
        case "normal":
            low = max(value.low, value.a - _LARGEST_NORMAL * value.b)
            high = min(value.high, value.a + _LARGEST_NORMAL * value.b)
        case "lognormal":
            low = max(value.low, 0.0)
            top = value.a * HOST_FUNCTIONS["exp"](_LARGEST_NORMAL * abs(value.b))
            high = min(value.high, float(top))
        case "exponential":
            low, high = 0.0, min(value.high, _LARGEST_EXPONENTIAL * value.a)
        case _:
            low, high = 0.0, value.a + 40.0 * math.sqrt(value.a) + 100.0
    ends = (value.offset + value.scale * low, value.offset + value.scale * high)
    return max(abs(e) for e in ends)
