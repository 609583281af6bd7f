"""Projections whose synapses act continuously are set apart: they carry no events.

In: a plan as it was elaborated. Out: the same plan, where `projections` keep the receptors that
spikes act on, and `couplings` have one entry for each receptor that is summed in every step.
"""

from __future__ import annotations

from dataclasses import replace

from bnsyn_dsl.analysis.continuous import acts_continuously
from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, error
from bnsyn_dsl.semantics.plan import (
    DrivePlan,
    NetworkPlan,
    PortPlan,
    ProjectionPlan,
    ReceptorPlan,
)

__all__ = ["with_couplings_apart"]


def with_couplings_apart(plan: NetworkPlan, log: DiagnosticLog) -> NetworkPlan:
    """Return the plan with continuous projections apart; what cannot be is reported."""
    events: list[ProjectionPlan] = []
    couplings: list[ProjectionPlan] = []
    for projection in plan.projections:
        summed = tuple(p for p in projection.ports if _is_summed(plan, projection, p))
        if not summed:
            events.append(projection)
            continue
        problem = _refused(plan, projection, summed)
        if problem is not None:
            log.add(problem)
        couplings += [replace(projection, ports=(port,)) for port in summed]
        rest = tuple(p for p in projection.ports if p not in summed)
        if rest:
            events.append(replace(projection, ports=rest))
    for drive in plan.drives:
        if any(_is_summed(plan, drive, p) for p in drive.ports):
            message = "a synapse that is summed in every step needs presynaptic neurons"
            hint = "`poisson` has none: let a population of `PoissonSource` project"
            log.add(error("BN505", message, drive.span, help=hint))
    if not couplings:
        return plan
    return replace(plan, projections=tuple(events), couplings=tuple(couplings))


def _receptor(plan: NetworkPlan, one: ProjectionPlan | DrivePlan, port: PortPlan) -> ReceptorPlan:
    return plan.population(one.target.population).receptors[port.receptor]


def _is_summed(plan: NetworkPlan, one: ProjectionPlan | DrivePlan, port: PortPlan) -> bool:
    return acts_continuously(_receptor(plan, one, port).synapse)


def _refused(
    plan: NetworkPlan, projection: ProjectionPlan, summed: tuple[PortPlan, ...]
) -> Diagnostic | None:
    name = _receptor(plan, projection, summed[0]).synapse.name
    if projection.learning is not None:
        message = f"the weights of `{name}`, which acts continuously, cannot learn yet"
        return error("BN544", message, projection.span)
    if not isinstance(projection.gain, float):
        message = f"the gain of `{name}`, which acts continuously, cannot change yet"
        return error("BN544", message, projection.span, help="give it one number")
    for port in summed:
        receptor = _receptor(plan, projection, port)
        for state, value in receptor.initial.items():
            if not isinstance(value, float):
                message = f"`{receptor.name}.{state}` belongs to the presynaptic neurons"
                return error(
                    "BN240",
                    f"{message} and begins with one value for all",
                    projection.span,
                )
    return None
