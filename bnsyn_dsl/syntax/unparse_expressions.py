"""Expressions, units and references -> text, with as few parentheses as the grammar allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.divisions import is_split_quantity

__all__ = ["braces", "mix", "model", "places", "reference", "unit", "unparse_expr"]

# How tightly an expression binds; the right operand of `a - b` must bind tighter than the left.
TERNARY, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, POWER, BASE = range(10)
LEVELS = {"or": OR, "and": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


def unparse_expr(expr: nodes.Expr) -> str:
    """Return an expression as text."""
    return _at(expr, TERNARY)


def _at(expr: nodes.Expr, wanted: int) -> str:
    """Return the text of `expr`, in parentheses where it binds less than `wanted`."""
    level, text = _text(expr)
    return f"({text})" if level < wanted else text


def _text(expr: nodes.Expr) -> tuple[int, str]:
    """Return how tightly the text of `expr` binds, and the text."""
    match expr:
        case nodes.Number(text=text):
            return BASE, text
        case nodes.Quantity(text=text, factors=factors):
            return POWER, " ".join([text, *map(_factor, factors)])
        case nodes.Name(ident=ident):
            return BASE, ident
        case nodes.Attribute(owner=owner, member=member):
            return BASE, f"{owner}.{member}"
        case nodes.Index(table=table, indices=indices):
            return BASE, f"{table}[{_list(indices)}]"
        case nodes.ListValue(items=items):
            return BASE, f"[{_list(items)}]"
        case nodes.Call():
            return BASE, _call(expr)
        case nodes.Reduction(op=op, value=value, place=place):
            return BASE, f"{op}({unparse_expr(value)} of {_place(place)})"
        case _:
            return _operation(expr)


def _operation(
    expr: nodes.Unary | nodes.Binary | nodes.Compare | nodes.Logic | nodes.Not | nodes.Ternary,
) -> tuple[int, str]:
    match expr:
        case nodes.Unary(op=op, operand=operand):
            return SIGN, f"{op}{_at(operand, SIGN)}"
        case nodes.Binary(op="^", left=left, right=right):
            return POWER, f"{_at(left, BASE)}^{_at(right, SIGN)}"
        case nodes.Binary() | nodes.Logic():
            return _chain(expr)
        case nodes.Compare(op=op, left=left, right=right):
            return COMPARE, f"{_at(left, SUM)} {op} {_at(right, SUM)}"
        case nodes.Not(operand=operand):
            return NOT, f"not {_at(operand, NOT)}"
        case nodes.Ternary(then=then, condition=condition, otherwise=otherwise):
            return (
                TERNARY,
                f"{_at(then, OR)} if {_at(condition, OR)} else {_at(otherwise, TERNARY)}",
            )
        case _:
            assert_never(expr)


def _chain(expr: nodes.Binary | nodes.Logic) -> tuple[int, str]:
    """Print a sum, product, `and` or `or`; in a loop, because a sum may have hundreds of terms."""
    parts: list[str] = []
    node = expr
    while True:
        level = LEVELS[node.op]
        # `(x/5 nS)/ms` needs its parentheses for the reader: without them it is an error
        split = isinstance(node, nodes.Binary) and is_split_quantity(node)
        blank = "" if level == PRODUCT else " "
        parts.append(f"{blank}{node.op}{blank}{_at(node.right, level + 1)}")
        left = node.left
        if split or not isinstance(left, nodes.Binary | nodes.Logic) or not _goes_on(left, level):
            parts.append(_at(left, BASE if split else level))
            return LEVELS[expr.op], "".join(reversed(parts))
        node = left


def _goes_on(left: nodes.Binary | nodes.Logic, level: int) -> bool:
    """Return whether a left operand continues the chain without parentheses."""
    return left.op in LEVELS and LEVELS[left.op] >= level


def _list(items: Iterable[nodes.Expr]) -> str:
    return ", ".join(map(unparse_expr, items))


def _call(call: nodes.Call) -> str:
    named = (f"{arg.name} = {unparse_expr(arg.value)}" for arg in call.named)
    return f"{call.function}({', '.join([*map(unparse_expr, call.args), *named])})"


def _factor(factor: nodes.UnitFactor) -> str:
    return factor.name if factor.exponent == 1 else f"{factor.name}^{factor.exponent}"


def unit(expr: nodes.UnitExpr) -> str:
    """Return `uA/cm^2`, or `1` for the empty product."""
    text = ""
    for factor in expr.factors:
        if factor.exponent < 0:
            text = text or "1"
            exponent = "" if factor.exponent == -1 else f"^{-factor.exponent}"
            text += f"/{factor.name}{exponent}"
        else:
            text += (" " if text else "") + _factor(factor)
    return text or "1"


def _place(place: nodes.Place) -> str:
    if place.first is None:
        return place.name
    last = "" if place.last is None else f":{unparse_expr(place.last)}"
    return f"{place.name}[{unparse_expr(place.first)}{last}]"


def places(items: Iterable[nodes.Place]) -> str:
    """Return `E[0:5], I`."""
    return ", ".join(map(_place, items))


def reference(item: nodes.Setting | nodes.Assign) -> str:
    """Return the left side of a setting or an assignment: `post.V_m` or `V_m`."""
    return item.name if item.owner is None else f"{item.owner}.{item.name}"


def braces(settings: Iterable[nodes.Setting]) -> str:
    """Return ` { tau = 2 ms }` with its leading blank, or nothing."""
    text = ", ".join(f"{reference(s)} = {unparse_expr(s.value)}" for s in settings)
    return f" {{ {text} }}" if text else ""


def model(use: nodes.ModelUse) -> str:
    """Return `AMPA { tau = 2 ms }`."""
    return use.model + braces(use.settings)


def mix(shares: Iterable[nodes.Share]) -> str:
    """Return `0.7*AMPA + 0.3*NMDA`."""
    return " + ".join(_share(share) for share in shares)


def _share(share: nodes.Share) -> str:
    if share.factor is None:
        return model(share.use)
    factor = unparse_expr(share.factor)
    if not isinstance(share.factor, nodes.Number | nodes.Name):
        factor = f"({factor})"
    return f"{factor}*{model(share.use)}"
