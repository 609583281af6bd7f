"""Lower a coupled system with its chosen update: `UpdateSystem` -> `ir.Kernel`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bnsyn_dsl.analysis.integrators.decays import Decay, without_decays
from bnsyn_dsl.analysis.integrators.programs import DT
from bnsyn_dsl.analysis.system import CoupledSystem, Definition, Parameter, State
from bnsyn_dsl.analysis.update import ACCEPTED, Call, Function, Let, Propagator, UpdateSystem
from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.ir.names import names_in, with_name
from bnsyn_dsl.lowering.expressions import ExpressionLowering
from bnsyn_dsl.lowering.rates import Rate
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.lowering.statements import StatementLowering
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol, constant
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.units import format_dimension

__all__ = ["lower"]

_RESTING = ir.Name(ident="resting")


def lower(update_system: UpdateSystem, observed: Sequence[str] = ()) -> ir.Kernel:
    """Return the kernel of a system; `observed` are auxiliary names that are recorded."""
    return _KernelLowering(update_system).kernel(observed)


class _KernelLowering:
    def __init__(self, update_system: UpdateSystem) -> None:
        self.made = update_system
        self.system: CoupledSystem = update_system.system
        self.lowering = ExpressionLowering(self.system)
        self.names = self.lowering.names
        self.statements = StatementLowering(
            number=self.lowering.number,
            condition=self.lowering.condition,
            ident=self._id,
            fresh=self.names.fresh,
            bounds={s.name: s.bounds for s in self.system.states if s.bounds is not None},
        )

    def kernel(self, observed: Sequence[str]) -> ir.Kernel:
        system, update = self.system, self.made.update
        propagators, varied_propagators = self._propagators(update.propagators)
        arrive = self._arrive()
        functions = tuple(self._function(f) for f in update.functions)
        integrate = self._integrate()
        clock, periods = self._clocks()
        before, condition, is_edge, reset = self._spike()
        refractory = self._refractory_steps()
        observables = tuple(self._observable(name) for name in observed)
        return ir.Kernel(
            name=system.name,
            method=self.made.method,
            reason=self.made.reason,
            parameters=self._columns(p for p in system.parameters if not p.varies),
            varying=self._columns(p for p in system.parameters if p.varies),
            states=self._columns(system.states),
            gathered=tuple(ir.Column(name=self._id(g), source=g, unit="") for g in system.gathered),
            receptors=tuple(r.name for r in system.receptors),
            inboxes=tuple(self.lowering.inbox_names(r.name) for r in system.receptors),
            propagators=propagators,
            invariants=tuple(self.lowering.invariants.lets),
            varied_propagators=varied_propagators,
            varied=tuple(self.lowering.varied.lets),
            per_step=tuple(self.lowering.per_step.lets),
            functions=functions,
            arrive=arrive,
            integrate=integrate,
            clock=clock,
            condition=condition,
            before_condition=before,
            is_edge=is_edge,
            reset=reset,
            refractory_steps=refractory,
            periods=periods,
            accepted=ir.Name(ident=self._id(ACCEPTED)) if update.accepted is not None else None,
            substep=self._substep(),
            streams=tuple(self.lowering.streams),
            observables=observables,
        )

    def _id(self, symbol: str) -> str:
        return self.names.identifier(symbol)

    def _columns(self, declared: Iterable[Parameter | State]) -> tuple[ir.Column, ...]:
        return tuple(
            ir.Column(
                name=self._id(one.name),
                source=one.name,
                unit=format_dimension(one.dimension),
                description=one.description,
            )
            for one in declared
        )

    # -------------------------------------------------------------------- propagators

    def _propagators(
        self, propagators: tuple[Propagator, ...]
    ) -> tuple[tuple[ir.MatrixExponential, ...], tuple[ir.MatrixExponential, ...]]:
        constant: list[ir.MatrixExponential] = []
        varied: list[ir.MatrixExponential] = []
        for propagator in propagators:
            decays, one = without_decays(propagator)
            for decay in decays:
                self._decay(decay)
            if one is None:
                continue
            varies = any(self.lowering.rate(e) & Rate.NEURON for e in one.matrix.values())
            if varies:
                for entry in one.entries.values():
                    self.lowering.propagator_varies(entry)
            (varied if varies else constant).append(self._matrix(one))
        return tuple(constant), tuple(varied)

    def _decay(self, decay: Decay) -> None:
        """Let the factor of a state that moves by itself be an exponential of one number."""
        varies = self.lowering.rate(decay.rate) & Rate.NEURON
        if varies:
            self.lowering.propagator_varies(decay.name)
        section = self.lowering.varied if varies else self.lowering.invariants
        span: Expr = DT
        if decay.fraction != 1.0:
            span = Apply(op="mul", args=(constant(decay.fraction), DT))
        factor = Apply(op="exp", args=(Apply(op="mul", args=(decay.rate, span)),))
        name = self._id(decay.name)
        section.let(name, self.lowering.number(factor, section), expression_text(factor))

    def _matrix(self, one: Propagator) -> ir.MatrixExponential:
        entries = tuple(
            (i, j, self._without_lets(entry)) for (i, j), entry in sorted(one.matrix.items())
        )
        return ir.MatrixExponential(
            name=one.name,
            size=one.columns,
            entries=entries,
            fraction=one.fraction,
            results=tuple((i, j, self._id(name)) for (i, j), name in sorted(one.entries.items())),
        )

    def _without_lets(self, expr: Expr) -> ir.Expr:
        """Lower an entry of A: what would be a let (the base of a power) stands in its place."""
        section = Section("prepare")
        value = self.lowering.number(expr, section)
        for let in reversed(section.lets):
            assert not isinstance(let.value, ir.Call)
            value = with_name(value, let.names[0], let.value)
        return value

    # ----------------------------------------------------------------------- sections

    def _arrive(self) -> tuple[ir.Let, ...]:
        section = Section("arrive")
        for receptor in self.system.receptors:
            for arrival in receptor.arrivals:
                target = self._id(arrival.state)
                value = self.lowering.number(arrival.value, section)
                if arrival.state in self.system.held:
                    value = _select(_RESTING, ir.Name(ident=target), value)
                section.let(target, value, f"arrivals at {receptor.name}")
                self.statements.clip(arrival.state, section)
        return tuple(section.lets)

    def _integrate(self) -> tuple[ir.Let, ...]:
        update = self.made.update
        section = Section("integrate")
        for definition in self._held_in_loop():
            held = self.lowering.number(definition.value, section)
            section.let(self._id(definition.name), held, definition.name)
        for let in update.body:
            self._let(let, section)
        resting = {
            state: self.lowering.number(value, section) for state, value in update.resting.items()
        }
        fresh = {}
        for state, value in update.new.items():
            new = self.lowering.number(value, section)
            if state in self.system.held and update.pair is None:
                new = _select(_RESTING, ir.Name(ident=self._id(state)), new)
            elif state in resting:
                new = _select(_RESTING, resting[state], new)
            fresh[state] = new
        for state, replaced in fresh.items():
            section.let(self._id(state), replaced)
            self.statements.clip(state, section)
        return tuple(section.lets)

    def _held_in_loop(self) -> list[Definition]:
        rates = {d.name: self.lowering.rate(d.value) for d in self.system.definitions}
        return [
            d
            for d in self.system.definitions
            if d.held and (rates[d.name] & Rate.STATE or rates[d.name] == Rate.STEP | Rate.NEURON)
        ]

    def _let(self, let: Let, section: Section) -> None:
        names = tuple(map(self._id, let.names))
        comment = self._comment(let)
        if isinstance(let.value, Call):
            section.call(names, self._call(let.value, section), comment)
            return
        label = section.label
        if let.names[0].endswith(".noise"):
            section.label = let.names[0]
        value = self.lowering.number(let.value, section)
        section.label = label
        section.let(names[0], value, comment)

    def _comment(self, let: Let) -> str | None:
        if let.comment is None:
            return None
        found = next((d for d in self.system.derivatives if d.state == let.comment), None)
        return None if found is None else _source_line(found.span)

    def _call(self, call: Call, section: Section) -> ir.Call:
        arguments = tuple(self.lowering.number(a, section) for a in call.arguments)
        return ir.Call(function=call.function, arguments=arguments)

    def _function(self, function: Function) -> ir.Function:
        section = Section("function")
        for let in function.body:
            self._let(let, section)
        results = []
        for result in function.results:
            if isinstance(result, Apply) and result.op in {"le", "and"}:
                results.append(self.lowering.condition(result, section))
            else:
                results.append(self.lowering.number(result, section))
        arguments = tuple(map(self._id, function.arguments))
        used: list[str] = []
        for made_let in section.lets:
            used += sorted(names_in(made_let.value))
            if isinstance(made_let.value, ir.Call):
                used += self._captured_by(made_let.value.function)
        for value in results:
            used += sorted(names_in(value))
        own = set(arguments) | section.bound
        captured = tuple(dict.fromkeys(n for n in used if n not in own))
        made = ir.Function(
            name=function.name,
            arguments=arguments,
            captured=captured,
            body=tuple(section.lets),
            results=tuple(results),
            comment=function.comment,
        )
        self._functions[made.name] = made
        return made

    def _captured_by(self, name: str) -> tuple[str, ...]:
        return self._functions[name].captured

    @property
    def _functions(self) -> dict[str, ir.Function]:
        if not hasattr(self, "_made_functions"):
            self._made_functions: dict[str, ir.Function] = {}
        return self._made_functions

    # ------------------------------------------------------------------------- events

    def _clocks(self) -> tuple[tuple[ir.Let, ...], tuple[tuple[str, ir.Expr], ...]]:
        lets: list[ir.Let] = []
        periods = []
        for number, clock in enumerate(self.system.clocks):
            section = Section("every" if number == 0 else f"every {number + 1}")
            flag = self.names.fresh(f"tick{number + 1}")
            ratio = Apply(
                op="round",
                args=(Apply(op="div", args=(clock.period, Ref(symbol=Symbol("dt", "dt")))),),
            )
            periods.append((flag, self.lowering.number(ratio, self.lowering.per_step)))
            self.statements.body(clock.body, section, ir.Name(ident=flag))
            lets += section.lets
        return tuple(lets), tuple(periods)

    def _spike(
        self,
    ) -> tuple[tuple[ir.Let, ...], ir.Expr | None, bool, tuple[ir.Let, ...]]:
        rule = self.system.spike
        if rule is None:
            return (), None, False, ()
        section = Section("spike when")
        condition = self.lowering.condition(rule.condition, section)
        reset = Section("reset")
        self.statements.body(rule.body, reset, None)
        return tuple(section.lets), condition, rule.is_edge, tuple(reset.lets)

    def _refractory_steps(self) -> ir.Expr | None:
        rule = self.system.refractory
        if rule is None:
            return None
        dt = Ref(symbol=Symbol("dt", "dt"))
        ratio = Apply(op="round", args=(Apply(op="div", args=(rule.duration, dt)),))
        return self.lowering.number(ratio, Section("reset"))

    # -------------------------------------------------------------------------- others

    def _substep(self) -> ir.Substep | None:
        pair = self.made.update.pair
        if pair is None:
            return None
        function = self._functions[pair.slopes]
        moving = (*pair.solved, *pair.exact)
        section = Section("integrate")
        for state in moving:
            self.statements.clip(state, section)
        return ir.Substep(
            slopes=pair.slopes,
            step=pair.step,
            states=tuple(self._id(s) for s in moving),
            still=tuple(a for a in function.arguments if a not in map(self._id, moving)),
            exact=tuple(self._id(s) for s in pair.exact),
            limits=tuple(section.lets),
        )

    def _observable(self, name: str) -> tuple[str, tuple[ir.Let, ...], ir.Expr]:
        section = Section("observe")
        kind = "auxiliary" if name in self.lowering.definitions else "parameter"
        value = self.lowering.number(Ref(symbol=Symbol(name, kind)), section)
        return name, tuple(section.lets), value


def _select(condition: ir.Expr, then: ir.Expr, otherwise: ir.Expr) -> ir.Expr:
    return ir.Apply(op="select", args=(condition, then, otherwise))


def _source_line(span: Span) -> str:
    return " ".join(span.source.line(span.line).split("#")[0].split())
