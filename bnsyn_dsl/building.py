"""Calls of Python write the syntax tree of a network: `population`, `connect`, `record`.

In: arguments. Out: sections appended to the network's block, and the arrays among the arguments.
What a file could say is checked by the same code as a file; here only what Python alone can get
wrong is refused: types, shapes, NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.arguments import (
    array_node,
    as_array,
    projection_of,
    series_node,
    span_of,
    value_node,
    values_of,
)
from bnsyn_dsl.building_learning import learning_settings, model_settings, rule_use
from bnsyn_dsl.building_places import (
    Poisson,
    PopulationPart,
    Side,
    add_items,
    append_section,
    places_of,
    poisson,
    shown_side,
)
from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.injection import Arrays, ProjectionArrays
from bnsyn_dsl.live.modulators import Modulator
from bnsyn_dsl.live.synapses import Synapses
from bnsyn_dsl.loading import Origin, checked_name
from bnsyn_dsl.models import ModelHandle, as_handle
from bnsyn_dsl.quantities import Measured, as_measured, wrong
from bnsyn_dsl.semantics.plan import RulePlan
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE
from bnsyn_dsl.semantics.units import find_unit
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.timed_array import TimedArray

__all__ = [
    "Connection",
    "Poisson",
    "PopulationPart",
    "Side",
    "add_population",
    "add_probe",
    "add_projection",
    "poisson",
]

_MS = find_unit("ms")


# ------------------------------------------------------------------------- populations


def add_population(
    origin: Origin,
    arrays: Arrays,
    name: str,
    model: object,
    size: object,
    settings: Mapping[str, object],
) -> PopulationPart:
    """Write a population; see `Network.population`."""
    checked_name(name, "a population")
    where = f"population `{name}`"
    number, handle = whole_size(size, where), as_handle(model)
    settings = {**handle.settings, **settings}
    taken = [m.name for s in origin.network.sections if isinstance(s, nodes.Populations)
             for m in s.members]  # fmt: skip
    if name in taken:
        raise wrong(f"there is a population or group `{name}` already", code="BN236")
    span = span_of(f"{name} : {handle.name}[{number}]", where)
    use = nodes.ModelUse(
        model=handle.name, settings=_settings(arrays, name, number, handle, settings), span=span
    )
    member = nodes.Population(
        name=name, size=nodes.Number(text=str(number), span=span), use=use, span=span
    )
    add_items(origin, handle)
    append_section(origin, nodes.Populations(members=(member,), span=span))
    return PopulationPart(name=name, first=0, last=number, model=handle)


def whole_size(size: object, where: str) -> int:
    if isinstance(size, bool) or not hasattr(size, "__index__") or size.__index__() < 1:
        raise wrong(f"the size of {where} must be a whole number of at least 1, found {size!r}")
    return int(size.__index__())


def _settings(
    arrays: Arrays, name: str, size: int, handle: ModelHandle, given: Mapping[str, object]
) -> tuple[nodes.Setting, ...]:
    where = f"population `{name}`"
    made, kept = [], {}
    for key, value in given.items():
        owner, _, member = key.rpartition(".")
        if handle.name == SPIKE_SOURCE and key == "times" and not isinstance(value, str):
            arrays.times[name] = _spike_times(value, size, where)
            node: nodes.Expr = value_node("[0 ms]", "times", where)
        elif isinstance(value, TimedArray):
            arrays.series.setdefault(name, {})[key] = _columns(value, key, size, where)
            node = series_node(value.measured, key, where)
        elif (values := as_array(value, key, where)) is not None:
            if values.values.shape != (size,):
                shape = values.values.shape
                message = f"`{key}` of {where} needs one value for each of {size} neurons"
                raise wrong(f"{message}, found an array of shape {shape}", code="BN461")
            kept[key] = finite(values, key, where)
            node = array_node(values, key, where)
        else:
            node = value_node(value, key, where)
        made.append(nodes.Setting(owner=owner or None, name=member, value=node, span=node.span))
    if kept:
        arrays.settings[name] = kept
    return tuple(made)


def _columns(value: TimedArray, key: str, size: int, where: str) -> TimedArray:
    shape = value.measured.values.shape
    if not value.is_shared and shape[1] != size:
        message = f"`{key}` of {where} needs one column for each of {size} neurons"
        hint = "one value in time for all neurons has the shape (rows,)"
        raise wrong(f"{message}, found an array of shape {shape}", code="BN461", help=hint)
    return value


def finite(measured: Measured, name: str, where: str) -> NDArray[np.float64]:
    """Return the numbers of an array argument, after refusing what is not finite."""
    bad = np.flatnonzero(~np.isfinite(measured.values))
    if len(bad):
        raise wrong(f"`{name}` of {where} is not finite at index {bad[0]}", code="BN461")
    return np.ascontiguousarray(measured.values)


def _spike_times(value: object, size: int, where: str) -> tuple[NDArray[np.float64], ...]:
    rows = list(value) if isinstance(value, list | tuple) else [value]
    shapes = [as_measured(r, f"`times` of {where}").values.ndim for r in rows]
    is_nested = isinstance(value, list | tuple) and any(shapes)
    if is_nested and len(rows) != size:
        message = f"`times` of {where} needs one array for each of {size} neurons"
        raise wrong(f"{message}, found {len(rows)}", code="BN461")
    found = [_times(r, where) for r in rows] if is_nested else [_times(value, where)] * size
    return tuple(found)


def _times(value: object, where: str) -> NDArray[np.float64]:
    measured = as_measured(value, f"`times` of {where}")
    assert _MS is not None
    if len(np.atleast_1d(measured.values)) and measured.dimension != _MS.dimension:
        raise wrong(
            f"`times` of {where} must be times with a unit",
            code="BN462",
            help='`bns.quantity([10, 30], "ms")`',
        )
    times = np.sort(finite(measured, "times", where).reshape(-1))
    if len(times) and times[0] < 0:
        raise wrong(f"`times` of {where} must not be negative", code="BN445")
    return times


# ------------------------------------------------------------------------- projections


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


# ------------------------------------------------------------------------------ probes


def add_probe(
    origin: Origin, place: Side | Modulator | Synapses, values: str, every: object
) -> None:
    """Write a probe; see `Network.record`."""
    where = f"record({shown_side(place)})"
    if not isinstance(values, str):
        raise wrong(f"what to record must be text such as `V_m`, found {values!r}")
    span: Span = span_of(f"{values} of {shown_side(place)}", where)
    probe = nodes.Probe(
        values=values_of(values, where),
        places=places_of(place, where),
        every=None if every is None else value_node(every, "every", where),
        span=span,
    )
    append_section(origin, nodes.Record(probes=(probe,), span=span))


# ----------------------------------------------------------------------------- inside


def _drive(source: Poisson, where: str) -> nodes.Call:
    rate = value_node(source.rate, "rate", where)
    return nodes.Call(function="poisson", args=(rate,), span=rate.span)
