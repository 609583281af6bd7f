"""What of the compiled functions that build and draw a network will call, as jobs."""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.ahead import Job
from bnsyn_dsl.semantics.expression import Expr, Random, walk
from bnsyn_dsl.semantics.plan import NetworkPlan, PlanValue

__all__ = ["rehearsals"]

_RANK = 1  # behind the systems, which take longer


def rehearsals(plan: NetworkPlan) -> tuple[Job, ...]:
    """Return what can be compiled before the network is built, each once."""
    return tuple(dict.fromkeys(_jobs(plan)))


def _jobs(plan: NetworkPlan) -> Iterator[Job]:
    if plan.projections:
        yield _job("rehearse_tables")
    for one in plan.projections:
        if one.rule.kind != "pairwise_bernoulli" or 0.0 < one.rule.p < 1.0:
            yield _job("rehearse_rule", one.rule.kind, "multapses" if one.rule.multapses else "")
        if not isinstance(one.delay, float):
            yield _job("rehearse_delays")
    for value in _values(plan):
        if isinstance(value, Expr):
            for node in walk(value):
                if isinstance(node, Random):
                    yield _job("rehearse_draw", node.distribution)


def _values(plan: NetworkPlan) -> Iterator[PlanValue]:
    """Yield what may be drawn once per element."""
    for population in plan.populations:
        yield from population.parameters.values()
        yield from population.initial.values()
        yield from population.inputs.values()
        for receptor in population.receptors:
            yield from receptor.initial.values()
    for one in plan.projections:
        yield from (one.weight, one.delay)


def _job(function: str, *arguments: str) -> Job:
    return Job(
        module="bnsyn_dsl.runtime.rehearsal", function=function, arguments=arguments, rank=_RANK
    )
