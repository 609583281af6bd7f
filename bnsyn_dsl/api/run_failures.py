"""What went wrong in a run, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, error
from bnsyn_dsl.wiring.network import sender_plans

if TYPE_CHECKING:
    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.runtime.stops import (
        FactorOutOfRange,
        NotFinite,
        RunStopped,
        SynapseNotFinite,
    )
    from bnsyn_dsl.semantics.plan import ProjectionPlan

__all__ = ["explained"]


def explained(problem: RunStopped, assembly: Assembly) -> Diagnostic:
    """Say what stopped a run (BN490)."""
    from bnsyn_dsl.runtime import stops

    match problem:
        case stops.NotFinite():
            return _not_finite(problem, assembly)
        case stops.SynapseNotFinite():
            return _synapse_not_finite(problem, assembly)
        case stops.FactorOutOfRange():
            return _factor_out_of_range(problem, assembly)
        case stops.WeightOutOfRange():
            return _weight_out_of_range(problem.step, assembly)
        case stops.RateOutOfRange():
            return _rate_out_of_range(problem.step, assembly)
    raise AssertionError(f"{type(problem).__name__} has no words") from problem


def _not_finite(problem: NotFinite, assembly: Assembly) -> Diagnostic:
    """Say which state of which neuron left the numbers, when, and what helps (BN490)."""
    plan = assembly.compiled.plan
    group = assembly.systems[problem.system].compiled.group
    population, index = group.populations[0], problem.index
    for population in group.populations:
        if index < population.size:
            break
        index -= population.size
    became = _became(problem.value)
    method = assembly.compiled.systems[problem.system].manifest.method
    advice = [f"a smaller dt than {plan.dt:g} ms"]
    if population.method is not None:
        advice.append(f"`solve: auto` instead of `solve: {population.method}`")
    advice.append(f"check the signs in the equations of `{population.model.name}`")
    advice.append(f"they are solved by: {method}")
    return error(
        "BN490",
        f"`{problem.state}` of neuron {index} of population `{population.name}` became {became} "
        f"at {problem.step * plan.dt:.12g} ms",
        population.span,
        help="; ".join(advice),
    )


def _factor_out_of_range(problem: FactorOutOfRange, assembly: Assembly) -> Diagnostic:
    """Say whose short-term plasticity transmitted too much, when, and what helps (BN490)."""
    from bnsyn_dsl.runtime.simulation import MOST_FACTOR

    plan = assembly.compiled.plan
    sender = sender_plans(plan, DiagnosticLog())[problem.sender]
    (projection,) = sender.projections
    return error(
        "BN490",
        f"`{projection.name}` multiplied the weight by {problem.value:.6g} for the spike of neuron "
        f"{problem.index} of population `{sender.population}` at "
        f"{problem.step * plan.dt:.12g} ms, at most {MOST_FACTOR:g} can be summed exactly",
        projection.span,
        help="bound the states it is made of, as in `in [0, 1]`, or put its size into the weight",
    )


def _rate_out_of_range(step: int, assembly: Assembly) -> Diagnostic:
    """Say when the rate of a drive became impossible (BN490)."""
    plan = assembly.compiled.plan
    moving = [d for d in plan.drives if not isinstance(d.rate, float)]
    names = ", ".join(f"`{d.name}`" for d in moving)
    return error(
        "BN490",
        f"the rate of {names} became not a number, or more than 1000 spikes per step, at "
        f"{step * plan.dt:.12g} ms",
        moving[0].span,
        help="use a smaller rate and a larger weight, or a smaller dt",
    )


def _became(value: float) -> str:
    return "not a number" if value != value else "infinite"


def _synapse_not_finite(problem: SynapseNotFinite, assembly: Assembly) -> Diagnostic:
    synapses = assembly.simulation.learning[problem.projection]
    projection: ProjectionPlan = synapses.learned.projection
    source, target = projection.source.population, projection.target.population
    match problem.owner:
        case "synapse":
            i, j = int(synapses.source[problem.index]), int(synapses.target[problem.index])
            where = f"the synapse from neuron {i} of `{source}` to neuron {j} of `{target}`"
        case "pre":
            where = f"neuron {problem.index} of `{source}`"
        case _:
            where = f"neuron {problem.index} of `{target}`"
    rule = synapses.learned.system.name
    return error(
        "BN490",
        f"`{problem.state}` of {where} in `{projection.name}` became {_became(problem.value)}, "
        f"found at {problem.step * assembly.compiled.plan.dt:.12g} ms",
        projection.span,
        help=f"check what `{rule}` divides by and takes the logarithm or a power of",
    )


def _weight_out_of_range(step: int, assembly: Assembly) -> Diagnostic:
    """Name the projection whose weight is largest, or those whose gain may be the reason."""
    plan = assembly.compiled.plan
    moving = [p for p in plan.projections if not isinstance(p.gain, float)]
    suspects = [s.learned.projection for s in assembly.simulation.learning.values()]
    unbounded = [
        s.learned.projection
        for s in assembly.simulation.learning.values()
        if s.learned.system.weight_bounds is None
    ]
    named = list({p.name: p for p in (*unbounded, *moving)}.values()) or suspects
    names = ", ".join(f"`{p.name}`" for p in named)
    return error(
        "BN490",
        f"what {names} transmits became more than 1024 times what the network was built with, or "
        f"not a number, at {step * plan.dt:.12g} ms",
        named[0].span,
        help="bound the weight of the rule, as in `weight in [0, w_max]`, and the gain",
    )
