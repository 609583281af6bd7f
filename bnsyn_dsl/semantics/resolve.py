"""Names to symbols, literals to numbers in internal units: syntax expressions to resolved ones."""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Span, error
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Random, Ref, Symbol, substitute, walk
from bnsyn_dsl.semantics.functions import CONSTANTS, DISTRIBUTIONS, FUNCTIONS
from bnsyn_dsl.semantics.owners import Owner
from bnsyn_dsl.semantics.reductions import reduction
from bnsyn_dsl.semantics.scope import Scope, suggestion
from bnsyn_dsl.semantics.units import Unit, exact_value, find_unit
from bnsyn_dsl.syntax import nodes

__all__ = ["Resolver", "poisoned", "unit_of"]

_OPERATIONS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow",
    "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne",
}  # fmt: skip
_POISON = Symbol("?", "poison")
_DEEPEST_CALL = 50
_MOST_CALLS = 2000
_LARGEST = 20_000  # nodes of a call that is written out
_DEEPEST = 100  # and how many of them above one another


def poisoned(expr: Expr) -> bool:
    """Tell whether an error was already reported inside, so that it is not reported again."""
    return any(isinstance(e, Ref) and e.symbol == _POISON for e in walk(expr))


def _extent(expr: Expr) -> tuple[int, int]:
    """Return how many nodes an expression has, and how many stand above one another."""
    size, depth = 0, 0
    pending = [(expr, 1)]
    while pending:
        current, level = pending.pop()
        size, depth = size + 1, max(depth, level)
        if isinstance(current, Apply | Random):
            pending.extend((a, level + 1) for a in current.args)
    return size, depth


def unit_of(unit: nodes.UnitExpr, log: DiagnosticLog) -> Unit | None:
    """Return the unit a unit expression stands for, or None after reporting."""
    return _product(unit.factors, log)


def _product(factors: tuple[nodes.UnitFactor, ...], log: DiagnosticLog) -> Unit | None:
    product = Unit(ONE, Fraction(1))
    for factor in factors:
        found = find_unit(factor.name)
        if found is None:
            log.add(_unknown_unit(factor.name, factor.span))
            return None
        product = product * found**factor.exponent
    return product


def _unknown_unit(name: str, span: Span) -> Diagnostic:
    common = ("mV", "V", "ms", "s", "pA", "nA", "nS", "uS", "pF", "nF", "Hz", "kHz", "MOhm", "mM")
    return error(
        "BN301",
        f"`{name}` is not a unit",
        span,
        help=suggestion(name, common)
        or "units are V A S F Ohm s Hz m M mol K J W min h with SI prefixes; "
        "write `*` before a symbol",
    )


class Resolver:
    """Resolves expressions in one scope; draws are numbered in the order they are met."""

    def __init__(self, scope: Scope, log: DiagnosticLog, first_draw: int = 0) -> None:
        self.scope = scope
        self.log = log
        self.draws = first_draw
        self._calls: list[str] = []
        self._budget = [_MOST_CALLS]

    def expr(self, node: nodes.Expr) -> Expr:
        """Resolve an expression; what is wrong is reported and stands as a poisoned symbol."""
        match node:
            case nodes.Number():
                value = exact_value(node.text, Unit(ONE, Fraction(1)))
                return Const(value=value, dimension=ONE if value else None, span=node.span)
            case nodes.Quantity():
                return self._quantity(node)
            case nodes.Name():
                return self._name(node)
            case nodes.Attribute():
                return self._attribute(node)
            case nodes.Unary():
                operand = self.expr(node.operand)
                return self._apply("neg", (operand,), node.span) if node.op == "-" else operand
            case nodes.Binary():
                return self._binary(node)
            case nodes.Compare():
                args = (self.expr(node.left), self.expr(node.right))
                return self._apply(_OPERATIONS[node.op], args, node.span)
            case nodes.Logic():
                args = (self.expr(node.left), self.expr(node.right))
                return self._apply(node.op, args, node.span)
            case nodes.Not():
                return self._apply("not", (self.expr(node.operand),), node.span)
            case nodes.Ternary():
                parts = (node.condition, node.then, node.otherwise)
                return self._apply("select", tuple(map(self.expr, parts)), node.span)
            case nodes.Call():
                return self._call(node)
            case nodes.Index():
                return self._index(node)
            case nodes.ListValue():
                return self._refuse(
                    "BN205", "a list is no number", node.span, "lists stand in network parameters"
                )
            case nodes.Reduction():
                return self._reduction(node)
            case _:
                assert_never(node)

    # ------------------------------------------------------------------ leaves

    def _quantity(self, node: nodes.Quantity) -> Expr:
        for factor in node.factors:
            if factor.name in self.scope.names and find_unit(factor.name) is None:
                return self._refuse(
                    "BN302",
                    f"`{factor.name}` is not a unit but a name of this block",
                    factor.span,
                    f"write `*` between the number and the symbol: `{node.text}*{factor.name}`",
                )
        unit = _product(node.factors, self.log)
        if unit is None:
            return Ref(symbol=_POISON, span=node.span)
        return Const(value=exact_value(node.text, unit), dimension=unit.dimension, span=node.span)

    def _name(self, node: nodes.Name) -> Expr:
        name = node.ident
        if name == "xi" and not self.scope.noise:
            return self._refuse(
                "BN206", "`xi` is white noise and stands in equations only", node.span, None
            )
        if name in self.scope.names:
            return Ref(symbol=self.scope.names[name], span=node.span)
        if name == "inf":  # an open bound of any unit
            return Const(value=CONSTANTS[name], dimension=None, span=node.span)
        if name in CONSTANTS:
            return Const(value=CONSTANTS[name], dimension=ONE, span=node.span)
        return self._unknown(name, node.span)

    def _unknown(self, name: str, span: Span) -> Expr:
        help_text = suggestion(name, self.scope.known_names())
        if find_unit(name) is not None:
            help_text = f"a unit stands directly behind a number: `1 {name}`"
        elif help_text is None and name in FUNCTIONS:
            help_text = f"`{name}` is a function: `{name}(...)`"
        return self._refuse("BN201", f"unknown name `{name}`", span, help_text)

    def _attribute(self, node: nodes.Attribute) -> Expr:
        owners = self.scope.owners
        if node.owner not in owners:
            help_text = suggestion(node.owner, owners)
            if node.owner in self.scope.collections:
                help_text = f"reduce it: `mean({node.member} of {node.owner})`"
            return self._refuse(
                "BN202",
                f"`{node.owner}.{node.member}`: there is no `{node.owner}` {self.scope.where}",
                node.span,
                help_text,
            )
        members = owners[node.owner]
        if members is None:
            return Ref(symbol=Symbol(node.member, "member", node.owner), span=node.span)
        if node.member in members:
            return Ref(symbol=members[node.member], span=node.span)
        return self._refuse(
            "BN203",
            f"`{node.owner}` has no `{node.member}`",
            node.span,
            suggestion(node.member, members),
        )

    # -------------------------------------------------------------- operations

    def _binary(self, node: nodes.Binary) -> Expr:
        if node.op == "/":
            literal = self._literal_with_unit(node)
            if literal is not None:
                return literal
        left, right = self.expr(node.left), self.expr(node.right)
        return self._apply(_OPERATIONS[node.op], (left, right), node.span)

    def _literal_with_unit(self, node: nodes.Binary) -> Expr | None:
        """`0.062/mV`, `5 nS/ms`, `8e-5/mV^2/ms`: a literal divided by units is one literal."""
        parts = _division_by_names(node)
        if parts is None:
            return None
        sign, literal, divisors = parts
        units = [find_unit(name) for name, _, _ in divisors]
        if not all(
            unit is not None or name in self.scope.names
            for (name, _, _), unit in zip(divisors, units, strict=True)
        ):
            return None
        unit = Unit(ONE, Fraction(1))
        if isinstance(literal, nodes.Quantity):
            found = _product(literal.factors, self.log)
            if found is None:
                return Ref(symbol=_POISON, span=node.span)
            unit = found
        for (name, exponent, span), found in zip(divisors, units, strict=True):
            if name in self.scope.names:
                if found is None:
                    return None
                return self._refuse(
                    "BN303",
                    f"`{name}` is a unit and a name of this block",
                    span,
                    f"write `{name}^-1` for the symbol, `1 {name}^-1` for the unit",
                )
            assert found is not None
            unit = unit * found**-exponent
        value = sign * exact_value(literal.text, unit)
        return Const(value=value, dimension=unit.dimension, span=node.span)

    def _call(self, node: nodes.Call) -> Expr:
        name = node.function
        if node.named:
            return self._refuse(
                "BN207", f"`{name}` takes no named arguments", node.named[0].span, None
            )
        if name in self.scope.functions:
            return self._user_function(node, self.scope.functions[name])
        args = tuple(self.expr(a) for a in node.args)
        if name in DISTRIBUTIONS:
            return self._random(node, args)
        if name not in FUNCTIONS:
            known = (*FUNCTIONS, *DISTRIBUTIONS, *self.scope.functions)
            if name in self.scope.names:
                hint: str | None = f"`{name}` is no function; write `{name}*(...)` for a product"
            else:
                hint = suggestion(name, known)
            return self._refuse("BN204", f"unknown function `{name}`", node.span, hint)
        rule = FUNCTIONS[name]
        if not rule.fewest <= len(args) <= rule.most:
            return self._arguments(name, rule.fewest, rule.most, len(args), node.span)
        return self._apply(name, args, node.span)

    def _random(self, node: nodes.Call, args: tuple[Expr, ...]) -> Expr:
        fewest, most = DISTRIBUTIONS[node.function]
        if not fewest <= len(args) <= most or len(args) == 3:
            return self._arguments(node.function, fewest, most, len(args), node.span)
        if self.scope.random is not None:
            return self._refuse(
                "BN208", f"`{node.function}` draws a random number", node.span, self.scope.random
            )
        self.draws += 1
        return Random(distribution=node.function, args=args, number=self.draws - 1, span=node.span)

    def _user_function(self, node: nodes.Call, function: nodes.Function) -> Expr:
        wanted = len(function.arguments)
        if len(node.args) != wanted:
            return self._arguments(function.name, wanted, wanted, len(node.args), node.span)
        if function.name in self._calls or len(self._calls) > _DEEPEST_CALL:
            return self._refuse(
                "BN209", f"the function `{function.name}` calls itself", node.span, None
            )
        self._budget[0] -= 1
        if self._budget[0] < 0:  # reported at the first one
            return (
                self._too_large(function.name, node.span)
                if self._budget[0] == -1
                else Ref(symbol=_POISON, span=node.span)
            )
        values = {
            Symbol(a.ident, "argument", function.name): self.expr(v)
            for a, v in zip(function.arguments, node.args, strict=True)
        }
        scope = Scope(
            names={s.name: s for s in values},
            functions=self.scope.functions,
            random="a function has no randomness of its own: draw outside and pass the number",
            where=f"in function `{function.name}`",
        )
        inner = Resolver(scope, self.log)
        inner._calls = [*self._calls, function.name]
        inner._budget = self._budget
        body = inner.expr(function.value)
        if poisoned(body):
            return Ref(symbol=_POISON, span=node.span)
        size, depth = _extent(body)
        extents = [_extent(v) for v in values.values()]
        size *= max((e[0] for e in extents), default=1)
        depth += max((e[1] for e in extents), default=0)
        if size > _LARGEST or depth > _DEEPEST:
            return self._too_large(function.name, node.span)
        return substitute(body, values)

    def _too_large(self, name: str, span: Span) -> Expr:
        message = f"written out, the calls of `{name}` are too long"
        return self._refuse("BN209", message, span, "give an intermediate result a name")

    def _index(self, node: nodes.Index) -> Expr:
        if node.table not in self.scope.tables:
            return self._refuse(
                "BN205",
                f"`{node.table}` is no table",
                node.span,
                "tables are lists among the parameters of a network",
            )
        args = tuple(self.expr(i) for i in node.indices)
        table = Ref(symbol=Symbol(node.table, "table"), span=node.span)
        return Apply(op="index", args=(table, *args), span=node.span)

    def _reduction(self, node: nodes.Reduction) -> Expr:
        if self.scope.reduced:
            hint = f"what is reduced {self.scope.where} reads its members and fixed numbers"
            return self._refuse("BN256", "a reduction inside of a reduction", node.span, hint)
        name, collections = node.place.name, self.scope.collections
        if name not in collections:
            message = f"there is no `{name}` {self.scope.where}"
            return self._refuse("BN202", message, node.place.span, suggestion(name, collections))
        found = collections[name]
        if found is None:
            return Ref(symbol=_POISON, span=node.span)
        if isinstance(found, str):
            return self._refuse("BN256", found, node.place.span, None)
        if node.place.first is not None:
            message = f"a reduction runs over all of `{name}`, not over a part"
            return self._refuse("BN256", message, node.place.span, None)
        parts = [(self._reduced(node, owner), owner.collection) for owner in found]
        return reduction(node.op, parts, node.span)

    def _reduced(self, node: nodes.Reduction, owner: Owner) -> Expr:
        """Resolve what is reduced: it sees the members and what is fixed in the network."""
        fixed = {n: s for n, s in self.scope.names.items() if s.kind in {"network", "dt"}}
        scope = Scope(
            names={**fixed, **owner.members},
            reduced=True,
            functions=self.scope.functions,
            tables=self.scope.tables,
            random="what is reduced is read, not drawn",
            where=f"in `{node.op}(... of {node.place.name})`",
        )
        return Resolver(scope, self.log).expr(node.value)

    # ------------------------------------------------------------------ errors

    def _apply(self, op: str, args: tuple[Expr, ...], span: Span) -> Expr:
        return Apply(op=op, args=args, span=span)

    def _arguments(self, name: str, fewest: int, most: int, found: int, span: Span) -> Expr:
        wanted = str(fewest) if fewest == most else f"{fewest} or {most}"
        message = f"`{name}` takes {wanted} arguments, found {found}"
        return self._refuse("BN207", message, span, None)

    def _refuse(self, code: str, message: str, span: Span, help_text: str | None) -> Expr:
        self.log.add(error(code, message, span, help=help_text))
        return Ref(symbol=_POISON, span=span)


def _division_by_names(
    node: nodes.Binary,
) -> tuple[float, nodes.Number | nodes.Quantity, list[tuple[str, int, Span]]] | None:
    """Take `literal / name / name^2` apart: sign, literal, divisors; None for any other."""
    divisors: list[tuple[str, int, Span]] = []
    current: nodes.Expr = node
    while isinstance(current, nodes.Binary) and current.op == "/":
        match current.right:
            case nodes.Name():
                divisors.append((current.right.ident, 1, current.right.span))
            case nodes.Binary(op="^", left=nodes.Name() as base, right=nodes.Number() as power):
                if not power.text.isdigit():
                    return None
                divisors.append((base.ident, int(power.text), base.span))
            case _:
                return None
        current = current.left
    sign = 1.0
    if isinstance(current, nodes.Unary):
        sign = -1.0 if current.op == "-" else 1.0
        current = current.operand
    if not isinstance(current, nodes.Number | nodes.Quantity):
        return None
    return sign, current, divisors[::-1]
