"""What went wrong in a run, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnsyn_dsl.diagnostics import Diagnostic, error

if TYPE_CHECKING:
    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.runtime.simulation import NotFinite

__all__ = ["not_finite"]


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
