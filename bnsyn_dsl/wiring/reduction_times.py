"""In which steps each reduction has to be formed: `NetworkPlan` -> the clocks that read it.

A reduction over synapses brings all of them to the present. Where only `every` of modulators read
it, that is done in the steps in which one of these clocks is due; its readers see the same values.
"""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.analysis.clocked_inputs import clocks_reading
from bnsyn_dsl.lowering.pools import Reduction, reductions_of
from bnsyn_dsl.semantics.expression import Expr
from bnsyn_dsl.semantics.plan import NetworkPlan

__all__ = ["reduction_clocks"]


def reduction_clocks(plan: NetworkPlan, one: Reduction) -> tuple[tuple[int, int], ...] | None:
    """Return (modulator, clock) of everything that reads a reduction.

    None: it is read in every step, by a population, a rule, a gain, an equation or an event of a
    modulator.
    """
    if any(one in reductions_of(expr) for expr in _read_in_every_step(plan)):
        return None
    found: list[tuple[int, int]] = []
    for number, pool in enumerate(plan.pools):
        for name, wire in pool.wires.items():
            if one not in reductions_of(wire):
                continue
            clocks = clocks_reading(pool.model, name)
            if clocks is None:
                return None
            found += [(number, k) for k in clocks if (number, k) not in found]
    return tuple(found)


def _read_in_every_step(plan: NetworkPlan) -> Iterator[Expr]:
    for population in plan.populations:
        yield from population.wires.values()
    for projection in plan.projections:
        if projection.learning is not None:
            yield from projection.learning.wires.values()
        if not isinstance(projection.gain, float):
            yield projection.gain
