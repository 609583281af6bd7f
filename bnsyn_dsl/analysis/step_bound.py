"""A dt that is too long for the method: found before the run.

An explicit method follows the decay `dx/dt = -x/tau` only while dt/tau stays below its interval of
stability; above it the numbers grow without end. In: the coupled systems with the integrators that
were chosen. Out: findings. Only equations whose own coefficient is constant are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bnsyn_dsl.analysis.derive import derivative, is_zero
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.registration import Integrator
from bnsyn_dsl.analysis.settled import Functions, settled_parameters, value_of
from bnsyn_dsl.analysis.system import expanded
from bnsyn_dsl.diagnostics import DiagnosticLog, Label, Span, error, warning
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Expr, Symbol

__all__ = ["check_step_bounds"]

_CLOSE = 0.5  # of the bound: stable, but far from accurate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decay:
    """The fastest decay of a state in the populations of a group: time constant, bound (ms)."""

    state: str
    method: str
    tau: float
    bound: float
    equation: Span
    population: Span | None


def check_step_bounds(
    solved: Sequence[tuple[CoupledGroup, Integrator | None]],
    dt: float,
    functions: Functions,
    log: DiagnosticLog,
) -> None:
    """Report equations that the chosen method cannot follow in steps of `dt` (ms).

    At the bound and above it is an error (BN406), from half of it on a warning (BN407).
    """
    worst: dict[Span, _Decay] = {}  # several groups may share an equation: it is reported once
    for group, integrator in solved:
        if integrator is None or integrator.stability_interval is None:
            continue
        for decay in _decays(group, integrator, integrator.stability_interval, dt, functions):
            known = worst.setdefault(decay.equation, decay)
            if decay.bound < known.bound:
                worst[decay.equation] = decay
    usable = min((d.bound for d in worst.values()), default=0.0)
    for decay in worst.values():
        if dt < _CLOSE * decay.bound:
            continue
        label = None if decay.population is None else Label(span=decay.population, text="used here")
        what = f"`{decay.state}` decays with {decay.tau:.6g} ms"
        if dt >= decay.bound:
            message = f"dt = {dt:.6g} ms is too long for `{decay.method}`: {what}"
            found = error(
                "BN406", f"{message} and needs dt < {decay.bound:.6g} ms", decay.equation,
                help=f"use a dt below {usable:.6g} ms, or leave the method open: `solve: auto`",
                label=label,
            )  # fmt: skip
        else:
            message = f"dt = {dt:.6g} ms is inaccurate for `{decay.method}`: {what}"
            found = warning(
                "BN407", f"{message}, from dt = {decay.bound:.6g} ms on it diverges",
                decay.equation,
                help=f"use a dt of {decay.tau / 10:.6g} ms or less, or `solve: auto`",
                label=label,
            )  # fmt: skip
        log.add(found)


def _decays(
    group: CoupledGroup, integrator: Integrator, interval: float, dt: float, functions: Functions
) -> Iterator[_Decay]:
    known = [
        settled_parameters(member, population.size, dt, functions)
        for population, member in zip(group.populations, group.members, strict=True)
    ]
    for equation in group.system.derivatives:
        own = _own_coefficient(group, equation.state, equation.value)
        rates = [_rate(own, values, functions) for values in known]
        fastest = int(np.argmax(rates))
        if rates[fastest] > 0.0:
            tau = 1.0 / rates[fastest]
            yield _Decay(
                state=equation.state,
                method=integrator.name,
                tau=tau,
                bound=interval * tau,
                equation=equation.span,
                population=group.populations[fastest].span,
            )


def _own_coefficient(group: CoupledGroup, state: str, rhs: Expr) -> Expr | None:
    own = derivative(expanded(rhs, group.system), Symbol(state, "state"))
    return None if own is None or is_zero(own) else own


def _rate(own: Expr | None, known: dict[Symbol, Value], functions: Functions) -> float:
    """Return the fastest decay (1/ms), 0 where it changes in time or is not known."""
    value = None if own is None else value_of(own, known, functions)
    if value is None:
        return 0.0
    rates = -np.atleast_1d(np.asarray(value))
    rates = rates[np.isfinite(rates)]
    return float(max(rates.max(initial=0.0), 0.0))
