"""Plastic projections as arguments of the time loop, and their synapses for reading and writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.analysis.learning.system import WEIGHT, Decay, LearnedState
from bnsyn_dsl.assembly.connections import Inboxes, local_request
from bnsyn_dsl.assembly.table_order import canonical_order, weights_of
from bnsyn_dsl.assembly.values import element_values
from bnsyn_dsl.compiler import CompiledRule
from bnsyn_dsl.diagnostics import BnsError, error
from bnsyn_dsl.ir.learning import LearningKernel
from bnsyn_dsl.runtime.connectivity import DeliveryTable
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.wiring.learning import LearnedProjection

__all__ = ["LearningSynapses", "learning_arguments"]

_LONGEST_FRAME = 8192  # steps: the tables of decays stay in the cache
_FRAME_SPAN = 8.0  # of the shortest time constant: rounding errors grow like exp(span)


@dataclass(slots=True, kw_only=True)
class LearningSynapses:
    """The synapses of one plastic projection: one set of arrays per thread.

    `states` are the names of what lies at the synapse, in the order of the arrays; `weight` is
    among them or computed from them.
    """

    learned: LearnedProjection
    states: tuple[str, ...]
    tables: list[DeliveryTable]
    own: list[dict[str, Any]]
    shared: dict[str, Any]
    settle: Callable[..., None]
    rebase: Callable[..., None] | None
    settle_arguments: tuple[str, ...]
    rebase_arguments: tuple[str, ...]
    prefix: str
    order: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    delay_steps: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.source)

    def read(self, step: int) -> dict[str, NDArray[np.float64]]:
        """Return every state at a step, in the order of (source, target); nothing changes."""
        parts = []
        for q, table in enumerate(self.tables):
            out = np.zeros((max(len(self.states), 1), len(table.targets)))
            self.settle(*self._arguments(self.settle_arguments, q, step, out))
            parts.append(out)
        joined = np.concatenate(parts, axis=1)[:, self.order]
        values = {name: joined[k] for k, name in enumerate(self.states)}
        return {**values, "weight": self._weight(values)}

    def write(self, step: int, state: str, values: NDArray[np.float64]) -> None:
        """Set one state of all synapses, in the order of (source, target)."""
        row, own = self.states.index(state), self.learned.system.state(state)
        framed = self.learned.system.strategy == "accumulated"
        unordered = np.empty_like(values)
        unordered[self.order] = _kept(own, values, _parameters(self.learned), framed)
        at = 0
        for q, table in enumerate(self.tables):
            if self.rebase is not None:
                self.rebase(*self._arguments(self.rebase_arguments, q, step, None))
            count = len(table.targets)
            self.own[q][f"{self.prefix}synapse"][row, :] = unordered[at : at + count]
            at += count

    def _weight(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the weight within its bounds."""
        system = self.learned.system
        known: dict[Symbol, Value] = dict(_parameters(self.learned))
        known.update({Symbol(n, "state"): v for n, v in values.items()})
        weight: Value = values.get("weight", 0.0)
        if system.weight_value is not None:
            weight = _evaluate(system.weight_value, known)
        if system.weight_bounds is not None:
            low = _evaluate(system.weight_bounds.low, known)
            high = _evaluate(system.weight_bounds.high, known)
            weight = np.minimum(np.maximum(weight, low), high)
        return np.broadcast_to(np.asarray(weight, np.float64), (len(self),))

    def _arguments(
        self, names: Sequence[str], q: int, step: int, out: NDArray[np.float64] | None
    ) -> list[Any]:
        base = self.own[q].get(f"{self.prefix}base")
        fixed = {"n": step - int(base[0]) if base is not None else 0, "out": out}
        values = []
        for name in names:
            full = name if name == "dt" else f"{self.prefix}{name}"
            if name in fixed:
                values.append(fixed[name])
            else:
                values.append(self.own[q].get(full, self.shared.get(full)))
        return values


def learning_arguments(
    number: int,
    rule: CompiledRule,
    module: Any,
    builder: Any,
    inboxes: Inboxes,
    weight: Any,
    own: list[dict[str, Any]],
    shared: dict[str, Any],
) -> tuple[LearningSynapses, list[int]]:
    """Add the arguments of one plastic projection; return its synapses and delays in steps.

    A dendritic delay is not among them: a thread sees the post spikes of its own neurons.

    Raises:
        BnsError: a weight lies outside of the rule's bounds.
    """
    learned, kernel = rule.learned, rule.learned.kernel
    plan: NetworkPlan = builder.plan
    projection, prefix = learned.projection, f"learning{number}_"
    system_number, first = builder.numbering.place[projection.target.population]
    first += projection.target.first
    size = projection.target.size
    ranges = [
        (max(lo - first, 0), max(min(hi - first, size), 0))
        for lo, hi in builder.bounds[system_number]
    ]
    ranges = [(min(lo, size), max(hi, min(lo, size))) for lo, hi in ranges]
    request = local_request(projection, plan, weight)
    built = builder.local_tables(request, projection.source.size, ranges)
    par = _parameter_values(learned)
    frame = _frame_steps(learned, plan.dt) if kernel.strategy != "swept" else 1
    decay = np.zeros((max(len(kernel.rates), 1), frame + 1))
    if kernel.rates:
        module.prepare(par, plan.dt, decay)
    dendritic = round(learned.learning.dendritic_delay / plan.dt)
    numbering = builder.numbering
    shared.update({
        f"{prefix}par": par,
        f"{prefix}decay": decay,
        f"{prefix}rebase_every": frame,
        f"{prefix}place": np.array([
            numbering.first_id[projection.source.population] + projection.source.first,
            projection.source.size,
            numbering.first_id[projection.target.population] + projection.target.first,
            size, dendritic,
        ]),
        f"{prefix}ports": np.array([
            inboxes.base[system_number, p.receptor] + first for p in projection.ports
        ]),
        f"{prefix}scales": np.array([
            p.share * 2.0 ** inboxes.bits[system_number, p.receptor] for p in projection.ports
        ]),
        f"{prefix}third": np.array([
            *_wire_parameters(builder, number), 0.0
        ]),
    })  # fmt: skip
    _members(number, builder, shared)
    known = dict(_parameters(learned))
    sums = np.zeros((max(len(kernel.accumulators), 1), size))
    post = _owned_array(learned, "post", size, known)
    fired = np.zeros(size, np.int8)
    order, source, target, delays = canonical_order(built.tables, projection.source.size)
    for q, (arguments, table) in enumerate(zip(own, built.tables, strict=True)):
        cells = projection.source.size * max(len(table.delays), 1)
        arguments.update({
            f"{prefix}delays": table.delays,
            f"{prefix}cell_groups": table.cell_groups,
            f"{prefix}group_start": table.group_start,
            f"{prefix}targets": table.targets,
            f"{prefix}sent": np.zeros((kernel.ports, 256), np.int64),
            f"{prefix}base": np.zeros(1, np.int64),
            f"{prefix}own": np.array(ranges[q], np.int64),
            f"{prefix}factors": np.zeros((max(len(kernel.factors), 1), frame + 1)),
            f"{prefix}integrals": np.zeros((max(kernel.integrals, 1), frame + 2)),
            f"{prefix}gain": np.full(
                1, projection.gain if isinstance(projection.gain, float) else 1.0
            ),
            f"{prefix}pre": _owned_array(learned, "pre", cells, known),
            f"{prefix}post": post,
            f"{prefix}sums": sums,
            f"{prefix}fired": fired,
            f"{prefix}arrived": np.zeros(cells, np.int64),
            f"{prefix}last_event": np.full(size, -1, np.int32),
            f"{prefix}recent": np.full((size, 4), -1, np.int32),
            f"{prefix}event_count": np.zeros(1, np.int64),
            f"{prefix}events": np.zeros((1, 4), np.int32),
            f"{prefix}event_post": np.zeros((1, max(len(kernel.post), 1))),
        })  # fmt: skip
    _synapse_arrays(learned, built.tables, own, prefix, known, order, plan)
    synapses = LearningSynapses(
        learned=learned,
        states=tuple(s.name for s in learned.system.owned("synapse")),
        tables=built.tables,
        own=own,
        shared=shared,
        settle=module.settle,
        rebase=getattr(module, "rebase", None),
        settle_arguments=rule.arguments["settle"],
        rebase_arguments=rule.arguments.get("rebase", ()),
        prefix=prefix,
        order=order,
        source=source,
        target=target,
        delay_steps=delays,
    )
    return synapses, [int(d) for d in built.tables[0].delays]


def _members(number: int, builder: Any, shared: dict[str, Any]) -> None:
    """Hand over the arrays of neurons that a rule reads, cut to the projection's parts."""
    rule: CompiledRule = builder.compiled.rules[number]
    kernel: LearningKernel = rule.learned.kernel
    ends = {"pre": rule.learned.projection.source, "post": rule.learned.projection.target}
    for (ident, side), symbol in zip(kernel.members, rule.learned.system.members, strict=True):
        system, first = builder.numbering.place[ends[side].population]
        first += ends[side].first
        manifest = builder.systems[system].compiled.manifest
        arrays = builder.systems[system].arrays
        if symbol.kind == "refractory":
            array = arrays["refractory"]
        else:
            columns = (*manifest.states, *manifest.varying, *manifest.gathered)
            name = next(c.name for c in columns if c.source == symbol.name)
            array = arrays[f"{name}_all"]
        shared[f"learning{number}_{ident}_all"] = array[first : first + ends[side].size]


def _wire_parameters(builder: Any, number: int) -> list[float]:
    """Return network parameters in the order in which the third factors load them."""
    shape = builder.compiled.shape.learning[number]
    wires = [*shape.factors]
    wires += [w for _, w in shape.integrals] if shape.rule.strategy != "swept" else []
    wires += [shape.gain] if shape.gain is not None else []
    return [builder.plan.parameters[source] for w in wires for _, source in w.parameters]


# ----------------------------------------------------------------------------- values


def _parameters(learned: LearnedProjection) -> dict[Symbol, Value]:
    return dict(learned.learning.constants)


def _parameter_values(learned: LearnedProjection) -> NDArray[np.float64]:
    known = _parameters(learned)
    names = learned.system.parameters
    return np.array([*(float(known[Symbol(n, "parameter")]) for n in names), 0.0])


def _evaluate(expr: Expr, known: Mapping[Symbol, Value]) -> Value:
    return evaluate(expr, Environment(symbols=known, functions=HOST_FUNCTIONS))


def _frame_steps(learned: LearnedProjection, dt: float) -> int:
    """Return how many steps a frame lasts: 8 of the shortest time constant."""
    known = _parameters(learned)
    rates = [
        abs(float(_evaluate(s.move.rate, known)))
        for s in learned.system.states
        if isinstance(s.move, Decay)
    ]
    fastest = max(rates, default=0.0)
    if fastest * dt * _LONGEST_FRAME <= _FRAME_SPAN:
        return _LONGEST_FRAME
    return max(int(_FRAME_SPAN / (fastest * dt)), 1)


def _kept(state: LearnedState, value: Value, known: Mapping[Symbol, Value], framed: bool) -> Value:
    """Return what is stored of a value at the beginning of a frame."""
    if not framed or not isinstance(state.move, Decay) or state.move.rest is None:
        return value
    return value - _evaluate(state.move.rest, known)


def _owned_array(
    learned: LearnedProjection, owner: Any, size: int, known: Mapping[Symbol, Value]
) -> NDArray[np.float64]:
    states = learned.system.owned(owner)
    array = np.zeros((max(len(states), 1), size))
    framed = learned.system.strategy != "swept"
    for k, state in enumerate(states):
        array[k] = _kept(state, learned.learning.initial[state.name], known, framed)  # type: ignore[arg-type]
    return array


def _synapse_arrays(
    learned: LearnedProjection,
    tables: Sequence[DeliveryTable],
    own: list[dict[str, Any]],
    prefix: str,
    known: dict[Symbol, Value],
    order: NDArray[np.int64],
    plan: NetworkPlan,
) -> None:
    states = learned.system.owned("synapse")
    count = len(order)
    weights = np.concatenate([weights_of(t) for t in tables]) if count else np.zeros(0)
    _check_weights(learned, weights[order], known)
    framed = learned.system.strategy == "accumulated"  # replayed ones are as they are at a moment
    values = np.zeros((max(len(states), 1), count))
    for k, state in enumerate(states):
        given: Value = weights
        if state.symbol != WEIGHT:
            given = _initial(learned, state, weights, order, known, plan)
        values[k] = _kept(state, given, known, framed)
    at = 0
    for arguments, table in zip(own, tables, strict=True):
        end = at + len(table.targets)
        arguments[f"{prefix}synapse"] = np.ascontiguousarray(values[:, at:end])
        at = end


def _initial(
    learned: LearnedProjection,
    state: LearnedState,
    weights: NDArray[np.float64],
    order: NDArray[np.int64],
    known: dict[Symbol, Value],
    plan: NetworkPlan,
) -> Value:
    """Return the initial value of a state at every synapse; draws follow (source, target)."""
    value = learned.learning.initial[state.name]
    if isinstance(value, float):
        return value
    stream = f"{learned.projection.name}.{state.name}"
    ordered = element_values(
        value, len(order), {**known, WEIGHT: weights[order]}, plan.seed, stream
    )
    back = np.empty(len(order))
    back[order] = ordered
    return back


def _check_weights(
    learned: LearnedProjection, weights: NDArray[np.float64], known: Mapping[Symbol, Value]
) -> None:
    bounds = learned.system.weight_bounds
    if bounds is None or not len(weights):
        return
    low, high = (float(_evaluate(b, known)) for b in (bounds.low, bounds.high))
    slack = 1e-12 * max(abs(low), abs(high))
    bad = np.flatnonzero((weights < low - slack) | (weights > high + slack))
    if not len(bad):
        return
    name, unit = learned.projection.name, learned.learning.rule.weight
    found, least, most = (quantity_text(float(x), unit) for x in (weights[bad[0]], low, high))
    message = (
        f"the weight of synapse {int(bad[0])} of `{name}` is {found}, outside of "
        f"{least} to {most}, the bounds of `{learned.system.name}`"
    )
    help_text = "weights are never clipped when a network is built: draw them within the bounds"
    raise BnsError([error("BN443", message, learned.projection.span, help=help_text)])
