"""Exact propagation of linear systems with constant coefficients (Rotter & Diesmann 1999)."""

from __future__ import annotations

from bnsyn_dsl.analysis.integrators.linear import LinearPart, exact_values, linear_part, propagator
from bnsyn_dsl.analysis.integrators.programs import moving
from bnsyn_dsl.analysis.registration import Integrator, UnsuitableError
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Let, Update, local

__all__ = ["INTEGRATOR"]


def _update(system: CoupledSystem) -> Update:
    part = linear_part(system)
    missing = [s for s in moving(system) if s not in part.states]
    if missing:
        raise UnsuitableError(
            f"the equation of `{missing[0]}` is not linear with constant coefficients"
        )
    return exact_update(system)


def exact_update(system: CoupledSystem) -> Update:
    """Return the exact update of a system all of whose states are linear.

    While held states rest, the others move with the held ones constant: a second propagator,
    made only where another state depends on a held one.
    """
    part = linear_part(system)
    free = propagator(part, 1.0, "P")
    values = exact_values(part, free)
    propagators = [free]
    resting = {}
    held = tuple(s for s in system.held if s in part.states)
    if held and _others_depend_on(part, held):
        rest = propagator(part, 1.0, "R", resting=held)
        propagators.append(rest)
        resting = exact_values(part, rest, resting=held)
    body = []
    for state, value in values.items():
        rhs = system.rhs(state)
        body.append(Let(names=(f"{state}:new",), value=value, comment=state if rhs else None))
    return Update(
        propagators=tuple(propagators),
        body=tuple(body),
        new={s: local(f"{s}:new") for s in values},
        resting=resting,
    )


def _others_depend_on(part: LinearPart, held: tuple[str, ...]) -> bool:
    return any(
        symbol.name in held
        for state, form in part.forms.items()
        if state not in held
        for symbol in form.coefficients
    )


INTEGRATOR = Integrator(name="exact", update=_update)
