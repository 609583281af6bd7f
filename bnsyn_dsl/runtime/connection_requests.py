"""What a projection asks for, and its weights and delays chunk by chunk.

Input: a `ProjectionRequest`. Output: its enumeration, and weight and delay of any synapse by
number. Checks values; knows no tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connection_enumeration import CHUNK, Enumeration, Rule
from bnsyn_dsl.runtime.connection_rules import enumerate_rule
from bnsyn_dsl.runtime.draws import Draw, draw_array

__all__ = [
    "MAX_DELAY_STEPS",
    "DelayRounding",
    "Integers",
    "Plan",
    "Port",
    "ProjectionRequest",
    "check_lengths",
    "constant_change",
    "delay_usage",
    "plan",
]

Integers: TypeAlias = NDArray[np.int64]
MAX_DELAY_STEPS = 2**24
_ROUNDING_TOLERANCE = 1e-9  # relative; below it is the rounding of decimal numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One receptor that a projection feeds.

    `inbox_base` is the inbox index of target element 0, `scale_bits` the receptor's fixed point,
    `share` what it gets of each weight.
    """

    inbox_base: int
    scale_bits: int
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionRequest:
    """A projection to be built. Arrays of weights and delays are in canonical synapse order.

    `source_base` is the network-wide id of source element 0. `same_population_offset` is i - j
    where source element i and target element j are one neuron, None for two populations. Delays
    and `dt` are in ms. `factored`: what is transmitted is weight times a factor of the spike.
    """

    name: str
    rule: Rule
    source_base: int
    source_size: int
    target_size: int
    ports: tuple[Port, ...]
    same_population_offset: int | None
    weight: Draw | NDArray[np.float64]
    delay: Draw | NDArray[np.float64]
    dt: float
    factored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayRounding:
    """How many delays of a projection are no multiple of dt, and the largest change (ms)."""

    name: str
    synapses: int
    changed: int
    largest_change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A request with its enumeration and seed."""

    request: ProjectionRequest
    enumeration: Enumeration
    seed: int
    constant_weight: float | None = None
    constant_steps: int | None = None

    @property
    def counted(self) -> bool:
        """Whether the number of a synapse matters."""
        return self.constant_weight is None or self.constant_steps is None

    def weights(self, first: int, n: int) -> NDArray[np.float64]:
        """Return the weights of the synapses `first`, ..., before share and encoding."""
        return self._values(self.request.weight, "weight", first, n)

    def delays(self, first: int, n: int) -> NDArray[np.float64]:
        """Return the delays of the synapses `first`, ... in ms."""
        return self._values(self.request.delay, "delay", first, n)

    def steps(self, first: int, n: int) -> NDArray[np.int64]:
        """Return the delays of the synapses `first`, ... in steps: to nearest, halves up."""
        return self.rounded(self.delays(first, n))

    def rounded(self, delays: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return delays (ms) in steps.

        Raises:
            ValueError: if one is negative, not finite or beyond 2^24 steps.
        """
        from bnsyn_dsl.runtime.compiled.delay_steps import round_delays

        steps = np.empty(len(delays), np.int64)
        wrong = round_delays(delays, self.request.dt, float(MAX_DELAY_STEPS), steps)
        if wrong >= 0:
            raise self.impossible(float(delays[wrong]))
        return steps

    def impossible(self, delay: float) -> ValueError:
        """Make the error of a delay that cannot be."""
        return ValueError(
            f"projection `{self.request.name}`: a delay lies between 0 and "
            f"{MAX_DELAY_STEPS * self.request.dt:g} ms with dt = {self.request.dt:g} ms, "
            f"found {delay:g} ms"
        )

    def _values(
        self, values: Draw | NDArray[np.float64], what: str, first: int, n: int
    ) -> NDArray[np.float64]:
        if not isinstance(values, Draw):
            return values[first : first + n]
        stream, copies = f"{self.request.name}.{what}", self.enumeration.copies
        if copies == 1:
            return draw_array(values, n, self.seed, stream, first)
        element = first // copies
        elements = -(-(first + n) // copies) - element
        drawn = draw_array(values, elements, self.seed, stream, element)
        return np.repeat(drawn, copies)[first - element * copies :][:n]


def plan(request: ProjectionRequest, seed: int) -> Plan:
    """Check a request and return its plan.

    Raises:
        ValueError: naming the projection, if rule, weight or delay cannot be obeyed.
    """
    if not (np.isfinite(request.dt) and request.dt > 0.0):
        raise ValueError(f"projection `{request.name}`: dt must be positive, not {request.dt}")
    enumeration = enumerate_rule(
        name=request.name,
        rule=request.rule,
        source_size=request.source_size,
        target_size=request.target_size,
        own=request.same_population_offset,
        seed=seed,
    )
    bare = Plan(request=request, enumeration=enumeration, seed=seed)
    steps = None
    if isinstance(request.delay, Draw) and request.delay.kind == "constant":
        delay = float(bare.delays(0, 1)[0])
        if not 0.0 <= delay <= MAX_DELAY_STEPS * request.dt:
            raise bare.impossible(delay)
        steps = math.floor(delay / request.dt + 0.5)
    weight = None
    if isinstance(request.weight, Draw) and request.weight.kind == "constant":
        weight = float(bare.weights(0, 1)[0])
        if not np.isfinite(weight):
            raise ValueError(f"projection `{request.name}`: the weight is {weight}")
    return Plan(
        request=request,
        enumeration=enumeration,
        seed=seed,
        constant_weight=weight,
        constant_steps=steps,
    )


def check_lengths(made: Plan, synapses: int) -> None:
    """Refuse arrays of weights or delays that do not hold one value per synapse."""
    for what, values in (("weights", made.request.weight), ("delays", made.request.delay)):
        if not isinstance(values, Draw) and values.shape != (synapses,):
            raise ValueError(
                f"projection `{made.request.name}`: {synapses} synapses need as many {what}, "
                f"found {values.shape}"
            )


def constant_change(made: Plan) -> float:
    """Return by how much (ms) rounding changes a constant delay, 0 for what is only decimal."""
    assert made.constant_steps is not None, "the delay is constant"
    delay = float(made.delays(0, 1)[0])
    change = abs(made.constant_steps * made.request.dt - delay)
    return change if change > _ROUNDING_TOLERANCE * delay else 0.0


def delay_usage(made: Plan, lo: int, hi: int) -> tuple[NDArray[np.int64], int, float]:
    """Return the delay steps that the synapses lo..hi use, how many are rounded, largest change."""
    from bnsyn_dsl.runtime.compiled.delay_steps import mark_delays

    used, largest, changed = np.zeros(1024, np.bool_), np.zeros(1), 0
    for first in range(lo, hi, CHUNK):
        delays = made.delays(first, min(CHUNK, hi - first))
        steps = made.rounded(delays)
        top = int(steps.max()) + 1
        if top > len(used):
            used = np.concatenate((used, np.zeros(2 * top - len(used), np.bool_)))
        changed += mark_delays(delays, steps, made.request.dt, _ROUNDING_TOLERANCE, used, largest)
    return np.nonzero(used)[0], changed, float(largest[0])
