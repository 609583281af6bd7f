"""States of plasticity rules that became infinite or not a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.learning import LearningSynapses
from bnsyn_dsl.runtime.stops import SynapseNotFinite

__all__ = ["wild_synapse"]

# owner, names of the rows, values, and what an index of a row is of the owner
_Array: TypeAlias = tuple[str, tuple[str, ...], NDArray[np.float64], Callable[[int], int]]


def wild_synapse(synapses: LearningSynapses, step: int) -> SynapseNotFinite | None:
    """Return the first state that is no finite number, or None."""
    projection = synapses.learned.projection.name
    for owner, names, values, place in _arrays(synapses):
        for name, row in zip(names, values, strict=False):
            bad = _first_wild(row)
            if bad is not None:
                index, value = place(bad), float(row[bad])
                return SynapseNotFinite(projection, name, owner, index, step, value)
    return None


def _first_wild(values: NDArray[np.float64]) -> int | None:
    """Return the first index of an infinity or NaN; a pass that writes nothing tells if any is."""
    with np.errstate(all="ignore"):
        total = values.sum()
    if np.isfinite(total):
        return None
    bad = np.flatnonzero(~np.isfinite(values))
    return int(bad[0]) if len(bad) else None


def _arrays(synapses: LearningSynapses) -> Iterator[_Array]:
    system, prefix = synapses.learned.system, synapses.prefix
    pre, post = (tuple(s.name for s in system.owned(o)) for o in ("pre", "post"))
    first = 0
    for own, table in zip(synapses.own, synapses.tables, strict=True):

        def synapse(j: int, first: int = first) -> int:
            return int(np.flatnonzero(synapses.order == first + j)[0])

        def neuron(cell: int, n_delays: int = len(table.delays)) -> int:
            return cell // max(n_delays, 1)

        yield "pre", pre, own[f"{prefix}pre"], neuron
        yield "synapse", synapses.states, own[f"{prefix}synapse"], synapse
        first += len(table.targets)
    added = tuple(part.state for part in system.increments)
    yield "post", post, synapses.own[0][f"{prefix}post"], int
    yield "post", added, synapses.own[0][f"{prefix}sums"], int
