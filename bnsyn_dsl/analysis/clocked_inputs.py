"""Which inputs of a modulator are read at the ticks of its clocks alone.

What such an input is wired to need not be known in any other step.
"""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.semantics.expression import Expr, Symbol, references
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.statements import expressions

__all__ = ["clocks_reading"]

_FIXED = {"parameter", "dt"}


def clocks_reading(model: Model, name: str) -> tuple[int, ...] | None:
    """Return the numbers of the clocks of a modulator that read an input.

    None: something else may read it, or nothing in the model does, so that only an observer can
    have asked for it; or the period of such a clock is no constant.
    """
    symbol = Symbol(name, "input")
    plain = inlined(model)
    if any(symbol in references(e) for e in _outside_clocks(plain)):
        return None
    if any(s.kind not in _FIXED for e in _bounds(plain) for s in references(e)):
        return None
    found = tuple(
        k
        for k, clock in enumerate(plain.clocks)
        if any(symbol in references(e) for e in expressions(clock.body))
    )
    periods = [plain.clocks[k].period for k in found]
    if any(s.kind not in _FIXED for e in periods for s in references(e)):
        return None
    return found or None


def _outside_clocks(plain: Model) -> Iterator[Expr]:
    """Yield what is evaluated in every step, at events, or when a signal is sent."""
    yield from (d.value for d in plain.derivatives)
    for handler in plain.handlers:
        yield from expressions(handler.body)


def _bounds(plain: Model) -> Iterator[Expr]:
    """Yield the ends of all bounds of states, which hold after every step."""
    limits = [s.bounds for s in plain.states if s.bounds is not None]
    for one in (*limits, *(b for _, b in plain.bounds)):
        yield from (one.low, one.high)
