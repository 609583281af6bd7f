"""The shape of a network: all that decides the text of its time loop, no sizes and no values."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ir.learning import LearningKernel
from bnsyn_dsl.ir.nodes import Expr, Let
from bnsyn_dsl.ir.pools import PoolKernel

__all__ = [
    "CouplingShape",
    "DriveRate",
    "GainShape",
    "LearningShape",
    "NetworkShape",
    "PoolShape",
    "ProbeShape",
    "ReductionShape",
    "SenderShape",
    "WireShape",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveRate:
    """The rate (kHz) of a Poisson drive that changes in time: lets and value; it may use `t`.

    `sources` are the network parameters behind the identifiers `parameters`.
    """

    drive: int
    sources: tuple[str, ...]
    parameters: tuple[str, ...]
    lets: tuple[Let, ...]
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShape:
    """One recorder: a state array (`argument`) or an observer function of a system.

    For a recorder of a modulator `pool` is its number and `wire` what is recorded.
    """

    system: int
    argument: str | None
    observer: str | None
    pool: int | None = None
    wire: WireShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderShape:
    """Short-term plasticity of one synapse on one population: lets over its states.

    `plastic`: the projection has a rule, which transmits its weights. `gain` is the number of its
    gain, if it has one.
    """

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    decay: tuple[Let, ...]
    update: tuple[Let, ...]
    factor: Expr
    plastic: bool
    gain: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingShape:
    """A continuous synapse on one projection: lets over its states and what it reads.

    `members` are identifiers of arrays of the source, `values` (whether the weight is a factor,
    what is summed), `sums` the arrays of the target's `system` that take them.
    """

    system: int
    members: tuple[str, ...]
    parameters: tuple[str, ...]
    states: tuple[str, ...]
    on_pre: tuple[Let, ...]
    lets: tuple[Let, ...]
    values: tuple[tuple[bool, Expr], ...]
    step: tuple[Let, ...]
    sums: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireShape:
    """An expression of what changes in time, the same for all synapses or one per pool.

    `members` are (identifier, array, row): row is None for an array of neurons. `parameters` are
    (identifier, network parameter), `reduced` (identifier, number of the reduction).
    """

    members: tuple[tuple[str, str, int | None], ...]
    reduced: tuple[tuple[str, int], ...]
    parameters: tuple[tuple[str, str], ...]
    lets: tuple[Let, ...]
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolShape:
    """A modulator: its code and the wires of its inputs (None for an input that stays)."""

    pool: PoolKernel
    wires: tuple[WireShape | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningShape:
    """A plasticity rule on one projection.

    `integrals` are (row of the decay table or None, the integral of the third factor over a step).
    `members` are the arrays of neurons that the rule reads. `senders` are the numbers of the
    short-term plasticities for the receptors that are `factored`.
    """

    module: str
    rule: LearningKernel
    why: str
    senders: tuple[int, ...]
    factors: tuple[WireShape, ...]
    integrals: tuple[tuple[int | None, WireShape], ...]
    gain: WireShape | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GainShape:
    """A static projection whose transmitted weights are multiplied by `gain`.

    `delivers`: there are receptors without short-term plasticity; those with it see to themselves.
    """

    gain: WireShape
    delivers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionShape:
    """`op` of a value over pools, neurons or the synapses of a learning projection (`learning`).

    `clocks` are (modulator, clock) of all that read it; None: it is read in every step.
    """

    op: str
    wire: WireShape
    learning: int | None
    clocks: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkShape:
    """Everything that decides the text of the network module; no sizes, no values.

    `series` are inputs that are arrays in time: system and the array that a row is copied to.
    """

    name: str
    systems: tuple[SystemManifest, ...]
    modules: tuple[str, ...]
    static: bool
    senders: tuple[SenderShape, ...]
    drives: bool
    rates: tuple[DriveRate, ...]
    sources: bool
    gathers: tuple[tuple[str, int, str], ...]
    series: tuple[tuple[int, str], ...]
    probes: tuple[ProbeShape, ...]
    learning: tuple[LearningShape, ...] = ()
    gains: tuple[GainShape, ...] = ()
    pools: tuple[PoolShape, ...] = ()
    reductions: tuple[ReductionShape, ...] = ()
    couplings: tuple[CouplingShape, ...] = ()
