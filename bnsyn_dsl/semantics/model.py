"""The product of checking one block: a model whose names, order and dimensions are settled.

    Model = parameters inputs states derivatives auxiliaries contributions spike refractory
            requires handlers clocks

Dimensions that a block alone cannot know (the unit of `weight`, of `post.V_m`) stay unknowns and
are settled where the block is used in a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.syntax import nodes

__all__ = [
    "Auxiliary",
    "Branch",
    "Bounds",
    "Clock",
    "Contribution",
    "Declared",
    "Derivative",
    "EventHandler",
    "Model",
    "RefractoryRule",
    "Requirement",
    "Set",
    "SpikeRule",
    "Statement",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`[low, high]`."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A parameter, input or state. `value` is None where it must be given or wired."""

    name: str
    value: Expr | None
    dimension: Dimension
    bounds: Bounds | None = None
    description: str | None = None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivative:
    """`d state/dt = value`; the factor on the left has been divided out."""

    state: str
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auxiliary:
    """`name = value`, in an order in which each uses only earlier ones."""

    name: str
    value: Expr
    dimension: Dimension
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """`post.port += value`."""

    port: str
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """`target = value` (augmented assignments are written out)."""

    target: Symbol
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`if condition: then else: otherwise`."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span = field(compare=False, repr=False)


Statement: TypeAlias = Set | Branch


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeRule:
    """When a neuron spikes and what the spike does to it.

    For an edge (`crosses`) the condition is the level that has to be newly reached.
    """

    condition: Expr
    is_edge: bool
    body: tuple[Statement, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefractoryRule:
    """How long the threshold rests, and which states are held meanwhile."""

    duration: Expr
    hold: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A condition on parameters (and `dt`) with its text."""

    condition: Expr
    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventHandler:
    """`on event(arguments): body`; `dimensions` are those of the arguments, as far as known."""

    event: str
    arguments: tuple[str, ...]
    body: tuple[Statement, ...]
    dimensions: tuple[Dimension, ...] = ()
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`every period: body`."""

    period: Expr
    body: tuple[Statement, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One checked neuron, synapse, plasticity or modulator; `root` is the base of its variants."""

    kind: str
    name: str
    root: str
    docstring: str
    parameters: tuple[Declared, ...]
    inputs: tuple[Declared, ...]
    states: tuple[Declared, ...]
    derivatives: tuple[Derivative, ...]
    auxiliaries: tuple[Auxiliary, ...]
    contributions: tuple[Contribution, ...]
    spike: SpikeRule | None
    refractory: RefractoryRule | None
    requires: tuple[Requirement, ...]
    bounds: tuple[tuple[str, Bounds], ...]
    handlers: tuple[EventHandler, ...]
    clocks: tuple[Clock, ...]
    solve: str | None
    weight: Dimension
    block: nodes.Block = field(compare=False, repr=False)

    def declared(self, name: str) -> Declared | None:
        """Return the parameter, input or state of that name."""
        for one in (*self.parameters, *self.inputs, *self.states):
            if one.name == name:
                return one
        return None

    def dimension_of(self, name: str) -> Dimension | None:
        """Return the dimension of a parameter, input, state or auxiliary."""
        found = self.declared(name)
        if found is not None:
            return found.dimension
        return next((a.dimension for a in self.auxiliaries if a.name == name), None)

    @property
    def span(self) -> Span:
        """The name in the block's header."""
        return self.block.name_span
