"""Expressions in a network: which names they see, their units, and their values.

A value is settled as far as it can be: everything that is the same for all elements becomes a
number; what is left are `index`, random calls and, in wires, `t`, members of populations and the
network's parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension, DimensionSolver
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import (
    Const,
    Expr,
    Random,
    Ref,
    Symbol,
    rebuild,
    references,
    walk,
)
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.owners import Collection, Owner
from bnsyn_dsl.semantics.resolve import Resolver, poisoned
from bnsyn_dsl.semantics.scope import Scope
from bnsyn_dsl.syntax import nodes

__all__ = ["DT", "TIME", "TIME_UNIT", "NetworkScope", "Place", "renumbered", "syntax_walk"]

TIME_UNIT = Dimension.of({"s": Fraction(1)})
TIME = Symbol("t", "time")
DT = Symbol("dt", "dt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is special about the place of an expression.

    Attributes:
        names: bare names besides the network's parameters.
        owners: for `owner.member`.
        values: values of symbols that are known at this place, such as `target.size`.
        random: why a random call is refused, or None.
        reductions: whether reductions may stand here: it is a wire, which is read in every step.
        where: the place in words.
    """

    names: Mapping[str, Symbol] = field(default_factory=dict)
    owners: Mapping[str, Mapping[str, Symbol] | None] = field(default_factory=dict)
    values: Mapping[Symbol, float] = field(default_factory=dict)
    random: str | None = None
    reductions: bool = False
    where: str = "in this network"


class NetworkScope:
    """Names and values of one network; filled by `network_parameters`, used by everything else.

    `functions` are the project's own exp, log, ... on floats. `owners` has populations, pools and
    projections by their names in the plan, `collections` what a name in a reduction stands for.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Value]],
        user_functions: Mapping[str, nodes.Function],
        log: DiagnosticLog,
    ) -> None:
        self.functions = functions
        self.user_functions = user_functions
        self.log = log
        self.names: dict[str, Symbol] = {}
        self.tables: dict[str, Any] = {}  # nested lists; empty where something is wrong in it
        self.values: dict[Symbol, float] = {DT: 0.1}
        self.dimensions: dict[str, Dimension] = {}
        self.owners: dict[str, Owner] = {}
        self.collections: dict[str, Collection] = {}
        self.used: set[str] = set()
        self.solver = DimensionSolver()
        self.infer = Inference(self._dimension_of, self.solver, log)

    def resolve(self, node: nodes.Expr, place: Place) -> Expr | None:
        """Resolve an expression at a place; None after reporting."""
        if not place.reductions and not self._is_fixed(node, place):
            return None
        scope = Scope(
            names={**self.names, "dt": DT, **place.names},
            owners=place.owners,
            collections=self.collections if place.reductions else {},
            functions=self.user_functions,
            tables=frozenset(self.tables),
            random=place.random,
            where=place.where,
        )
        expr = Resolver(scope, self.log).expr(node)
        self.used |= {s.name for s in references(expr) if s.kind in {"network", "table"}}
        return None if poisoned(expr) else expr

    def fits(self, expr: Expr, dimension: Dimension, what: str) -> bool:
        """Tell whether `expr` has a dimension, after reporting where not; `what` is for whom."""
        before = len(self.log.found)
        wanted = self.solver.fresh() if dimension.unknowns else dimension
        self.infer.expect(expr, wanted, what)
        return len(self.log.found) == before

    def number(
        self, node: nodes.Expr, place: Place, dimension: Dimension, what: str
    ) -> float | None:
        """Return the value of an expression that has to be one number; None after reporting."""
        expr = self.resolve(node, place)
        if expr is None or not self.fits(expr, dimension, what):
            return None
        value = self.settle(expr, place, what)
        if value is None or isinstance(value, float):
            return value
        message = f"{what} must be one number, but this differs from element to element"
        self.log.add(error("BN240", message, node.span))
        return None

    def settle(self, expr: Expr, place: Place, what: str) -> float | Expr | None:
        """Return a number, or what is left with everything known put in; None after reporting."""
        value = self._folded(expr, {**self.values, **place.values})
        if value is None or not isinstance(value, Const):
            return value
        return self.checked(value.value, expr.span, what)

    def settle_wire(self, expr: Expr, place: Place) -> Expr | None:
        """Put in what is fixed (tables, positions, sizes) and leave the network's parameters."""
        return self._folded(expr, place.values)

    def checked(self, value: float, span: Span | None, what: str) -> float | None:
        """Return a number that is one; None after reporting a NaN."""
        if not math.isnan(value):
            return value
        self.log.add(error("BN440", f"{what} is not a number (0/0 or the like)", span))
        return None

    # ------------------------------------------------------------------------- inside

    def _is_fixed(self, node: nodes.Expr, place: Place) -> bool:
        """Tell whether nothing is reduced; what is reduced changes in time."""
        found = [n for n in syntax_walk(node) if isinstance(n, nodes.Reduction)]
        for reduction in found:
            message = f"`{reduction.op}(...)` changes in time and cannot stand {place.where}"
            help_text = "only inputs and the gain of a projection are wired"
            self.log.add(error("BN240", message, reduction.span, help=help_text))
        return not found

    def _dimension_of(self, symbol: Symbol) -> Dimension | None:
        if symbol.kind in {"network", "table"}:
            return self.dimensions.get(symbol.name)
        if symbol.kind == "position":
            return ONE
        owner = self.owners.get(symbol.owner)
        return None if owner is None else owner.dimensions.get(symbol.name)

    def readable(self) -> dict[str, Mapping[str, Symbol] | None]:
        """Return the members of populations and pools, which are read as `owner.member`.

        None stands for one that is broken, whatever its members are.
        """
        found: dict[str, Mapping[str, Symbol] | None] = {
            name: None for name, collection in self.collections.items() if collection is None
        }
        for name, owner in self.owners.items():
            if owner.kind != "projection":
                found[name] = owner.members
        return found

    def _is_broken(self, symbol: Symbol) -> bool:
        if symbol.kind == "table":
            return not self.tables[symbol.name]
        return symbol.kind == "network" and symbol not in self.values

    def _folded(self, expr: Expr, known: Mapping[Symbol, float]) -> Expr | None:
        if any(self._is_broken(s) for s in references(expr)):
            return None  # reported where it is declared
        environment = Environment(symbols=known, functions=self.functions, tables=self.tables)

        def is_known(part: Expr) -> bool:
            return all(
                not isinstance(e, Random)
                and (not isinstance(e, Ref) or e.symbol in known or e.symbol.kind == "table")
                for e in walk(part)
            )

        def change(part: Expr) -> Expr | None:
            is_table = isinstance(part, Ref) and part.symbol.kind == "table"
            if isinstance(part, Const) or is_table or not is_known(part):
                return None
            return Const(value=float(evaluate(part, environment)), span=part.span)

        try:
            result = rebuild(expr, change)
        except IndexError as reason:
            message = f"the table `{reason.args[0]}` has no such entry"
            help_text = "rows and columns are counted from 0; a table needs one for each member"
            self.log.add(error("BN441", message, expr.span, help=help_text))
            return None
        for part in walk(result):
            if isinstance(part, Ref) and part.symbol.kind == "table":
                message = f"`{part.symbol.name}` is read at a place that is not fixed"
                self.log.add(error("BN252", message, part.span or expr.span))
                return None
        return result


def renumbered(expr: Expr) -> Expr:
    """Number the random calls of one value from 0, so that other values do not matter."""
    numbers: dict[int, int] = {}
    for part in walk(expr):
        if isinstance(part, Random):
            numbers.setdefault(part.number, len(numbers))

    def change(part: Expr) -> Expr | None:
        if not isinstance(part, Random) or numbers[part.number] == part.number:
            return None
        return Random(
            distribution=part.distribution,
            args=tuple(rebuild(a, change) for a in part.args),
            number=numbers[part.number],
            span=part.span,
        )

    return rebuild(expr, change)


def syntax_walk(node: nodes.Expr) -> Iterable[nodes.Expr]:
    """Yield an expression of the syntax tree and everything in it."""
    pending: list[nodes.Expr] = [node]
    while pending:
        current = pending.pop()
        yield current
        match current:
            case nodes.Unary() | nodes.Not():
                pending.append(current.operand)
            case nodes.Binary() | nodes.Compare() | nodes.Logic():
                pending.extend((current.left, current.right))
            case nodes.Ternary():
                pending.extend((current.then, current.condition, current.otherwise))
            case nodes.Call():
                pending.extend(current.args)
            case nodes.Index():
                pending.extend(current.indices)
            case nodes.ListValue():
                pending.extend(current.items)
            case nodes.Reduction():
                pending.append(current.value)
            case _:
                pass
