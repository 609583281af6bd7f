"""Arrays from Python, put into a settled plan in place of what stood for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.api.timed_array import TimedArray
from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error, note
from bnsyn_dsl.semantics.evaluate import Environment, Value, evaluate
from bnsyn_dsl.semantics.expression import Const, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.plan import (
    DrivePlan,
    NetworkPlan,
    PlanValue,
    PopulationPlan,
    ProjectionPlan,
    ReceptorPlan,
    RulePlan,
    Series,
)

__all__ = ["Arrays", "ProjectionArrays", "inject"]

_Wired = TypeVar("_Wired", ProjectionPlan, DrivePlan)
_LONGEST = 2.0**50  # steps: no run is as long


@dataclass(slots=True, kw_only=True, eq=False)
class ProjectionArrays:
    """Arrays of one `connect`, found by its place: one value per synapse (or target)."""

    span: Span
    rule: RulePlan | None = None
    weight: NDArray[np.float64] | None = None
    delay: NDArray[np.float64] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Arrays:
    """Everything that came as an array. `settings` and `series` are by population, then by name."""

    settings: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    series: dict[str, dict[str, TimedArray]] = field(default_factory=dict)
    times: dict[str, tuple[NDArray[np.float64], ...]] = field(default_factory=dict)
    projections: list[ProjectionArrays] = field(default_factory=list)


def inject(plan: NetworkPlan, arrays: Arrays, log: DiagnosticLog) -> NetworkPlan:
    """Return the plan with the arrays in it; elements out of bounds are reported."""
    populations = tuple(_wired(_population(p, arrays, log), arrays) for p in plan.populations)
    return replace(
        plan,
        series=_series(populations, arrays, plan.dt, log),
        populations=populations,
        projections=tuple(_connected(p, arrays) for p in plan.projections),
        drives=tuple(_driven(d, arrays) for d in plan.drives),
    )


def _wired(plan: PopulationPlan, arrays: Arrays) -> PopulationPlan:
    """Return the population with its inputs that are arrays in time."""
    given = arrays.series.get(plan.name, {})
    wires = {name: Ref(symbol=Symbol(name, "series", plan.name)) for name in given}
    return replace(plan, wires={**plan.wires, **wires})


def _series(
    populations: Iterable[PopulationPlan], arrays: Arrays, dt: float, log: DiagnosticLog
) -> dict[Symbol, Series]:
    found = {}
    for population in populations:
        for name, one in arrays.series.get(population.name, {}).items():
            what = f"`every` of `{name}` of population `{population.name}`"
            steps = _whole_steps(one, what, dt, population.span, log)
            symbol = Symbol(name, "series", population.name)
            found[symbol] = Series(values=one.measured.values, steps=steps)
    return found


def _whole_steps(
    one: TimedArray, what: str, dt: float, span: Span | None, log: DiagnosticLog
) -> int:
    """Return the steps between two rows; a change of the time is noted (BN494)."""
    asked = min(one.interval / dt, _LONGEST)
    steps = max(1, math.floor(asked + 0.5))
    if len(one.measured.values) > 1 and asked < 0.5:
        message = f"{what} is {one.interval:.9g} ms, shorter than a step of {dt:.9g} ms"
        log.add(error("BN453", message, span, help="take rows out, or use a smaller dt"))
    elif len(one.measured.values) > 1 and abs(asked - steps) > 1e-9 * max(1.0, asked):
        shown = f"{steps} steps of {dt:.9g} ms"
        log.add(note("BN494", f"{what} is rounded from {one.interval:.9g} ms to {shown}", span))
    return steps


def _population(plan: PopulationPlan, arrays: Arrays, log: DiagnosticLog) -> PopulationPlan:
    given = arrays.settings.get(plan.name, {})
    if plan.name in arrays.times:
        return replace(plan, spike_times=arrays.times[plan.name])
    if not given:
        return plan

    def settled(values: Mapping[str, PlanValue], prefix: str = "") -> dict[str, PlanValue]:
        return {n: given.get(f"{prefix}{n}", v) for n, v in values.items()}

    def receptor(one: ReceptorPlan) -> ReceptorPlan:
        return replace(one, initial=settled(one.initial, f"{one.synapse.name}."))

    made = replace(
        plan,
        parameters=settled(plan.parameters),
        initial=settled(plan.initial),
        inputs=settled(plan.inputs),
        receptors=tuple(receptor(r) for r in plan.receptors),
    )
    _check(made, given, log)
    return made


def _check(
    plan: PopulationPlan, given: Mapping[str, NDArray[np.float64]], log: DiagnosticLog
) -> None:
    """Report elements outside of the bounds of a declaration, and violated requirements."""
    known: dict[Symbol, Value] = {}
    for kind, values in (("parameter", plan.parameters), ("state", plan.initial)):
        for name, value in values.items():
            if isinstance(value, float | np.ndarray):
                known[Symbol(name, kind)] = value

    def computed(expr: Expr) -> Value | None:
        if isinstance(expr, Const):
            return expr.value
        if any(s not in known for s in references(expr)):
            return None
        return evaluate(expr, Environment(symbols=known, functions=HOST_FUNCTIONS))

    for name, array in given.items():
        declared = plan.model.declared(name)
        if declared is None or declared.bounds is None:
            continue
        low, high = computed(declared.bounds.low), computed(declared.bounds.high)
        if low is None or high is None:
            continue
        outside = np.flatnonzero(~((low <= array) & (array <= high)))
        if len(outside):
            message = f"element {outside[0]} of `{name}` of population `{plan.name}` is outside"
            log.add(error("BN443", f"{message} of its bounds", plan.span))
    for requirement in plan.model.requires:
        used = {s.name for s in references(requirement.condition)}
        if not used & set(given):
            continue
        holds = computed(requirement.condition)
        if holds is not None and not np.all(np.asarray(holds) != 0):
            where = int(np.flatnonzero(~(np.atleast_1d(np.asarray(holds)) != 0))[0])
            message = f"`require {requirement.text}` of `{plan.model.name}` is violated for element"
            log.add(error("BN444", f"{message} {where} of population `{plan.name}`", plan.span))


def _mine(one: _Wired, arrays: Arrays) -> ProjectionArrays | None:
    return next((a for a in arrays.projections if a.span is one.span), None)


def _connected(one: ProjectionPlan, arrays: Arrays) -> ProjectionPlan:
    found = _mine(one, arrays)
    if found is None:
        return one
    return replace(
        one,
        rule=one.rule if found.rule is None else found.rule,
        weight=one.weight if found.weight is None else found.weight,
        delay=one.delay if found.delay is None else found.delay,
    )


def _driven(one: DrivePlan, arrays: Arrays) -> DrivePlan:
    found = _mine(one, arrays)
    return one if found is None or found.weight is None else replace(one, weight=found.weight)
