"""Dimension inference: the dimension of an expression, mismatches reported where they are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import assert_never

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension, DimensionSolver
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol
from bnsyn_dsl.semantics.functions import FUNCTIONS
from bnsyn_dsl.semantics.reductions import REDUCTIONS
from bnsyn_dsl.semantics.unit_advice import Advice, Declarations, advice, forgotten_unit
from bnsyn_dsl.semantics.units import format_dimension
from bnsyn_dsl.syntax import nodes

__all__ = ["Inference"]

_TIME = Dimension.of({"s": Fraction(1)})
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


class Inference:
    """Infers dimensions; `dimension_of` gives those of symbols (None: already reported).

    `declared` holds the user's declarations by name, to point at them beside a mismatch.
    """

    def __init__(
        self,
        dimension_of: Callable[[Symbol], Dimension | None],
        solver: DimensionSolver,
        log: DiagnosticLog,
    ) -> None:
        self.dimension_of = dimension_of
        self.solver = solver
        self.log = log
        self.declared: dict[str, nodes.Declaration] = {}

    def expr(self, expr: Expr) -> Dimension | None:
        """Return the dimension of `expr`, or None where a mismatch inside was reported.

        Works from the leaves up without recursion: a sum may have hundreds of terms.
        """
        found: list[Dimension | None] = []
        pending: list[tuple[Expr, bool]] = [(expr, False)]
        while pending:
            node, is_ready = pending.pop()
            args = node.args if isinstance(node, Apply | Random) else ()
            if not is_ready and args:
                pending.append((node, True))
                pending.extend((a, False) for a in reversed(args))
                continue
            first = len(found) - len(args)
            of_args, found = found[first:], found[:first]
            found.append(self._one(node, of_args))
        return found[0]

    def expect(self, expr: Expr, wanted: Dimension, what: str, left: Expr | None = None) -> None:
        """Report when `expr` has not the dimension `wanted`; `what` names the thing it is for.

        `left` is a factor beside it whose dimension is a part of `wanted`.
        """
        found = self.expr(expr)
        if found is None or self.solver.equal(found, wanted):
            return
        has, needs = self.solver.value(found), self.solver.value(wanted)
        names = self._names()
        more = advice(expr, has, needs, names)
        if more.label is None:
            more = forgotten_unit(expr, has, left, needs, names) or more
        message = f"{what} is {self._located(wanted)}, but this is {self._located(found)}"
        self.log.add(error("BN310", message, expr.span, help=more.help, label=more.label))

    def crossing(self, left: Expr, right: Expr) -> None:
        """Report when the two sides of `crosses` have different units."""
        self._same([left, right], [self.expr(left), self.expr(right)], "crosses")

    def _names(self) -> Declarations:
        return Declarations(listed=self.declared, dimension_of=self.dimension_of)

    def _located(self, dimension: Dimension) -> str:
        text = self.text(dimension)
        return text if self.solver.value(dimension) == ONE else f"in {text}"

    def text(self, dimension: Dimension) -> str:
        """Return the unit shown for a dimension."""
        value = self.solver.value(dimension)
        return "a plain number" if value == ONE else f"`{format_dimension(value)}`"

    # ------------------------------------------------------------------------- cases

    def _one(self, expr: Expr, found: list[Dimension | None]) -> Dimension | None:
        """Return the dimension of `expr`, whose arguments have the dimensions `found`."""
        match expr:
            case Const():
                return self.solver.fresh() if expr.dimension is None else expr.dimension
            case Ref():
                return self._symbol(expr.symbol)
            case Random():
                return self._random(expr, found)
            case Apply():
                return self._apply(expr, found)
            case _:
                assert_never(expr)

    def _symbol(self, symbol: Symbol) -> Dimension | None:
        if symbol.kind in {"time", "dt"}:
            return _TIME
        if symbol.kind == "noise":
            return _TIME ** Fraction(-1, 2)
        if symbol.kind in {"element", "size", "spikes", "refractory", "collection"}:
            return ONE
        return self.dimension_of(symbol)

    def _random(self, expr: Random, found: list[Dimension | None]) -> Dimension | None:
        if any(f is None for f in found):
            return None
        args = list(expr.args)
        if expr.distribution == "poisson":
            self._plain(args[0], found[0], "the mean of `poisson`")
            return ONE
        if expr.distribution == "lognormal":
            self._plain(args[1], found[1], "the sigma of `lognormal`")
            args, found = [args[0], *args[2:]], [found[0], *found[2:]]
        return self._same(args, found, expr.distribution)

    def _apply(self, expr: Apply, found: list[Dimension | None]) -> Dimension | None:
        match expr.op:
            case "add" | "sub":
                return self._sum(expr, found)
            case "mul" | "div":
                left, right = found
                if left is None or right is None:
                    return None
                return left * right if expr.op == "mul" else left / right
            case "neg":
                return found[0]
            case "pow":
                return self._power(expr, found)
            case "and" | "or" | "not":
                for arg, dimension in zip(expr.args, found, strict=True):
                    self._plain(arg, dimension, "a condition")
                return ONE
            case "select":
                self._plain(expr.args[0], found[0], "a condition")
                return self._same(list(expr.args[1:]), found[1:], "if ... else")
            case "index":
                for arg, dimension in zip(expr.args[1:], found[1:], strict=True):
                    self._plain(arg, dimension, "a place in a table")
                return found[0]
            case "count_of":
                self._plain(expr.args[0], found[0], "what is counted")
                return ONE
            case op if op in REDUCTIONS:
                return found[0]
            case op if op in _COMPARISONS:
                self._same(list(expr.args), found, _COMPARISONS[op])
                return ONE
            case op:
                return self._function(expr, found, FUNCTIONS[op].rule)

    def _function(self, expr: Apply, found: list[Dimension | None], rule: str) -> Dimension | None:
        if rule == "same":
            return self._same(list(expr.args), found, expr.op)
        if rule == "root":
            inner = found[0]
            return None if inner is None else self.solver.value(inner) ** Fraction(1, 2)
        self._plain(expr.args[0], found[0], f"the argument of `{expr.op}`")
        return ONE

    def _plain(self, expr: Expr, found: Dimension | None, what: str) -> None:
        if found is None or self.solver.equal(found, ONE):
            return
        self.log.add(
            error(
                "BN311",
                f"{what} must be a plain number, but is in {self.text(found)}",
                expr.span,
                help=f"divide it by a quantity in {self.text(found)}",
            )
        )

    def _sum(self, expr: Apply, found: list[Dimension | None]) -> Dimension | None:
        left, right = found
        if left is None or right is None:
            return left if right is None else right
        if self.solver.equal(left, right):
            return left
        a, b = self.solver.value(left), self.solver.value(right)
        verb, joint = ("add", "to") if expr.op == "add" else ("subtract", "from")
        message = f"cannot {verb} {self.text(right)} {joint} {self.text(left)}"
        more = self._between(expr.args[0], expr.args[1], a, b)
        self.log.add(error("BN312", message, expr.args[1].span, help=more.help, label=more.label))
        return None

    def _between(self, left: Expr, right: Expr, of_left: Dimension, of_right: Dimension) -> Advice:
        """Advise on two operands of one unit: the plain one probably lacks its unit."""
        if of_left == ONE:
            return advice(left, of_left, of_right, self._names())
        return advice(right, of_right, of_left, self._names())

    def _same(self, args: list[Expr], found: list[Dimension | None], what: str) -> Dimension | None:
        first, place = found[0], args[0]
        for arg, other in zip(args[1:], found[1:], strict=True):
            if first is None or other is None:
                first, place = (other, arg) if first is None else (first, place)
                continue
            if not self.solver.equal(first, other):
                message = f"`{what}` needs one unit"
                message += f", found {self.text(first)} and {self.text(other)}"
                a, b = self.solver.value(first), self.solver.value(other)
                more = self._between(place, arg, a, b)
                self.log.add(error("BN313", message, arg.span, help=more.help, label=more.label))
                return None
        return first

    def _power(self, expr: Apply, found: list[Dimension | None]) -> Dimension | None:
        base = found[0]
        exponent = _literal(expr.args[1])
        if exponent is None:
            self._plain(expr.args[1], found[1], "an exponent")
            if base is not None and not self.solver.equal(base, ONE):
                self.log.add(
                    error(
                        "BN314",
                        f"a power of {self.text(base)} needs a number as exponent",
                        expr.args[1].span,
                        help="make the base a plain number: divide it by a constant of its unit",
                    )
                )
                return None
            return ONE
        if base is None:
            return None
        return self.solver.value(base) ** exponent


def _literal(expr: Expr) -> Fraction | None:
    if isinstance(expr, Const) and (expr.dimension is None or expr.dimension == ONE):
        return Fraction(expr.value).limit_denominator(64) if abs(expr.value) < 1e6 else None
    if isinstance(expr, Apply) and expr.op == "neg" and not isinstance(expr.args[0], Apply):
        inner = _literal(expr.args[0])
        return None if inner is None else -inner
    return None
