"""Wires: values that change in time, read at the beginning of every step and held through it."""

from __future__ import annotations

import math
from dataclasses import replace

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Expr, Random, Ref, Symbol, references, walk
from bnsyn_dsl.semantics.network_scope import TIME, NetworkScope, Place
from bnsyn_dsl.semantics.reductions import outside_reductions
from bnsyn_dsl.syntax import nodes

__all__ = ["members_fit", "reports_draws", "shared_value", "varying"]


def varying(expr: Expr) -> list[Symbol]:
    """Return what changes in time: `t`, members of populations and pools, reductions."""
    return [s for s in references(expr) if s.kind in {"time", "member", "collection"}]


def reports_draws(expr: Expr, node: nodes.Expr, what: str, scope: NetworkScope) -> bool:
    """Report random calls in a wire."""
    if not any(isinstance(part, Random) for part in walk(expr)):
        return False
    message = f"{what} changes in time and cannot draw as well"
    help_text = "draw into a parameter, or wire an `OUSource`"
    scope.log.add(error("BN208", message, node.span, help=help_text))
    return True


def members_fit(expr: Expr, size: int, whose: str, scope: NetworkScope) -> bool:
    """Tell whether members that are not reduced have `size` elements, or one for all."""
    for part in outside_reductions(expr):
        if not isinstance(part, Ref) or part.symbol.kind != "member":
            continue
        symbol = part.symbol
        owner = scope.owners.get(symbol.owner)
        if owner is None:
            return False  # broken, which was reported where it stands
        assert owner.size is not None
        if owner.size not in {1, size}:
            wanted = "one value is needed" if size == 1 else f"{whose} has {size}"
            message = f"`{symbol.text}` has {owner.size} elements, but {wanted}"
            help_text = f"reduce it: `mean({symbol.name} of {symbol.owner})`, `sum(...)`"
            if size > 1:
                help_text = "a wire joins equal elements, or one to all"
            scope.log.add(error("BN241", message, part.span, help=help_text))
            return False
    return True


def shared_value(
    node: nodes.Expr, place: Place, dimension: Dimension, what: str, scope: NetworkScope
) -> float | Expr | None:
    """Return what all synapses share: a number, or a wire of one value; None after reporting.

    `place` is that of the projection; `t`, members and reductions are added to what it sees.
    """
    place = replace(
        place,
        names={**place.names, "t": TIME},
        owners={**scope.readable(), **place.owners},
        reductions=True,
    )
    expr = scope.resolve(node, place)
    if expr is None:
        return None
    is_one = members_fit(expr, 1, what, scope)
    if not scope.fits(expr, dimension, what) or not is_one:
        return None
    if varying(expr):
        return None if reports_draws(expr, node, what, scope) else scope.settle_wire(expr, place)
    value = scope.settle(expr, place, what)
    if isinstance(value, float) and math.isinf(value):
        scope.log.add(error("BN440", f"{what} is infinite", node.span))
        return None
    if value is None or isinstance(value, float):
        return value
    message = f"{what} must be one value for all synapses, but this draws"
    scope.log.add(error("BN240", message, node.span))
    return None
