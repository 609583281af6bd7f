"""The `equations:` of a block: derivatives, auxiliary names and contributions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bnsyn_dsl.diagnostics import DiagnosticLog, Label, error
from bnsyn_dsl.semantics.declarations import in_order
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.model import Auxiliary, Contribution, Derivative
from bnsyn_dsl.semantics.resolve import Resolver, poisoned
from bnsyn_dsl.semantics.scope import Scope, suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["CheckedEquations", "EquationChecker"]

_PER_TIME = Dimension.of({"s": Fraction(-1)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEquations:
    """What the section says, auxiliaries in an order in which each uses only earlier ones."""

    derivatives: tuple[Derivative, ...]
    auxiliaries: tuple[Auxiliary, ...]
    contributions: tuple[Contribution, ...]


class EquationChecker:
    """Checks the equations of one block; `dimensions` of auxiliary names are added to."""

    def __init__(
        self,
        block: nodes.Block,
        scope: Scope,
        infer: Inference,
        dimensions: dict[str, Dimension],
        log: DiagnosticLog,
    ) -> None:
        self.block = block
        self.resolver = Resolver(scope, log)
        self.infer = infer
        self.dimensions = dimensions
        self.log = log

    def check(self) -> CheckedEquations:
        """Resolve and infer everything, auxiliaries first."""
        equations = [
            e for s in self.block.sections if isinstance(s, nodes.Equations) for e in s.equations
        ]
        auxiliaries = self._auxiliaries([e for e in equations if e.kind == "auxiliary"])
        derivatives: list[Derivative] = []
        for equation in equations:
            if equation.kind == "derivative":
                derivatives.extend(self._derivative(equation, derivatives))
        contributions = [
            c for e in equations if e.kind == "contribution" for c in self._contribution(e)
        ]
        return CheckedEquations(
            derivatives=tuple(derivatives),
            auxiliaries=auxiliaries,
            contributions=tuple(contributions),
        )

    def _auxiliaries(self, equations: list[nodes.Equation]) -> tuple[Auxiliary, ...]:
        values: dict[str, Expr | None] = {e.name: self.resolver.expr(e.right) for e in equations}
        spans = {e.name: e.left.span for e in equations}
        made = []
        for name in in_order(values, spans, self.log):
            value = values[name]
            assert value is not None
            found = self.infer.expr(value)
            self.dimensions[name] = (
                self.infer.solver.fresh() if found is None else self.infer.solver.value(found)
            )
            if name == "weight":
                self.infer.expect(value, Dimension.unknown("weight"), "`weight`")
            made.append(
                Auxiliary(name=name, value=value, dimension=self.dimensions[name], span=spans[name])
            )
        return tuple(made)

    def _derivative(self, equation: nodes.Equation, earlier: list[Derivative]) -> list[Derivative]:
        names = self.resolver.scope.names
        symbol = names.get(equation.name)
        if symbol is None or symbol.kind not in {"state", "weight"}:
            hint = suggestion(equation.name, [n for n, s in names.items() if s.kind == "state"])
            hint = hint or f"declare it: `state:` with `{equation.name} = ...`"
            message = f"`{equation.name}` is no state of `{self.block.name}`"
            self.log.add(error("BN219", message, equation.left.span, help=hint))
            return []
        twice = next((d for d in earlier if d.state == equation.name), None)
        if twice is not None:
            self.log.add(
                error(
                    "BN220",
                    f"`{equation.name}` has two equations",
                    equation.left.span,
                    label=Label(span=twice.span, text="the first is here"),
                )
            )
            return []
        right = self.resolver.expr(equation.right)
        factor = None if equation.factor is None else self.resolver.expr(equation.factor)
        if poisoned(right) or (factor is not None and poisoned(factor)):
            self.infer.expr(right)  # what is wrong beside the unknown name is found as well
            return [Derivative(state=equation.name, value=right, span=equation.left.span)]
        self._check_unit(equation, right, factor, symbol)
        value = right
        if factor is not None:
            value = Apply(op="div", args=(right, factor), span=equation.right.span)
        return [Derivative(state=equation.name, value=value, span=equation.left.span)]

    def _check_unit(
        self, equation: nodes.Equation, right: Expr, factor: Expr | None, symbol: Symbol
    ) -> None:
        state = self.infer.dimension_of(symbol)
        if state is None:
            return
        wanted = state * _PER_TIME
        if factor is not None:
            scale = self.infer.expr(factor)
            if scale is None:
                return
            wanted = scale * wanted
        what = f"`d{equation.name}/dt`" if equation.factor is None else "the left side"
        self.infer.expect(right, wanted, what, factor)

    def _contribution(self, equation: nodes.Equation) -> list[Contribution]:
        if self.block.kind != "synapse":
            message = f"a {self.block.kind} has no `post` to add to"
            if self.block.kind == "plasticity":
                message = "a rule changes weights and adds nothing to `post`"
            help_text = "contributions stand in a synapse"
            self.log.add(error("BN221", message, equation.left.span, help=help_text))
            return []
        left = self.resolver.expr(equation.left)
        right = self.resolver.expr(equation.right)
        if poisoned(left) or poisoned(right):
            return []
        assert isinstance(left, Ref)
        port = left.symbol.name
        wanted = self.infer.expr(left)
        if wanted is not None:
            self.infer.expect(right, wanted, f"`post.{port}`")
        return [Contribution(port=port, value=right, span=equation.left.span)]
