"""A plasticity rule taken apart: `LearningPlan` -> `LearningSystem`, with nothing lowered yet.

Every state has an owner. States of the presynaptic side are kept once per neuron and delay, those
of the postsynaptic side once per target; the rest lies at the synapse, the weight first. The body
of a handler is split likewise: what it does to the synapse, and what to the owner of the event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.semantics.model import Bounds, Clock, Set, Statement

__all__ = [
    "WEIGHT",
    "Decay",
    "Driven",
    "Increment",
    "LearnedState",
    "LearningSystem",
    "Move",
    "Owner",
    "Rest",
    "Stepped",
    "Strategy",
]

WEIGHT = Symbol("weight", "weight")

Owner: TypeAlias = Literal["pre", "post", "synapse"]
Strategy: TypeAlias = Literal["accumulated", "replayed", "swept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The state does not move between events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """ds/dt = rate*(s - rest); both are constant, `rest` is None for 0."""

    rate: Expr
    rest: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """ds/dt = factor(t)*source, where `source` decays and `factor` is one value for all synapses.

    `source` is None for ds/dt = factor(t).
    """

    source: str | None
    factor: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """ds/dt = value: no closed form between events, `term` is what prevents it."""

    value: Expr
    term: str


Move: TypeAlias = Rest | Decay | Driven | Stepped


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedState:
    """A state of the rule (`weight` among them), who owns it and why, and how it moves."""

    name: str
    owner: Owner
    reason: str
    move: Move
    bounds: Bounds | None = None

    @property
    def symbol(self) -> Symbol:
        """How expressions name it."""
        return WEIGHT if self.name == "weight" else Symbol(self.name, "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """At a post spike `state += trace*factor`; `trace` is a pre-owned state, or None for 1."""

    state: str
    trace: str | None
    factor: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningSystem:
    """A rule ready to be lowered.

    Attributes:
        parameters: names in the order of the model; inputs that stay are among them.
        factors: inputs that change, one value for all synapses in each step.
        states: with their owners; `weight` is missing where `weight_value` computes it.
        weight_bounds: applied when an arrival reads the weight and after handlers that write it.
        on_pre, on_post: what a handler does to the synapse, pre- and post-owned states as they
            are before the event.
        row_updates, target_updates: what the events do to pre- and post-owned states, all in
            terms of the values before.
        increments: the post handler as sums, where the strategy is "accumulated".
        members: what is read of the neurons, `pre.V_m` and `post.V_m`.
        why: the reason for the strategy, in words.
        source: its equations and handlers as they were written, line by line.
        cause: the equation or statement for which it is swept.
    """

    name: str
    parameters: tuple[str, ...]
    factors: tuple[str, ...]
    states: tuple[LearnedState, ...]
    weight_value: Expr | None
    weight_bounds: Bounds | None
    on_pre: tuple[Statement, ...]
    on_post: tuple[Statement, ...]
    row_updates: tuple[Set, ...]
    target_updates: tuple[Set, ...]
    increments: tuple[Increment, ...]
    clocks: tuple[Clock, ...]
    members: tuple[Symbol, ...]
    strategy: Strategy
    why: str
    source: tuple[str, ...] = field(default=(), compare=False, repr=False)
    cause: Span | None = field(default=None, compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)

    def owned(self, owner: Owner) -> tuple[LearnedState, ...]:
        """Return the states of one owner in order."""
        return tuple(s for s in self.states if s.owner == owner)

    def state(self, name: str) -> LearnedState:
        """Return the state of that name."""
        return next(s for s in self.states if s.name == name)
