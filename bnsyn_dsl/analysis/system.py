"""The coupled system: a population's neuron and all its receptors as one set of equations.

Names are unique in the system: those of the neuron as they are, those of a receptor with its name
in front (`AMPA.g`). Every contribution of a receptor is summed into the input it names, in the
order of the receptors, after what is wired to the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Expr, Symbol, rebuild, substitute
from bnsyn_dsl.semantics.expression import Ref as RefExpr
from bnsyn_dsl.semantics.model import (
    Bounds,
    Clock,
    Derivative,
    RefractoryRule,
    SpikeRule,
)

__all__ = [
    "Arrival",
    "CoupledSystem",
    "Definition",
    "Parameter",
    "Receptor",
    "State",
    "expanded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that stays during a run: one per segment, or one per neuron where it `varies`."""

    name: str
    varies: bool
    dimension: Dimension
    description: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state variable of the neuron (`receptor` None) or of a receptor."""

    name: str
    dimension: Dimension
    receptor: int | None = None
    bounds: Bounds | None = None
    description: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`name = value`: an auxiliary name, or an input with all that is added to it.

    `held` marks values that are formed once at the beginning of the step (wires).
    """

    name: str
    value: Expr
    dimension: Dimension
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an arriving weight does: `state = value`, where `value` uses `AMPA.weight`."""

    state: str
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """A receptor of the system; its inbox holds the sum of the weights that arrive in a step."""

    name: str
    synapse: str
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoupledSystem:
    """Everything the analysis and the lowering need; two populations with equal systems share one.

    `gathered` are inputs read from members of other populations (`ou.I`) or from arrays in time,
    copied at the beginning of each step.
    """

    name: str
    parameters: tuple[Parameter, ...]
    states: tuple[State, ...]
    definitions: tuple[Definition, ...]
    derivatives: tuple[Derivative, ...]
    receptors: tuple[Receptor, ...]
    spike: SpikeRule | None
    refractory: RefractoryRule | None
    clocks: tuple[Clock, ...]
    gathered: tuple[str, ...]
    method: str | None

    @property
    def state_symbols(self) -> tuple[Symbol, ...]:
        """The symbols of all states in order."""
        return tuple(Symbol(s.name, "state") for s in self.states)

    def rhs(self, state: str) -> Expr | None:
        """Return the right-hand side of a state's equation, None for a state without one."""
        return next((d.value for d in self.derivatives if d.state == state), None)

    @property
    def held(self) -> tuple[str, ...]:
        """States that rest during refractoriness."""
        return () if self.refractory is None else self.refractory.hold


def expanded(expr: Expr, system: CoupledSystem) -> Expr:
    """Replace auxiliary names and inputs by what they stand for; held values stay names."""
    values: dict[Symbol, Expr] = {}
    for definition in system.definitions:
        if not definition.held:
            symbol = Symbol(definition.name, "auxiliary")
            values[symbol] = substitute(definition.value, values)
    return substitute(expr, values)


def renamed(expr: Expr, names: dict[Symbol, Symbol]) -> Expr:
    """Give symbols other names."""
    return rebuild(
        expr,
        lambda e: (
            RefExpr(symbol=names[e.symbol], span=e.span)
            if isinstance(e, RefExpr) and e.symbol in names
            else None
        ),
    )
