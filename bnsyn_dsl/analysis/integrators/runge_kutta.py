"""Explicit Runge-Kutta methods with a fixed step: euler, rk2 (midpoint), rk4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.analysis.integrators.programs import (
    DT,
    call,
    definitions_for,
    moving,
    ref,
    slopes_function,
)
from bnsyn_dsl.analysis.registration import Integrator, UnsuitableError
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Let, Update, local
from bnsyn_dsl.semantics.expression import Apply, Expr, Symbol, constant, references

__all__ = ["EULER", "RK2", "RK4", "refuse_noise"]


def refuse_noise(system: CoupledSystem) -> None:
    """Raise `UnsuitableError` when an equation contains white noise."""
    for derivative in system.derivatives:
        if Symbol("xi", "noise") in references(derivative.value):
            raise UnsuitableError(f"the equation of `{derivative.state}` contains white noise `xi`")


def _euler(system: CoupledSystem) -> Update:
    refuse_noise(system)
    states = moving(system)
    right = [system.rhs(s) for s in states]
    body = list(definitions_for(system, [r for r in right if r is not None]))
    new = {}
    for state, value in zip(states, right, strict=True):
        assert value is not None
        step = Apply(op="add", args=(ref(state), Apply(op="mul", args=(DT, value))))
        body.append(Let(names=(f"{state}:new",), value=step, comment=state))
        new[state] = local(f"{state}:new")
    return Update(body=tuple(body), new=new)


@dataclass(frozen=True, slots=True)
class _Tableau:
    """Stages as (row of coefficients), and the weights of the stages."""

    rows: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]


_MIDPOINT = _Tableau(rows=((), (0.5,)), weights=(0.0, 1.0))
_CLASSIC = _Tableau(
    rows=((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), weights=(1 / 6, 1 / 3, 1 / 3, 1 / 6)
)


def stepped(state: Expr, terms: Sequence[tuple[float, Expr]], h: Expr) -> Expr:
    """Return `state + h*(sum of weight*slope)`."""
    total: Expr | None = None
    for weight, slope in terms:
        if weight == 0.0:
            continue
        term = slope if weight == 1.0 else Apply(op="mul", args=(constant(weight), slope))
        total = term if total is None else Apply(op="add", args=(total, term))
    assert total is not None
    return Apply(op="add", args=(state, Apply(op="mul", args=(h, total))))


def _runge_kutta(system: CoupledSystem, tableau: _Tableau) -> Update:
    refuse_noise(system)
    states = moving(system)
    function = slopes_function(system, states, _still(system))
    body: list[Let] = []
    for stage, row in enumerate(tableau.rows):
        arguments: list[Expr] = []
        for state in states:
            terms = [(c, local(f"{state}:slope{k + 1}")) for k, c in enumerate(row)]
            arguments.append(stepped(ref(state), terms, DT) if row else ref(state))
        arguments += [ref(s) for s in _still(system)]
        body.append(call([f"{s}:slope{stage + 1}" for s in states], function, arguments))
    new = {}
    for state in states:
        terms = [(w, local(f"{state}:slope{k + 1}")) for k, w in enumerate(tableau.weights)]
        body.append(
            Let(names=(f"{state}:new",), value=stepped(ref(state), terms, DT), comment=state)
        )
        new[state] = local(f"{state}:new")
    return Update(functions=(function,), body=tuple(body), new=new)


def _still(system: CoupledSystem) -> tuple[str, ...]:
    """Return the states without an equation that right-hand sides may read."""
    return tuple(s.name for s in system.states if system.rhs(s.name) is None)


EULER = Integrator(name="euler", update=_euler, order=1, stability_interval=2.0)
RK2 = Integrator(
    name="rk2", update=lambda s: _runge_kutta(s, _MIDPOINT), order=2, stability_interval=2.0
)
RK4 = Integrator(
    name="rk4", update=lambda s: _runge_kutta(s, _CLASSIC), order=4, stability_interval=2.785
)
