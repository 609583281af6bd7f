"""Continuous synapses as arguments of the time loop: tables, states, arrays they read and fill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.connections import local_request, synapse_values
from bnsyn_dsl.assembly.table_order import weights_of
from bnsyn_dsl.runtime.connection_requests import Port
from bnsyn_dsl.runtime.connectivity import DeliveryTable
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.plan import ProjectionPlan
from bnsyn_dsl.wiring.couplings import CouplingPlan

__all__ = ["coupling_arguments", "target_runs"]

_TABLE = (
    "delays", "cell_groups", "group_start", "group_weight", "group_offset", "targets", "weights",
)  # fmt: skip


def coupling_arguments(
    builder: Any, plans: list[CouplingPlan], own: list[dict[str, Any]], shared: dict[str, Any]
) -> list[int]:
    """Add the arguments of all continuous synapses, and form the sums that stay.

    Returns the delays in steps of those that spikes move.
    """
    delays: list[int] = []
    for number, one in enumerate(plans):
        tables = _tables(builder, one)
        if one.lowered.on_pre:
            delays += [int(d) for d in tables[0].delays]
        _form_fixed(builder, one, tables)
        if one.lowered.values:
            _add(builder, number, one, tables, own, shared)
    return delays


def _tables(builder: Any, one: CouplingPlan) -> list[DeliveryTable]:
    """Build the synapses; targets are places in the arrays of their system."""
    projection = one.projection
    if not one.lowered.on_pre:
        projection = replace(projection, delay=0.0)  # without events there is nothing to be late
    weight = synapse_values(projection, projection.weight, "weight", builder.plan)
    request = local_request(projection, builder.plan, weight)
    system, first = builder.numbering.place[projection.target.population]
    port = Port(inbox_base=first + projection.target.first, scale_bits=0, share=_scale(projection))
    built = builder.local_tables(
        replace(request, ports=(port,)), projection.source.size, list(builder.bounds[system])
    )
    return list(built.tables)


def _scale(projection: ProjectionPlan) -> float:
    (port,) = projection.ports
    assert isinstance(projection.gain, float)
    return port.share * projection.gain


def _form_fixed(builder: Any, one: CouplingPlan, tables: list[DeliveryTable]) -> None:
    for k, weighted, value in one.fixed:
        total = _sum(builder, one, f"{one.receptor.name}:sum{k}")
        for table in tables:
            amount = weights_of(table) * value if weighted else np.full(len(table.targets), value)
            np.add.at(total, table.targets, amount)  # one after the other, in the order given


def _sum(builder: Any, one: CouplingPlan, name: str) -> NDArray[np.float64]:
    system = builder.numbering.place[one.projection.target.population][0]
    columns = builder.systems[system].compiled.manifest.gathered
    found = next(c.name for c in columns if c.source == name)
    array: NDArray[np.float64] = builder.systems[system].arrays[f"{found}_all"]
    return array


def _add(
    builder: Any,
    number: int,
    one: CouplingPlan,
    tables: list[DeliveryTable],
    own: list[dict[str, Any]],
    shared: dict[str, Any],
) -> None:
    prefix, source = f"coupled{number}_", one.projection.source
    shared[f"{prefix}place"] = np.array(
        [builder.numbering.first_id[source.population] + source.first, source.size, source.first],
        np.int64,
    )
    shared[f"{prefix}par"] = np.array([*one.values, 0.0])
    for ident, symbol in one.lowered.members:
        shared[f"{prefix}{ident}_all"] = _member(builder, one, symbol)
    for j, name in enumerate(one.sums):
        shared[f"{prefix}total{j}"] = _sum(builder, one, name)
    initial = [one.receptor.initial[s.name] for s in one.receptor.synapse.states]
    for arguments, table in zip(own, tables, strict=True):
        cells = source.size * max(len(table.delays), 1)
        arguments.update({f"{prefix}{n}": getattr(table, n) for n in _TABLE})
        arguments[f"{prefix}runs"] = target_runs(table.targets, np.asarray(table.group_start))
        states = np.zeros((max(len(initial), 1), cells))
        for row, value in enumerate(initial):
            assert isinstance(value, float), "it is checked when couplings are set apart"
            states[row] = value
        arguments[f"{prefix}states"] = states


def _member(builder: Any, one: CouplingPlan, symbol: Symbol) -> NDArray[Any]:
    """Return the array of a source's `pre.x`, cut to the part that projects."""
    source = one.projection.source
    system, first = builder.numbering.place[source.population]
    first += source.first
    arrays, manifest = builder.systems[system].arrays, builder.systems[system].compiled.manifest
    if symbol.kind == "refractory":
        array = arrays["refractory"]
    else:
        columns = (*manifest.states, *manifest.varying, *manifest.gathered)
        array = arrays[f"{next(c.name for c in columns if c.source == symbol.name)}_all"]
    found: NDArray[Any] = array[first : first + source.size]
    return found


def target_runs(group_targets: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each group how many of its targets lie side by side at its beginning.

    0 where it has more than two such runs: `all_to_all` without autapses has one or two.
    """
    targets: NDArray[np.int64] = group_targets.astype(np.int64)
    begin, end = starts[:-1], starts[1:]
    breaks = np.flatnonzero(targets[1:] - targets[:-1] != 1) + 1  # places where a run begins
    first, last = np.searchsorted(breaks, begin, "right"), np.searchsorted(breaks, end, "left")
    found = end - begin
    split = last - first == 1
    found[split] = breaks[first[split]] - begin[split]
    found[last - first > 1] = 0
    return found
