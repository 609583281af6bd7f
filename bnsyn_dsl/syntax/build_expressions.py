"""Grammar rules of expressions -> nodes. A span includes the parentheses around an expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.children import BuildError, Children, cover, nodes_of
from bnsyn_dsl.syntax.divisions import reads_two_ways
from bnsyn_dsl.syntax.tokens import SpannedToken

__all__ = ["ACTIONS", "EXPRESSIONS", "REDUCTIONS"]

EXPRESSIONS: tuple[type, ...] = nodes.Expr.__args__
REDUCTIONS = ("count", "max", "mean", "min", "sum")


def _number(c: Children) -> nodes.Number:
    return nodes.Number(text=c[0].value, span=c[0].span)


def _name(c: Children) -> nodes.Name:
    return nodes.Name(ident=c[0].value, span=c[0].span)


def _attribute(c: Children) -> nodes.Attribute:
    return nodes.Attribute(owner=c[0].value, member=c[2].value, span=cover(c))


def _index(c: Children) -> nodes.Index:
    return nodes.Index(table=c[0].value, indices=nodes_of(c, *EXPRESSIONS), span=cover(c))


def _list(c: Children) -> nodes.ListValue:
    return nodes.ListValue(items=nodes_of(c, *EXPRESSIONS), span=cover(c))


def _parentheses(c: Children) -> Any:
    return replace(c[1], span=cover(c))


def _factor(c: Children) -> nodes.UnitFactor:
    if len(c) == 1:
        return nodes.UnitFactor(name=c[0].value, span=c[0].span)
    digits = c[-1]
    if not digits.value.isdecimal() or len(digits.value) > 3:
        raise BuildError(
            error(
                "BN122",
                f"the exponent of a unit is a whole number, found `{digits.value}`",
                digits.span,
                help=f"to raise the whole value, write `(2 {c[0].value})^{digits.value}`",
            )
        )
    sign = -1 if len(c) == 4 else 1
    return nodes.UnitFactor(name=c[0].value, exponent=sign * int(digits.value), span=cover(c))


def _quantity(c: Children) -> nodes.Quantity:
    return nodes.Quantity(text=c[0].value, factors=tuple(c[1:]), span=cover(c))


def _unit(c: Children) -> nodes.UnitExpr:
    factors: list[nodes.UnitFactor] = []
    divided = False
    for child in c:
        if isinstance(child, SpannedToken) and child.value == "/":
            divided = True
            continue
        if isinstance(child, nodes.UnitFactor):
            sign = -1 if divided else 1
            factors.append(replace(child, exponent=sign * child.exponent))
        elif child.value != "1":
            raise BuildError(
                error(
                    "BN123",
                    f"expected a unit or `1`, found the number `{child.value}`",
                    child.span,
                    help="behind `:` stands a unit alone; a value is given with `=`",
                )
            )
        divided = False
    return nodes.UnitExpr(factors=tuple(factors), span=cover(c))


def _sign(c: Children) -> nodes.Unary:
    return nodes.Unary(op=c[0].value, operand=c[1], span=cover(c))


def _binary(c: Children) -> nodes.Binary:
    left, op, right = c
    node = nodes.Binary(op=op.value, left=left, right=right, span=cover(c))
    if reads_two_ways(node):
        raise BuildError(
            error(
                "BN124",
                "this division by a number with a unit reads two ways",
                node.span,
                help="put parentheses around the quantity, as in `x/(5 nS/ms)`",
            )
        )
    return node


def _compare(c: Children) -> nodes.Compare:
    return nodes.Compare(op=c[1].value, left=c[0], right=c[2], span=cover(c))


def _logic(c: Children) -> nodes.Logic:
    return nodes.Logic(op=c[1].value, left=c[0], right=c[2], span=cover(c))


def _negation(c: Children) -> nodes.Not:
    return nodes.Not(operand=c[1], span=cover(c))


def _ternary(c: Children) -> nodes.Ternary:
    return nodes.Ternary(then=c[0], condition=c[2], otherwise=c[4], span=cover(c))


def _named(c: Children) -> nodes.NamedArg:
    return nodes.NamedArg(name=c[0].value, value=c[2], span=cover(c))


def _of(c: Children) -> nodes.Reduction:
    # the operation is the name of the call around it: filled in there
    return nodes.Reduction(op="", value=c[0], place=c[2], span=cover(c))


def _call(c: Children) -> nodes.Call | nodes.Reduction:
    function = c[0]
    args = nodes_of(c, *EXPRESSIONS)
    named = nodes_of(c, nodes.NamedArg)
    _positional_first(c)
    for arg in args:
        if isinstance(arg, nodes.Reduction) and not arg.op:
            return _reduction(c, function, arg)
    return nodes.Call(function=function.value, args=args, named=named, span=cover(c))


def _positional_first(c: Children) -> None:
    seen: str | None = None
    for child in c:
        if isinstance(child, nodes.NamedArg):
            seen = child.name
        elif seen is not None and not isinstance(child, SpannedToken):
            raise BuildError(
                error(
                    "BN125",
                    f"a value without a name stands behind `{seen} = ...`",
                    child.span,
                    help="put the values without a name first",
                )
            )


def _reduction(c: Children, function: SpannedToken, arg: nodes.Reduction) -> nodes.Reduction:
    if function.value not in REDUCTIONS:
        allowed = ", ".join(f"`{name}`" for name in REDUCTIONS)
        raise BuildError(
            error(
                "BN126",
                f"`{function.value}` cannot reduce with `of`, expected one of {allowed}",
                function.span,
            )
        )
    if len(nodes_of(c, nodes.NamedArg, *EXPRESSIONS)) != 1:
        raise BuildError(
            error("BN126", f"`{function.value}(x of y)` takes one value only", cover(c))
        )
    return replace(arg, op=function.value, span=cover(c))


ACTIONS: dict[str, Callable[[Children], Any]] = {
    "number": _number,
    "name": _name,
    "name_only": _name,
    "attribute": _attribute,
    "index": _index,
    "list": _list,
    "parentheses": _parentheses,
    "factor": _factor,
    "quantity": _quantity,
    "unit": _unit,
    "sign": _sign,
    "binary": _binary,
    "compare": _compare,
    "logic": _logic,
    "negation": _negation,
    "ternary": _ternary,
    "named": _named,
    "of": _of,
    "call": _call,
}
