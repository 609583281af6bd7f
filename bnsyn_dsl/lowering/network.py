"""Lower what belongs to the network: rates of drives, presynaptic states."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.analysis.derive import affine, is_zero
from bnsyn_dsl.analysis.ownership import Sender
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.lowering.expressions import ExpressionLowering
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.model import Derivative

__all__ = [
    "NO_SYSTEM",
    "LoweredRate",
    "LoweredSender",
    "PlainLowering",
    "lower_rate",
    "lower_sender",
]

NO_SYSTEM = CoupledSystem(
    name="network",
    parameters=(),
    states=(),
    definitions=(),
    derivatives=(),
    receptors=(),
    spike=None,
    refractory=None,
    clocks=(),
    gathered=(),
    method=None,
)
_ELAPSED = Ref(symbol=Symbol(":elapsed", "elapsed"))
# names of the time loop beside those that every generated function keeps for itself
_TAKEN_BY_RATES = frozenset({"rate_par"})
_TAKEN_BY_SENDERS = frozenset({"p", "row", "ids", "factors"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredRate:
    """A rate as a function of `t` and network parameters."""

    sources: tuple[str, ...]
    parameters: tuple[str, ...]
    lets: tuple[ir.Let, ...]
    value: ir.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredSender:
    """Presynaptic states: their decay over `elapsed` ms, the factor, the update at a spike."""

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    decay: tuple[ir.Let, ...]
    update: tuple[ir.Let, ...]
    factor: ir.Expr


class PlainLowering(ExpressionLowering):
    """Lowers without moving anything out of a loop: there is none."""

    def _hoists(self, expr: Expr, rate: object, section: Section) -> bool:
        return False


def lower_rate(rate: Expr) -> LoweredRate:
    """Lower the rate of a drive; network parameters keep their names as `source`."""
    lowering = PlainLowering(NO_SYSTEM, _TAKEN_BY_RATES)
    section = Section("step")
    value = lowering.number(rate, section)
    used = [s for s in references(rate) if s.kind == "network"]
    return LoweredRate(
        sources=tuple(s.name for s in used),
        parameters=tuple(lowering.names.identifier(s.name) for s in used),
        lets=tuple(section.lets),
        value=value,
    )


def lower_sender(sender: Sender) -> LoweredSender:
    """Lower the presynaptic part of a synapse.

    Between spikes ds/dt = a s + b is moved exactly: s + (a s + b) (exp(a T) - 1)/a.
    """
    lowering = PlainLowering(NO_SYSTEM, _TAKEN_BY_SENDERS)
    parameters = list(sender_parameters(sender))
    names = tuple(lowering.names.identifier(p) for p in parameters)
    states = tuple(lowering.names.identifier(s) for s in sender.states)
    decay = Section("step")
    for derivative in sender.derivatives:
        decay.let(
            lowering.names.identifier(derivative.state),
            lowering.number(_moved(derivative), decay),
        )
    update = Section("step")
    for state, value in sender.updates:
        update.let(lowering.names.identifier(state), lowering.number(value, update))
    return LoweredSender(
        states=states,
        parameters=names,
        decay=tuple(decay.lets),
        update=tuple(update.lets),
        factor=lowering.number(sender.factor, Section("step")),
    )


def sender_parameters(sender: Sender) -> tuple[str, ...]:
    """Return the names of the parameters a sender uses, in order of first use."""
    used: dict[str, None] = {}
    expressions = (
        *(d.value for d in sender.derivatives),
        *(v for _, v in sender.updates),
        sender.factor,
    )
    for expr in expressions:
        for symbol in references(expr):
            if symbol.kind == "parameter":
                used.setdefault(symbol.name)
    return tuple(used)


def _moved(derivative: Derivative) -> Expr:
    """Return the state after `elapsed` ms of its own linear equation."""
    symbol = Symbol(derivative.state, "state")
    form = affine(derivative.value, frozenset({symbol}))
    assert form is not None
    here = Ref(symbol=symbol)
    rate = form.coefficients.get(symbol)
    if rate is None or is_zero(rate):
        return Apply(op="add", args=(here, Apply(op="mul", args=(derivative.value, _ELAPSED))))
    exponent = Apply(op="mul", args=(rate, _ELAPSED))
    if is_zero(form.constant):
        return Apply(op="mul", args=(here, Apply(op="exp", args=(exponent,))))
    growth = Apply(op="expm1", args=(exponent,))
    offset = Apply(op="div", args=(form.constant, rate))
    distance = Apply(op="add", args=(here, offset))
    return Apply(op="fma", args=(growth, distance, here))
