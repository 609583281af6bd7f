"""Delivery tables as lists of synapses, in the order of (source, target)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connectivity import DeliveryTable

__all__ = ["canonical_order", "weights_of"]


def weights_of(table: DeliveryTable) -> NDArray[np.float64]:
    """Return the weight of every synapse of a table."""
    starts: NDArray[np.int64] = np.asarray(table.group_start, np.int64)
    sizes = _sizes(starts)
    spread = np.repeat(np.asarray(table.group_weight, np.float64), sizes)
    individual = np.repeat(table.group_offset >= 0, sizes)
    if individual.any():
        shift = np.repeat(table.group_offset - starts[:-1], sizes)
        at = np.arange(len(table.targets)) + shift
        spread[individual] = np.asarray(table.weights)[at[individual]]
    return spread


def _sizes(starts: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many elements lie between each two of ascending places."""
    places: NDArray[np.int64] = starts.astype(np.int64)
    return places[1:] - places[:-1]


def canonical_order(
    tables: Sequence[DeliveryTable], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the permutation to (source, target) order, and sources, targets, delays in it."""
    sources, targets, delays = [], [], []
    for table in tables:
        n_delays = len(table.delays)
        groups = _sizes(table.cell_groups)[: rows * n_delays]
        cell = np.repeat(np.arange(rows * n_delays), groups)
        of_synapse = np.repeat(cell, _sizes(table.group_start))
        sources.append(of_synapse // max(n_delays, 1))
        delays.append(table.delays[of_synapse % max(n_delays, 1)] if n_delays else of_synapse)
        targets.append(table.targets.astype(np.int64))
    source, target, delay = (np.concatenate(x) for x in (sources, targets, delays))
    order = np.lexsort((target, source))
    return order, source[order], target[order], delay[order]
