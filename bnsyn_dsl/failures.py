"""What went wrong in a run, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, error
from bnsyn_dsl.wiring.network import sender_plans

if TYPE_CHECKING:
    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.runtime.simulation import FactorOutOfRange, NotFinite

__all__ = ["factor_out_of_range", "not_finite", "rate_out_of_range"]


def not_finite(problem: NotFinite, assembly: Assembly) -> Diagnostic:
    """Say which state of which neuron left the numbers, when, and what helps (BN490)."""
    plan = assembly.compiled.plan
    group = assembly.systems[problem.system].compiled.group
    population, index = group.populations[0], problem.index
    for population in group.populations:
        if index < population.size:
            break
        index -= population.size
    became = "not a number" if problem.value != problem.value else "infinite"
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


def factor_out_of_range(problem: FactorOutOfRange, assembly: Assembly) -> Diagnostic:
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


def rate_out_of_range(step: int, assembly: Assembly) -> Diagnostic:
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
