"""Which synapses may share the groups of a table.

Input: surveys and the owners of the inbox. Output: members (one projection into one port) and
classes of members whose weights are equal, or all individual, and whose inbox ranges do not
overlap where their rows do. Written in the order of the members, targets of a group ascend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connection_requests import Integers, Plan, Port
from bnsyn_dsl.runtime.connection_survey import Survey
from bnsyn_dsl.runtime.fixed_point import encode

__all__ = ["Member", "WeightClass", "form_classes", "weight_bits"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One projection into one port. Targets edges[b]..edges[b + 1] belong to owners[b]."""

    survey: Survey
    port: Port
    key: int | None  # the one encoded weight; None: individual weights
    edges: Integers
    owners: Integers

    @property
    def plan(self) -> Plan:
        """The plan of the projection."""
        return self.survey.plan

    @property
    def rows(self) -> Span:
        """Its rows in the network-wide numbering."""
        request = self.plan.request
        return request.source_base, request.source_base + request.source_size

    @property
    def inbox(self) -> Span:
        """Its inbox range."""
        return self.port.inbox_base, self.port.inbox_base + self.plan.request.target_size

    def overlaps(self, other: Member) -> bool:
        """Whether one row could hold synapses of both in the same inbox range."""
        return _overlap(self.rows, other.rows) and _overlap(self.inbox, other.inbox)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightClass:
    """Members that share groups, and their counters [owner, row - row_lo, delay slot].

    `slots[step]` is the slot of a delay, or -1. The counters begin at `place`, those of
    individual weights at `weight_place`, -1 if the weights are equal.
    """

    key: int | None
    members: tuple[Member, ...]
    row_lo: int
    rows: int
    depth: int
    slots: Integers
    place: int
    weight_place: int


def form_classes(
    surveys: Sequence[Survey], owned: Sequence[Sequence[Span]], n_rows: int, *, encoded: bool
) -> tuple[list[WeightClass], int, int]:
    """Return the classes, the number of counters and of counters of individual weights.

    Raises:
        ValueError: if sources lie outside of the rows, or a target has not exactly one owner.
    """
    ranges = sorted((lo, hi, t) for t, own in enumerate(owned) for lo, hi in own)
    members = [
        _member(survey, port, ranges, n_rows, encoded=encoded)
        for survey in surveys
        for port in survey.plan.request.ports
    ]
    shared: list[list[Member]] = []
    for member in sorted(members, key=lambda member: member.port.inbox_base):
        for home in shared:
            if home[0].key == member.key and not any(map(member.overlaps, home)):
                home.append(member)
                break
        else:
            shared.append([member])
    classes, cells, weight_cells = [], 0, 0
    for home in shared:
        made = _class(home, cells, weight_cells)
        classes.append(made)
        cells += len(owned) * made.rows * made.depth
        weight_cells += len(owned) * made.rows * made.depth if made.key is None else 0
    return classes, cells, weight_cells


def weight_bits(plan: Plan, port: Port, weights: NDArray[np.float64], *, encoded: bool) -> Integers:
    """Return what a table holds for weights: fixed point, or the bits of scaled doubles."""
    shared = weights * port.share
    try:
        fixed = encode(shared, port.scale_bits)
    except ValueError as problem:
        raise ValueError(f"projection `{plan.request.name}`: {problem}") from problem
    return fixed if encoded else (shared * 2.0**port.scale_bits).view(np.int64)


def _class(members: list[Member], place: int, weight_place: int) -> WeightClass:
    steps = np.unique(np.concatenate([member.survey.steps for member in members]))
    slots = np.full(int(steps.max(initial=-1)) + 1, -1, np.int64)
    slots[steps] = np.arange(len(steps))
    row_lo = min(member.rows[0] for member in members)
    return WeightClass(
        key=members[0].key,
        members=tuple(members),
        row_lo=row_lo,
        rows=max(member.rows[1] for member in members) - row_lo,
        depth=len(steps),
        slots=slots,
        place=place,
        weight_place=weight_place if members[0].key is None else -1,
    )


def _member(
    survey: Survey, port: Port, ranges: list[tuple[int, int, int]], n_rows: int, *, encoded: bool
) -> Member:
    plan = survey.plan
    request = plan.request
    if request.source_base < 0 or request.source_base + request.source_size > n_rows:
        raise ValueError(f"projection `{request.name}`: sources lie outside of the network")
    lo, hi = port.inbox_base, port.inbox_base + request.target_size
    pieces = [(max(a, lo) - lo, min(b, hi) - lo, t) for a, b, t in ranges if a < hi and b > lo]
    edges = [0, *(end for _, end, _ in pieces)]
    if [start for start, _, _ in pieces] != edges[:-1] or edges[-1] != hi - lo:
        raise ValueError(
            f"projection `{request.name}`: each target must belong to exactly one thread"
        )
    key = None
    if plan.constant_weight is not None:
        weight = np.array([plan.constant_weight])
        key = int(weight_bits(plan, port, weight, encoded=encoded)[0])
    return Member(
        survey=survey,
        port=port,
        key=key,
        edges=np.array(edges, np.int64),
        owners=np.array([t for _, _, t in pieces], np.int64),
    )


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]
