"""What must be known of a projection before its synapses are counted.

Input: a plan and the threads' pool. Output: a `Survey`: the rows of each worker, the number of the
first synapse of each, the delay steps in use and what rounding changed. Costs nothing for
constant weight and delay; otherwise the delays are drawn once, and Bernoulli rows counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from bnsyn_dsl.runtime.connection_requests import (
    DelayRounding,
    Integers,
    Plan,
    check_lengths,
    constant_change,
    delay_usage,
)

__all__ = ["Crew", "Survey", "survey"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The threads that build: work is divided, and each division is waited for."""

    pool: ThreadPoolExecutor
    threads: int

    def run(self, work: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """Call `work` with each item, in parallel; return the results in order."""
        return list(self.pool.map(work, items))

    def split(self, size: int) -> list[tuple[int, int]]:
        """Divide 0..size into one range per thread."""
        n = max(self.threads, 1)
        return [(size * t // n, size * (t + 1) // n) for t in range(n)]


@dataclass(slots=True, kw_only=True)
class Survey:
    """A plan with what was found. `total` is None until the synapses are counted."""

    plan: Plan
    blocks: list[tuple[int, int]]  # outer range of each worker
    firsts: list[int]  # number of the first synapse of each block, 0 where it does not matter
    total: int | None
    steps: Integers  # the delay steps in use, ascending
    changed: int = 0
    largest_change: float = 0.0

    def rounding(self) -> DelayRounding:
        """Return what rounding did to the delays; to be called after the count."""
        assert self.total is not None, "synapses are counted before"
        changed, largest = self.changed, self.largest_change
        if self.plan.constant_steps is not None and self.total > 0:
            largest = constant_change(self.plan)
            changed = self.total if largest > 0.0 else 0
        return DelayRounding(
            name=self.plan.request.name,
            synapses=self.total,
            changed=changed,
            largest_change=largest,
        )


def survey(plan: Plan, crew: Crew) -> Survey:
    """Number the synapses and find the delays of one projection, where they are not constant."""
    blocks = crew.split(plan.enumeration.outer_size)
    firsts, total = [0] * len(blocks), plan.enumeration.total
    if plan.counted:
        firsts, total = _number(plan, blocks, crew)
        check_lengths(plan, total)
    if plan.constant_steps is not None or total is None:
        steps = np.array([plan.constant_steps], np.int64)
        return Survey(plan=plan, blocks=blocks, firsts=firsts, total=total, steps=steps)
    used = crew.run(lambda part: delay_usage(plan, *part), crew.split(total))
    return Survey(
        plan=plan,
        blocks=blocks,
        firsts=firsts,
        total=total,
        steps=np.unique(np.concatenate([part[0] for part in used])),
        changed=sum(part[1] for part in used),
        largest_change=max(part[2] for part in used),
    )


def _number(plan: Plan, blocks: list[tuple[int, int]], crew: Crew) -> tuple[list[int], int]:
    """Return the number of the first synapse of each block, and of all synapses."""
    first, total = plan.enumeration.first, plan.enumeration.total
    if first is not None and total is not None:
        return [first(lo) for lo, _ in blocks], total

    def size(block: tuple[int, int]) -> int:
        return sum(len(sources) for sources, _ in plan.enumeration.chunks(*block))

    firsts = [0]
    for count in crew.run(size, blocks):
        firsts.append(firsts[-1] + count)
    return firsts[:-1], firsts[-1]
