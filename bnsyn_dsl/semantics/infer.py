"""Dimension inference: the dimension of an expression, mismatches reported where they are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import assert_never

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension, DimensionSolver
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol
from bnsyn_dsl.semantics.functions import FUNCTIONS
from bnsyn_dsl.semantics.units import find_unit, format_dimension

__all__ = ["Inference"]

_TIME = Dimension.of({"s": Fraction(1)})
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


class Inference:
    """Infers dimensions; `dimension_of` gives those of symbols (None: already reported)."""

    def __init__(
        self,
        dimension_of: Callable[[Symbol], Dimension | None],
        solver: DimensionSolver,
        log: DiagnosticLog,
    ) -> None:
        self.dimension_of = dimension_of
        self.solver = solver
        self.log = log

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

    def expect(self, expr: Expr, wanted: Dimension, what: str) -> None:
        """Report when `expr` has not the dimension `wanted`; `what` names the thing it is for."""
        found = self.expr(expr)
        if found is None or self.solver.equal(found, wanted):
            return
        self.log.add(
            error(
                "BN310",
                f"{what} is in {self.text(wanted)}, but this is in {self.text(found)}",
                expr.span,
                help=_advice(self.solver.value(found), self.solver.value(wanted)),
            )
        )

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
        if symbol.kind in {"element", "size", "spikes", "refractory"}:
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
                return self._same(list(expr.args[1:]), found[1:], "if/else")
            case "index":
                for arg, dimension in zip(expr.args[1:], found[1:], strict=True):
                    self._plain(arg, dimension, "a place in a table")
                return found[0]
            case op if op in _COMPARISONS:
                self._same(list(expr.args), found, "compare")
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
        self.log.add(error("BN312", message, expr.args[1].span, help=_advice(b, a)))
        return None

    def _same(self, args: list[Expr], found: list[Dimension | None], what: str) -> Dimension | None:
        first = found[0]
        for arg, other in zip(args[1:], found[1:], strict=True):
            if first is None or other is None:
                first = first or other
                continue
            if not self.solver.equal(first, other):
                self.log.add(
                    error(
                        "BN313",
                        f"`{what}` needs one unit, found {self.text(first)} and {self.text(other)}",
                        arg.span,
                        help=_advice(self.solver.value(other), self.solver.value(first)),
                    )
                )
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
                        help="make the base a plain number: `(x/x_0)^n`",
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


_KINDS = {
    "nS": "a conductance",
    "pF": "a capacitance",
    "ms": "a time",
    "Hz": "a rate",
    "GOhm": "a resistance",
    "mV": "a voltage",
    "pA": "a current",
}


def _advice(found: Dimension, wanted: Dimension) -> str | None:
    """Say by what to divide or multiply, when one well-known quantity is missing."""
    if found == ONE:
        return f"a number needs its unit here: `1 {format_dimension(wanted)}`"
    for name, kind in _KINDS.items():
        unit = find_unit(name)
        assert unit is not None
        if found / unit.dimension == wanted:
            return f"divide by {kind}" + (": `I_syn/g_L`" if name == "nS" else "")
        if found * unit.dimension == wanted:
            return f"multiply by {kind}"
    return None
