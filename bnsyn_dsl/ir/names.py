"""The names an expression of the kernel language reads, and expressions in their place."""

from __future__ import annotations

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Name, Number

__all__ = ["names_in", "with_name"]


def names_in(expr: Expr | Call) -> set[str]:
    """Return the names an expression or call reads."""
    match expr:
        case Number():
            return set()
        case Name():
            return {expr.ident}
        case Apply():
            return {name for arg in expr.args for name in names_in(arg)}
        case Call():
            return {name for arg in expr.arguments for name in names_in(arg)}


def with_name(expr: Expr, name: str, value: Expr) -> Expr:
    """Return `expr` with `value` in place of a name."""
    match expr:
        case Number():
            return expr
        case Name():
            return value if expr.ident == name else expr
        case Apply():
            return Apply(op=expr.op, args=tuple(with_name(a, name, value) for a in expr.args))
