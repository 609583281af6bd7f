"""`record:` -> what is recorded of which neurons, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bnsyn_dsl.diagnostics import Diagnostic, error
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.network_scope import DT, TIME_UNIT, NetworkScope, Place
from bnsyn_dsl.semantics.places import Places
from bnsyn_dsl.semantics.plan import ProbePlan
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["probe_plans"]

_PLACE = Place(random="an interval is one number", where="in `record`")


def probe_plans(
    network: nodes.Network, places: Places, drafts: Mapping[str, Draft], scope: NetworkScope
) -> tuple[ProbePlan, ...]:
    """Return one plan for each value and each part, each once; what is wrong is reported."""
    found: dict[ProbePlan, ProbePlan] = {}
    for section in network.sections:
        for probe in section.probes if isinstance(section, nodes.Record) else ():
            for plan in _probe(probe, places, drafts, scope):
                found.setdefault(plan, plan)
    return tuple(found)


def _probe(
    probe: nodes.Probe, places: Places, drafts: Mapping[str, Draft], scope: NetworkScope
) -> Iterator[ProbePlan]:
    interval = _interval(probe, scope)
    other = next((p for p in probe.places if p.name in places.others), None)
    if other is not None:
        message = (
            f"recording from `{other.name}` is parsed, but not compiled yet: it is no population"
        )
        scope.log.add(error("BN549", message, other.span))
        return
    members = places.members(probe.places)
    if members is None:
        return
    for value in probe.values:
        for member in members:
            name = _variable(value, drafts[member.part.population])
            if isinstance(name, Diagnostic):
                scope.log.add(name)
            elif interval is not None:
                every = scope.values[DT] if name == "spikes" else interval
                yield ProbePlan(part=member.part, variable=name, interval=every, span=value.span)


def _variable(value: nodes.Expr, draft: Draft) -> str | Diagnostic:
    """Return what a value is called in the plan: `spikes`, `V_m`, `AMPA.g`."""
    model = draft.model
    if isinstance(value, nodes.Name):
        known = [d.name for d in (*model.states, *model.inputs)] + [
            a.name for a in model.auxiliaries
        ]
        if value.ident in {"spikes", *known}:
            return value.ident
        message = f"population `{draft.name}` has no `{value.ident}` to record"
        hint = suggestion(value.ident, ["spikes", *known])
        if model.dimension_of(value.ident) is not None:
            hint = "it is a parameter and does not change"
        return error("BN247", message, value.span, help=hint)
    if isinstance(value, nodes.Attribute):
        return _receptor_state(value, draft)
    message = "recording an expression is parsed, but not compiled yet"
    return error("BN549", message, value.span, help="record its parts")


def _receptor_state(value: nodes.Attribute, draft: Draft) -> str | Diagnostic:
    same = [r for r in draft.receptors if value.owner in {r.synapse.name, r.name}]
    if not same:
        known = [r.name for r in draft.receptors]
        message = f"population `{draft.name}` has no receptor `{value.owner}`"
        return error("BN250", message, value.span, help=suggestion(value.owner, known))
    if len(same) > 1:
        message = f"population `{draft.name}` has {len(same)} receptors `{value.owner}`"
        hint = f"give one a name: `synapse Slow is {value.owner}:`"
        return error("BN247", message, value.span, help=hint)
    states = [s.name for s in same[0].synapse.states]
    if value.member in states:
        return f"{same[0].name}.{value.member}"
    message = f"`{value.owner}` has no state `{value.member}`"
    return error("BN247", message, value.span, help=suggestion(value.member, states))


def _interval(probe: nodes.Probe, scope: NetworkScope) -> float | None:
    dt = scope.values[DT]
    if probe.every is None:
        return dt
    value = scope.number(probe.every, _PLACE, TIME_UNIT, "the interval")
    if value is None:
        return None
    steps = value / dt
    if not (0.5 < steps < float("inf")) or abs(steps - round(steps)) > 1e-9 * steps:
        shown, step = quantity_text(value, TIME_UNIT), quantity_text(dt, TIME_UNIT)
        message = f"an interval must be a multiple of dt = {step}, found {shown}"
        scope.log.add(error("BN453", message, probe.every.span))
        return None
    return round(steps) * dt
