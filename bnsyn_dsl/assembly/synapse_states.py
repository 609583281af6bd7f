"""What the synapses of a built network hold: one value for each, in the order of (source, target).

States that a rule keeps once per neuron are spread over the synapses; a projection that does not
learn is drawn again from its counters, since all such projections share their tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.analysis.learning.system import WEIGHT
from bnsyn_dsl.assembly.connections import local_request, refuse, synapse_values
from bnsyn_dsl.assembly.learning import LearningSynapses
from bnsyn_dsl.assembly.table_order import canonical_order, weights_of
from bnsyn_dsl.ir.learning import Slot
from bnsyn_dsl.runtime.connectivity import build_tables, estimate_bytes
from bnsyn_dsl.runtime.memory import require_memory
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan, ProjectionPlan

__all__ = ["StaticSynapses", "bounds_at", "state_at", "static_synapses"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaticSynapses:
    """The synapses of a projection that does not learn; neurons are counted within their parts."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    delay_steps: NDArray[np.int64]
    weight: NDArray[np.float64]


def static_synapses(one: ProjectionPlan, plan: NetworkPlan) -> StaticSynapses:
    """Draw the synapses of a projection as they were drawn when the network was built.

    Raises:
        BnsError: the machine has not enough memory.
    """
    request = local_request(one, plan, synapse_values(one, one.weight, "weight", plan))
    rows, ranges = one.source.size, [[(0, one.target.size)]]
    try:
        require_memory(estimate_bytes([request], rows, 1), "the synapses")
        built = build_tables([request], rows, ranges, plan.seed, encode=False)
    except ValueError as problem:
        raise refuse(problem, one.span) from problem
    order, source, target, delays = canonical_order(built.tables, rows)
    weight = weights_of(built.tables[0])[order]
    return StaticSynapses(source=source, target=target, delay_steps=delays, weight=weight)


def state_at(synapses: LearningSynapses, name: str, step: int) -> NDArray[np.float64]:
    """Return the weight or a state of the rule at every synapse; nothing changes."""
    system = synapses.learned.system
    if name == "weight" or system.state(name).owner == "synapse":
        return synapses.read(step)[name]
    owner = system.state(name).owner
    row = [s.name for s in system.owned(owner)].index(name)
    kernel, prefix = synapses.learned.kernel, synapses.prefix
    slot = (kernel.pre if owner == "pre" else kernel.post)[row]
    mine = synapses.own[0]
    kept = mine[f"{prefix}{owner}"][row][_owners(synapses, owner)]
    if system.strategy == "swept":
        return np.array(kept, np.float64)
    passed = step - int(mine[f"{prefix}base"][0])
    return _moved(synapses, name, slot, kept, passed)


def bounds_at(
    synapses: LearningSynapses, name: str, values: Mapping[str, NDArray[np.float64]]
) -> tuple[Value, Value] | None:
    """Return the bounds of the weight or a state, None where it has none.

    `values` are the states at the synapses, which bounds may depend on.
    """
    system = synapses.learned.system
    bounds = system.weight_bounds if name == "weight" else system.state(name).bounds
    if bounds is None:
        return None
    known = _parameters(synapses)
    for state, array in values.items():
        known[WEIGHT if state == "weight" else Symbol(state, "state")] = array
    return _value(bounds.low, known), _value(bounds.high, known)


# ------------------------------------------------------------------------------ owners


def _owners(synapses: LearningSynapses, owner: str) -> NDArray[np.int64]:
    """Return where in its owner's array the value of each synapse lies."""
    if owner == "post":
        return synapses.target
    delays = synapses.tables[0].delays.astype(np.int64)
    ascending = np.argsort(delays)
    place = ascending[np.searchsorted(delays[ascending], synapses.delay_steps)]
    return synapses.source * max(len(delays), 1) + place


def _moved(
    synapses: LearningSynapses, name: str, slot: Slot, kept: NDArray[np.float64], passed: int
) -> NDArray[np.float64]:
    """Return values from what is kept of them in a frame, `passed` steps after its beginning."""
    values = kept
    if slot.rate is not None:
        values = kept * synapses.shared[f"{synapses.prefix}decay"][slot.rate, passed]
    move = synapses.learned.system.state(name).move
    rest = getattr(move, "rest", None)
    return values + (0.0 if rest is None else _number(synapses, rest))


def _number(synapses: LearningSynapses, expr: Expr) -> float:
    return float(_value(expr, _parameters(synapses)))


def _value(expr: Expr, known: Mapping[Symbol, Value]) -> Value:
    return evaluate(expr, Environment(symbols=known, functions=HOST_FUNCTIONS))


def _parameters(synapses: LearningSynapses) -> dict[Symbol, Value]:
    return dict(synapses.learned.learning.constants)
