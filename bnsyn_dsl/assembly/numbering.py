"""Where neurons are: network-wide numbers, and the ranges that threads own."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.compiler import CompiledNetwork

__all__ = ["BLOCK", "Numbering", "number_neurons", "thread_bounds"]

BLOCK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """Where neurons are: network-wide id of each population's first neuron, and their number.

    `place` gives for each population its system and the index of its first neuron there.
    """

    first_id: dict[str, int]
    place: dict[str, tuple[int, int]]
    n_ids: int


def number_neurons(compiled: CompiledNetwork) -> Numbering:
    """Number neurons network-wide: system after system, then spike sources."""
    first_id: dict[str, int] = {}
    place: dict[str, tuple[int, int]] = {}
    at = 0
    for k, system in enumerate(compiled.systems):
        index = 0
        for population in system.group.populations:
            first_id[population.name] = at + index
            place[population.name] = (k, index)
            index += population.size
        at += index
    for population in compiled.plan.populations:
        if population.spike_times is not None:
            first_id[population.name] = at
            at += population.size
    return Numbering(first_id=first_id, place=place, n_ids=at)


def thread_bounds(n: int, n_threads: int) -> tuple[tuple[int, int], ...]:
    """Cut n neurons into ranges, at multiples of the block where there are enough."""
    unit = BLOCK if n >= 4 * BLOCK * n_threads else 4
    cuts = [min(n, round(n * q / n_threads / unit) * unit) for q in range(n_threads)] + [n]
    return tuple((cuts[q], cuts[q + 1]) for q in range(n_threads))
