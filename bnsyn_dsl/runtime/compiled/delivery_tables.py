"""Counting, laying out and filling delivery tables (`runtime/delivery_tables.py` has the layout).

A *class* is a set of synapses that may share groups: equal weights, or individual ones. Its
counters are one block `[owner, row, delay]` of a flat array: first counts, after the layout
positions to write to. No function here draws a number.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["count_synapses", "fill_synapses", "lay_out_groups", "sort_groups"]


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def count_synapses(
    n, sources, targets, slots, slot, row_shift, rows, depth, edges, owners, only, counters
):
    """Add the first `n` synapses to the counters of their (owner, row, delay).

    `targets` lie in `edges[b] <= target < edges[b+1]` of owner `owners[b]`; `only < 0` takes all
    owners. `slots` holds the delay index of each synapse, or is empty when all have `slot`.
    """
    single = len(slots) == 0
    b = 0
    for s in range(n):
        target = np.int64(targets[s])
        while target >= edges[b + 1]:
            b += 1
        while target < edges[b]:
            b -= 1
        owner = owners[b]
        if only >= 0 and owner != only:
            continue
        k = slot if single else np.int64(slots[s])
        cell = (owner * rows + np.int64(sources[s]) + row_shift) * depth + k
        counters[cell] += 1


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def lay_out_groups(
    fill, classes, class_slots, class_bits, delays, n_rows, counters, weight_counters, origin,
    cell_groups, group_start, group_weight, group_offset, sizes,
):  # fmt: skip
    """Number the groups of one owner in the order row, delay, class.

    `sizes` becomes the number of groups, of synapses and of individual weights.
    `classes[c]` = first row, end row, depth, place of this owner's counters, place of its weight
    counters or -1. `class_slots[c, k]` is the counter of delay k in class c, or -1. With `fill`
    the groups are written and the counters become positions, counted from `origin`.
    """
    groups = 0
    synapses = 0
    individual = 0
    for row in range(n_rows):
        for k in range(delays):
            if fill:
                cell_groups[row * delays + k] = groups
            for c in range(len(classes)):
                slot = class_slots[c, k]
                if slot < 0 or row < classes[c, 0] or row >= classes[c, 1]:
                    continue
                place = (row - classes[c, 0]) * classes[c, 2] + slot
                count = counters[classes[c, 3] + place]
                if count == 0:
                    continue
                own = classes[c, 4] >= 0
                if fill:
                    group_start[groups] = synapses
                    group_weight[groups] = class_bits[c]
                    group_offset[groups] = individual if own else -1
                    counters[classes[c, 3] + place] = origin[0] + synapses
                    if own:
                        weight_counters[classes[c, 4] + place] = origin[1] + individual
                groups += 1
                synapses += count
                if own:
                    individual += count
    if fill:
        cell_groups[n_rows * delays] = groups
        group_start[groups] = synapses
    sizes[0] = groups
    sizes[1] = synapses
    sizes[2] = individual


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def fill_synapses(
    n, sources, targets, slots, slot, row_shift, rows, depth, edges, owners, only, counters,
    weight_counters, inbox_base, bits, out_targets, out_bits,
):  # fmt: skip
    """Write the first `n` synapses where the counters say; `bits` are their weights, or empty."""
    single = len(slots) == 0
    equal = len(bits) == 0
    b = 0
    for s in range(n):
        target = np.int64(targets[s])
        while target >= edges[b + 1]:
            b += 1
        while target < edges[b]:
            b -= 1
        owner = owners[b]
        if only >= 0 and owner != only:
            continue
        k = slot if single else np.int64(slots[s])
        cell = (owner * rows + np.int64(sources[s]) + row_shift) * depth + k
        place = counters[cell]
        counters[cell] = place + 1
        out_targets[place] = np.uint32(inbox_base + target)
        if not equal:
            place = weight_counters[cell]
            weight_counters[cell] = place + 1
            out_bits[place] = bits[s]


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def sort_groups(group_start, group_offset, targets, bits):
    """Sort the targets of each group, equal ones in their old order, and their weights with them.

    The old place goes into the key, which makes keys unique and any method stable (Shell's here).
    """
    for g in range(len(group_offset)):
        group = targets[group_start[g] : group_start[g + 1]]
        n = len(group)
        ordered = True
        for j in range(1, n):
            if group[j] < group[j - 1]:
                ordered = False
        if ordered:
            continue
        keys = np.empty(n, np.uint64)
        for j in range(n):
            keys[j] = np.uint64(group[j]) << np.uint64(32) | np.uint64(j)
        gap = 1
        while gap < n // 3:
            gap = 3 * gap + 1
        while gap > 0:
            for j in range(gap, n):
                key = keys[j]
                at = j
                while at >= gap and keys[at - gap] > key:
                    keys[at] = keys[at - gap]
                    at -= gap
                keys[at] = key
            gap //= 3
        for j in range(n):
            group[j] = np.uint32(keys[j] >> np.uint64(32))
        if group_offset[g] >= 0:
            own = bits[group_offset[g] : group_offset[g] + n]
            old = own.copy()
            for j in range(n):
                own[j] = old[np.int64(keys[j] & np.uint64(0xFFFFFFFF))]
