"""A post handler as sums of (presynaptic trace) x (something the target or a pool owns).

If it is that, one accumulator per target replaces the visit to every incoming synapse. A bounded
weight needs more: all its increments must have one sign, so that clipping once, at the next
arrival, is clipping each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bnsyn_dsl.analysis.derive import affine, is_zero
from bnsyn_dsl.analysis.learning.system import WEIGHT, Increment
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.model import Set, Statement

__all__ = ["increments", "one_sign", "sign"]


def increments(
    body: Iterable[Statement], traces: frozenset[str], synapse: frozenset[Symbol]
) -> tuple[Increment, ...] | str:
    """Return the increments of a post handler, or in words what keeps it from being sums.

    `traces` are pre-owned states that decay to 0 or rest, `synapse` the states at the synapse.
    """
    symbols = frozenset(Symbol(n, "state") for n in traces)
    found: list[Increment] = []
    for statement in body:
        if not isinstance(statement, Set):
            return "`on post` decides with `if`"
        target = statement.target
        jump = _jump(statement)
        if jump is None:
            return f"`on post` sets `{target.text}` instead of adding to it"
        used = synapse & set(references(jump))
        if used:
            name = sorted(s.text for s in used)[0]
            return f"what `on post` adds to `{target.text}` depends on `{name}` of the synapse"
        form = affine(jump, symbols)
        if form is None:
            return f"what `on post` adds to `{target.text}` is not linear in the presynaptic traces"
        for trace, factor in form.coefficients.items():
            found.append(Increment(state=target.name, trace=trace.name, factor=factor))
        if not is_zero(form.constant):
            if any(s.owner == "pre" for s in references(form.constant)):
                return f"what `on post` adds to `{target.text}` reads the presynaptic neuron"
            found.append(Increment(state=target.name, trace=None, factor=form.constant))
    return tuple(found)


def _jump(statement: Set) -> Expr | None:
    value = statement.value
    if isinstance(value, Apply) and value.op in {"add", "sub"}:
        left, right = value.args
        if isinstance(left, Ref) and left.symbol == statement.target:
            return right if value.op == "add" else Apply(op="neg", args=(right,))
    return None


def sign(expr: Expr, known: Mapping[Symbol, float], positive: frozenset[Symbol]) -> int | None:
    """Return 1 for never negative, -1 for never positive, 0 for zero, None where unknown.

    `known` are values of parameters, `positive` symbols that are never negative.
    """
    match expr:
        case Const():
            return _sign_of(expr.value)
        case Ref():
            if expr.symbol in positive:
                return 1
            return _sign_of(known[expr.symbol]) if expr.symbol in known else None
        case Apply():
            inner = [sign(a, known, positive) for a in expr.args]
            return _applied(expr.op, inner)
        case _:
            return None


def _sign_of(value: float) -> int:
    return (value > 0.0) - (value < 0.0)


def _applied(op: str, inner: list[int | None]) -> int | None:
    if op in {"exp", "sigmoid", "abs", "sqrt"}:
        return 1
    if op == "clip":
        return 1 if inner[1] in {0, 1} else -1 if inner[2] in {0, -1} else None
    if any(s is None for s in inner):
        return None
    signs = [s for s in inner if s is not None]
    match op:
        case "neg":
            return -signs[0]
        case "mul" | "div":
            return signs[0] * signs[1]
        case "add":
            return _joined(signs[0], signs[1])
        case "sub":
            return _joined(signs[0], -signs[1])
        case "pow":
            return 1 if signs[0] >= 0 else None
        case "max":
            return max(signs)
        case "min":
            return min(signs)
        case "select":
            return _joined(signs[1], signs[2])
        case _:
            return None


def _joined(a: int, b: int) -> int | None:
    if a == 0 or b == 0 or a == b:
        return a or b
    return None


def one_sign(
    parts: Iterable[Increment], known: Mapping[Symbol, float], positive: frozenset[Symbol]
) -> bool:
    """Tell whether all increments of the weight have one sign."""
    found: set[int | None] = set()
    for part in parts:
        if part.state == WEIGHT.name:
            side = sign(part.factor, known, positive)
            trace = Symbol(part.trace, "state") if part.trace is not None else None
            if trace is not None and trace not in positive:
                side = None
            found.add(side)
    return None not in found and len(found - {0}) <= 1
