"""Reductions: `mean(tag of recurrent)`, `sum(n of critic)` as operations on collections.

A name may stand for several collections (a group, a projection between lists): the reduction is
then put together from those of each, as if all elements were in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.expression import Apply, Expr, Random, Ref, Symbol, constant

__all__ = ["REDUCTIONS", "outside_reductions", "reduction"]

REDUCTIONS = frozenset({"sum_of", "mean_of", "count_of", "min_of", "max_of"})
_JOINS = {"sum_of": "add", "count_of": "add", "min_of": "min", "max_of": "max"}


def reduction(op: str, parts: Sequence[tuple[Expr, Symbol]], span: Span) -> Expr:
    """Return `op` (`sum`, `mean`, ...) over all collections; each part is a value and its own."""
    name = f"{op}_of"
    if name == "mean_of" and len(parts) > 1:
        total = _joined("sum_of", parts, span)
        ones = [(constant(1.0), collection) for _, collection in parts]
        return Apply(op="div", args=(total, _joined("count_of", ones, span)), span=span)
    return _joined(name, parts, span)


def _joined(op: str, parts: Sequence[tuple[Expr, Symbol]], span: Span) -> Expr:
    found: list[Expr] = [
        Apply(op=op, args=(value, Ref(symbol=collection, span=span)), span=span)
        for value, collection in parts
    ]
    return reduce(lambda a, b: Apply(op=_JOINS[op], args=(a, b), span=span), found)


def outside_reductions(expr: Expr) -> Iterator[Expr]:
    """Yield the expression and everything in it, except what is reduced."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        is_reduction = isinstance(current, Apply) and current.op in REDUCTIONS
        if isinstance(current, Apply | Random) and not is_reduction:
            pending.extend(reversed(current.args))
