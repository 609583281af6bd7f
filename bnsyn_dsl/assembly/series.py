"""Inputs that are arrays in time: where their rows go in the time loop."""

from __future__ import annotations

import numpy as np

from bnsyn_dsl.assembly.numbering import Numbering
from bnsyn_dsl.compiler import CompiledNetwork

__all__ = ["series_arguments"]


def series_arguments(compiled: CompiledNetwork, numbering: Numbering) -> dict[str, object]:
    """Return `series0` and `series0_rows`, float64[rows, columns], for every series of the shape.

    `series0` is: first neuron, number of neurons, 1 where each has a column, steps of a row.
    """
    arguments: dict[str, object] = {}
    wired = (
        (population, symbol)
        for system in compiled.systems
        for population, member in zip(system.group.populations, system.group.members, strict=True)
        for symbol in member.series.values()
    )
    for number, (population, symbol) in enumerate(wired):
        one = compiled.plan.series[symbol]
        place = (
            numbering.place[population.name][1],
            population.size,
            1 if one.values.shape[1] > 1 else 0,
            one.steps,
        )
        arguments[f"series{number}"] = np.array(place, np.int64)
        arguments[f"series{number}_rows"] = one.values
    return arguments
