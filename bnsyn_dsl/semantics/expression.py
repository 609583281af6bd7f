"""Resolved expressions: names are symbols, numbers are in internal units, calls are operations.

    Expr = Const | Ref | Apply | Random

`Apply.op` is one of
    add sub mul div pow neg          arithmetic
    lt le gt ge eq ne and or not     conditions (1 or 0)
    select                           (condition, then, otherwise)
    sum_of mean_of count_of min_of max_of   reductions: (value, Ref of kind `collection`), where the
                                     value uses members of that pool, projection or population
    exp log sin cos tanh sigmoid exprel floor round sqrt abs min max clip

The tree keeps the order in which the modeller wrote it: it is what gets computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.dimension import ONE, Dimension

__all__ = [
    "Apply",
    "Const",
    "Expr",
    "Random",
    "Ref",
    "Symbol",
    "constant",
    "rebuild",
    "references",
    "substitute",
    "walk",
]


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for.

    `kind` is parameter, input, state, auxiliary, time, dt, noise, weight, refractory, argument,
    element (index), size, series (an array in time), network (a network parameter), member (of a
    population, pool or
    projection), collection (what a reduction runs over: its owner is the kind `population`, `pool`
    or `projection`) or spikes.
    `owner` is "" for the block's own names, `pre`, `post`, or the name of a network member.
    """

    name: str
    kind: str
    owner: str = ""

    @property
    def text(self) -> str:
        """The name as written."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Const:
    """A number in internal units. `dimension` is None for a literal 0, which fits every unit."""

    value: float
    dimension: Dimension | None = field(default=ONE, compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A use of a symbol."""

    symbol: Symbol
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """An operation on expressions."""

    op: str
    args: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Random:
    """One draw: uniform, normal, lognormal, exponential or poisson; `number` tells draws apart."""

    distribution: str
    args: tuple[Expr, ...]
    number: int
    span: Span | None = field(default=None, compare=False, repr=False)


Expr: TypeAlias = Const | Ref | Apply | Random


def constant(value: float) -> Const:
    """Make a plain number."""
    return Const(value=value)


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield the expression and everything in it, parents first."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Apply | Random):
            pending.extend(reversed(current.args))


def references(expr: Expr) -> tuple[Symbol, ...]:
    """Return the symbols used, each once, in order of their first use."""
    return tuple(dict.fromkeys(e.symbol for e in walk(expr) if isinstance(e, Ref)))


def rebuild(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Return the expression with every node for which `change` gives a value replaced by it."""
    changed = change(expr)
    if changed is not None:
        return changed
    match expr:
        case Const() | Ref():
            return expr
        case Apply():
            args = tuple(rebuild(a, change) for a in expr.args)
            return Apply(op=expr.op, args=args, span=expr.span)
        case Random():
            args = tuple(rebuild(a, change) for a in expr.args)
            return Random(
                distribution=expr.distribution, args=args, number=expr.number, span=expr.span
            )
        case _:
            assert_never(expr)


def substitute(expr: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """Replace symbols by expressions."""
    return rebuild(expr, lambda e: values.get(e.symbol) if isinstance(e, Ref) else None)
