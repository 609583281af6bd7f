"""Populations in Python: their neurons, and settings that may be arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.argument_syntax import (
    array_node,
    as_array,
    finite,
    series_node,
    span_of,
    value_node,
)
from bnsyn_dsl.api.building.arrays import Arrays
from bnsyn_dsl.api.building.places import PopulationPart, add_items, append_section
from bnsyn_dsl.api.loading import Origin, checked_name
from bnsyn_dsl.api.model_handles import ModelHandle, as_handle
from bnsyn_dsl.api.quantities import as_measured, wrong
from bnsyn_dsl.api.timed_array import TimedArray
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE
from bnsyn_dsl.semantics.units import find_unit
from bnsyn_dsl.syntax import nodes

__all__ = [
    "add_population",
]

_MS = find_unit("ms")


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
