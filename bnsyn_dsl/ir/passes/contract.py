"""Contract products and sums into fused multiply-adds.

    a*b + c -> fma(a, b, c)      a*b - c -> fma(a, b, -c)      c - a*b -> fma(-a, b, c)

The choice is made here, once, for every backend: a compiler that contracts on its own would choose
differently on every machine. One rounding fewer, one operation fewer.
"""

from __future__ import annotations

from dataclasses import replace

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Function, Kernel, Let, Number

__all__ = ["contract"]


def contract(kernel: Kernel) -> Kernel:
    """Return the kernel with sums of products fused in what integrates and tests thresholds."""
    return replace(
        kernel,
        functions=tuple(_function(f) for f in kernel.functions),
        arrive=_lets(kernel.arrive),
        integrate=_lets(kernel.integrate),
        before_condition=_lets(kernel.before_condition),
        condition=None if kernel.condition is None else _fused(kernel.condition),
    )


def _function(function: Function) -> Function:
    results = tuple(_fused(r) for r in function.results)
    return replace(function, body=_lets(function.body), results=results)


def _lets(lets: tuple[Let, ...]) -> tuple[Let, ...]:
    return tuple(replace(let, value=_value(let.value)) for let in lets)


def _value(value: Expr | Call) -> Expr | Call:
    if isinstance(value, Call):
        return replace(value, arguments=tuple(_fused(a) for a in value.arguments))
    return _fused(value)


def _fused(expr: Expr) -> Expr:
    if not isinstance(expr, Apply):
        return expr
    args = tuple(_fused(a) for a in expr.args)
    match expr.op:
        case "add":
            left, right = args
            if (product := _product(left)) is not None:
                return Apply(op="fma", args=(*product, right))
            if (product := _product(right)) is not None:
                return Apply(op="fma", args=(*product, left))
        case "sub":
            left, right = args
            if (product := _product(right)) is not None:
                return Apply(op="fma", args=(_negated(product[0]), product[1], left))
            if (product := _product(left)) is not None:
                return Apply(op="fma", args=(*product, _negated(right)))
    return Apply(op=expr.op, args=args)


def _product(expr: Expr) -> tuple[Expr, Expr] | None:
    """Return the factors of a product, the sign of a negated one moved into the first."""
    match expr:
        case Apply(op="mul", args=(a, b)):
            return a, b
        case Apply(op="neg", args=(Apply(op="mul", args=(a, b)),)):
            return _negated(a), b
        case _:
            return None


def _negated(expr: Expr) -> Expr:
    match expr:
        case Number():
            return Number(value=-expr.value)
        case Apply(op="neg"):
            return expr.args[0]
        case Apply(op="sub", args=(a, b)):
            return Apply(op="sub", args=(b, a))
        case _:
            return Apply(op="neg", args=(expr,))
