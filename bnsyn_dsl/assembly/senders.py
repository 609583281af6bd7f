"""Short-term plasticity as arguments of the time loop: one set of states per presynaptic neuron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.connections import Inboxes, place_tables, projection_request
from bnsyn_dsl.lowering.network import sender_parameters
from bnsyn_dsl.runtime.draws import Draw

if TYPE_CHECKING:
    from bnsyn_dsl.wiring.network import SenderPlan

__all__ = ["sender_arguments"]


def sender_arguments(
    builder: Any,
    senders: Sequence[SenderPlan],
    weights: Mapping[str, Draw | NDArray[np.float64]],
    inboxes: Inboxes,
    own: list[dict[str, object]],
    shared: dict[str, object],
) -> list[int]:
    """Add tables and states of every sender; return the delays in steps.

    Where the projection has a rule, the rule has the table.
    """
    plan, numbering = builder.plan, builder.numbering
    delays: list[int] = []
    for k, one in enumerate(senders):
        (projection,) = one.projections
        if projection.learning is None:
            delays += _tables(builder, k, one, weights, inboxes, own)
        receptor = plan.population(one.receptor[0]).receptors[one.receptor[1]]
        size = plan.population(one.population).size
        states = np.zeros((len(one.sender.states), size))
        for row, state in enumerate(one.sender.states):
            states[row] = receptor.initial[state]
        parameters = [receptor.parameters[n] for n in sender_parameters(one.sender)]
        shared[f"sender{k}_states"] = states
        shared[f"sender{k}_last"] = np.zeros(size, np.int64)
        shared[f"sender{k}_par"] = np.array([*parameters, 0.0])
        shared[f"sender{k}_range"] = np.array([numbering.first_id[one.population], size], np.int64)
    return delays


def _tables(
    builder: Any,
    number: int,
    one: SenderPlan,
    weights: Mapping[str, Draw | NDArray[np.float64]],
    inboxes: Inboxes,
    own: list[dict[str, object]],
) -> list[int]:
    (projection,) = one.projections
    port = next(p for p in projection.ports if p.receptor == one.receptor[1])
    request = projection_request(
        projection,
        builder.numbering,
        inboxes,
        [port],
        builder.plan,
        factored=True,
        weight=weights[projection.name],
    )
    built = builder.tables([request], inboxes, encode=False)
    return place_tables(built, own, f"factored{number}_")
