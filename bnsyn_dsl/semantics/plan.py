"""The product of elaborating a network: sizes, values and wiring, all settled, nothing drawn yet.

    NetworkPlan = populations pools projections drives probes, duration, dt, seed

Values are floats in internal units where they are the same for all elements, otherwise
expressions of `index` and random calls, drawn when the network is built. Both the `network` block
and the Python builder make plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.semantics.model import Model

__all__ = [
    "DrivePlan",
    "LearningPlan",
    "NetworkPlan",
    "Part",
    "PlanValue",
    "PoolPlan",
    "PopulationPlan",
    "PortPlan",
    "ProbePlan",
    "ProjectionPlan",
    "ReceptorPlan",
    "RulePlan",
    "Series",
]

PlanValue: TypeAlias = float | NDArray[np.float64] | Expr


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReceptorPlan:
    """A synapse model as it sits on one population: one set of states per target neuron.

    `synapse` was checked against the target's neuron model with its ports renamed.
    """

    name: str
    synapse: Model
    parameters: Mapping[str, float]
    initial: Mapping[str, PlanValue]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopulationPlan:
    """A population: model, size and what each parameter, initial state and input is.

    `wires` holds inputs that change in time: expressions of `t`, `index`, network parameters and
    members of other populations, or an array in time alone (kind `series`). `spike_times` (ms) is
    set for spike sources only.
    """

    name: str
    model: Model
    size: int
    parameters: Mapping[str, PlanValue]
    initial: Mapping[str, PlanValue]
    inputs: Mapping[str, PlanValue]
    wires: Mapping[str, Expr]
    receptors: tuple[ReceptorPlan, ...]
    spike_times: tuple[NDArray[np.float64], ...] | None = None
    method: str | None = None
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Neurons `first` to `last` (exclusive) of a population."""

    population: str
    first: int
    last: int

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.last - self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class PortPlan:
    """Where a projection arrives: receptor number of the target and its share of the weight."""

    receptor: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RulePlan:
    """A connection rule with its numbers; `sources` and `targets` are set for `explicit`."""

    kind: str
    p: float = 0.0
    count: int = 0
    autapses: bool = False
    multapses: bool = False
    symmetric: bool = False
    sources: NDArray[np.int64] | None = None
    targets: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearningPlan:
    """A plasticity rule as it stands on one projection, checked between its two neurons.

    `initial` has every state but the weight: a number, an array per synapse, or an expression of
    the rule's parameters, of `weight` (what the projection gives) and of random calls. `wires`
    holds inputs that change in time, one value for all synapses: expressions of `t`, network
    parameters, members of pools (kind `member`) and reductions; `inputs` those that stay.
    A post spike reaches the rule `dendritic_delay` ms late.
    """

    rule: Model
    parameters: Mapping[str, float]
    initial: Mapping[str, PlanValue]
    inputs: Mapping[str, float]
    wires: Mapping[str, Expr]
    dendritic_delay: float = 0.0
    span: Span | None = field(default=None, repr=False)

    @property
    def constants(self) -> dict[Symbol, float]:
        """Parameters, and inputs that stay, under the symbols they have in the analysed rule."""
        values = {**self.parameters, **self.inputs}
        return {Symbol(name, "parameter"): value for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoolPlan:
    """A modulator: `size` pools side by side, and the neurons whose spikes it sees.

    `wires` as in `LearningPlan`; a member of another pool is read element by element, or one for
    all.
    """

    name: str
    model: Model
    size: int
    parameters: Mapping[str, PlanValue]
    initial: Mapping[str, PlanValue]
    inputs: Mapping[str, PlanValue]
    wires: Mapping[str, Expr]
    sources: tuple[Part, ...]
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProjectionPlan:
    """All synapses from one part to another under one rule.

    What is transmitted is the weight times `gain`: a number, or an expression as in the wires of
    a `LearningPlan`.
    """

    name: str
    source: Part
    target: Part
    ports: tuple[PortPlan, ...]
    rule: RulePlan
    weight: PlanValue
    delay: PlanValue
    gain: float | Expr = 1.0
    learning: LearningPlan | None = None
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivePlan:
    """An independent Poisson train for each target: `rate` (kHz) is a number or changes in time."""

    name: str
    target: Part
    ports: tuple[PortPlan, ...]
    rate: float | Expr
    weight: PlanValue
    delay: float
    span: Span | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """`variable` of a part, `spikes` or a name (`V_m`, `AMPA.g`), every `interval` ms.

    `over` is what the part is of: `population`, `pool` (its elements are the pools of a modulator)
    or `projection` (its name in the plan; `first` and `last` are 0, for all synapses there are).
    """

    part: Part
    variable: str
    interval: float
    over: str = "population"
    span: Span | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """An input as an array in time: float64[rows, columns], the next row after `steps` steps.

    There is one column for each neuron, or one for all; the last row is held.
    """

    values: NDArray[np.float64]
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkPlan:
    """A whole network, ready to be analysed and built. Times are in ms.

    `series` are the arrays in time, by the symbols that stand for them in `wires`. `couplings` are
    projections, each with one receptor, that are summed in every step and carry no events; they
    are among `projections` until the network is compiled.
    """

    name: str
    populations: tuple[PopulationPlan, ...]
    projections: tuple[ProjectionPlan, ...]
    drives: tuple[DrivePlan, ...]
    probes: tuple[ProbePlan, ...]
    parameters: Mapping[str, float]
    duration: float
    dt: float
    seed: int
    pools: tuple[PoolPlan, ...] = ()
    series: Mapping[Symbol, Series] = field(default_factory=dict)
    couplings: tuple[ProjectionPlan, ...] = ()

    @property
    def connections(self) -> tuple[ProjectionPlan, ...]:
        """Every set of connections once, whether spikes act on it, or it acts continuously."""
        found: dict[str, ProjectionPlan] = {}
        for one in (*self.projections, *self.couplings):
            found.setdefault(one.name, one)
        return tuple(found.values())

    def population(self, name: str) -> PopulationPlan:
        """Return the population of that name."""
        return next(p for p in self.populations if p.name == name)
