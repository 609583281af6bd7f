"""Reductions as arguments of the time loop, and how far weights may grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.assembly.values import largest
from bnsyn_dsl.compiler import CompiledNetwork
from bnsyn_dsl.runtime.draws import Draw
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.wiring.learning import LearnedProjection

__all__ = ["largest_growth", "reduction_arguments"]

# a gain that is wired, and a weight without bounds, may grow by this factor: the run stops beyond
_ROOM = 1024.0


def largest_growth(
    compiled: CompiledNetwork, weights: Mapping[str, Draw | NDArray[np.float64]]
) -> dict[str, float]:
    """Return for each projection by how much its weights may exceed those it is built with."""
    found: dict[str, float] = {}
    for projection in compiled.plan.projections:
        gain = projection.gain
        found[projection.name] = abs(gain) if isinstance(gain, float) else _ROOM
    for rule in compiled.rules:
        name = rule.learned.projection.name
        start = largest(weights[name])
        bound = _bound(rule.learned)
        if bound is None:
            found[name] *= _ROOM
        elif start > 0.0:
            found[name] *= max(bound / start, 1.0)
        else:
            found[name] *= _ROOM
    return found


def _bound(learned: LearnedProjection) -> float | None:
    bounds = learned.system.weight_bounds
    if bounds is None:
        return None
    environment = Environment(symbols=learned.learning.constants, functions=HOST_FUNCTIONS)
    ends = [abs(float(evaluate(b, environment))) for b in (bounds.low, bounds.high)]
    return max(ends) if np.isfinite(max(ends)) else None


def reduction_arguments(builder: Any, own: list[dict[str, Any]], shared: dict[str, Any]) -> None:
    """Add the arguments of all reductions."""
    shape, plan = builder.compiled.shape, builder.plan
    if not shape.reductions:
        return
    count = len(shape.reductions)
    shared["reduced"] = np.zeros(count)
    shared["partial"] = np.zeros((builder.n_threads, count))
    sizes = {p.name: p.size for p in plan.pools}
    for number, (one, source) in enumerate(
        zip(shape.reductions, builder.compiled.reductions, strict=True)
    ):
        values = [plan.parameters[name] for _, name in one.wire.parameters]
        shared[f"reduction{number}_par"] = np.array([*values, 0.0])
        if one.learning is not None:
            synapses = builder.learning[one.learning]
            shared[f"reduction{number}_range"] = np.array([0, 0, len(synapses)], np.int64)
            name, rows = f"learning{one.learning}_settled", max(len(synapses.states), 1)
            for arguments, table in zip(own, synapses.tables, strict=True):
                if name not in arguments:  # one for all reductions of these synapses
                    arguments[name] = np.zeros((rows, len(table.targets)))
            continue
        first, size = 0, sizes.get(source.owner, 0)
        if source.kind == "population":
            first = builder.numbering.place[source.owner][1]
            size = plan.population(source.owner).size
        limits = [first, first + size, size]
        shared[f"reduction{number}_range"] = np.array(limits, np.int64)
