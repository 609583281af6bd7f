"""Structure of right-hand sides: affine forms and partial derivatives.

Both work on the tree in the order the modeller wrote it, so that a renamed variable or another
version of SymPy changes no bit. SymPy is asked only for decisions (`decide`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol, references

__all__ = ["Affine", "affine", "derivative", "distributed", "is_zero", "plus", "times"]

ZERO = Const(value=0.0, dimension=None)
UNIT = Const(value=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """`sum(coefficients[s] * s) + constant`; no coefficient contains a state."""

    coefficients: Mapping[Symbol, Expr]
    constant: Expr


def is_zero(expr: Expr) -> bool:
    """Tell a literal zero."""
    return isinstance(expr, Const) and expr.value == 0.0


def _is_one(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.value == 1.0


def plus(a: Expr, b: Expr) -> Expr:
    """Return a + b without literal zeros."""
    if is_zero(a):
        return b
    if is_zero(b):
        return a
    if _is_negative(a) and _is_negative(b):
        return negative(plus(negative(a), negative(b)))
    if _is_negative(b):
        return Apply(op="sub", args=(a, negative(b)))
    if _is_negative(a):
        return Apply(op="sub", args=(b, negative(a)))
    return Apply(op="add", args=(a, b))


def minus(a: Expr, b: Expr) -> Expr:
    """Return a - b without literal zeros."""
    if is_zero(b):
        return a
    if is_zero(a) or _is_negative(a):
        return negative(plus(negative(a), b))
    return Apply(op="sub", args=(a, b))


def _is_negative(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.op == "neg"


def negative(a: Expr) -> Expr:
    """Return -a."""
    if isinstance(a, Const):
        return Const(value=-a.value, dimension=a.dimension)
    if isinstance(a, Apply) and a.op == "neg":
        return a.args[0]
    return Apply(op="neg", args=(a,))


def times(a: Expr, b: Expr) -> Expr:
    """Return a * b without literal zeros and ones."""
    if is_zero(a) or is_zero(b):
        return ZERO
    if _is_one(a):
        return b
    if _is_one(b):
        return a
    if isinstance(a, Const) and a.value == -1.0:
        return negative(b)
    if isinstance(b, Const) and b.value == -1.0:
        return negative(a)
    if _is_negative(a):
        return negative(times(negative(a), b))
    if _is_negative(b):
        return negative(times(a, negative(b)))
    return Apply(op="mul", args=(a, b))


def over(a: Expr, b: Expr) -> Expr:
    """Return a / b without literal zeros and ones."""
    if is_zero(a):
        return ZERO
    if _is_negative(a):
        return negative(over(negative(a), b))
    if isinstance(a, Const) and a.value < 0.0:
        return negative(over(negative(a), b))
    return a if _is_one(b) else Apply(op="div", args=(a, b))


def distributed(expr: Expr, factor: Expr, is_constant: Callable[[Expr], bool]) -> Expr:
    """Return expr*factor; the factor joins the constants of `expr` where that saves a product."""
    return _absorbed(expr, factor, is_constant) or times(expr, factor)


def _absorbed(expr: Expr, factor: Expr, is_constant: Callable[[Expr], bool]) -> Expr | None:
    if is_constant(expr):
        return times(expr, factor)
    if not isinstance(expr, Apply):
        return None
    match expr.op:
        case "neg":
            inner = _absorbed(expr.args[0], factor, is_constant)
            return None if inner is None else negative(inner)
        case "add" | "sub":
            left = _absorbed(expr.args[0], factor, is_constant)
            right = _absorbed(expr.args[1], factor, is_constant)
            if left is None or right is None:
                return None
            return plus(left, right) if expr.op == "add" else minus(left, right)
        case "mul":
            a, b = expr.args
            if is_constant(b):
                return times(a, times(b, factor))
            if is_constant(a):
                return times(times(a, factor), b)
            return None
        case "div" if is_constant(expr.args[1]):
            return times(expr.args[0], over(factor, expr.args[1]))
        case _:
            return None


def affine(expr: Expr, states: frozenset[Symbol]) -> Affine | None:
    """Take `expr` apart into an affine form of `states`, or None where its tree is not one."""
    if not states.intersection(references(expr)):
        return Affine(coefficients={}, constant=expr)
    match expr:
        case Ref():
            return Affine(coefficients={expr.symbol: UNIT}, constant=ZERO)
        case Apply(op="neg"):
            inner = affine(expr.args[0], states)
            return None if inner is None else _scaled(inner, negative)
        case Apply(op="add" | "sub"):
            left, right = (affine(a, states) for a in expr.args)
            if left is None or right is None:
                return None
            return _joined(left, right, plus if expr.op == "add" else minus)
        case Apply(op="mul"):
            return _product(expr, states)
        case Apply(op="div"):
            inner = affine(expr.args[0], states)
            if inner is None or states.intersection(references(expr.args[1])):
                return None
            return _scaled(inner, lambda c: over(c, expr.args[1]))
        case Apply(op="select"):
            return _selected(expr, states)
        case _:
            return None


def _scaled(form: Affine, change: Callable[[Expr], Expr]) -> Affine:
    return Affine(
        coefficients={s: change(c) for s, c in form.coefficients.items()},
        constant=form.constant if is_zero(form.constant) else change(form.constant),
    )


def _joined(left: Affine, right: Affine, join: Callable[[Expr, Expr], Expr]) -> Affine:
    symbols = dict.fromkeys((*left.coefficients, *right.coefficients))
    return Affine(
        coefficients={
            s: join(left.coefficients.get(s, ZERO), right.coefficients.get(s, ZERO))
            for s in symbols
        },
        constant=join(left.constant, right.constant),
    )


def _product(expr: Apply, states: frozenset[Symbol]) -> Affine | None:
    left, right = expr.args
    if not states.intersection(references(left)):
        inner = affine(right, states)
        return None if inner is None else _scaled(inner, lambda c: times(left, c))
    if not states.intersection(references(right)):
        inner = affine(left, states)
        return None if inner is None else _scaled(inner, lambda c: times(c, right))
    return None


def _selected(expr: Apply, states: frozenset[Symbol]) -> Affine | None:
    condition, then, otherwise = expr.args
    if states.intersection(references(condition)):
        return None
    left, right = affine(then, states), affine(otherwise, states)
    if left is None or right is None:
        return None
    return _joined(left, right, lambda a, b: Apply(op="select", args=(condition, a, b)))


def derivative(expr: Expr, state: Symbol) -> Expr | None:
    """Return d expr / d state, or None where a function in it has no derivative (min, floor)."""
    if state not in references(expr):
        return ZERO
    match expr:
        case Ref():
            return UNIT
        case Apply():
            return _derivative(expr, state)
        case Random() | Const():
            return None


def _derivative(expr: Apply, state: Symbol) -> Expr | None:
    if expr.op == "select":
        condition, then, otherwise = expr.args
        a, b = derivative(then, state), derivative(otherwise, state)
        return None if a is None or b is None else Apply(op="select", args=(condition, a, b))
    inner = [derivative(a, state) for a in expr.args]
    if any(d is None for d in inner):
        return None
    du = [d for d in inner if d is not None]
    u = expr.args
    match expr.op:
        case "neg":
            return negative(du[0])
        case "add":
            return plus(du[0], du[1])
        case "sub":
            return minus(du[0], du[1])
        case "mul":
            return plus(times(du[0], u[1]), times(u[0], du[1]))
        case "div":
            if is_zero(du[1]):
                return over(du[0], u[1])
            return over(minus(du[0], times(expr, du[1])), u[1])
        case "pow":
            return _power_derivative(expr, du)
        case op if op in _OUTER:
            outer = _OUTER[op](expr, u[0])
            return None if outer is None else times(outer, du[0])
        case _:
            return None


def _power_derivative(expr: Apply, du: list[Expr]) -> Expr | None:
    base, exponent = expr.args
    if not is_zero(du[1]):
        return None
    lower: Expr = Apply(op="pow", args=(base, minus(exponent, UNIT)))
    if isinstance(exponent, Const):
        less = exponent.value - 1.0
        known: dict[float, Expr] = {0.0: UNIT, 1.0: base}
        lower = known.get(less, Apply(op="pow", args=(base, Const(value=less))))
    return times(times(exponent, lower), du[0])


def _call(op: str, *args: Expr) -> Apply:
    return Apply(op=op, args=args)


_OUTER: dict[str, Callable[[Expr, Expr], Expr | None]] = {
    "exp": lambda e, x: e,
    "log": lambda e, x: over(UNIT, x),
    "sin": lambda e, x: _call("cos", x),
    "cos": lambda e, x: negative(_call("sin", x)),
    "tanh": lambda e, x: minus(UNIT, times(e, e)),
    "sigmoid": lambda e, x: times(e, minus(UNIT, e)),
    "sqrt": lambda e, x: over(Const(value=0.5), e),
    # exprel'(x) = (exp(x) - exprel(x))/x has a removable singularity that costs digits near 0
    "exprel": lambda e, x: None,
}
