"""Couple a population's neuron with its receptors: `PopulationPlan` -> `CoupledSystem`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bnsyn_dsl.analysis.continuous import Continuous, acts_continuously, continuous_of
from bnsyn_dsl.analysis.definition_order import CircularError, in_order
from bnsyn_dsl.analysis.ownership import post_owned
from bnsyn_dsl.analysis.system import (
    Arrival,
    CoupledSystem,
    Definition,
    Parameter,
    Receptor,
    State,
    renamed,
)
from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol, rebuild, references
from bnsyn_dsl.semantics.model import (
    Bounds,
    Branch,
    Clock,
    Declared,
    Derivative,
    Set,
    Statement,
)
from bnsyn_dsl.semantics.plan import PlanValue, PopulationPlan, ReceptorPlan
from bnsyn_dsl.semantics.reductions import REDUCTIONS

__all__ = ["Coupled", "couple"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupled:
    """The system and, for one population, what each parameter and initial value is.

    `gathers`, `reduced` (reductions) and `series` say what is copied to the names in
    `system.gathered`; `sums` are those that continuous synapses fill: (number of the receptor,
    number of the sum).
    """

    system: CoupledSystem
    parameters: Mapping[str, PlanValue]
    initial: Mapping[str, PlanValue]
    gathers: Mapping[str, Symbol]
    reduced: Mapping[str, Apply]
    series: Mapping[str, Symbol] = field(default_factory=dict)
    sums: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    span: Span | None = None


def couple(
    plan: PopulationPlan,
    network: Mapping[str, float],
    log: DiagnosticLog,
    varying: frozenset[str] = frozenset(),
) -> Coupled | None:
    """Build the coupled system of one population.

    `network` are the network's parameters (a wire may use them), `varying` the parameters that
    are arrays although this population alone would not need it. None after reporting an error.
    """
    builder = _Builder(plan, network, varying)
    try:
        return builder.build(log)
    except CircularError as problem:
        log.add(
            error(
                "BN506",
                f"`{problem.names[0]}` of `{plan.name}` depends on itself: {problem}",
                plan.span,
                help="let the receptor read a state of its target, not what it adds to",
            )
        )
        return None


class _Builder:
    def __init__(
        self, plan: PopulationPlan, network: Mapping[str, float], varying: frozenset[str]
    ) -> None:
        self.plan = plan
        self.network = network
        self.varying = varying
        self.values: dict[str, PlanValue] = dict(plan.parameters)
        self.parameters: list[Parameter] = []
        self.definitions: list[Definition] = []
        self.derivatives: list[Derivative] = []
        self.states: list[State] = []
        self.initial: dict[str, PlanValue] = dict(plan.initial)
        self.gathers: dict[str, Symbol] = {}
        self.reduced: dict[str, Apply] = {}
        self.series: dict[str, Symbol] = {}
        self.sums: dict[str, tuple[int, int]] = {}
        self.names: dict[Symbol, Symbol] = {}

    def build(self, log: DiagnosticLog) -> Coupled | None:
        model = self.plan.model
        receptors: list[Receptor] = []
        sums: dict[str, list[Expr]] = {i.name: [] for i in model.inputs}
        for parameter in model.parameters:
            self._parameter(parameter.name, parameter.dimension, parameter.description)
        self.names = {Symbol(i.name, "input"): self._input_symbol(i.name) for i in model.inputs}
        for state in model.states:
            self.states.append(
                State(
                    name=state.name,
                    dimension=state.dimension,
                    bounds=self._bounds(state.bounds, self.names),
                )
            )
        for number, receptor in enumerate(self.plan.receptors):
            made = self._receptor(number, receptor, sums, log)
            if made is None:
                return None
            receptors.append(made)
        for given in model.inputs:
            self._input(given.name, given.dimension, sums[given.name])
        for auxiliary in model.auxiliaries:
            value = renamed(auxiliary.value, self.names)
            self.definitions.append(
                Definition(name=auxiliary.name, value=value, dimension=auxiliary.dimension)
            )
        own = [replace(d, value=renamed(d.value, self.names)) for d in model.derivatives]
        spike, rest = model.spike, model.refractory
        system = CoupledSystem(
            name="_".join([model.root, *(r.name for r in receptors)]),
            parameters=tuple(self.parameters),
            states=tuple(self.states),
            definitions=in_order(self.definitions),
            derivatives=(*own, *self.derivatives),
            receptors=tuple(receptors),
            spike=None
            if spike is None
            else replace(
                spike,
                condition=renamed(spike.condition, self.names),
                body=_renamed_body(spike.body, self.names),
            ),
            refractory=None
            if rest is None
            else replace(rest, duration=renamed(rest.duration, self.names)),
            clocks=tuple(self._clock(c) for c in model.clocks),
            gathered=(*self.gathers, *self.reduced, *self.series, *self.sums),
            method=model.solve or self.plan.method,
        )
        return Coupled(
            system=system,
            parameters=self.values,
            initial=self.initial,
            gathers=self.gathers,
            reduced=self.reduced,
            series=self.series,
            sums=self.sums,
            span=self.plan.span or model.span,
        )

    def _clock(self, clock: Clock) -> Clock:
        return replace(
            clock,
            period=renamed(clock.period, self.names),
            body=_renamed_body(clock.body, self.names),
        )

    def _parameter(self, name: str, dimension: Dimension, description: str | None = None) -> None:
        varies = name in self.varying or not isinstance(self.values[name], float)
        self.parameters.append(
            Parameter(name=name, varies=varies, dimension=dimension, description=description)
        )

    def _bounds(self, bounds: Bounds | None, names: dict[Symbol, Symbol]) -> Bounds | None:
        if bounds is None:
            return None
        return Bounds(low=renamed(bounds.low, names), high=renamed(bounds.high, names))

    # -------------------------------------------------------------------- receptors

    def _receptor(
        self, number: int, plan: ReceptorPlan, sums: dict[str, list[Expr]], log: DiagnosticLog
    ) -> Receptor | None:
        synapse = plan.synapse
        if acts_continuously(synapse):
            parts = continuous_of(synapse, log)
            return None if parts is None else self._summed(number, plan, parts, sums)
        owned = post_owned(synapse, log)
        if owned is None:
            return None
        names = self._receptor_names(plan, owned.states)
        for parameter in synapse.parameters:
            self._receptor_parameter(plan, parameter)
        for state in synapse.states:
            if state.name not in owned.states:
                continue
            name = f"{plan.name}.{state.name}"
            self.initial[name] = plan.initial[state.name]
            bounds = self._bounds(state.bounds, names)
            self.states.append(
                State(name=name, dimension=state.dimension, receptor=number, bounds=bounds)
            )
        for derivative in synapse.derivatives:
            if derivative.state in owned.states:
                self.derivatives.append(
                    Derivative(
                        state=f"{plan.name}.{derivative.state}",
                        value=renamed(derivative.value, names),
                        span=derivative.span,
                    )
                )
        for auxiliary in synapse.auxiliaries:
            self.definitions.append(
                Definition(
                    name=f"{plan.name}.{auxiliary.name}",
                    value=renamed(auxiliary.value, names),
                    dimension=auxiliary.dimension,
                )
            )
        for contribution in synapse.contributions:
            sums[contribution.port].append(renamed(contribution.value, names))
        arrivals = tuple(
            Arrival(state=names[a.target].name, value=renamed(a.value, names), span=a.span)
            for a in owned.arrivals
        )
        return Receptor(name=plan.name, synapse=synapse.name, arrivals=arrivals)

    def _receptor_parameter(self, plan: ReceptorPlan, parameter: Declared) -> None:
        used = f"{plan.name}.{parameter.name}"
        self.values[used] = plan.parameters[parameter.name]
        self._parameter(used, parameter.dimension, parameter.description)

    def _summed(
        self, number: int, plan: ReceptorPlan, parts: Continuous, sums: dict[str, list[Expr]]
    ) -> Receptor:
        """Add what the target makes of the sums of a continuous synapse."""
        names = self._receptor_names(plan, ())
        for k, _ in enumerate(parts.sums):
            used = f"{plan.name}:sum{k}"
            self.sums[used] = (number, k)
            names[Symbol(f"sum{k}", "gathered")] = Symbol(used, "gathered")
        auxiliaries = [a for a in plan.synapse.auxiliaries if a.name in parts.auxiliaries]
        exprs = [*(t.value for t in parts.terms), *(a.value for a in auxiliaries)]
        read = {s.name for e in exprs for s in references(e) if s.kind == "parameter"}
        for parameter in plan.synapse.parameters:
            if parameter.name in read:
                self._receptor_parameter(plan, parameter)
        for auxiliary in auxiliaries:
            self.definitions.append(
                Definition(
                    name=f"{plan.name}.{auxiliary.name}",
                    value=renamed(auxiliary.value, names),
                    dimension=auxiliary.dimension,
                )
            )
        for term in parts.terms:
            sums[term.port].append(renamed(term.value, names))
        return Receptor(name=plan.name, synapse=plan.synapse.name, arrivals=())

    def _receptor_names(self, plan: ReceptorPlan, states: Iterable[str]) -> dict[Symbol, Symbol]:
        synapse = plan.synapse
        names: dict[Symbol, Symbol] = {
            Symbol("weight", "weight"): Symbol(f"{plan.name}.weight", "weight")
        }
        for kind, declared in (("parameter", synapse.parameters), ("state", synapse.states)):
            for one in declared:
                names[Symbol(one.name, kind)] = Symbol(f"{plan.name}.{one.name}", kind)
        for auxiliary in synapse.auxiliaries:
            names[Symbol(auxiliary.name, "auxiliary")] = Symbol(
                f"{plan.name}.{auxiliary.name}", "auxiliary"
            )
        model = self.plan.model
        for kind, members in (
            ("parameter", model.parameters),
            ("state", model.states),
            ("auxiliary", model.auxiliaries),
        ):
            for member in members:
                names[Symbol(member.name, kind, "post")] = Symbol(member.name, kind)
        for given in model.inputs:
            names[Symbol(given.name, "input", "post")] = self._input_symbol(given.name)
        names[Symbol("refractory", "refractory", "post")] = Symbol("refractory", "refractory")
        return names

    # ----------------------------------------------------------------------- inputs

    def _input_symbol(self, name: str) -> Symbol:
        """An input that nothing is added to and nothing is wired to is a parameter."""
        ports = {c.port for r in self.plan.receptors for c in r.synapse.contributions}
        changes = name in ports or name in self.plan.wires
        return Symbol(name, "auxiliary" if changes else "parameter")

    def _input(self, name: str, dimension: Dimension, contributions: list[Expr]) -> None:
        """An input is what is wired (or its default) plus what the receptors add, in order."""
        total: Expr | None = None
        if self._input_symbol(name).kind == "parameter":
            self.values[name] = self.plan.inputs[name]
            self._parameter(name, dimension)
            return
        if name in self.plan.wires:
            wire = self._wire(self.plan.wires[name])
            held = f"{name}.wired"
            self.definitions.append(
                Definition(name=held, value=wire, dimension=dimension, held=True)
            )
            total = Ref(symbol=Symbol(held, "auxiliary"))
        elif self.plan.inputs[name] != 0.0:
            held = f"{name}.held"
            self.values[held] = self.plan.inputs[name]
            self._parameter(held, dimension)
            total = Ref(symbol=Symbol(held, "parameter"))
        for contribution in contributions:
            total = (
                contribution
                if total is None
                else Apply(op="add", args=(total, contribution), span=contribution.span)
            )
        assert total is not None
        self.definitions.append(Definition(name=name, value=total, dimension=dimension))

    def _wire(self, expr: Expr) -> Expr:
        names: dict[Symbol, Symbol] = {}
        expr = rebuild(expr, self._reduced)
        for symbol in references(expr):
            if symbol.kind == "network":
                used = f"network.{symbol.name}"
                if used not in self.values:
                    self.values[used] = self.network[symbol.name]
                    self._parameter(used, ONE)
                names[symbol] = Symbol(used, "parameter")
            elif symbol.kind == "series":
                # without its population, so that all with such an input share one kernel
                used = f"{symbol.name}:series"
                self.series[used] = symbol
                names[symbol] = Symbol(used, "gathered")
            elif symbol.owner:
                used = f"{symbol.owner}.{symbol.name}"
                self.gathers[used] = symbol
                names[symbol] = Symbol(used, "gathered")
        return renamed(expr, names)

    def _reduced(self, expr: Expr) -> Expr | None:
        """Return the name of a reduction: the time loop forms it before the step."""
        if not isinstance(expr, Apply) or expr.op not in REDUCTIONS:
            return None
        place = expr.args[1]
        assert isinstance(place, Ref)
        used = f"{expr.op.removesuffix('_of')}.{place.symbol.name}"
        while self.reduced.get(used, expr) != expr:
            used += "_"
        self.reduced[used] = expr
        return Ref(symbol=Symbol(used, "gathered"), span=expr.span)


def _renamed_body(
    statements: Iterable[Statement], names: dict[Symbol, Symbol]
) -> tuple[Statement, ...]:
    """Give symbols in statements other names."""
    made: list[Statement] = []
    for statement in statements:
        match statement:
            case Set():
                target = names.get(statement.target, statement.target)
                made.append(
                    replace(statement, target=target, value=renamed(statement.value, names))
                )
            case Branch():
                made.append(
                    replace(
                        statement,
                        condition=renamed(statement.condition, names),
                        then=_renamed_body(statement.then, names),
                        otherwise=_renamed_body(statement.otherwise, names),
                    )
                )
    return tuple(made)
