"""The names an expression of the kernel language reads."""

from __future__ import annotations

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Name, Number

__all__ = ["names_in"]


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
