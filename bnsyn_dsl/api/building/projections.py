"""Projections in Python: synapses by a rule or listed, and drives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.argument_syntax import (
    array_node,
    as_array,
    finite,
    projection_of,
    span_of,
    value_node,
)
from bnsyn_dsl.api.building.arrays import Arrays, ProjectionArrays
from bnsyn_dsl.api.building.learning import learning_settings, model_settings, rule_use
from bnsyn_dsl.api.building.places import (
    Poisson,
    PopulationPart,
    Side,
    add_items,
    append_section,
    places_of,
    shown_side,
)
from bnsyn_dsl.api.loading import Origin, checked_name
from bnsyn_dsl.api.model_handles import ModelHandle
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.semantics.plan import RulePlan
from bnsyn_dsl.syntax import nodes

__all__ = [
    "Connection",
    "add_projection",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The arguments of `connect` besides its two ends and its synapse."""

    rule: str | None
    sources: object
    targets: object
    weight: object
    delay: object
    name: str | None
    plasticity: object = None
    states: Mapping[str, object] = field(default_factory=dict)
    gain: object = None
    dendritic_delay: object = None


def add_projection(
    origin: Origin, arrays: Arrays, source: Side | Poisson, target: Side, mix: object,
    how: Connection,
) -> None:  # fmt: skip
    """Write a projection; see `Network.connect`."""
    where = f"connect({shown_side(source)}, {shown_side(target)})"
    handle = mix if isinstance(mix, ModelHandle) else None
    text = handle.name if handle is not None else str(mix)
    rule, explicit = _rule(source, target, how, where)
    drawn = projection_of(text, rule, where)
    span = span_of(f"{shown_side(source)} -> {shown_side(target)} : {text} {rule}", where)
    mine = ProjectionArrays(span=span, rule=explicit)
    number = None if explicit is None else len(explicit.sources)  # type: ignore[arg-type]
    if number is None and rule.strip() == "one_to_one" and isinstance(target, PopulationPart):
        number = len(target)
    settings = []
    for what, value in (("weight", how.weight), ("delay", how.delay)):
        if value is None:
            continue
        node, found = _per_synapse(value, what, number, where)
        settings.append(nodes.Setting(name=what, value=node, span=node.span))
        if what == "weight":
            mine.weight = found
        elif isinstance(source, Poisson) and found is not None:
            raise wrong(f"`delay` of {where} must be one value for a drive")
        else:
            mine.delay = found
    settings += learning_settings(
        where, gain=how.gain, dendritic_delay=how.dendritic_delay, states=how.states
    )
    if any(x is not None for x in (mine.rule, mine.weight, mine.delay)):
        arrays.projections.append(mine)
    made = replace(
        drawn,
        sources=_drive(source, where) if isinstance(source, Poisson) else places_of(source, where),
        targets=places_of(target, where),
        name=None if how.name is None else checked_name(how.name, where),
        settings=tuple(settings),
        span=span,
    )
    if handle is not None:
        add_items(origin, handle)
        (share,) = made.mix
        use = replace(share.use, settings=model_settings(handle, where))
        made = replace(made, mix=(replace(share, use=use),))
    if how.plasticity is not None:
        made = replace(made, plasticity=rule_use(origin, how.plasticity, where))
    append_section(origin, nodes.Projections(projections=(made,), span=span))


def _rule(
    source: Side | Poisson, target: Side, how: Connection, where: str
) -> tuple[str, RulePlan | None]:
    if how.sources is None and how.targets is None:
        if how.rule is None and not isinstance(source, Poisson):
            hint = 'rule="pairwise_bernoulli(0.1)", or sources=... and targets=...'
            raise wrong(f"{where} needs a rule", help=hint)
        return how.rule or "one_to_one", None
    if how.sources is None or how.targets is None or how.rule is not None:
        raise wrong(f"{where} needs either a rule, or both sources and targets")
    if not isinstance(source, PopulationPart) or not isinstance(target, PopulationPart):
        message = f"{where} joins listed neurons, so each end must be one population"
        raise wrong(message, help="what `net.population(...)` returned, or a part of it")
    ends = [
        _indices(how.sources, "sources", len(source), where),
        _indices(how.targets, "targets", len(target), where),
    ]
    if len(ends[0]) != len(ends[1]):
        message = f"`sources` and `targets` of {where} must have one length"
        raise wrong(f"{message}, found {len(ends[0])} and {len(ends[1])}", code="BN461")
    return "all_to_all", RulePlan(
        kind="explicit", sources=ends[0], targets=ends[1], autapses=True, multapses=True
    )


def _indices(value: object, name: str, size: int, where: str) -> NDArray[np.int64]:
    found = np.asarray(value)
    if found.ndim != 1 or not (found.size == 0 or np.issubdtype(found.dtype, np.integer)):
        kind = f"shape {found.shape} of {found.dtype}"
        message = f"`{name}` of {where} must be a list of whole numbers, found {kind}"
        raise wrong(message, code="BN461")
    outside = np.flatnonzero((found < 0) | (found >= size))
    if len(outside):
        message = f"`{name}` of {where} must lie in 0 to {size - 1}"
        raise wrong(f"{message}, found {found[outside[0]]} at index {outside[0]}", code="BN461")
    return found.astype(np.int64)


def _per_synapse(
    value: object, what: str, number: int | None, where: str
) -> tuple[nodes.Expr, NDArray[np.float64] | None]:
    values = as_array(value, what, where)
    if values is None:
        return value_node(value, what, where), None
    if number is None:
        message = f"`{what}` of {where} is an array, but the synapses are not listed"
        hint = "give sources and targets, or an expression such as `normal(6 nS, 1 nS)`"
        raise wrong(message, help=hint, code="BN461")
    if values.values.shape != (number,):
        shape = values.values.shape
        message = f"`{what}` of {where} needs one value for each of {number} synapses"
        raise wrong(f"{message}, found an array of shape {shape}", code="BN461")
    numbers = finite(values, what, where)
    if what == "delay" and len(numbers) and numbers.min() < 0:
        at = int(np.argmin(numbers))
        raise wrong(f"`delay` of {where} is negative at index {at}", code="BN451")
    return array_node(values, what, where), numbers


def _drive(source: Poisson, where: str) -> nodes.Call:
    rate = value_node(source.rate, "rate", where)
    return nodes.Call(function="poisson", args=(rate,), span=rate.span)
