"""Projections and drives of a plan as requests to the connectivity builder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.numbering import Numbering
from bnsyn_dsl.assembly.values import element_values, largest, synapse_draw
from bnsyn_dsl.diagnostics import BnsError, Span, error
from bnsyn_dsl.runtime.connectivity import BuiltTables, Port, ProjectionRequest, Rule, synapses
from bnsyn_dsl.runtime.draws import Draw
from bnsyn_dsl.runtime.fixed_point import scale_bits
from bnsyn_dsl.runtime.simulation import MOST_FACTOR
from bnsyn_dsl.semantics.plan import DrivePlan, NetworkPlan, PlanValue, PortPlan, ProjectionPlan

__all__ = [
    "Inboxes",
    "lay_out_inboxes",
    "local_request",
    "place_tables",
    "projection_request",
    "refuse",
    "synapse_values",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inboxes:
    """Ranges of the flat inbox: for (system, receptor) its base and its fixed point."""

    base: dict[tuple[int, int], int]
    bits: dict[tuple[int, int], int]
    size: int


def lay_out_inboxes(
    plan: NetworkPlan,
    numbering: Numbering,
    sizes: Sequence[tuple[int, int]],
    weights: dict[str, Draw | NDArray[np.float64]],
    factored: set[str],
    most: Mapping[str, float],
) -> Inboxes:
    """Give every receptor a range of the inbox and a scale; `sizes` are (neurons, receptors).

    `most` is the largest factor that gain and learning may put on the weights of a projection.
    The scale follows from the largest weight that can ever arrive and the largest number of
    arrivals of one step, so that no sum can overflow.
    """
    bounds: dict[tuple[int, int], tuple[float, float]] = {}
    arriving: list[ProjectionPlan | DrivePlan] = [*plan.projections, *plan.drives]
    for one in arriving:
        system = numbering.place[one.target.population][0]
        for port in one.ports:
            key = (system, port.receptor)
            top, arrivals = bounds.get(key, (0.0, 0.0))
            size = abs(port.share) * largest(weights[one.name])
            if not math.isfinite(size):
                message = f"the weight of `{one.name}` can become infinite or not a number"
                raise refuse(ValueError(message), one.span)
            size *= most.get(one.name, 1.0)
            if one.name in factored:
                size *= MOST_FACTOR
            bounds[key] = (max(top, size), arrivals + _most_arrivals(one, plan.dt))
    base: dict[tuple[int, int], int] = {}
    bits: dict[tuple[int, int], int] = {}
    at = 0
    for system, (neurons, receptors) in enumerate(sizes):
        for receptor in range(receptors):
            key = (system, receptor)
            top, arrivals = bounds.get(key, (0.0, 0.0))
            base[key] = at
            bits[key] = scale_bits(top, math.ceil(arrivals))
            at += neurons
    return Inboxes(base=base, bits=bits, size=at)


def _most_arrivals(one: ProjectionPlan | DrivePlan, dt: float) -> float:
    """Return how many weights of this projection one target can get in a step."""
    if isinstance(one, DrivePlan):
        mean = one.rate * dt if isinstance(one.rate, float) else 1000.0
        return mean + 12.0 * math.sqrt(mean) + 40.0
    rule, sources = one.rule, one.source.size
    match rule.kind:
        case "one_to_one":
            return 1.0
        case "fixed_indegree":
            return float(rule.count)
        case "fixed_outdegree" if rule.multapses:
            mean = rule.count * sources / one.target.size
            return min(float(rule.count * sources), mean + 12.0 * math.sqrt(mean) + 40.0)
        case "fixed_total_number" if rule.multapses:
            mean = rule.count / one.target.size
            return min(float(rule.count), mean + 12.0 * math.sqrt(mean) + 40.0)
        case "explicit":
            assert rule.targets is not None
            return float(np.bincount(rule.targets).max()) if len(rule.targets) else 0.0
        case _:
            return float(sources)


def _rule(one: ProjectionPlan) -> Rule:
    """Return the connection rule of a projection as the builder takes it."""
    rule = one.rule
    return Rule(
        kind=rule.kind,  # type: ignore[arg-type]
        p=rule.p,
        count=rule.count,
        autapses=rule.autapses,
        multapses=rule.multapses,
        symmetric=rule.symmetric,
        sources=rule.sources,
        targets=rule.targets,
    )


def _own_offset(one: ProjectionPlan) -> int | None:
    """Return i - j where source i and target j are one neuron, None for two populations."""
    same = one.source.population == one.target.population
    return one.target.first - one.source.first if same else None


def projection_request(
    one: ProjectionPlan,
    numbering: Numbering,
    inboxes: Inboxes,
    ports: Sequence[PortPlan],
    plan: NetworkPlan,
    *,
    factored: bool = False,
    weight: Draw | NDArray[np.float64] | None = None,
) -> ProjectionRequest:
    """Return the request for one projection and some of its ports."""
    system, first = numbering.place[one.target.population]
    return ProjectionRequest(
        name=one.name,
        rule=_rule(one),
        source_base=numbering.first_id[one.source.population] + one.source.first,
        source_size=one.source.size,
        target_size=one.target.size,
        ports=tuple(
            Port(
                inbox_base=inboxes.base[system, p.receptor] + first + one.target.first,
                scale_bits=inboxes.bits[system, p.receptor],
                share=p.share,
            )
            for p in ports
        ),
        same_population_offset=_own_offset(one),
        weight=weight if weight is not None else Draw(kind="constant", a=0.0),
        delay=_settled(one, one.delay, "delay", plan),
        dt=plan.dt,
        factored=factored,
    )


def local_request(
    one: ProjectionPlan, plan: NetworkPlan, weight: Draw | NDArray[np.float64]
) -> ProjectionRequest:
    """Return the request for a projection with tables of its own.

    Sources and targets are counted within their parts, weights are as they are.
    """
    return ProjectionRequest(
        name=one.name,
        rule=_rule(one),
        source_base=0,
        source_size=one.source.size,
        target_size=one.target.size,
        ports=(Port(inbox_base=0, scale_bits=0, share=1.0),),
        same_population_offset=_own_offset(one),
        weight=weight,
        delay=_settled(one, one.delay, "delay", plan),
        dt=plan.dt,
        factored=True,
    )


def synapse_values(
    one: ProjectionPlan, value: PlanValue, what: str, plan: NetworkPlan
) -> Draw | NDArray[np.float64]:
    """Return weights or delays of a projection, drawn per synapse where they must be."""
    return _settled(one, value, what, plan)


def _settled(
    one: ProjectionPlan, value: PlanValue, what: str, plan: NetworkPlan
) -> Draw | NDArray[np.float64]:
    drawn = synapse_draw(value)
    if drawn is not None:
        return drawn
    # a formula of several draws: one value per synapse, in canonical order
    count = _count(one, plan)
    values = element_values(value, count, {}, plan.seed, f"{one.name}.{what}")
    return np.broadcast_to(np.asarray(values, np.float64), (count,)).copy()


def _count(one: ProjectionPlan, plan: NetworkPlan) -> int:
    probe = ProjectionRequest(
        name=one.name,
        rule=_rule(one),
        source_base=0,
        source_size=one.source.size,
        target_size=one.target.size,
        ports=(),
        same_population_offset=_own_offset(one),
        weight=Draw(kind="constant", a=0.0),
        delay=Draw(kind="constant", a=plan.dt),
        dt=plan.dt,
    )
    return len(synapses(probe, plan.seed)[0])


def place_tables(built: BuiltTables, own: list[dict[str, object]], prefix: str) -> list[int]:
    """Hand each thread its table; return the delays in steps."""
    names = (
        "delays", "cell_groups", "group_start", "group_weight", "group_offset", "targets",
        "weights",
    )  # fmt: skip
    for arguments, table in zip(own, built.tables, strict=True):
        arguments.update({f"{prefix}{n}": getattr(table, n) for n in names})
    return [int(d) for d in built.tables[0].delays]


def refuse(problem: Exception, span: Span | None) -> BnsError:
    """Return what the builder found wrong as a diagnostic."""
    return BnsError([error("BN404", str(problem), span)])
