"""Delivery tables: their form, and the memory and places of their groups.

A table is a CSR over network-wide source neurons. Cell (row, k), k an index of `delays`, owns
groups `cell_groups[row D + k]` to `cell_groups[row D + k + 1]`; group g has the targets
`group_start[g]` to `group_start[g + 1]`, ascending inbox indices, and one weight for all
(`group_offset[g]` = -1), or individual ones: synapse j of g then has
`weights[group_offset[g] + j - group_start[g]]`. A synapse of equal weight takes 4 bytes, else 12.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.compiled.delivery_tables import lay_out_groups, sort_groups
from bnsyn_dsl.runtime.connection_classes import WeightClass
from bnsyn_dsl.runtime.connection_passes import Counters
from bnsyn_dsl.runtime.connection_requests import Integers
from bnsyn_dsl.runtime.connection_survey import Crew
from bnsyn_dsl.runtime.memory import require_memory

__all__ = ["DeliveryTable", "Layout", "lay_out"]

Weights = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTable:
    """The synapses of one thread. Delays are in steps, ascending; targets are inbox indices."""

    delays: Integers
    cell_groups: NDArray[np.uint32]
    group_start: Integers
    group_weight: Weights
    group_offset: Integers
    targets: NDArray[np.uint32]
    weights: Weights

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, each.name).nbytes for each in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Memory of all tables. `targets` and `bits` are one array each, cut by thread at `ends`."""

    delays: Integers
    ends: Integers  # [thread + 1, (groups, synapses, weights)], sums
    cells: list[NDArray[np.uint32]]
    starts: list[Integers]
    group_bits: list[Integers]
    offsets: list[Integers]
    targets: NDArray[np.uint32]
    bits: Integers

    def table(self, thread: int, *, encoded: bool) -> DeliveryTable:
        """Return the table of one thread; weights are integers if encoded, else doubles."""
        (_, lo, first), (_, hi, end) = self.ends[thread], self.ends[thread + 1]
        return DeliveryTable(
            delays=self.delays,
            cell_groups=self.cells[thread],
            group_start=self.starts[thread],
            group_weight=_seen(self.group_bits[thread], encoded),
            group_offset=self.offsets[thread],
            targets=self.targets[lo:hi],
            weights=_seen(self.bits[first:end], encoded),
        )

    def sort(self, thread: int) -> None:
        """Sort the groups of one thread."""
        (_, lo, first), (_, hi, end) = self.ends[thread], self.ends[thread + 1]
        sort_groups(
            self.starts[thread], self.offsets[thread], self.targets[lo:hi], self.bits[first:end]
        )


def lay_out(
    classes: list[WeightClass], counters: Counters, delays: Integers, n_rows: int, crew: Crew
) -> Layout:
    """Give each group its place, take the memory, and turn the counts into positions.

    Raises:
        NotEnoughMemory: before the memory is taken.
    """
    sizes = np.zeros((crew.threads, 3), np.int64)
    nothing = _reserve(delays, sizes, 0)
    crew.run(
        lambda t: _number_groups(nothing, t, classes, counters, n_rows, sizes[t], fill=False),
        range(crew.threads),
    )
    groups, synapses, weights = (int(n) for n in sizes.sum(axis=0))
    cells = n_rows * len(delays) + 1
    require_memory(
        4 * synapses + 8 * weights + 24 * groups + 4 * cells * crew.threads,
        f"the connectivity of {synapses} synapses",
    )
    layout = _reserve(delays, sizes, cells)
    crew.run(
        lambda t: _number_groups(layout, t, classes, counters, n_rows, sizes[t], fill=True),
        range(crew.threads),
    )
    return layout


def _seen(bits: Integers, encoded: bool) -> Weights:
    return bits if encoded else bits.view(np.float64)


def _reserve(delays: Integers, sizes: Integers, cells: int) -> Layout:
    ends = np.concatenate((np.zeros((1, 3), np.int64), np.cumsum(sizes, axis=0)))
    return Layout(
        delays=delays,
        ends=ends,
        cells=[np.empty(cells, np.uint32) for _ in sizes],
        starts=[np.empty(n + 1, np.int64) for n in sizes[:, 0]],
        group_bits=[np.empty(n, np.int64) for n in sizes[:, 0]],
        offsets=[np.empty(n, np.int64) for n in sizes[:, 0]],
        targets=np.empty(ends[-1, 1], np.uint32),
        bits=np.empty(ends[-1, 2], np.int64),
    )


def _number_groups(
    layout: Layout,
    thread: int,
    classes: list[WeightClass],
    counters: Counters,
    n_rows: int,
    sizes: Integers,
    *,
    fill: bool,
) -> None:
    """Number the groups of one thread; see `lay_out_groups`."""
    delays = layout.delays
    places = np.zeros((len(classes), 5), np.int64)
    slots = np.full((len(classes), len(delays)), -1, np.int64)
    bits = np.array([each.key or 0 for each in classes], np.int64)
    for c, each in enumerate(classes):
        own = thread * each.rows * each.depth
        weight_place = -1 if each.weight_place < 0 else each.weight_place + own
        places[c] = (
            each.row_lo, each.row_lo + each.rows, each.depth, each.place + own, weight_place
        )  # fmt: skip
        known = delays < len(each.slots)
        slots[c, known] = each.slots[delays[known]]
    lay_out_groups(
        fill, places, slots, bits, len(delays), n_rows, counters.synapses, counters.weights,
        layout.ends[thread, 1:], layout.cells[thread], layout.starts[thread],
        layout.group_bits[thread], layout.offsets[thread], sizes,
    )  # fmt: skip
