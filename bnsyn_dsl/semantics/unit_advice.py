"""What to say beside a mismatch of units: where a unit was forgotten, by what to divide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from bnsyn_dsl.diagnostics import Label
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.units import find_unit, format_dimension
from bnsyn_dsl.syntax import nodes, unparse_expr

__all__ = ["Advice", "Declarations", "advice", "forgotten_unit"]

_KINDS = {
    "nS": "a conductance",
    "pF": "a capacitance",
    "ms": "a time",
    "Hz": "a rate",
    "GOhm": "a resistance",
    "mV": "a voltage",
    "pA": "a current",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """Names of the user's own: the declaration of each, and the dimension of a symbol."""

    listed: Mapping[str, nodes.Declaration]
    dimension_of: Callable[[Symbol], Dimension | None]

    def of(self, expr: Expr) -> nodes.Declaration | None:
        """Return the declaration that `expr` names, if it is a bare name."""
        if not isinstance(expr, Ref) or expr.symbol.owner:
            return None
        return self.listed.get(expr.symbol.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The last two parts of a finding: a sentence, and a second place."""

    help: str | None = None
    label: Label | None = None


def advice(expr: Expr, found: Dimension, wanted: Dimension, names: Declarations) -> Advice:
    """Advise on `expr`, which has the dimension `found` where `wanted` is needed."""
    declaration = names.of(expr)
    label = None
    if declaration is not None:
        if found == ONE and (forgotten := _with_unit(declaration, wanted)) is not None:
            return forgotten
        label = Label(span=declaration.span, text="declared here")
    if found == ONE and isinstance(expr, Const) and not wanted.unknowns and isfinite(expr.value):
        shown = _quantity(f"{expr.value:.12g}", format_dimension(wanted))
        return Advice(help=f"a number needs its unit here: `{shown}`")
    return Advice(help=_factor(found, wanted, names), label=label)


def forgotten_unit(
    right: Expr, found: Dimension, left: Expr | None, wanted: Dimension, names: Declarations
) -> Advice | None:
    """Return the one plain parameter whose missing unit explains the mismatch of two sides.

    `left` is what stands before a derivative: a unit there enters `wanted`.
    """
    made: list[Advice] = []
    for side, lacking in ((right, wanted / found), (left, found / wanted)):
        for symbol in references(side) if side is not None else ():
            assert side is not None
            declaration = names.of(Ref(symbol=symbol))
            power = _power(side, symbol)
            if declaration is None or not power or names.dimension_of(symbol) != ONE:
                continue
            unit = lacking ** Fraction(1, power)
            if any(_dimension(name) == unit for name in _KINDS):
                one = _with_unit(declaration, unit)
                made += [one] if one is not None else []
    return made[0] if len(made) == 1 else None


def _with_unit(declaration: nodes.Declaration, unit: Dimension) -> Advice | None:
    """Return the advice to write a unit behind the number of a declaration."""
    value = declaration.value
    number = value.operand if isinstance(value, nodes.Unary) else value
    if value is None or not isinstance(number, nodes.Number) or unit.unknowns or unit == ONE:
        return None
    shown = _quantity(unparse_expr(value), format_dimension(unit))
    return Advice(
        help=f"`{declaration.name}` is declared without a unit: `{shown}`?",
        label=Label(span=declaration.span, text="declared here"),
    )


def _quantity(number: str, unit: str) -> str:
    return f"{number}{unit[1:]}" if unit.startswith("1/") else f"{number} {unit}"


def _power(expr: Expr, symbol: Symbol) -> int | None:
    """Return the power of `symbol` in an expression of products, None where it has none."""
    if isinstance(expr, Ref):
        return int(expr.symbol == symbol)
    if isinstance(expr, Apply) and symbol in references(expr):
        powers = [_power(a, symbol) for a in expr.args]
        if None in powers or expr.op not in {"mul", "div", "neg", "add", "sub"}:
            return None
        first, last = powers[0], powers[-1]
        assert first is not None
        assert last is not None
        if expr.op in {"add", "sub"}:
            return first if first == last else None
        return first + last if expr.op == "mul" else first - last if expr.op == "div" else first
    return None if symbol in references(expr) else 0


def _factor(found: Dimension, wanted: Dimension, names: Declarations) -> str | None:
    """Say by what to divide or multiply, when one well-known quantity is missing."""
    if found == ONE:
        return None
    for unit, kind in _KINDS.items():
        for verb, needed in (("divide", found / wanted), ("multiply", wanted / found)):
            if needed == _dimension(unit):
                own = [n for n in names.listed if _of(n, names) == needed]
                return f"{verb} by {kind}" + (f", such as `{own[0]}`" if own else "")
    return None


def _of(name: str, names: Declarations) -> Dimension | None:
    return names.dimension_of(Symbol(name, "parameter"))


def _dimension(unit: str) -> Dimension:
    found = find_unit(unit)
    assert found is not None
    return found.dimension
