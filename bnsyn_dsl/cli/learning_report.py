"""How plastic projections learn and what modulators do, for readers: strategy, owners, memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bnsyn_dsl.analysis.learning.build import learning_system
from bnsyn_dsl.analysis.learning.system import Driven, LearnedState, LearningSystem
from bnsyn_dsl.assembly.values import evaluate_all
from bnsyn_dsl.compiler import CompiledNetwork
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Const, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.plan import LearningPlan, NetworkPlan, Part, PoolPlan, PopulationPlan
from bnsyn_dsl.semantics.units import format_dimension
from bnsyn_dsl.syntax import unparse_expr
from bnsyn_dsl.syntax.nodes import Every

__all__ = [
    "Learning",
    "Modulator",
    "learning_lines",
    "learning_of",
    "learning_reports",
    "modulator_lines",
    "modulator_reports",
    "rule_alone",
]

_TARGET = 4  # bytes of the target of a synapse
_VALUE = 8
_COSTS = {
    "accumulated": "post spikes are summed per target, a synapse costs time at arrivals alone",
    "replayed": "a synapse goes through the post spikes since its last arrival at the next one",
    "swept": "every synapse costs time in every step",
}
_OWNERS = {
    "pre": "source neuron and delay",
    "post": "target neuron",
    "synapse": "synapse",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a rule: its unit, where it is kept, and why there."""

    name: str
    unit: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """A plastic projection: strategy, states, and bytes per synapse, source (and delay), target.

    `projections` has several names where a rule learns alike on all of them.
    """

    projections: tuple[str, ...]
    rule: str
    strategy: str
    cost: str
    reason: str
    states: tuple[State, ...]
    bytes_per_synapse: int
    bytes_per_source: int
    bytes_per_target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Modulator:
    """A modulator: whose spikes it sees, its clocks and signals, and what reads it."""

    name: str
    model: str
    size: int
    sources: tuple[str, ...]
    clocks: tuple[str, ...]
    signals: tuple[str, ...]
    readers: tuple[str, ...]


# ------------------------------------------------------------------------------ rules


def learning_reports(compiled: CompiledNetwork) -> tuple[Learning, ...]:
    """Return how each plastic projection learns; those that learn alike together."""
    found: dict[Learning, list[str]] = {}
    for rule in compiled.rules:
        learned = rule.learned
        one = learning_of(learned.system, learned.learning.rule, ())
        found.setdefault(one, []).append(learned.projection.name)
    return tuple(replace(one, projections=tuple(names)) for one, names in found.items())


def learning_of(system: LearningSystem, rule: Model, projections: tuple[str, ...]) -> Learning:
    """Return how a rule learns."""
    owned = {owner: len(system.owned(owner)) for owner in ("pre", "post", "synapse")}
    return Learning(
        projections=projections,
        rule=rule.name,
        strategy=system.strategy,
        cost=_COSTS[system.strategy],
        reason=system.why,
        states=tuple(_state(s, rule) for s in system.states),
        bytes_per_synapse=_TARGET + _VALUE * owned["synapse"],
        bytes_per_source=_VALUE * owned["pre"],
        bytes_per_target=_VALUE * (owned["post"] + _sums(system)),
    )


def _sums(system: LearningSystem) -> int:
    """Return how many sums there are per target: one more where a summed state drives another."""
    drivers = [s.move.source for s in system.states if isinstance(s.move, Driven)]
    return sum(1 + drivers.count(part.state) for part in system.increments)


def _state(state: LearnedState, rule: Model) -> State:
    found = rule.weight if state.name == "weight" else rule.dimension_of(state.name)
    dimension = found or ONE
    unit = "unit of the weight" if dimension.unknowns else format_dimension(dimension)
    return State(name=state.name, unit=unit, owner=_OWNERS[state.owner], reason=state.reason)


def rule_alone(rule: Model) -> LearningSystem:
    """Take a rule apart without a projection.

    A parameter without a value is 1 in its unit; an input without one is wired.
    """
    one = Const(value=1.0)
    known: dict[Symbol, Value] = {}
    given = {p.name: one if p.value is None else p.value for p in rule.parameters}
    parameters = evaluate_all(given, "parameter", 1, known, 0, rule.name)
    inputs: dict[str, float] = {}
    wires: dict[str, Expr] = {}
    for port in rule.inputs:
        if port.value is None:
            wires[port.name] = Ref(symbol=Symbol(port.name, "member", "modulator"))
        else:
            settled = evaluate_all({port.name: port.value}, "input", 1, known, 0, rule.name)
            inputs[port.name] = float(settled[port.name])
    plan = LearningPlan(
        rule=rule,
        parameters={n: float(v) for n, v in parameters.items()},
        initial={s.name: _initial(s.value, known, rule) for s in rule.states},
        inputs=inputs,
        wires=wires,
    )
    return learning_system(plan)


def _initial(value: Expr | None, known: Mapping[Symbol, Value], rule: Model) -> float | Expr:
    """Return an initial value that is the same for all synapses as a number."""
    if value is None:
        return 0.0
    if any(s not in known for s in references(value)):
        return value
    settled = evaluate_all({"": value}, "state", 1, dict(known), 0, rule.name)[""]
    return settled if isinstance(settled, float) else value


def learning_lines(one: Learning, indent: str = "    ") -> Iterator[str]:
    """Yield a plastic projection as text."""
    yield f"{indent}rule      {one.rule}, {one.strategy}: {one.reason}"
    yield f"{indent}          {one.cost}"
    shown = [s.name if s.unit == "1" else f"{s.name} [{s.unit}]" for s in one.states]
    width = max((len(s) for s in shown), default=0)
    wide = max((len(s.owner) for s in one.states), default=0)
    for text, state in zip(shown, one.states, strict=True):
        yield f"{indent}state     {text:<{width}}  per {state.owner:<{wide}}  {state.reason}"
    parts = [f"{one.bytes_per_synapse} bytes per synapse"]
    if one.bytes_per_source:
        parts.append(f"{one.bytes_per_source} per {_OWNERS['pre']}")
    if one.bytes_per_target:
        parts.append(f"{one.bytes_per_target} per {_OWNERS['post']}")
    yield f"{indent}memory    {', '.join(parts)}"


# ------------------------------------------------------------------------- modulators


def modulator_reports(plan: NetworkPlan) -> tuple[Modulator, ...]:
    """Return what each modulator sees and who reads it."""
    return tuple(
        Modulator(
            name=pool.name,
            model=pool.model.name,
            size=pool.size,
            sources=tuple(_part(p, plan) for p in pool.sources),
            clocks=tuple(_clocks(pool)),
            signals=tuple(
                f"{h.event}({', '.join(h.arguments)})"
                for h in pool.model.handlers
                if h.event != "spike"
            ),
            readers=tuple(_readers(pool.name, plan)),
        )
        for pool in plan.pools
    )


def _part(part: Part, plan: NetworkPlan) -> str:
    whole = part.size == plan.population(part.population).size
    return part.population if whole else f"{part.population}[{part.first}:{part.last}]"


def _clocks(pool: PoolPlan) -> Iterator[str]:
    for section in pool.model.block.sections:
        if isinstance(section, Every):
            yield f"every {unparse_expr(section.period)}"


def _readers(name: str, plan: NetworkPlan) -> Iterator[str]:
    """Yield what has a wire that reads a modulator: `n of plastic`, `gain of plastic`."""
    wired: list[tuple[str, str, Expr]] = []
    owners: tuple[PopulationPlan | PoolPlan, ...] = (*plan.populations, *plan.pools)
    for owner in owners:
        wired += [(port, owner.name, wire) for port, wire in owner.wires.items()]
    for projection in plan.projections:
        if projection.learning is not None:
            wires = projection.learning.wires.items()
            wired += [(port, projection.name, wire) for port, wire in wires]
        if not isinstance(projection.gain, float):
            wired.append(("gain", projection.name, projection.gain))
    wired += [("rate", d.name, d.rate) for d in plan.drives if not isinstance(d.rate, float)]
    for port, owner_name, wire in wired:
        if any(s.owner == name or _is_pool(s, name) for s in references(wire)):
            yield f"{port} of {owner_name}"


def _is_pool(symbol: Symbol, name: str) -> bool:
    return symbol.kind == "collection" and symbol.name == name


def modulator_lines(modulators: Iterable[Modulator]) -> Iterator[str]:
    """Yield modulators as text."""
    for one in modulators:
        yield f"  {one.name} ({one.model}, {one.size})"
        yield f"    sources   {', '.join(one.sources) or 'none'}"
        if one.clocks:
            yield f"    clocks    {', '.join(one.clocks)}"
        if one.signals:
            yield f"    signals   {', '.join(one.signals)}"
        yield f"    read by   {', '.join(one.readers) or 'nothing'}"
