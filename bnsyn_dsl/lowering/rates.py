"""How often an expression changes: never, from neuron to neuron, with each step, or with states."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag

from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol

__all__ = ["Rate", "is_costly", "rate_of"]


class Rate(IntFlag):
    """What an expression depends on; no flag: constant in a segment for the whole run."""

    CONSTANT = 0
    NEURON = 1
    STEP = 2
    STATE = 4


def rate_of(expr: Expr, of_symbol: Callable[[Symbol], Rate]) -> Rate:
    """Return the union of what the parts depend on."""
    match expr:
        case Const():
            return Rate.CONSTANT
        case Ref():
            return of_symbol(expr.symbol)
        case Random():
            return Rate.STATE
        case Apply():
            rate = Rate.CONSTANT
            for arg in expr.args:
                rate |= rate_of(arg, of_symbol)
            return rate


_CHEAP = frozenset({"add", "sub", "mul", "neg", "abs", "min", "max", "select", "fma"})


def is_costly(expr: Expr) -> bool:
    """Tell whether computing it once per neuron and reading it back is cheaper than again."""
    match expr:
        case Apply():
            return expr.op not in _CHEAP or any(is_costly(a) for a in expr.args)
        case _:
            return False
