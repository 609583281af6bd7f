"""Who owns the states of a synapse: the target neuron or the presynaptic neuron.

A receptor is kept once per target neuron when its equations are linear in its states and what a
spike adds is a multiple of the weight that does not depend on those states: then the sum over
synapses obeys the same equations. States that only presynaptic spikes change (short-term
plasticity) are kept once per presynaptic neuron; what they do to the weight travels with the spike
as a factor.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bnsyn_dsl.analysis.derive import affine, is_zero
from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Ref,
    Symbol,
    references,
    substitute,
)
from bnsyn_dsl.semantics.model import Branch, Derivative, Model, Set

__all__ = ["OwnedArrival", "Owned", "Sender", "post_owned", "sender_of"]

_WEIGHT = Symbol("weight", "weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedArrival:
    """`target = value` for a state of the receptor or of the target neuron."""

    target: Symbol
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """The states that the target owns and what an arriving (summed) weight does."""

    states: tuple[str, ...]
    arrivals: tuple[OwnedArrival, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The states that the presynaptic neuron owns: short-term plasticity.

    Between spikes they follow `derivatives` (each linear in its own state alone); at a spike
    `updates` run in order, and `factor` multiplies every weight the spike transmits.
    """

    synapse: str
    states: tuple[str, ...]
    derivatives: tuple[Derivative, ...]
    updates: tuple[tuple[str, Expr], ...]
    factor: Expr


def _pre_states(synapse: Model) -> frozenset[str]:
    """Return the states that presynaptic spikes alone change and that stay inside the synapse."""
    names = {s.name for s in synapse.states}
    body = [s for h in synapse.handlers if h.event == "pre" for s in h.body]
    if any(isinstance(s, Branch) for s in body):
        return frozenset()
    used_continuously = {
        s.name
        for e in (
            *(c.value for c in synapse.contributions),
            *(a.value for a in synapse.auxiliaries),
        )
        for s in references(e)
    }
    candidates = names - used_continuously
    while True:
        allowed = {Symbol(n, "state") for n in candidates} | {
            Symbol(p.name, "parameter") for p in synapse.parameters
        }
        written: dict[str, list[Expr]] = {}
        for statement in body:
            if isinstance(statement, Set) and not statement.target.owner:
                written.setdefault(statement.target.name, []).append(statement.value)
        for derivative in synapse.derivatives:
            written.setdefault(derivative.state, []).append(derivative.value)
        bad = {
            n for n in candidates if any(set(references(e)) - allowed for e in written.get(n, ()))
        }
        if not bad:
            return frozenset(candidates)
        candidates -= bad


def _handler_body(synapse: Model) -> tuple[Set, ...]:
    return tuple(
        s for h in synapse.handlers if h.event == "pre" for s in h.body if isinstance(s, Set)
    )


def _split(synapse: Model) -> tuple[list[tuple[Set, Expr]], list[tuple[str, Expr]]]:
    """Run `on pre` symbolically: what targets get, and what happens to the pre-owned states.

    In the first list the values are in terms of pre-owned states before the handler.
    """
    pre = _pre_states(synapse)
    now: dict[Symbol, Expr] = {}
    to_target: list[tuple[Set, Expr]] = []
    updates: list[tuple[str, Expr]] = []
    for statement in _handler_body(synapse):
        if not statement.target.owner and statement.target.name in pre:
            updates.append((statement.target.name, statement.value))
            now[statement.target] = substitute(statement.value, now)
        else:
            to_target.append((statement, substitute(statement.value, now)))
    return to_target, updates


def post_owned(synapse: Model, log: DiagnosticLog) -> Owned | None:
    """Return what the target owns of `synapse`, or None after reporting why it cannot."""
    pre = _pre_states(synapse)
    states = tuple(s.name for s in synapse.states if s.name not in pre)
    symbols = frozenset(Symbol(n, "state") for n in states)
    problem = _not_shared(synapse, symbols)
    if problem is not None:
        message, span = problem
        log.add(
            error(
                "BN501",
                message,
                span,
                help="a synapse that needs its own state at every connection is not compiled yet",
            )
        )
        return None
    arrivals = []
    for statement, value in _split(synapse)[0]:
        jump = _jump(statement, value)
        factor = None if jump is None else _coefficient(jump, symbols)
        if factor is None:
            log.add(
                error(
                    "BN502",
                    f"what arrives at `{statement.target.text}` is no multiple of `weight`",
                    statement.span,
                    help="write `state += weight*...` without the states of the receptor",
                )
            )
            return None
        pre_symbols = {Symbol(n, "state") for n in pre}
        if pre_symbols & set(references(factor)):
            increment: Expr = Ref(symbol=_WEIGHT)  # the factor travels with the spike
        else:
            increment = jump if jump is not None else factor
        target = Ref(symbol=statement.target)
        arrivals.append(
            OwnedArrival(
                target=statement.target,
                value=Apply(op="add", args=(target, increment), span=statement.span),
                span=statement.span,
            )
        )
    return Owned(states=states, arrivals=tuple(arrivals))


def _not_shared(synapse: Model, symbols: frozenset[Symbol]) -> tuple[str, Span] | None:
    for handler in synapse.handlers:
        for statement in handler.body:
            if isinstance(statement, Branch):
                return "`if` in `on pre` needs a state per synapse", statement.span
    for derivative in synapse.derivatives:
        if Symbol(derivative.state, "state") not in symbols:
            continue
        form = affine(derivative.value, symbols)
        if form is None or not is_zero(form.constant):
            text = f"the sum of `{derivative.state}` over synapses does not obey its equation"
            return text, derivative.span
    for contribution in synapse.contributions:
        form = affine(_inlined(contribution.value, synapse), symbols)
        if form is None or not is_zero(form.constant):
            text = f"what `{synapse.name}` adds to `post.{contribution.port}` is not linear in it"
            return text, contribution.span
    return None


def _inlined(expr: Expr, synapse: Model) -> Expr:
    values: dict[Symbol, Expr] = {}
    for auxiliary in synapse.auxiliaries:
        values[Symbol(auxiliary.name, "auxiliary")] = substitute(auxiliary.value, values)
    return substitute(expr, values)


def _jump(statement: Set, value: Expr) -> Expr | None:
    """Return x of `state = state + x` (or minus), None for any other assignment."""
    if isinstance(value, Apply) and value.op in {"add", "sub"}:
        left, right = value.args
        if isinstance(left, Ref) and left.symbol == statement.target:
            return right if value.op == "add" else Apply(op="neg", args=(right,))
    return None


def _coefficient(jump: Expr, symbols: frozenset[Symbol]) -> Expr | None:
    form = affine(jump, frozenset({_WEIGHT}))
    if form is None or not is_zero(form.constant):
        return None
    coefficient = form.coefficients.get(_WEIGHT, Const(value=0.0))
    return None if symbols & set(references(coefficient)) else coefficient


def sender_of(synapse: Model, log: DiagnosticLog) -> Sender | None:
    """Return the presynaptic part of `synapse`; None when it has none (or after an error)."""
    pre = _pre_states(synapse)
    to_target, updates = _split(synapse)
    factors = []
    for statement, value in to_target:
        jump = _jump(statement, value)
        coefficient = None if jump is None else _coefficient(jump, frozenset())
        if coefficient is not None and {Symbol(n, "state") for n in pre} & set(
            references(coefficient)
        ):
            factors.append((coefficient, statement.span))
    if not factors:
        return None
    if len(to_target) > 1:
        log.add(
            error(
                "BN503",
                "a presynaptic factor reaches several states",
                factors[-1][1],
                help="let one state receive `weight` times the factor",
            )
        )
        return None
    derivatives = tuple(d for d in synapse.derivatives if d.state in pre)
    for derivative in derivatives:
        own = frozenset({Symbol(derivative.state, "state")})
        others = {s for s in references(derivative.value) if s.kind == "state"} - own
        if others or affine(derivative.value, own) is None:
            log.add(
                error(
                    "BN504",
                    f"`{derivative.state}` has no closed form between spikes",
                    derivative.span,
                    help="a presynaptic state may depend linearly on itself alone",
                )
            )
            return None
    return Sender(
        synapse=synapse.name,
        states=tuple(s.name for s in synapse.states if s.name in pre),
        derivatives=derivatives,
        updates=tuple(updates),
        factor=factors[0][0],
    )
