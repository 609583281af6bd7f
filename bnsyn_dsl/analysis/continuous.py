"""Synapses that act at every moment: gap junctions, graded synapses, saturating receptors.

What such a synapse adds is taken apart into `f(source) * g(target)`. The sum over synapses of each
f is formed once per step for every target, and `g` stays in the equations of the target:
`weight*(pre.V_m - post.V_m)` becomes `sum0 - sum1*V_m`, where sum1 is the sum of the weights.
The states of such a synapse depend on its presynaptic neuron alone and are kept there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.analysis.derive import ZERO, affine, is_zero, negative, over, plus, times
from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Span, error
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Random,
    Ref,
    Symbol,
    references,
    substitute,
    walk,
)
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.model import Derivative, Model, Statement
from bnsyn_dsl.semantics.statements import assigned, expressions

__all__ = ["Continuous", "ContinuousTerm", "SourceSum", "acts_continuously", "continuous_of"]

WEIGHT = Symbol("weight", "weight")
UNIT = Const(value=1.0)
_LARGEST_POWER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSum:
    """The sum over synapses of `value`, times the weight where `weighted`.

    `value` is in terms of the synapse's states and parameters and of `pre.x`.
    """

    value: Expr
    weighted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousTerm:
    """`post.port += value`: in terms of `post.x`, parameters and sums (`sum0`, kind gathered)."""

    port: str
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuous:
    """A synapse taken apart: what the source has, what is summed, what the target makes of it.

    `derivatives` and `on_pre` move the states of the source; they use no auxiliary names.
    `auxiliaries` are the names that `terms` use.
    """

    states: tuple[str, ...]
    derivatives: tuple[Derivative, ...]
    sums: tuple[SourceSum, ...]
    terms: tuple[ContinuousTerm, ...]
    auxiliaries: frozenset[str]


class _EntangledError(Exception):
    """A part that depends on the source and the target together; `part` is it."""

    def __init__(self, part: Expr) -> None:
        self.part = part
        super().__init__(expression_text(part))


def acts_continuously(synapse: Model) -> bool:
    """Tell whether a contribution reads the weight or the presynaptic neuron, or no spike acts."""
    values = _auxiliaries(synapse)
    return not any(h.event == "pre" for h in synapse.handlers) or any(
        symbol == WEIGHT or symbol.owner == "pre"
        for contribution in synapse.contributions
        for symbol in references(substitute(contribution.value, values))
    )


def continuous_of(synapse: Model, log: DiagnosticLog) -> Continuous | None:
    """Return `synapse` taken apart, or None after reporting why it cannot be."""
    refused = _refused(synapse)
    if refused is not None:
        log.add(refused)
        return None
    parts = _Parts(synapse)
    terms = []
    for contribution in synapse.contributions:
        try:
            value = parts.joined(contribution.value)
        except _EntangledError as problem:
            log.add(
                error(
                    "BN544",
                    f"`{problem}` depends on both neurons in a way that is no sum of products",
                    problem.part.span or contribution.span,
                    help="a continuous synapse adds products of what the two neurons have",
                )
            )
            return None
        terms.append(ContinuousTerm(port=contribution.port, value=value, span=contribution.span))
    used = {s.name for t in terms for s in references(t.value) if s.kind == "auxiliary"}
    return Continuous(
        states=tuple(s.name for s in synapse.states),
        derivatives=tuple(
            Derivative(state=d.state, value=substitute(d.value, parts.values), span=d.span)
            for d in synapse.derivatives
        ),
        sums=tuple(parts.sums),
        terms=tuple(terms),
        auxiliaries=_closed(used, synapse),
    )


def _closed(used: set[str], synapse: Model) -> frozenset[str]:
    """Add the names that the definitions of `used` use."""
    for auxiliary in reversed(synapse.auxiliaries):
        if auxiliary.name in used:
            used |= {s.name for s in references(auxiliary.value) if s.kind == "auxiliary"}
    return frozenset(used & {a.name for a in synapse.auxiliaries})


def _auxiliaries(synapse: Model) -> dict[Symbol, Expr]:
    values: dict[Symbol, Expr] = {}
    for auxiliary in synapse.auxiliaries:
        values[Symbol(auxiliary.name, "auxiliary")] = substitute(auxiliary.value, values)
    return values


# ---------------------------------------------------------------------------- refusals


def _refused(synapse: Model) -> Diagnostic | None:
    """Return why the states cannot be kept once per source neuron."""
    values = _auxiliaries(synapse)
    for derivative in synapse.derivatives:
        found = _foreign([substitute(derivative.value, values)])
        if found is not None:
            return _own_state(
                f"the equation of `{derivative.state}` reads {found}", derivative.span
            )
    for handler in synapse.handlers:
        if any(s.owner for s in assigned(handler.body)):
            return error(
                "BN501",
                f"`{synapse.name}` acts continuously and at spikes",
                handler.span,
                help="write two synapses and mix them: `A + B`",
            )
        found = _foreign(substitute(e, values) for e in expressions(handler.body))
        if found is not None:
            return _own_state(f"`on pre` reads {found}", _span_of(handler.body, handler.span))
    return None


def _span_of(body: tuple[Statement, ...], other: Span) -> Span:
    return body[0].span if len(body) == 1 else other


def _foreign(exprs: Iterable[Expr]) -> str | None:
    """Return what makes a state differ from synapse to synapse, None where nothing does."""
    for expr in exprs:
        for symbol in references(expr):
            if symbol == WEIGHT or symbol.owner == "post":
                return f"`{symbol.text}`"
            if symbol.kind == "noise":
                return "`xi`"
        if any(isinstance(part, Random) for part in walk(expr)):
            return "a random number"
    return None


def _own_state(message: str, span: Span) -> Diagnostic:
    return error(
        "BN501",
        f"{message}, so every synapse would need a state of its own",
        span,
        help="the states of a synapse that is summed in every step belong to the pre neuron",
    )


# ----------------------------------------------------------------------- decomposition


class _Parts:
    """Takes contributions apart; `sums` collects what is summed over synapses."""

    def __init__(self, synapse: Model) -> None:
        self.values = _auxiliaries(synapse)
        self.sums: list[SourceSum] = []

    def joined(self, value: Expr) -> Expr:
        """Return a contribution in terms of sums."""
        factors: dict[int, Expr] = {}
        for source, target in self._terms(self._shown(value)):
            for number, sign in self._numbers(source):
                found = times(sign, target)
                before = factors.get(number)
                factors[number] = found if before is None else plus(before, found)
        total: Expr = ZERO
        for number, factor in factors.items():
            one = Ref(symbol=Symbol(f"sum{number}", "gathered"))
            total = plus(total, times(one, factor))
        return total

    def _shown(self, value: Expr) -> Expr:
        """Replace auxiliary names that depend on the source; those of the target stay names."""
        hidden = {s: v for s, v in self.values.items() if _sides(v, {})[0]}
        return substitute(value, hidden)

    def _numbers(self, source: Expr) -> list[tuple[int, Expr]]:
        """Return the sums that a factor of the source stands for, each with a sign."""
        sign: Expr = UNIT
        if isinstance(source, Apply) and source.op == "neg":
            source, sign = source.args[0], Const(value=-1.0)
        source = substitute(source, self.values)
        form = affine(source, frozenset({WEIGHT}))
        if form is None:
            raise _EntangledError(source)
        found = []
        if form.coefficients:
            found.append(SourceSum(value=form.coefficients[WEIGHT], weighted=True))
        if not is_zero(form.constant):
            found.append(SourceSum(value=form.constant, weighted=False))
        for one in found:
            if one not in self.sums:
                self.sums.append(one)
        return [(self.sums.index(one), sign) for one in found]

    def _terms(self, expr: Expr) -> list[tuple[Expr, Expr]]:
        """Return (factor of the source, factor of the target) of every term of a sum."""
        source, target = _sides(expr, self.values)
        if not source:
            return [(UNIT, expr)]
        if not target:
            return [(expr, UNIT)]
        assert isinstance(expr, Apply)
        match expr:
            case Apply(op="neg"):
                return [(a, negative(b)) for a, b in self._terms(expr.args[0])]
            case Apply(op="add"):
                return [t for a in expr.args for t in self._terms(a)]
            case Apply(op="sub"):
                left, right = (self._terms(a) for a in expr.args)
                return [*left, *((a, negative(b)) for a, b in right)]
            case Apply(op="mul"):
                return self._products(*expr.args)
            case Apply(op="div"):
                return self._quotients(expr)
            case Apply(op="pow", args=(base, Const(value=n))) if n in range(2, _LARGEST_POWER + 1):
                lower: Expr = base
                for _ in range(int(n) - 1):
                    lower = Apply(op="mul", args=(lower, base))
                return self._terms(lower)
            case Apply(op="select"):
                return self._selected(expr)
            case _:
                raise _EntangledError(expr)

    def _products(self, left: Expr, right: Expr) -> list[tuple[Expr, Expr]]:
        return [
            (times(a, c), times(b, d)) for a, b in self._terms(left) for c, d in self._terms(right)
        ]

    def _quotients(self, expr: Apply) -> list[tuple[Expr, Expr]]:
        below = self._terms(expr.args[1])
        if len(below) != 1:
            raise _EntangledError(expr)
        ((c, d),) = below
        return [(over(a, c), over(b, d)) for a, b in self._terms(expr.args[0])]

    def _selected(self, expr: Apply) -> list[tuple[Expr, Expr]]:
        """A choice that one side makes is a factor of that side: 1 or 0."""
        condition, then, otherwise = expr.args
        source, target = _sides(condition, self.values)
        if source and target:
            raise _EntangledError(expr)

        def chosen(a: Expr, b: Expr) -> Expr:
            return Apply(op="select", args=(condition, a, b))

        zero = Const(value=0.0)
        if source:
            return [
                *((chosen(a, zero), b) for a, b in self._terms(then)),
                *((chosen(zero, a), b) for a, b in self._terms(otherwise)),
            ]
        return [
            *((a, chosen(b, zero)) for a, b in self._terms(then)),
            *((a, chosen(zero, b)) for a, b in self._terms(otherwise)),
        ]


def _sides(expr: Expr, values: Mapping[Symbol, Expr]) -> tuple[bool, bool]:
    """Tell whether an expression depends on the source, and on the target."""
    used = references(substitute(expr, values))
    source = any(
        s == WEIGHT or s.owner == "pre" or (s.kind == "state" and not s.owner) for s in used
    )
    return source, any(s.owner == "post" for s in used)
