"""Lower modulators and everything that reads them: pools, third factors, gains.

A pool takes each state through a step with everything else held, exactly where its equation is
linear in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bnsyn_dsl.analysis.learning.moves import moves
from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.ir.pools import PoolClock, PoolKernel
from bnsyn_dsl.lowering.learning import DT, stepped_value
from bnsyn_dsl.lowering.network import NO_SYSTEM, PlainLowering
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.lowering.statements import StatementLowering
from bnsyn_dsl.semantics.expression import (
    Apply,
    Expr,
    Ref,
    Symbol,
    rebuild,
    references,
)
from bnsyn_dsl.semantics.model import Bounds, Model, Statement
from bnsyn_dsl.semantics.plan import PoolPlan
from bnsyn_dsl.semantics.statements import expressions

__all__ = [
    "LoweredWire",
    "Reduction",
    "lower_pool",
    "lower_wire",
    "reductions_of",
]

REDUCTIONS = frozenset({"sum_of", "mean_of", "count_of", "min_of", "max_of"})
_TAKEN = frozenset({"i", "k", "n", "count", "states", "inputs", "held", "reduced", "values"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """`op` of `value` over a collection; `value` uses members of it."""

    op: str
    value: Expr
    kind: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredWire:
    """A wire: loads of what it reads, lets, and the value.

    `members` are (identifier, pool or population, state), `reduced` (identifier, number of the
    reduction), `parameters` (identifier, network parameter).
    """

    members: tuple[tuple[str, str, str], ...]
    reduced: tuple[tuple[str, int], ...]
    parameters: tuple[tuple[str, str], ...]
    lets: tuple[ir.Let, ...]
    value: ir.Expr


def lower_pool(plan: PoolPlan) -> PoolKernel:
    """Lower a modulator."""
    model = inlined(plan.model)
    lowering = PlainLowering(NO_SYSTEM, _TAKEN)
    names = [d.name for ds in (model.parameters, model.inputs, model.states) for d in ds]
    for name in names:
        lowering.names.declare(name)
    bounds = {s.name: s.bounds for s in model.states if s.bounds is not None}
    bounds.update(dict(model.bounds))
    clocks = tuple(
        PoolClock(
            steps=lowering.number(
                Apply(op="round", args=(Apply(op="div", args=(c.period, DT)),)), Section("step")
            ),
            body=_body(lowering, c.body, bounds, f"every {k}" if k > 1 else "every"),
            reads_spikes=_reads_spikes(c.body),
        )
        for k, c in enumerate(model.clocks, start=1)
    )
    on_spike = next((h.body for h in model.handlers if h.event == "spike"), ())
    return PoolKernel(
        parameters=tuple(lowering.names.identifier(p.name) for p in model.parameters),
        inputs=tuple(lowering.names.identifier(i.name) for i in model.inputs),
        states=tuple(lowering.names.identifier(s.name) for s in model.states),
        drift=_drift(lowering, model, bounds),
        on_spike=_body(lowering, on_spike, bounds, "on spike"),
        clocks=clocks,
        streams=tuple(lowering.streams),
        spikes=lowering.names.identifier("spikes"),
        size=lowering.names.identifier("size"),
    )


def _body(
    lowering: PlainLowering,
    statements: Sequence[Statement],
    bounds: Mapping[str, Bounds],
    label: str,
) -> tuple[ir.Let, ...]:
    section = Section(label)
    StatementLowering(
        number=lowering.number,
        condition=lowering.condition,
        ident=lowering.names.identifier,
        fresh=lowering.names.fresh,
        bounds=bounds,
    ).body(statements, section, None)
    return tuple(section.lets)


def _reads_spikes(body: Sequence[Statement]) -> bool:
    return any(s.kind == "spikes" for e in expressions(body) for s in references(e))


def _drift(
    lowering: PlainLowering, model: Model, bounds: Mapping[str, Bounds]
) -> tuple[ir.Let, ...]:
    section = Section("step")
    how = moves(model)
    moving = []
    for state in model.states:
        value = stepped_value(Symbol(state.name, "state"), how[state.name], how)
        if value is not None:
            moving.append(state.name)
            name = lowering.names.identifier(f"{state.name}.next")
            section.let(name, lowering.number(value, section))
    for name in moving:
        new = ir.Name(ident=lowering.names.identifier(f"{name}.next"))
        section.let(lowering.names.identifier(name), new)
        if name in bounds:
            low, high = (lowering.number(b, section) for b in (bounds[name].low, bounds[name].high))
            ident = lowering.names.identifier(name)
            clipped = ir.Apply(op="clip", args=(ir.Name(ident=ident), low, high))
            section.let(ident, clipped)
    return tuple(section.lets)


# ------------------------------------------------------------------------------ wires


def reductions_of(expr: Expr) -> list[Reduction]:
    """Return the reductions in an expression, in order."""
    found: list[Reduction] = []

    def change(e: Expr) -> Expr | None:
        if isinstance(e, Apply) and e.op in REDUCTIONS:
            found.append(_reduction(e))
            return e
        return None

    rebuild(expr, change)
    return found


def _reduction(expr: Apply) -> Reduction:
    value, place = expr.args
    assert isinstance(place, Ref)
    return Reduction(op=expr.op, value=value, kind=place.symbol.owner, owner=place.symbol.name)


def lower_wire(expr: Expr, reductions: Sequence[Reduction], label: str = "step") -> LoweredWire:
    """Lower a wire; `reductions` are those of the network, in order."""
    lowering = PlainLowering(NO_SYSTEM, _TAKEN)
    reduced: dict[str, int] = {}
    members: dict[str, tuple[str, str]] = {}
    parameters: dict[str, str] = {}

    def change(e: Expr) -> Expr | None:
        if isinstance(e, Apply) and e.op in REDUCTIONS:
            one = _reduction(e)
            name = f"{one.op.removesuffix('_of')}.{one.owner}"
            number = list(reductions).index(one)
            while reduced.get(name, number) != number:
                name += "_"
            reduced[name] = number
            return Ref(symbol=Symbol(name, "state"))
        if isinstance(e, Ref) and e.symbol.kind == "member":
            members[e.symbol.text] = (e.symbol.owner, e.symbol.name)
            return Ref(symbol=Symbol(e.symbol.text, "state"))
        if isinstance(e, Ref) and e.symbol.kind == "network":
            name = f"network.{e.symbol.name}"
            parameters[name] = e.symbol.name
            return Ref(symbol=Symbol(name, "state"))
        return None

    plain = rebuild(expr, change)
    section = Section(label)
    value = lowering.number(plain, section)
    ident = lowering.names.identifier
    return LoweredWire(
        members=tuple((ident(text), *where) for text, where in members.items()),
        reduced=tuple((ident(name), number) for name, number in reduced.items()),
        parameters=tuple((ident(name), source) for name, source in parameters.items()),
        lets=tuple(section.lets),
        value=value,
    )
