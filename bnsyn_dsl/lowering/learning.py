"""Lower a plasticity rule: `LearningSystem` -> `LoweredLearning`.

States that decay are stored in a frame: what is kept is (s - rest)/E(n), where E(n) is the decay
over the n steps since the frame began. Between events that number does not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bnsyn_dsl.analysis.derive import affine, is_zero
from bnsyn_dsl.analysis.learning.system import (
    WEIGHT,
    Decay,
    Driven,
    LearnedState,
    LearningSystem,
    Move,
    Stepped,
)
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.ir.learning import Accumulator, LearningKernel, Slot
from bnsyn_dsl.lowering.network import NO_SYSTEM, PlainLowering
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.lowering.statements import StatementLowering
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol, rebuild
from bnsyn_dsl.semantics.model import Bounds, Set, Statement

__all__ = ["Integral", "lower_learning", "stepped_value"]

DT = Ref(symbol=Symbol("dt", "dt"))

# names of the generated functions that a rule's own names must not take
_TAKEN = frozenset({
    "base", "k", "q", "p", "g", "cell", "moment", "source", "decay", "factors", "integrals",
    "synapse", "pre", "post", "sums", "own", "event", "events", "event_post", "event_count",
    "last_event", "recent", "lost", "crowded", "later", "earlier", "arrived", "fired", "port",
    "ports", "scales", "gain", "inbox", "delays", "place", "sent", "transmitted", "large", "most",
    "since", "at", "m", "targets", "n_delays", "begin", "end", "cell_groups", "group_start",
    "last", "soon", "row",
    "log_first", "log_ids", "log_ptr", "n_threads", "thread", "spike_factors",
    "arrive", "fire", "settle", "rebase", "sweep",
    *(f"{name}{k}" for name in ("e", "q", "integral", "port", "scale") for k in range(100)),
    *(f"tick_{k}" for k in range(100)),
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Integral:
    """The running integral of a third factor: of `decay[rate] * factor` (None: of `factor`).

    `decay` is the rate itself, in terms of the rule's parameters.
    """

    rate: int | None
    decay: Expr | None
    factor: Expr


class _RuleLowering(PlainLowering):
    """Lowers expressions of a rule; a division by a parameter becomes a product."""

    def __init__(self) -> None:
        super().__init__(NO_SYSTEM, _TAKEN)
        self.reciprocals: dict[str, str] = {}

    def _division(self, expr: Apply, section: Section) -> ir.Expr:
        numerator, divisor = expr.args
        whole = isinstance(numerator, Const)
        if whole or not (isinstance(divisor, Ref) and divisor.symbol.kind == "parameter"):
            return super()._division(expr, section)
        name = self.names.identifier(f"per.{divisor.symbol.name}")
        self.reciprocals[name] = self.names.identifier(divisor.symbol.name)
        product = (self.number(numerator, section), ir.Name(ident=name))
        return self._made("mul", product, section)


class _Lowering:
    def __init__(self, system: LearningSystem) -> None:
        self.system = system
        self.lowering = _RuleLowering()
        self.rates: list[Expr] = []
        self.integrals: list[Integral] = []
        self.bounds: dict[str, Bounds] = {
            s.name: s.bounds for s in system.states if s.bounds is not None
        }
        if system.weight_bounds is not None and system.weight_value is None:
            self.bounds["weight"] = system.weight_bounds

    def ident(self, name: str) -> str:
        return self.lowering.names.identifier(name)

    def expr(self, expr: Expr, section: Section | None = None) -> ir.Expr:
        return self.lowering.number(self._plain(expr), section or Section("step"))

    def _plain(self, expr: Expr) -> Expr:
        """Give members of neurons and the weight names of their own."""

        def change(e: Expr) -> Expr | None:
            if not isinstance(e, Ref):
                return None
            if e.symbol == WEIGHT:
                if self.system.weight_value is not None:
                    return self._plain(self.system.weight_value)
                return Ref(symbol=Symbol("weight", "state"), span=e.span)
            if e.symbol.owner:
                return Ref(symbol=Symbol(e.symbol.text, "state"), span=e.span)
            return None

        return rebuild(expr, change)

    def rate(self, rate: Expr) -> int:
        if rate not in self.rates:
            self.rates.append(rate)
        return self.rates.index(rate)

    def slot(self, state: LearnedState) -> Slot:
        rate, rest = None, None
        if isinstance(state.move, Decay):
            rate = self.rate(state.move.rate)
            rest = None if state.move.rest is None else self.expr(state.move.rest)
        return Slot(ident=self.ident(state.name), rate=rate, rest=rest)

    def body(self, statements: Iterable[Statement]) -> tuple[ir.Let, ...]:
        section = Section("step")
        StatementLowering(
            number=lambda e, s: self.lowering.number(self._plain(e), s),
            condition=lambda e, s: self.lowering.condition(self._plain(e), s),
            ident=self.ident,
            fresh=self.lowering.names.fresh,
            bounds=self.bounds,
        ).body(statements, section, None)
        return tuple(section.lets)

    def updates(
        self, updates: Iterable[Set], owned: tuple[LearnedState, ...]
    ) -> tuple[tuple[int, ir.Expr], ...]:
        places = {s.name: k for k, s in enumerate(owned)}
        return tuple((places[u.target.name], self.expr(u.value)) for u in updates)


def lower_learning(
    system: LearningSystem, *, ports: int = 1, checked: bool = True, factored: tuple[int, ...] = ()
) -> tuple[LearningKernel, tuple[Integral, ...]]:
    """Lower a rule; the integrals of its third factors are the network's to form."""
    made = _Lowering(system)
    for name in (*system.parameters, *system.factors, *(s.name for s in system.states)):
        made.lowering.names.declare(name)
    pre, post, synapse = (system.owned(o) for o in ("pre", "post", "synapse"))
    slots = {o: tuple(map(made.slot, s)) for o, s in (("pre", pre), ("post", post))}
    slots["synapse"] = tuple(map(made.slot, synapse))
    driven = () if system.strategy == "swept" else _driven(made, synapse)
    weight = WEIGHT if system.weight_value is None else system.weight_value
    bounds = system.weight_bounds
    kernel = LearningKernel(
        name=system.name,
        strategy=system.strategy,
        parameters=tuple(map(made.ident, system.parameters)),
        factors=tuple(map(made.ident, system.factors)),
        pre=slots["pre"],
        post=slots["post"],
        synapse=slots["synapse"],
        driven=driven,
        weight=made.expr(Ref(symbol=weight) if isinstance(weight, Symbol) else weight),
        clip=None if bounds is None else (made.expr(bounds.low), made.expr(bounds.high)),
        clips_after_post=bounds is not None and any(p.state == "weight" for p in system.increments),
        on_pre=made.body(system.on_pre),
        on_post=made.body(system.on_post),
        row_updates=made.updates(system.row_updates, pre),
        target_updates=made.updates(system.target_updates, post),
        accumulators=_accumulators(made, pre, synapse, driven),
        steps={o: _steps(made, s) for o, s in (("pre", pre), ("post", post), ("synapse", synapse))},
        clocks=tuple(
            (
                made.expr(Apply(op="round", args=(Apply(op="div", args=(c.period, DT)),))),
                made.body(c.body),
            )
            for c in system.clocks
        ),
        members=tuple((made.ident(m.text), m.owner) for m in system.members),
        rates=tuple(made.expr(r) for r in made.rates),
        integrals=len(made.integrals),
        reciprocals=tuple(made.lowering.reciprocals.items()),
        ports=ports,
        checked=checked,
        factored=factored,
        source=system.source,
    )
    return kernel, tuple(made.integrals)


def _driven(
    made: _Lowering, synapse: tuple[LearnedState, ...]
) -> tuple[tuple[int, int | None, int], ...]:
    places = {s.name: k for k, s in enumerate(synapse)}
    found = []
    for k, state in enumerate(synapse):
        if not isinstance(state.move, Driven):
            continue
        source = None if state.move.source is None else places[state.move.source]
        rate, decay = None, None
        if source is not None and isinstance(move := synapse[source].move, Decay):
            rate, decay = made.rate(move.rate), move.rate
        integral = Integral(rate=rate, decay=decay, factor=state.move.factor)
        if integral not in made.integrals:
            made.integrals.append(integral)
        found.append((k, source, made.integrals.index(integral)))
    return tuple(found)


def _accumulators(
    made: _Lowering,
    pre: tuple[LearnedState, ...],
    synapse: tuple[LearnedState, ...],
    driven: tuple[tuple[int, int | None, int], ...],
) -> tuple[Accumulator, ...]:
    traces = {s.name: k for k, s in enumerate(pre)}
    places = {s.name: k for k, s in enumerate(synapse)}
    found = []
    for part in made.system.increments:
        state = places[part.state]
        trace = None if part.trace is None else traces[part.trace]
        factor = made.expr(part.factor)
        found.append(Accumulator(state=state, trace=trace, factor=factor))
        found += [
            Accumulator(state=state, trace=trace, factor=factor, integral=integral)
            for _, source, integral in driven
            if source == state
        ]
    return tuple(found)


def _steps(made: _Lowering, states: tuple[LearnedState, ...]) -> tuple[ir.Let, ...]:
    """Return the values after one step, all from those before; for rules that are swept."""
    section = Section("step")
    others = {s.name: s.move for s in made.system.states}
    new = {s.name: stepped_value(s.symbol, s.move, others) for s in states}
    moving = {name: value for name, value in new.items() if value is not None}
    for name, value in moving.items():
        together = f"{name}.next" if len(moving) > 1 else name
        section.let(made.ident(together), made.expr(value, section))
    for state in states:
        if state.name not in moving:
            continue
        ident = made.ident(state.name)
        if len(moving) > 1:
            section.let(ident, ir.Name(ident=made.ident(f"{state.name}.next")))
        bounds = state.bounds
        if bounds is not None:
            limits = (made.expr(bounds.low), made.expr(bounds.high))
            section.let(ident, ir.Apply(op="clip", args=(ir.Name(ident=ident), *limits)))
    return tuple(section.lets)


def stepped_value(symbol: Symbol, move: Move, others: Mapping[str, Move]) -> Expr | None:
    """Return the state after dt, everything else held; linear in itself: exactly."""
    here: Expr = Ref(symbol=symbol)
    match move:
        case Decay(rate=rate, rest=rest):
            shrink = Apply(op="exp", args=(_times(rate, DT),))
            if rest is None:
                return _times(here, shrink)
            return _plus(rest, _times(Apply(op="sub", args=(here, rest)), shrink))
        case Driven(source=None, factor=factor):
            return _plus(here, _times(factor, DT))
        case Driven(source=str(name), factor=factor):
            source = others[name]
            span: Expr = _span(source.rate) if isinstance(source, Decay) else DT
            return _plus(here, _times(_times(factor, Ref(symbol=Symbol(name, "state"))), span))
        case Stepped(value=value):
            form = affine(value, frozenset({symbol}))
            rate_of = None if form is None else form.coefficients.get(symbol)
            if rate_of is None or is_zero(rate_of):
                return _plus(here, _times(value, DT))
            return _plus(here, _times(value, _span(rate_of)))
        case _:
            return None


def _span(rate: Expr) -> Expr:
    """Return the integral of exp(rate*s) over one step."""
    return _times(DT, Apply(op="exprel", args=(_times(rate, DT),)))


def _times(a: Expr, b: Expr) -> Expr:
    return Apply(op="mul", args=(a, b))


def _plus(a: Expr, b: Expr) -> Expr:
    return Apply(op="add", args=(a, b))
