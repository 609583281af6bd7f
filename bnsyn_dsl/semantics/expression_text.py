"""Resolved expressions as text, for comments in generated code and for reports."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Random,
    Ref,
    references,
    substitute,
)

__all__ = ["expression_text"]

_INFIX = {
    "or": (1, "or"), "and": (2, "and"),
    "lt": (4, "<"), "le": (4, "<="), "gt": (4, ">"), "ge": (4, ">="), "eq": (4, "=="),
    "ne": (4, "!="), "add": (5, "+"), "sub": (5, "-"), "mul": (6, "*"), "div": (6, "/"),
    "pow": (8, "^"),
}  # fmt: skip


def expression_text(expr: Expr, above: int = 0) -> str:
    """Return the expression in the notation of the language, numbers in internal units."""
    match expr:
        case Const():
            return f"{expr.value:.12g}"
        case Ref():
            return expr.symbol.text
        case Random():
            return f"{expr.distribution}({', '.join(expression_text(a) for a in expr.args)})"
        case Apply(op="select"):
            condition, then, otherwise = (expression_text(a, 1) for a in expr.args)
            text = f"{then} if {condition} else {otherwise}"
            return f"({text})" if above else text
        case Apply(op="neg"):
            text = f"-{expression_text(expr.args[0], 7)}"
            return f"({text})" if above > 6 else text
        case Apply(op=op) if op in _INFIX:
            level, sign = _INFIX[op]
            left, right = expr.args
            space = "" if op in {"mul", "div", "pow"} else " "
            text = (
                f"{expression_text(left, level)}{space}{sign}{space}"
                f"{expression_text(right, level + 1)}"
            )
            return f"({text})" if level < above else text
        case Apply(op=op, args=(value, Ref(symbol=symbol))) if symbol.kind == "collection":
            bare = {s: Ref(symbol=replace(s, owner="")) for s in references(value)}
            inside = expression_text(substitute(value, bare))
            return f"{op.removesuffix('_of')}({inside} of {symbol.name})"
        case Apply():
            return f"{expr.op}({', '.join(expression_text(a) for a in expr.args)})"
        case _:
            assert_never(expr)
