"""The two passes over all synapses: count them, then write them in place.

Input: classes and counters. Within a pass the members follow one another and all workers share
each: by rows, by the owners of targets, or each worker sees all and keeps its owner's. So no two
workers meet at a counter, and targets of a group are written in ascending order, except those
of explicit synapses, whose groups are sorted at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.compiled.delivery_tables import count_synapses, fill_synapses
from bnsyn_dsl.runtime.connection_classes import Member, WeightClass, weight_bits
from bnsyn_dsl.runtime.connection_enumeration import Neurons
from bnsyn_dsl.runtime.connection_requests import Integers
from bnsyn_dsl.runtime.connection_survey import Crew

__all__ = ["Counters", "count_pass", "fill_pass"]

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Of all classes: synapses, and individual weights; first counts, then positions."""

    synapses: Integers
    weights: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Part of a member for one worker: an outer range, its first synapse, one owner or all (-1)."""

    only: int
    lo: int
    hi: int
    first: int


# (owner or -1, number of the first synapse, sources, targets)
Treatment: TypeAlias = Callable[[int, int, Neurons, Neurons], None]


def count_pass(classes: list[WeightClass], counters: Counters, crew: Crew) -> None:
    """Count the synapses of each (owner, row, delay) of each class."""
    for home, member in _in_order(classes):
        counts = counters.synapses[home.place :]

        def treat(
            only: int, first: int, sources: Neurons, targets: Neurons,
            member: Member = member, home: WeightClass = home, counts: Integers = counts,
        ) -> None:  # fmt: skip
            slots, slot = _delay_slots(member, home, first, len(sources))
            count_synapses(
                len(sources), sources, targets, slots, slot, member.rows[0] - home.row_lo,
                home.rows, home.depth, member.edges, member.owners, only, counts,
            )  # fmt: skip

        seen = _visit(member, crew, treat)
        if member.survey.total is None:
            member.survey.total = seen


def fill_pass(
    classes: list[WeightClass],
    counters: Counters,
    crew: Crew,
    out_targets: NDArray[np.uint32],
    out_bits: Integers,
    *,
    encoded: bool,
) -> None:
    """Write targets and individual weights where the counters, now positions, say."""
    for home, member in _in_order(classes):
        places = counters.synapses[home.place :]
        weight_places = counters.weights[max(home.weight_place, 0) :]

        def treat(
            only: int, first: int, sources: Neurons, targets: Neurons,
            member: Member = member, home: WeightClass = home,
            places: Integers = places, weight_places: Integers = weight_places,
        ) -> None:  # fmt: skip
            slots, slot = _delay_slots(member, home, first, len(sources))
            bits = _NONE
            if member.key is None:
                weights = member.plan.weights(first, len(sources))
                bits = weight_bits(member.plan, member.port, weights, encoded=encoded)
            fill_synapses(
                len(sources), sources, targets, slots, slot, member.rows[0] - home.row_lo,
                home.rows, home.depth, member.edges, member.owners, only, places, weight_places,
                member.port.inbox_base, bits, out_targets, out_bits,
            )  # fmt: skip

        _visit(member, crew, treat)


def _in_order(classes: list[WeightClass]) -> list[tuple[WeightClass, Member]]:
    """List the members of all classes so that inbox ranges ascend within a class."""
    return [(home, member) for home in classes for member in home.members]


def _visit(member: Member, crew: Crew, treat: Treatment) -> int:
    """Enumerate a member on all workers; return how many synapses they saw together."""

    def work(tasks: list[_Task]) -> int:
        seen = 0
        for task in tasks:
            first = task.first
            for sources, targets in member.plan.enumeration.chunks(task.lo, task.hi):
                treat(task.only, first, sources, targets)
                first += len(sources)
            seen += first - task.first
        return seen

    return sum(crew.run(work, _tasks(member)))


def _tasks(member: Member) -> list[list[_Task]]:
    """Divide a member so that no two workers write to the same owner and row."""
    enumeration = member.plan.enumeration
    owners = [int(t) for t in member.owners]
    match enumeration.outer:
        case "source":
            blocks = zip(member.survey.blocks, member.survey.firsts, strict=True)
            return [[_Task(only=-1, lo=lo, hi=hi, first=first)] for (lo, hi), first in blocks]
        case "target":
            assert enumeration.first is not None, "a degree gives every synapse its number"
            of_owner: dict[int, list[_Task]] = {}
            edges = member.edges.tolist()
            for t, lo, hi in zip(owners, edges[:-1], edges[1:], strict=True):
                task = _Task(only=-1, lo=lo, hi=hi, first=enumeration.first(lo))
                of_owner.setdefault(t, []).append(task)
            return list(of_owner.values())
        case "draw":
            everything = enumeration.outer_size
            return [[_Task(only=t, lo=0, hi=everything, first=0)] for t in sorted(set(owners))]


def _delay_slots(member: Member, home: WeightClass, first: int, n: int) -> tuple[Integers, int]:
    """Return the delay slot of each synapse, or none and the one slot of all."""
    constant = member.plan.constant_steps
    if constant is not None:
        return _NONE, int(home.slots[constant])
    return home.slots[member.plan.steps(first, n)], 0
