"""Times that become whole steps: periods, refractoriness, delays. Out: findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.settled import Functions, settled_parameters, value_of
from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Label, Span, error, note
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan, ProjectionPlan

__all__ = ["check_step_multiples"]

_TOLERANCE = 1e-9


def check_step_multiples(
    plan: NetworkPlan, groups: Sequence[CoupledGroup], functions: Functions, log: DiagnosticLog
) -> None:
    """Report what dt does not divide.

    A period of `every` must be a whole number of steps (BN408), the same for all neurons (BN409);
    the refractory time is rounded to whole steps (BN481), and a delay of 0 is mentioned once
    because it slows threads down (BN482).
    """
    for group in groups:
        for population, member in zip(group.populations, group.members, strict=True):
            known = settled_parameters(member, population.size, plan.dt, functions)
            label = None
            if population.span is not None:
                label = Label(span=population.span, text="used here")
            log.add(*_periods(member, known, plan.dt, functions, label))
            log.add(*_refractory(member, known, plan.dt, functions, population.name))
    spiking = [c for c in plan.couplings if _has_events(plan, c)]
    log.add(*_instant([*plan.projections, *spiking], plan.dt))


def _off(value: Value, dt: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return times as an array, and which of them are no whole number of steps."""
    times = np.atleast_1d(np.asarray(value, np.float64))
    steps = times / dt
    return times, np.abs(steps - np.rint(steps)) > _TOLERANCE * np.maximum(1.0, np.abs(steps))


def _periods(
    member: Coupled,
    known: dict[Symbol, Value],
    dt: float,
    functions: Functions,
    label: Label | None,
) -> Iterable[Diagnostic]:
    for clock in member.system.clocks:
        place = clock.period.span or clock.span
        value = value_of(clock.period, known, functions)
        if value is None or np.ndim(value):  # random, or an element each
            message = "the period of `every` must be one number, the same for all neurons"
            advice = "give all of them one value, or count steps of dt in a state of each neuron"
            yield error("BN409", message, place, help=advice, label=label)
            continue
        times, off = _off(value, dt)
        wrong = np.flatnonzero(off | ~(np.rint(times / dt) >= 1.0))
        if len(wrong):
            found = f"the period {times[wrong[0]]:.9g} ms of `every`"
            yield error(
                "BN408", f"{found} must be a whole multiple of dt = {dt:.9g} ms",
                place, label=label,
            )  # fmt: skip


def _refractory(
    member: Coupled, known: dict[Symbol, Value], dt: float, functions: Functions, population: str
) -> Iterable[Diagnostic]:
    rule = member.system.refractory
    value = None if rule is None else value_of(rule.duration, known, functions)
    if rule is None or value is None:
        return
    times, off = _off(value, dt)
    if not off.any():
        return
    place: Span = rule.duration.span or rule.span
    if len(times) > 1:
        what = f"the refractory time of {np.count_nonzero(off)} neurons of `{population}`"
        yield note("BN481", f"{what} is rounded to whole steps of {dt:.9g} ms", place)
        return
    what = f"the refractory time {times[0]:.9g} ms of `{population}`"
    yield note("BN481", f"{what} is rounded to {np.rint(times[0] / dt) * dt:.9g} ms", place)


def _has_events(plan: NetworkPlan, coupling: ProjectionPlan) -> bool:
    receptors = plan.population(coupling.target.population).receptors
    return any(receptors[p.receptor].synapse.handlers for p in coupling.ports)


def _instant(projections: Iterable[ProjectionPlan], dt: float) -> Iterable[Diagnostic]:
    for one in projections:
        if not isinstance(one.delay, float | np.ndarray):
            continue
        shortest = float(np.min(one.delay, initial=np.inf)) if np.size(one.delay) else np.inf
        if np.floor(shortest / dt + 0.5) < 1.0:
            message = f"`{one.name}` has a delay of 0, so threads must meet in every step"
            yield note("BN482", message, one.span, help="any delay of dt or longer runs faster")
            return
