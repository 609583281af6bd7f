"""Bounds of a weight have one value for all synapses and times: findings where they do not."""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.diagnostics import Diagnostic, Label, error
from bnsyn_dsl.semantics.expression import Ref, walk
from bnsyn_dsl.semantics.plan import NetworkPlan, ProjectionPlan

__all__ = ["moving_bounds"]


def moving_bounds(plan: NetworkPlan) -> Iterator[Diagnostic]:
    """Report bounds of weights that read what is no parameter of the rule (BN240).

    The scale of the sums at the targets is chosen for the largest weight there can be.
    """
    for projection in plan.projections:
        yield from _moving(projection)


def _moving(projection: ProjectionPlan) -> Iterator[Diagnostic]:
    if projection.learning is None:
        return
    span, rule = projection.learning.span, projection.learning.rule
    bounds = next((b for name, b in rule.bounds if name == "weight"), None)
    label = None if span is None else Label(span=span, text="used here")
    for end in () if bounds is None else (bounds.low, bounds.high):
        for part in walk(end):
            if not isinstance(part, Ref) or part.symbol.kind == "parameter":
                continue
            yield error(
                "BN240",
                f"a bound of `weight` of `{projection.name}` reads `{part.symbol.text}`, "
                "which is no parameter",
                part.span or rule.span,
                help="clip in the handlers to what changes: `weight = min(weight, ...)`",
                label=label,
            )
