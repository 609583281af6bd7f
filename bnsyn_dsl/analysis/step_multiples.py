"""Times that become whole steps: periods, refractoriness, delays. Out: findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.analysis.settled import Functions, settled, settled_parameters, value_of
from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Label, Span, error, note
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Random, Symbol, references, walk
from bnsyn_dsl.semantics.model import Clock
from bnsyn_dsl.semantics.plan import LearningPlan, NetworkPlan, PoolPlan, ProjectionPlan
from bnsyn_dsl.semantics.run_length import MOST_STEPS

__all__ = ["check_step_multiples", "drawn_periods"]

_TOLERANCE = 1e-9


def check_step_multiples(
    plan: NetworkPlan,
    groups: Sequence[CoupledGroup],
    rules: Sequence[tuple[LearningPlan, Sequence[Clock]]],
    functions: Functions,
    log: DiagnosticLog,
) -> None:
    """Report what dt does not divide.

    A period of `every` must be a whole number of steps (BN408), the same for all neurons (BN409);
    `rules` are those of the projections with their clocks, and the pools of a modulator may have a
    period each. The refractory time is rounded to whole steps (BN481), and a delay of 0 is
    mentioned once because it slows threads down (BN482).
    """
    for group in groups:
        for population, member in zip(group.populations, group.members, strict=True):
            known = settled_parameters(member, population.size, plan.dt, functions)
            label = None
            if population.span is not None:
                label = Label(span=population.span, text="used here")
            log.add(*_periods(member.system.clocks, known, plan.dt, functions, label))
            log.add(*_refractory(member, known, plan.dt, functions, population.name))
    for learning, clocks in rules:
        constants: dict[Symbol, Value] = {Symbol("dt", "dt"): plan.dt, **learning.constants}
        label = None if learning.span is None else Label(span=learning.span, text="used here")
        log.add(*_periods(clocks, constants, plan.dt, functions, label, "synapses"))
    for pool in plan.pools:
        log.add(*_pool_periods(pool, plan.dt, functions))
    spiking = [c for c in plan.couplings if _has_events(plan, c)]
    log.add(*_instant([*plan.projections, *spiking], plan.dt))


def _off(value: Value, dt: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return times as an array, and which of them are no whole number of steps."""
    times = np.atleast_1d(np.asarray(value, np.float64))
    steps = times / dt
    return times, np.abs(steps - np.rint(steps)) > _TOLERANCE * np.maximum(1.0, np.abs(steps))


def _periods(
    clocks: Iterable[Clock],
    known: dict[Symbol, Value],
    dt: float,
    functions: Functions,
    label: Label | None,
    elements: str = "neurons",
) -> Iterable[Diagnostic]:
    for clock in clocks:
        place = clock.period.span or clock.span
        value = value_of(clock.period, known, functions)
        if value is None or np.ndim(value):  # random, or an element each
            message = f"the period of `every` must be one number, the same for all {elements}"
            advice = "give all of them one value, or count steps of dt in a state"
            yield error("BN409", message, place, help=advice, label=label)
            continue
        yield from _whole(value, dt, place, label)


def _pool_periods(pool: PoolPlan, dt: float, functions: Functions) -> Iterable[Diagnostic]:
    known = settled({**pool.parameters, **pool.inputs}, pool.size, dt, functions)
    label = None if pool.span is None else Label(span=pool.span, text="used here")
    fixed = {d.name for d in pool.model.parameters} | {*pool.inputs} - {*pool.wires}
    for clock in inlined(pool.model).clocks:
        place = clock.period.span or clock.span
        own = [s for s in references(clock.period) if s not in known]
        draws = any(isinstance(e, Random) for e in walk(clock.period))
        if draws or any(s.name not in fixed or s.kind == "state" for s in own):
            message = "the period of `every` must be known before the run"
            advice = "a clock of every dt may count steps in a state"
            yield error("BN409", message, place, help=advice, label=label)
            continue
        value = value_of(clock.period, known, functions)
        if value is not None:  # else a parameter is drawn: see `drawn_periods`
            yield from _whole(value, dt, place, label)


def drawn_periods(
    pool: PoolPlan, drawn: Mapping[Symbol, Value], dt: float, functions: Functions
) -> Iterable[Diagnostic]:
    """Report the periods of a modulator that dt does not divide (BN408), after its draws.

    `drawn` has its parameters, one value or float64[pools].
    """
    known = {**drawn, Symbol("dt", "dt"): dt}
    label = None if pool.span is None else Label(span=pool.span, text="drawn here")
    for clock in inlined(pool.model).clocks:
        value = value_of(clock.period, known, functions)
        if value is not None:
            advice = "a period that is drawn has whole steps as `round(x/dt)*dt`"
            place = clock.period.span or clock.span
            yield from _whole(value, dt, place, label, help_text=advice)


def _whole(
    value: Value, dt: float, place: Span, label: Label | None, help_text: str | None = None
) -> Iterable[Diagnostic]:
    times, off = _off(value, dt)
    steps = np.rint(times / dt)
    wrong = np.flatnonzero(off | ~((steps >= 1.0) & (steps <= MOST_STEPS)))
    if len(wrong):
        found = f"the period {times[wrong[0]]:.9g} ms of `every`"
        message = f"{found} must be a whole multiple of dt = {dt:.9g} ms"
        if steps[wrong[0]] > MOST_STEPS:
            message = f"{found} is more than {MOST_STEPS:.0e} steps of {dt:.9g} ms"
        yield error("BN408", message, place, help=help_text, label=label)


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
