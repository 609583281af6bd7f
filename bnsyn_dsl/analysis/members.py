"""Auxiliary names of pools and neurons in wires, as expressions of states.

`dopamine.n` with `n = d + tonic` becomes `dopamine.d + 0.002`: a wire then reads states only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.expression import Const, Expr, Ref, Symbol, rebuild
from bnsyn_dsl.semantics.plan import (
    LearningPlan,
    NetworkPlan,
    PlanValue,
    PoolPlan,
    PopulationPlan,
    ProjectionPlan,
)

__all__ = ["in_states", "with_states_in_wires"]


def with_states_in_wires(plan: NetworkPlan, log: DiagnosticLog) -> NetworkPlan:
    """Return the plan with every wire in terms of states; what cannot be is reported."""
    return _Expansion(plan, log).plan_of()


def in_states(expr: Expr, plan: NetworkPlan, log: DiagnosticLog) -> Expr:
    """Return one expression of members in terms of states."""
    return _Expansion(plan, log).expr(expr)


class _Expansion:
    def __init__(self, plan: NetworkPlan, log: DiagnosticLog) -> None:
        self.plan = plan
        self.log = log
        self.open: list[str] = []
        self.circles: set[frozenset[str]] = set()
        self.owners: dict[str, PopulationPlan | PoolPlan] = {
            **{p.name: p for p in plan.populations},
            **{p.name: p for p in plan.pools},
        }

    def plan_of(self) -> NetworkPlan:
        plan = self.plan
        return replace(
            plan,
            populations=tuple(replace(p, wires=self._wires(p.wires)) for p in plan.populations),
            pools=tuple(replace(p, wires=self._wires(p.wires)) for p in plan.pools),
            projections=tuple(map(self._projection, plan.projections)),
        )

    def _projection(self, projection: ProjectionPlan) -> ProjectionPlan:
        gain = projection.gain
        learning: LearningPlan | None = projection.learning
        if learning is not None:
            learning = replace(learning, wires=self._wires(learning.wires))
        return replace(
            projection,
            gain=gain if isinstance(gain, float) else self.expr(gain),
            learning=learning,
        )

    def _wires(self, wires: Mapping[str, Expr]) -> dict[str, Expr]:
        return {name: self.expr(wire) for name, wire in wires.items()}

    def expr(self, expr: Expr) -> Expr:
        def change(e: Expr) -> Expr | None:
            if not isinstance(e, Ref) or e.symbol.kind != "member":
                return None
            owner = self.owners.get(e.symbol.owner)
            return None if owner is None else self._member(e, owner)

        return rebuild(expr, change)

    def _member(self, ref: Ref, owner: PopulationPlan | PoolPlan) -> Expr | None:
        name = ref.symbol.name
        if any(s.name == name for s in owner.model.states):
            return None
        if ref.symbol.text in self.open:
            self._circle(ref)
            return Const(value=0.0)
        self.open.append(ref.symbol.text)
        value = self._value(ref, name, owner)
        if value is None:
            value = self._auxiliary(ref, name, owner)
        self.open.pop()
        return value

    def _auxiliary(self, ref: Ref, name: str, owner: PopulationPlan | PoolPlan) -> Expr:
        auxiliary = next((a for a in owner.model.auxiliaries if a.name == name), None)
        if auxiliary is None:
            self._refuse(ref, f"`{ref.symbol.text}` changes with what is added to it")
            return Const(value=0.0)
        return self.expr(_as_member(auxiliary.value, owner.name, ref))

    def _value(self, ref: Ref, name: str, owner: PopulationPlan | PoolPlan) -> Expr | None:
        """Return a parameter, or an input that stays, as a number."""
        given: Mapping[str, PlanValue] = {**owner.parameters, **owner.inputs}
        if name in owner.wires:
            return self.expr(owner.wires[name])
        if name not in given or _is_added_to(owner, name):
            return None
        value = given[name]
        if isinstance(value, float):
            return Const(value=value, span=ref.span)
        self._refuse(ref, f"`{ref.symbol.text}` differs from element to element")
        return Const(value=0.0)

    def _circle(self, ref: Ref) -> None:
        names = [*self.open[self.open.index(ref.symbol.text) :], ref.symbol.text]
        if frozenset(names) in self.circles:
            return  # told from where it was met first
        self.circles.add(frozenset(names))
        ring = " -> ".join(f"`{name}`" for name in names)
        help_text = "a circle needs a state in it: what was there at the beginning of the step"
        message = f"`{names[0]}` depends on itself: {ring}"
        self.log.add(error("BN217", message, ref.span, help=help_text))

    def _refuse(self, ref: Ref, why: str) -> None:
        help_text = "wire a state, or an auxiliary name that depends on states alone"
        self.log.add(error("BN507", f"{why} and cannot be wired", ref.span, help=help_text))


def _is_added_to(owner: PopulationPlan | PoolPlan, name: str) -> bool:
    if isinstance(owner, PoolPlan):
        return False
    return any(c.port == name for r in owner.receptors for c in r.synapse.contributions)


def _as_member(expr: Expr, owner: str, named: Ref) -> Expr:
    """Return an expression of a model with its own names as members of `owner`.

    They stand where the wire names the expression, so that findings are shown there.
    """
    own = {"state", "parameter", "input", "auxiliary"}

    def change(e: Expr) -> Expr | None:
        if isinstance(e, Ref) and e.symbol.kind in own and not e.symbol.owner:
            return Ref(symbol=Symbol(e.symbol.name, "member", owner), span=named.span)
        return None

    return rebuild(expr, change)
