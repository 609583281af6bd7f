"""Lower continuous synapses: what they sum, and how the states of their sources move.

The states take a step with the second-order exponential midpoint rule: each state exactly in
itself, with the others where half a step takes them. A state that depends on itself alone and
linearly moves exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bnsyn_dsl.analysis.continuous import Continuous
from bnsyn_dsl.analysis.derive import affine, is_zero
from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.lowering.network import NO_SYSTEM, PlainLowering
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.lowering.statements import StatementLowering
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Ref,
    Symbol,
    rebuild,
    references,
    substitute,
)
from bnsyn_dsl.semantics.model import Bounds, Derivative, Model

__all__ = ["LoweredCoupling", "is_fixed", "lower_coupling"]

# names of the generated function that those of the synapse must not take
_TAKEN = frozenset({
    "k", "q", "p", "g", "row", "cell", "moment", "place", "delays", "n_delays", "cell_groups",
    "group_start", "group_weight", "group_offset", "runs", "targets", "weights", "states", "par",
    "shift", "half", "left", "right", "given", "log_first", "log_ids", "log_ptr", "n_threads",
})  # fmt: skip
_TIME = Symbol("t", "time")
_DT = Ref(symbol=Symbol("dt", "dt"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredCoupling:
    """A continuous synapse on one projection.

    `members` are (identifier, `pre.x`) for arrays of the source, `parameters` (identifier, symbol)
    for numbers. `values` are what is summed in every step, by the number of the sum.
    """

    members: tuple[tuple[str, Symbol], ...]
    parameters: tuple[tuple[str, Symbol], ...]
    states: tuple[str, ...]
    on_pre: tuple[ir.Let, ...]
    lets: tuple[ir.Let, ...]
    values: tuple[tuple[int, bool, ir.Expr], ...]
    step: tuple[ir.Let, ...]


def is_fixed(value: Expr, arrays: frozenset[Symbol]) -> bool:
    """Tell whether what is summed is one number that stays during a run."""
    return all(s.kind == "parameter" and s not in arrays for s in references(value))


def lower_coupling(
    synapse: Model, parts: Continuous, pre: Mapping[Symbol, Expr], arrays: frozenset[Symbol]
) -> LoweredCoupling:
    """Lower a synapse taken apart into `parts`.

    `pre` says what each `pre.x` stands for, `arrays` which symbols of the source differ from
    neuron to neuron.
    """
    return _Lowering(synapse, parts, pre, arrays).lowered()


class _Lowering:
    def __init__(
        self,
        synapse: Model,
        parts: Continuous,
        pre: Mapping[Symbol, Expr],
        arrays: frozenset[Symbol],
    ) -> None:
        self.synapse, self.parts, self.pre, self.arrays = synapse, parts, pre, arrays
        made = ("total", "held", "amount", "factor")
        numbered = {f"{name}{k}" for name in made for k, _ in enumerate(parts.sums)}
        self.plain = PlainLowering(NO_SYSTEM, _TAKEN | numbered)
        self.values: dict[Symbol, Expr] = dict(pre)
        for auxiliary in synapse.auxiliaries:
            symbol = Symbol(auxiliary.name, "auxiliary")
            self.values[symbol] = substitute(auxiliary.value, self.values)
        self.bounds: dict[str, Bounds] = {
            s.name: s.bounds for s in synapse.states if s.bounds is not None
        }
        self.used: dict[Symbol, str] = {}
        for name in (*parts.states, *(p.name for p in synapse.parameters)):
            self.plain.names.declare(name)

    def lowered(self) -> LoweredCoupling:
        section = Section("step")
        sums = [substitute(s.value, self.values) for s in self.parts.sums]
        values = tuple(
            (k, self.parts.sums[k].weighted, self.number(value, section))
            for k, value in enumerate(sums)
            if not is_fixed(value, self.arrays)
        )
        on_pre = self._on_pre()
        step = self._step()
        members = [(i, s) for s, i in self.used.items() if s in self.arrays]
        return LoweredCoupling(
            members=tuple(members),
            parameters=tuple((i, s) for s, i in self.used.items() if s not in self.arrays),
            states=tuple(map(self.plain.names.identifier, self.parts.states)),
            on_pre=on_pre,
            lets=tuple(section.lets),
            values=values,
            step=step,
        )

    def number(self, expr: Expr, section: Section) -> ir.Expr:
        """Lower a number; names of the source get names of their own."""
        return self.plain.number(self._named(expr), section)

    def _named(self, expr: Expr) -> Expr:
        def change(e: Expr) -> Expr | None:
            if not isinstance(e, Ref):
                return None
            if e.symbol.owner == "pre" or e.symbol.kind == "parameter":
                name = e.symbol.text
                self.used.setdefault(e.symbol, self.plain.names.identifier(name))
                return Ref(symbol=Symbol(name, "state"), span=e.span)
            return None

        return rebuild(substitute(expr, self.values), change)

    def _on_pre(self) -> tuple[ir.Let, ...]:
        section = Section("step")
        for handler in self.synapse.handlers:
            StatementLowering(
                number=self.number,
                condition=lambda e, s: self.plain.condition(self._named(e), s),
                ident=self.plain.names.identifier,
                fresh=self.plain.names.fresh,
                bounds=self.bounds,
            ).body(handler.body, section, None)
        return tuple(section.lets)

    # ------------------------------------------------------------------------ one step

    def _step(self) -> tuple[ir.Let, ...]:
        section = Section("step")
        equations = [
            Derivative(state=d.state, value=substitute(d.value, self.values), span=d.span)
            for d in self.parts.derivatives
        ]
        middle: dict[Symbol, Expr] = {}
        half = Apply(op="mul", args=(Const(value=0.5), _DT))
        for one in _read_by_others(equations):
            name = f"{one.state}.middle"
            value = _moved(one, half, _later(0.25))
            section.let(self.plain.names.identifier(name), self.number(value, section))
            middle[Symbol(one.state, "state")] = Ref(symbol=Symbol(name, "state"))
        for one in equations:
            value = _moved(one, _DT, {**middle, **_later(0.5)})
            section.let(self._next(one), self.number(value, section))
        for one in equations:
            section.let(self.plain.names.identifier(one.state), ir.Name(ident=self._next(one)))
            self._clip(one.state, section)
        return tuple(section.lets)

    def _next(self, one: Derivative) -> str:
        return self.plain.names.identifier(f"{one.state}.next")

    def _clip(self, state: str, section: Section) -> None:
        bounds = self.bounds.get(state)
        if bounds is None:
            return
        ident = self.plain.names.identifier(state)
        limits = (self.number(bounds.low, section), self.number(bounds.high, section))
        section.let(ident, ir.Apply(op="clip", args=(ir.Name(ident=ident), *limits)))


def _later(fraction: float) -> dict[Symbol, Expr]:
    """Let `t` be the middle of a part of the step: a pulse that ends with a step ends there."""
    part = Apply(op="mul", args=(Const(value=fraction), _DT))
    return {_TIME: Apply(op="add", args=(Ref(symbol=_TIME), part))}


def _read_by_others(equations: Sequence[Derivative]) -> list[Derivative]:
    """Return the equations whose state is needed in the middle of the step."""
    found = []
    for one in equations:
        symbol = Symbol(one.state, "state")
        others = any(symbol in references(e.value) for e in equations if e is not one)
        if others or _rate(one) is None:
            found.append(one)
    return found


def _rate(one: Derivative) -> Expr | None:
    """Return the coefficient of a state in its own equation; None where it is not linear."""
    symbol = Symbol(one.state, "state")
    form = affine(one.value, frozenset({symbol}))
    return None if form is None else form.coefficients.get(symbol, Const(value=0.0))


def _moved(one: Derivative, span: Expr, others: Mapping[Symbol, Expr]) -> Expr:
    """Return the state after `span`: exactly where it is linear in itself, `others` held."""
    symbol = Symbol(one.state, "state")
    here, rate = Ref(symbol=symbol), _rate(one)
    if rate is None:
        slope = substitute(one.value, others)
        return Apply(op="add", args=(here, Apply(op="mul", args=(slope, span))))
    held = {s: v for s, v in others.items() if s != symbol}
    slope = substitute(one.value, held)
    if is_zero(rate):
        return Apply(op="add", args=(here, Apply(op="mul", args=(slope, span))))
    exponent = Apply(op="mul", args=(substitute(rate, held), span))
    stretch = Apply(op="mul", args=(span, Apply(op="exprel", args=(exponent,))))
    return Apply(op="add", args=(here, Apply(op="mul", args=(slope, stretch))))
