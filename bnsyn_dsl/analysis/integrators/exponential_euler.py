"""Exponential Euler: each equation solved exactly with everything else held (Rush & Larsen 1978).

An equation that is linear in its own state, ds/dt = a s + b, gives
s(t + dt) = s + (a s + b) (exp(a dt) - 1)/a. Where a is constant the factor is computed before the
run; a state whose equation is not linear in itself is refused.
"""

from __future__ import annotations

from bnsyn_dsl.analysis.derive import affine, derivative, distributed, is_zero
from bnsyn_dsl.analysis.integrators.programs import DT, definitions_for, moving, ref
from bnsyn_dsl.analysis.integrators.runge_kutta import refuse_noise
from bnsyn_dsl.analysis.registration import Integrator, UnsuitableError
from bnsyn_dsl.analysis.system import CoupledSystem, expanded
from bnsyn_dsl.analysis.update import Call, Let, Update, local
from bnsyn_dsl.semantics.expression import Apply, Expr, Symbol, references

__all__ = ["INTEGRATOR"]

_CHANGING = frozenset({"state", "time", "gathered", "refractory", "element", "auxiliary"})


def _update(system: CoupledSystem) -> Update:
    refuse_noise(system)
    body: list[Let] = []
    used: list[Expr] = []
    steps: list[Let] = []
    new = {}
    for state in moving(system):
        rhs = system.rhs(state)
        assert rhs is not None
        lets = _step(system, state, rhs)
        used += [let.value for let in lets if not isinstance(let.value, Call)]
        steps += lets
        new[state] = local(f"{state}:new")
    body = [*definitions_for(system, used), *steps]
    return Update(body=tuple(body), new=new)


def _step(system: CoupledSystem, state: str, rhs: Expr) -> list[Let]:
    symbol = Symbol(state, "state")
    full = expanded(rhs, system)
    form = affine(full, frozenset({symbol}))
    slope = _slope(system, state, rhs, full)
    if form is not None and is_zero(slope):
        moved = Apply(op="add", args=(ref(state), Apply(op="mul", args=(DT, rhs))))
        return [Let(names=(f"{state}:new",), value=moved, comment=state)]
    if form is not None and not any(s.kind in _CHANGING for s in references(slope)):
        return [_constant_decay(state, rhs, slope, is_zero(form.constant))]
    return _changing_decay(state, rhs, slope)


def _slope(system: CoupledSystem, state: str, rhs: Expr, full: Expr) -> Expr:
    """Return d rhs/d state in terms of auxiliary names that do not contain the state."""
    symbol = Symbol(state, "state")
    slope = derivative(full, symbol)
    if slope is None or symbol in references(slope):
        raise UnsuitableError(f"the equation of `{state}` is not linear in `{state}`")
    return slope


def _constant_decay(state: str, rhs: Expr, slope: Expr, homogeneous: bool) -> Let:
    exponent = Apply(op="mul", args=(slope, DT))
    if homogeneous:
        value: Expr = Apply(op="mul", args=(Apply(op="exp", args=(exponent,)), ref(state)))
    else:
        weight = Apply(op="mul", args=(DT, Apply(op="exprel", args=(exponent,))))
        value = Apply(op="fma", args=(weight, rhs, ref(state)))
    return Let(names=(f"{state}:new",), value=value, comment=state)


def _changing_decay(state: str, rhs: Expr, slope: Expr) -> list[Let]:
    exponent = f"{state}:exponent"
    growth = Apply(op="exprel", args=(local(exponent),))
    value = Apply(op="fma", args=(distributed(rhs, DT, _is_constant), growth, ref(state)))
    return [
        Let(names=(exponent,), value=distributed(slope, DT, _is_constant)),
        Let(names=(f"{state}:new",), value=value, comment=state),
    ]


def _is_constant(expr: Expr) -> bool:
    return all(s.kind in {"parameter", "dt"} for s in references(expr))


INTEGRATOR = Integrator(name="exponential_euler", update=_update, order=1)
