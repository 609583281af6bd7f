"""Delivery tables and the passes that build them.

A table is a CSR over network-wide source neurons. Cell (row, k), k an index of `delays`, owns
groups `cell_groups[row D + k]` to `cell_groups[row D + k + 1]`; group g has the targets
`group_start[g]` to `group_start[g + 1]`, ascending inbox indices, and one weight for all, or
individual ones: synapse j of g then has `weights[group_offset[g] + j - group_start[g]]`.

Synapses of several projections share a *class*, and so groups, if their weights are equal, or all
individual, and their inbox ranges do not overlap where their rows do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.compiled import delivery_tables as compiled
from bnsyn_dsl.runtime.connection_requests import (
    DelayRounding,
    Plan,
    Port,
    check_lengths,
    delay_usage,
    numbered,
)
from bnsyn_dsl.runtime.connection_rules import Neurons
from bnsyn_dsl.runtime.fixed_point import encode as encode_weights
from bnsyn_dsl.runtime.memory import require_memory

__all__ = ["DeliveryTable", "TableBuilder"]

Integers = NDArray[np.int64]
Weights = NDArray[np.int64] | NDArray[np.float64]
_NONE = np.empty(0, np.int64)
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


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
        return sum(getattr(self, name).nbytes for name in self.__slots__)


@dataclass(slots=True, kw_only=True)
class _Member:
    """One projection into one port, with the owners of its targets."""

    plan: Plan
    port: Port
    key: int | None  # encoded weight of all its synapses
    edges: Integers = field(default_factory=lambda: _NONE)
    owners: Integers = field(default_factory=lambda: _NONE)

    @property
    def rows(self) -> tuple[int, int]:
        request = self.plan.request
        return request.source_base, request.source_base + request.source_size

    @property
    def inbox(self) -> tuple[int, int]:
        base = self.port.inbox_base
        return base, base + self.plan.request.target_size

    def overlaps(self, other: _Member) -> bool:
        return _overlap(self.rows, other.rows) and _overlap(self.inbox, other.inbox)


@dataclass(slots=True, kw_only=True)
class _Class:
    """Members that may share groups, and their counters [owner, row - row_lo, slot of a delay]."""

    key: int | None
    members: list[_Member] = field(default_factory=list)
    row_lo: int = 0
    rows: int = 0
    slots: Integers = field(default_factory=lambda: _NONE)  # of each delay step, or -1
    depth: int = 0
    place: int = 0  # where its counters begin
    weight_place: int = -1  # where its weight counters begin; -1: equal weights have none


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Part of a member for one worker: an outer range, its first synapse, one owner or all (-1)."""

    only: int
    lo: int
    hi: int
    first: int


class TableBuilder:
    """The passes, in the order of their definition; a context manager because of its threads."""

    def __init__(
        self,
        plans: Sequence[Plan],
        n_rows: int,
        owned: Sequence[Sequence[tuple[int, int]]],
        *,
        encode: bool,
    ) -> None:
        self._plans = plans
        self._n_rows = n_rows
        self._threads = len(owned)
        self._encode = encode
        self._ranges = sorted((lo, hi, t) for t, own in enumerate(owned) for lo, hi in own)
        self._pool = ThreadPoolExecutor(max(self._threads, 1))
        self._totals = [plan.enumeration.total for plan in plans]
        self._blocks = [self._split(plan.enumeration.outer_size) for plan in plans]
        self._firsts: list[list[int]] = [[0] * len(blocks) for blocks in self._blocks]
        self._steps: list[Integers] = []
        self._delays = _NONE
        self._classes: list[_Class] = []
        self._members: list[tuple[_Member, _Class]] = []

    def __enter__(self) -> TableBuilder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    # ------------------------------------------------------------------ numbers and delays

    def number_synapses(self) -> None:
        """Find the number of the first synapse of each block of rows, where it matters."""
        for p, plan in enumerate(self._plans):
            if not plan.counted:
                continue
            first = plan.enumeration.first
            if first is not None:
                self._firsts[p] = [first(lo) for lo, _ in self._blocks[p]]
            else:
                counts = self._parallel(
                    lambda block, plan=plan: sum(
                        len(chunk[0]) for chunk in plan.enumeration.chunks(*block)
                    ),
                    self._blocks[p],
                )
                sums = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
                self._firsts[p] = [int(start) for start in sums[:-1]]
                self._totals[p] = int(sums[-1])
            check_lengths(plan, self._total(p))

    def find_delays(self) -> None:
        """Find the delay steps of each projection and of all."""
        self._changes = [(0, 0.0)] * len(self._plans)
        for p, plan in enumerate(self._plans):
            if plan.constant_steps is not None:
                self._steps.append(np.array([plan.constant_steps], np.int64))
                continue
            used = self._parallel(
                lambda part, plan=plan: delay_usage(plan, *part), self._split(self._total(p))
            )
            steps = [part[0] for part in used] or [_NONE]
            self._steps.append(np.unique(np.concatenate(steps)))
            self._changes[p] = (sum(u[1] for u in used), max((u[2] for u in used), default=0.0))
        self._delays = np.unique(np.concatenate([_NONE, *self._steps]))

    # ------------------------------------------------------------------ classes

    def form_classes(self) -> None:
        """Put members of one weight into one class where their targets stay ascending."""
        members = [self._member(plan, port) for plan in self._plans for port in plan.request.ports]
        for member in sorted(members, key=lambda member: member.port.inbox_base):
            for home in self._classes:
                if home.key == member.key and not any(map(member.overlaps, home.members)):
                    break
            else:
                home = _Class(key=member.key)
                self._classes.append(home)
            home.members.append(member)
            self._members.append((member, home))
        for home in self._classes:
            steps = np.unique(
                np.concatenate([self._steps[self._index(m.plan)] for m in home.members])
            )
            home.row_lo = min(member.rows[0] for member in home.members)
            home.rows = max(member.rows[1] for member in home.members) - home.row_lo
            home.depth = len(steps)
            home.slots = np.full(int(steps.max(initial=0)) + 1, -1, np.int64)
            home.slots[steps] = np.arange(len(steps))

    def _member(self, plan: Plan, port: Port) -> _Member:
        request = plan.request
        if request.source_base < 0 or request.source_base + request.source_size > self._n_rows:
            raise ValueError(f"projection `{request.name}`: sources lie outside of the network")
        key = None
        if plan.constant_weight is not None:
            key = int(self._bits(plan, port, np.array([plan.constant_weight]))[0])
        member = _Member(plan=plan, port=port, key=key)
        lo, hi = member.inbox
        pieces = [
            (max(a, lo) - lo, min(b, hi) - lo, t) for a, b, t in self._ranges if a < hi and b > lo
        ]
        edges = [0, *(end for _, end, _ in pieces)]
        if [start for start, _, _ in pieces] != edges[:-1] or edges[-1] != hi - lo:
            raise ValueError(
                f"projection `{request.name}`: each target must belong to exactly one thread"
            )
        member.edges = np.array(edges, np.int64)
        member.owners = np.array([t for _, _, t in pieces], np.int64)
        return member

    def _bits(self, plan: Plan, port: Port, weights: NDArray[np.float64]) -> Integers:
        """Return what the table holds for weights: integers, or the bits of scaled doubles."""
        shared = weights * port.share
        try:
            encoded = encode_weights(shared, port.scale_bits)
        except ValueError as problem:
            raise ValueError(f"projection `{plan.request.name}`: {problem}") from problem
        return encoded if self._encode else (shared * 2.0**port.scale_bits).view(np.int64)

    # ------------------------------------------------------------------ counting and filling

    def count(self) -> None:
        """First pass: count the synapses of each (owner, row, delay) of each class."""
        cells = weight_cells = 0
        for home in self._classes:
            home.place = cells
            cells += self._threads * home.rows * home.depth
            if home.key is None:
                home.weight_place = weight_cells
                weight_cells += self._threads * home.rows * home.depth
        require_memory(8 * (cells + weight_cells), "counting the connectivity")
        self._counters = np.zeros(cells, np.int64)
        self._weight_counters = np.zeros(weight_cells, np.int64)
        for member, home in self._members:
            counted = sum(self._visit(member, home, self._count_chunk))
            p = self._index(member.plan)
            if self._totals[p] is None:
                self._totals[p] = counted

    def lay_out(self) -> None:
        """Give each group its place, take the memory, turn counts into positions."""
        empty32 = np.empty(0, np.uint32)
        sizes = np.zeros((self._threads, 3), np.int64)
        origin = np.zeros(2, np.int64)
        self._parallel(
            lambda t: self._lay_out(t, False, origin, empty32, _NONE, _NONE, _NONE, sizes[t]),
            range(self._threads),
        )
        self._ends = np.concatenate((np.zeros((1, 3), np.int64), np.cumsum(sizes, axis=0)))
        groups, number, individual = (int(n) for n in self._ends[-1])
        cells = self._n_rows * len(self._delays) + 1
        needed = 4 * number + 8 * individual + 24 * groups + 4 * cells * self._threads
        require_memory(needed, f"the connectivity of {number} synapses")
        self._targets = np.empty(number, np.uint32)
        self._weights = np.empty(individual, np.int64)
        self._cells = [np.empty(cells, np.uint32) for _ in range(self._threads)]
        self._groups = [
            (np.empty(n + 1, np.int64), np.empty(n, np.int64), np.empty(n, np.int64))
            for n in sizes[:, 0]
        ]
        self._parallel(
            lambda t: self._lay_out(
                t, True, self._ends[t, 1:].copy(), self._cells[t], *self._groups[t], sizes[t]
            ),
            range(self._threads),
        )

    def _lay_out(
        self,
        thread: int,
        fill: bool,
        origin: Integers,
        cell_groups: NDArray[np.uint32],
        group_start: Integers,
        group_weight: Integers,
        group_offset: Integers,
        sizes: Integers,
    ) -> None:
        number, delays = len(self._classes), len(self._delays)
        table = np.zeros((number, 5), np.int64)
        slots = np.full((number, delays), -1, np.int64)
        bits = np.zeros(number, np.int64)
        for c, home in enumerate(self._classes):
            place = thread * home.rows * home.depth
            table[c, :3] = home.row_lo, home.row_lo + home.rows, home.depth
            table[c, 3] = home.place + place
            table[c, 4] = home.weight_place + place if home.key is None else -1
            known = self._delays < len(home.slots)
            slots[c, known] = home.slots[self._delays[known]]
            bits[c] = home.key or 0
        compiled.lay_out_groups(
            fill, table, slots, bits, delays, self._n_rows, self._counters,
            self._weight_counters, origin, cell_groups, group_start, group_weight,
            group_offset, sizes,
        )  # fmt: skip

    def fill(self) -> list[DeliveryTable]:
        """Second pass: write targets and weights; return the tables."""
        for member, home in self._members:
            self._visit(member, home, self._fill_chunk)
        if any(member.plan.enumeration.outer == "draw" for member, _ in self._members):
            self._parallel(self._sort, range(self._threads))
        return [self._table(t) for t in range(self._threads)]

    def roundings(self) -> list[DelayRounding]:
        """Return, after the count, what rounding did to the delays of each projection."""
        found = []
        for p, plan in enumerate(self._plans):
            number = self._total(p)
            changed, largest = self._changes[p]
            if plan.constant_steps is not None and number > 0:
                _, one, largest = delay_usage(plan, 0, 1)
                changed = one * number
            name = plan.request.name
            found.append(
                DelayRounding(name=name, synapses=number, changed=changed, largest_change=largest)
            )
        return found

    def _visit(self, member: _Member, home: _Class, treat: Callable[..., None]) -> list[int]:
        """Enumerate a member on all threads; return how many synapses each worker saw."""

        def work(tasks: list[_Task]) -> int:
            seen = 0
            for task in tasks:
                for first, sources, targets in numbered(member.plan, task.lo, task.hi, task.first):
                    treat(member, home, task.only, first, sources, targets)
                    seen += len(sources)
            return seen

        return self._parallel(work, self._tasks(member))

    def _tasks(self, member: _Member) -> list[list[_Task]]:
        """Divide a member so that no two workers touch a counter of the same owner and row."""
        plan = member.plan
        p = self._index(plan)
        owners = [int(t) for t in member.owners]
        match plan.enumeration.outer:
            case "source":
                blocks = zip(self._blocks[p], self._firsts[p], strict=True)
                return [[_Task(only=-1, lo=lo, hi=hi, first=f)] for (lo, hi), f in blocks]
            case "target":
                assert plan.enumeration.first is not None
                of_owner: dict[int, list[_Task]] = {}
                for t, lo, hi in zip(owners, member.edges[:-1], member.edges[1:], strict=True):
                    first = plan.enumeration.first(int(lo))
                    task = _Task(only=-1, lo=int(lo), hi=int(hi), first=first)
                    of_owner.setdefault(t, []).append(task)
                return list(of_owner.values())
            case "draw":
                size = plan.enumeration.outer_size
                return [[_Task(only=t, lo=0, hi=size, first=0)] for t in sorted(set(owners))]

    def _count_chunk(
        self,
        member: _Member,
        home: _Class,
        only: int,
        first: int,
        sources: Neurons,
        targets: Neurons,
    ) -> None:
        slots, slot = self._chunk_slots(member, home, first, len(sources))
        compiled.count_synapses(
            len(sources), sources, targets, slots, slot, member.rows[0] - home.row_lo, home.rows,
            home.depth, member.edges, member.owners, only, self._counters[home.place :],
        )  # fmt: skip

    def _fill_chunk(
        self,
        member: _Member,
        home: _Class,
        only: int,
        first: int,
        sources: Neurons,
        targets: Neurons,
    ) -> None:
        slots, slot = self._chunk_slots(member, home, first, len(sources))
        bits = _NONE
        if member.key is None:
            weights = member.plan.weights(first, len(sources))
            bits = self._bits(member.plan, member.port, weights)
        compiled.fill_synapses(
            len(sources), sources, targets, slots, slot, member.rows[0] - home.row_lo, home.rows,
            home.depth, member.edges, member.owners, only, self._counters[home.place :],
            self._weight_counters[max(home.weight_place, 0) :], member.port.inbox_base, bits,
            self._targets, self._weights,
        )  # fmt: skip

    def _chunk_slots(
        self, member: _Member, home: _Class, first: int, n: int
    ) -> tuple[Integers, int]:
        """Return the delay slot of each synapse, or none and the one slot of all."""
        constant = member.plan.constant_steps
        if constant is not None:
            return _NONE, int(home.slots[constant])
        return home.slots[member.plan.steps(first, n)], 0

    def _sort(self, thread: int) -> None:
        group_start, _, group_offset = self._groups[thread]
        table = self._table(thread)
        compiled.sort_groups(group_start, group_offset, table.targets, table.weights.view(np.int64))

    def _table(self, thread: int) -> DeliveryTable:
        group_start, group_weight, group_offset = self._groups[thread]
        (_, lo, first), (_, hi, end) = self._ends[thread], self._ends[thread + 1]
        weights = self._weights[first:end]
        return DeliveryTable(
            delays=self._delays,
            cell_groups=self._cells[thread],
            group_start=group_start,
            group_weight=group_weight if self._encode else group_weight.view(np.float64),
            group_offset=group_offset,
            targets=self._targets[lo:hi],
            weights=weights if self._encode else weights.view(np.float64),
        )

    # ------------------------------------------------------------------ threads

    def _index(self, plan: Plan) -> int:
        return next(p for p, other in enumerate(self._plans) if other is plan)

    def _total(self, p: int) -> int:
        total = self._totals[p]
        assert total is not None, "synapses are numbered or counted before"
        return total

    def _split(self, size: int) -> list[tuple[int, int]]:
        """Divide 0..size into one range per thread."""
        n = max(self._threads, 1)
        return [(size * t // n, size * (t + 1) // n) for t in range(n)]

    def _parallel(self, work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        return list(self._pool.map(work, items))


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]
