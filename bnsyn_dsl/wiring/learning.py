"""Plasticity, modulators and gains of a plan as shapes of the time loop.

In: the plan and its coupled systems. Out: one `LearnedProjection` per plastic projection, and the
shapes of pools, gains and reductions, with the names of the arrays they read.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.learning.build import learning_system, neuron_symbols
from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.analysis.learning.system import LearningSystem
from bnsyn_dsl.analysis.ownership import sender_of
from bnsyn_dsl.analysis.system import expanded
from bnsyn_dsl.codegen.shape import (
    GainShape,
    LearningShape,
    PoolShape,
    ReductionShape,
    WireShape,
)
from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error
from bnsyn_dsl.ir.learning import LearningKernel
from bnsyn_dsl.lowering.learning import Integral, lower_learning
from bnsyn_dsl.lowering.pools import (
    LoweredWire,
    Reduction,
    lower_pool,
    lower_wire,
    reductions_of,
)
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Ref,
    Symbol,
    rebuild,
    substitute,
    walk,
)
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.plan import LearningPlan, NetworkPlan, ProjectionPlan
from bnsyn_dsl.semantics.reductions import REDUCTIONS
from bnsyn_dsl.wiring.reduction_times import reduction_clocks
from bnsyn_dsl.wiring.step_integrals import mean_over_step

__all__ = [
    "LearnedProjection",
    "LearningWiring",
    "gained_projections",
    "learned_projections",
    "network_reductions",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedProjection:
    """A plastic projection with its rule, analysed and lowered."""

    projection: ProjectionPlan
    system: LearningSystem
    kernel: LearningKernel
    integrals: tuple[Integral, ...]

    @property
    def learning(self) -> LearningPlan:
        """The rule as it stands on the projection."""
        assert self.projection.learning is not None
        return self.projection.learning


def learned_projections(
    plan: NetworkPlan,
    groups: Sequence[CoupledGroup],
    log: DiagnosticLog,
    wanted: str | None = None,
) -> list[LearnedProjection]:
    """Analyse and lower the rule of every plastic projection; `wanted` as in the options."""
    made = []
    for projection in plan.projections:
        learning = projection.learning
        if learning is None:
            continue
        members = _members(projection, learning.rule, groups)
        system = learning_system(learning, members, wanted)
        kernel, integrals = lower_learning(
            system,
            ports=len(projection.ports),
            checked=system.weight_bounds is None or not isinstance(projection.gain, float),
            factored=_factored_ports(plan, projection, log),
        )
        made.append(
            LearnedProjection(
                projection=projection, system=system, kernel=kernel, integrals=integrals
            )
        )
    return made


def _factored_ports(
    plan: NetworkPlan, projection: ProjectionPlan, log: DiagnosticLog
) -> tuple[int, ...]:
    """Return the numbers of the ports whose synapses have short-term plasticity."""
    target = plan.population(projection.target.population)
    return tuple(
        k
        for k, port in enumerate(projection.ports)
        if sender_of(target.receptors[port.receptor].synapse, log) is not None
    )


def gained_projections(plan: NetworkPlan) -> list[ProjectionPlan]:
    """Return static projections whose gain is not 1, in order."""
    return [p for p in plan.projections if p.learning is None and p.gain != 1.0]


def network_reductions(plan: NetworkPlan) -> list[Reduction]:
    """Return every reduction in the wires of a network, each once, in order."""
    exprs: list[Expr] = []
    for population in plan.populations:
        exprs += population.wires.values()
    for pool in plan.pools:
        exprs += pool.wires.values()
    for projection in plan.projections:
        if projection.learning is not None:
            exprs += projection.learning.wires.values()
        if not isinstance(projection.gain, float):
            exprs.append(projection.gain)
    found: list[Reduction] = []
    for expr in exprs:
        found += [r for r in reductions_of(expr) if r not in found]
    return found


# --------------------------------------------------------------------------- neurons


def _members(
    projection: ProjectionPlan, rule: Model, groups: Sequence[CoupledGroup]
) -> dict[Symbol, Expr]:
    """Return what auxiliary names, inputs and parameters of the neurons stand for."""
    ends = {"pre": projection.source.population, "post": projection.target.population}
    found: dict[Symbol, Expr] = {}
    for symbol in sorted(neuron_symbols(inlined(rule)), key=lambda s: s.text):
        coupled = _coupled(ends[symbol.owner], groups)
        if coupled is None:
            continue
        if symbol.kind == "refractory":
            if coupled.system.refractory is None:
                found[symbol] = Const(value=0.0)  # a neuron that never rests
            continue
        if any(s.name == symbol.name for s in coupled.system.states):
            continue
        names = {d.name for d in coupled.system.definitions}
        kind = "auxiliary" if symbol.name in names else "parameter"
        value = expanded(Ref(symbol=Symbol(symbol.name, kind)), coupled.system)
        found[symbol] = _as_member(value, symbol.owner, coupled)
    return found


def _as_member(value: Expr, side: str, coupled: Coupled) -> Expr:
    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Ref) or e.symbol.owner:
            return None
        if e.symbol.kind == "parameter":
            given = coupled.parameters[e.symbol.name]
            if isinstance(given, float):
                return Const(value=given)
        if e.symbol.kind in {"state", "parameter", "gathered", "refractory"}:
            return Ref(symbol=Symbol(e.symbol.name, e.symbol.kind, side))
        return None

    return rebuild(value, change)


def _coupled(population: str, groups: Sequence[CoupledGroup]) -> Coupled | None:
    for group in groups:
        for one, member in zip(group.populations, group.members, strict=True):
            if one.name == population:
                return member
    return None


# ----------------------------------------------------------------------------- shapes


class LearningWiring:
    """Shapes of everything that plasticity, modulators and gains add to the time loop."""

    def __init__(
        self,
        plan: NetworkPlan,
        groups: Sequence[CoupledGroup],
        manifests: Sequence[SystemManifest],
        learned: Sequence[LearnedProjection],
        log: DiagnosticLog,
    ) -> None:
        self.plan, self.groups, self.manifests = plan, groups, manifests
        self.learned, self.log = learned, log
        self.pools = {p.name: k for k, p in enumerate(plan.pools)}
        self.reductions = network_reductions(plan)
        self._refused: set[tuple[str, Span | None]] = set()

    def wire(self, expr: Expr) -> WireShape:
        """Return the shape of one wire."""
        return self._shape(lower_wire(expr, self.reductions), expr)

    def _shape(self, lowered: LoweredWire, expr: Expr, over: str | None = None) -> WireShape:
        members = []
        for ident, owner, state in lowered.members:
            found = self._array(owner, state, over)
            if isinstance(found, str):
                self._refuse(found, _span_of(expr, owner, state))
                found = ("reduced", None)
            members.append((ident, *found))
        return WireShape(
            members=tuple(members),
            reduced=lowered.reduced,
            parameters=lowered.parameters,
            lets=lowered.lets,
            value=lowered.value,
        )

    def _array(self, owner: str, state: str, over: str | None) -> tuple[str, int | None] | str:
        """Return the array and the row to read, or in words why there is none."""
        if owner in self.pools:
            names = [s.name for s in self.plan.pools[self.pools[owner]].model.states]
            return f"pool{self.pools[owner]}_states", names.index(state)
        for one in self.learned:
            if one.projection.name == owner:
                states = [s.name for s in one.system.owned("synapse")]
                if state not in states:
                    return f"`{state}` of `{owner}` does not lie at the synapses"
                return "values", states.index(state)
        for k, group in enumerate(self.groups):
            if any(p.name == owner for p in group.populations):
                if over is None:
                    return f"`{owner}.{state}` is read neuron by neuron"
                columns = (*self.manifests[k].states, *self.manifests[k].varying)
                name = next((c.name for c in columns if c.source == state), None)
                if name is None:
                    return f"`{state}` of `{owner}` is no state"
                return f"s{k}_{name}_all", None
        raise AssertionError(f"{owner} is checked when the network is elaborated")

    def _refuse(self, why: str, span: Span | None) -> None:
        """Report what a wire cannot read; one wire may be formed for several purposes."""
        if (why, span) in self._refused:
            return
        self._refused.add((why, span))
        help_text = "`mean(V_m of E)` is one value for all: of a state of the neurons or synapses"
        self.log.add(error("BN508", f"{why} and cannot be wired", span, help=help_text))

    def pool_shapes(self) -> tuple[PoolShape, ...]:
        """Return the shapes of all modulators."""
        return tuple(
            PoolShape(
                pool=lower_pool(pool),
                wires=tuple(
                    self.wire(pool.wires[i.name]) if i.name in pool.wires else None
                    for i in pool.model.inputs
                ),
            )
            for pool in self.plan.pools
        )

    def gain_shapes(self, plain: Container[str]) -> tuple[GainShape, ...]:
        """Return the gains of static projections; `plain` arrive without short-term plasticity."""
        return tuple(
            GainShape(gain=self.wire(_expr(p.gain)), delivers=p.name in plain)
            for p in gained_projections(self.plan)
        )

    def learning_shapes(
        self, modules: Sequence[str], senders: Mapping[tuple[str, int], int]
    ) -> tuple[LearningShape, ...]:
        """Return the shapes of all plastic projections; `modules` are those of their rules.

        `senders` has the number of the short-term plasticity by (projection, receptor).
        """
        made = []
        for one, module in zip(self.learned, modules, strict=True):
            gain = one.projection.gain
            wires = one.learning.wires
            made.append(
                LearningShape(
                    module=module,
                    rule=one.kernel,
                    why=one.system.why,
                    senders=tuple(
                        senders[one.projection.name, one.projection.ports[k].receptor]
                        for k in one.kernel.factored
                    ),
                    factors=tuple(self.wire(wires[f]) for f in one.system.factors),
                    integrals=tuple(self._integral(one, i) for i in one.integrals),
                    gain=None if isinstance(gain, float) else self.wire(gain),
                    members=(),
                )
            )
        return tuple(made)

    def _integral(self, one: LearnedProjection, integral: Integral) -> tuple[int | None, WireShape]:
        known = one.learning.constants
        values: dict[Symbol, Expr] = {s: Const(value=v) for s, v in known.items()}
        values.update({Symbol(n, "input"): w for n, w in one.learning.wires.items()})
        factor = substitute(integral.factor, values)
        rate = 0.0
        if integral.decay is not None:
            environment = Environment(symbols=known, functions=HOST_FUNCTIONS)
            rate = float(evaluate(integral.decay, environment))
        return integral.rate, self.wire(mean_over_step(factor, rate, self.plan))

    def reduction_shapes(self) -> tuple[ReductionShape, ...]:
        """Return the shapes of all reductions."""
        names = [one.projection.name for one in self.learned]
        made = []
        for one in self.reductions:
            learning = names.index(one.owner) if one.kind == "projection" else None
            value = self._of_its_own(one)
            if learning is not None:
                value = self._with_weight(value, self.learned[learning])
            made.append(
                ReductionShape(
                    op=one.op,
                    wire=self._shape(lower_wire(value, ()), value, over=one.kind),
                    learning=learning,
                    clocks=reduction_clocks(self.plan, one),
                )
            )
        return tuple(made)

    def _of_its_own(self, one: Reduction) -> Expr:
        """Return what is reduced; anything but members of the collection itself is an error.

        An input that is wired stands for its wire, whose elements may be others.
        """
        value = substitute(one.value, {Symbol("dt", "dt"): Const(value=self.plan.dt)})
        for part in walk(value):
            is_nested = isinstance(part, Apply) and part.op in REDUCTIONS
            symbol = part.symbol if isinstance(part, Ref) else None
            is_own = symbol is None or symbol.kind == "network" or symbol.owner == one.owner
            if is_own and not is_nested:
                continue
            message = f"a reduction over `{one.owner}` reads this wire, which cannot be reduced"
            help_text = "reduce a state, or an auxiliary name that depends on states alone"
            self.log.add(error("BN508", message, part.span or value.span, help=help_text))
            return Const(value=0.0)
        return value

    def _with_weight(self, value: Expr, one: LearnedProjection) -> Expr:
        """Return the value with the weight within its bounds, and in terms of states."""
        owner, system = one.projection.name, one.system
        symbol = Symbol("weight", "member", owner)
        known: dict[Symbol, Expr] = {s: Const(value=v) for s, v in one.learning.constants.items()}

        def member(e: Expr) -> Expr | None:
            if isinstance(e, Ref) and e.symbol.kind == "state":
                return Ref(symbol=Symbol(e.symbol.name, "member", owner))
            return None

        weight: Expr = Ref(symbol=symbol)
        if system.weight_value is not None:
            weight = rebuild(substitute(system.weight_value, known), member)
        if system.weight_bounds is not None:
            bounds = (system.weight_bounds.low, system.weight_bounds.high)
            limits = (rebuild(substitute(b, known), member) for b in bounds)
            weight = Apply(op="clip", args=(weight, *limits))
        return substitute(value, {symbol: weight})


def _span_of(expr: Expr, owner: str, name: str) -> Span | None:
    """Return where a member is named."""
    symbol = Symbol(name, "member", owner)
    return next((e.span for e in walk(expr) if isinstance(e, Ref) and e.symbol == symbol), None)


def _expr(value: float | Expr) -> Expr:
    return Const(value=value) if isinstance(value, float) else value
