"""`record:` -> what is recorded of which neurons, pools and synapses, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bnsyn_dsl.diagnostics import Diagnostic, error
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network_scope import DT, TIME_UNIT, NetworkScope, Place
from bnsyn_dsl.semantics.owners import Owner
from bnsyn_dsl.semantics.places import Places
from bnsyn_dsl.semantics.plan import Part, ProbePlan
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.run_length import MOST_STEPS
from bnsyn_dsl.semantics.scope import choice
from bnsyn_dsl.syntax import nodes

__all__ = ["probe_plans"]

_PLACE = Place(random="an interval is one number", where="in `record`")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    """One part, what it is of, and what it has: a name in the plan for a value, or an error."""

    part: Part
    over: str
    name_of: Callable[[nodes.Expr], str | Diagnostic]


class _Prober:
    """Finds what the lines of `record:` mean."""

    def __init__(
        self,
        places: Places,
        drafts: Mapping[str, Draft],
        pools: Mapping[str, Draft],
        scope: NetworkScope,
    ) -> None:
        self._places = places
        self._drafts = drafts
        self._pools = pools
        self._scope = scope

    def plans(self, probe: nodes.Probe) -> Iterator[ProbePlan]:
        """Yield one plan for each value of each part; what is wrong is reported."""
        interval = _interval(probe, self._scope)
        recorded = [self._recorded(place) for place in probe.places]
        if any(r is None for r in recorded):
            return
        parts = [one for r in recorded if r is not None for one in r]
        for value in probe.values:
            for one in parts:
                name = one.name_of(value)
                if isinstance(name, Diagnostic):
                    self._scope.log.add(name)
                elif interval is not None:
                    every = self._scope.values[DT] if name == "spikes" else interval
                    yield ProbePlan(part=one.part, variable=name, interval=every, over=one.over,
                                    span=value.span)  # fmt: skip

    def _recorded(self, place: nodes.Place) -> list[_Recorded] | None:
        """Return what one place of a line stands for; None where it is broken."""
        if place.name not in self._places.others:
            members = self._places.members([place])
            return None if members is None else [self._population(m.part) for m in members]
        if place.name in self._pools:
            return self._pool(self._pools[place.name], place)
        collection = self._scope.collections.get(place.name)
        if isinstance(collection, str):
            self._scope.log.add(error("BN247", collection, place.span))
        elif collection is not None and place.first is not None:
            message = f"the synapses of `{place.name}` are recorded together, not a part of them"
            self._scope.log.add(error("BN247", message, place.span))
        elif collection is not None:
            return [self._projection(owner, place.name) for owner in collection]
        return None

    def _population(self, part: Part) -> _Recorded:
        draft = self._drafts[part.population]
        return _Recorded(part=part, over="population", name_of=lambda v: _variable(v, draft))

    def _pool(self, draft: Draft, place: nodes.Place) -> list[_Recorded] | None:
        bounds = self._places.bounds(place, draft.size)
        if bounds is None:
            return None
        part = Part(population=draft.name, first=bounds[0], last=bounds[1])
        model = draft.model
        known = _changing(model)
        fixed = [p.name for p in model.parameters]
        what = f"modulator `{draft.name}`"
        found = _Recorded(part=part, over="pool", name_of=lambda v: _named(v, what, known, fixed))
        return [found]

    def _projection(self, owner: Owner, name: str) -> _Recorded:
        known = list(owner.dimensions)
        return _Recorded(
            part=Part(population=owner.name, first=0, last=0),
            over="projection",
            name_of=lambda v: _named(v, f"projection `{name}`", known, []),
        )


def probe_plans(
    network: nodes.Network,
    places: Places,
    drafts: Mapping[str, Draft],
    pools: Mapping[str, Draft],
    scope: NetworkScope,
) -> tuple[ProbePlan, ...]:
    """Return one plan for each value and each part, each once; what is wrong is reported."""
    found: dict[ProbePlan, ProbePlan] = {}
    prober = _Prober(places, drafts, pools, scope)
    for section in network.sections:
        for probe in section.probes if isinstance(section, nodes.Record) else ():
            for plan in prober.plans(probe):
                found.setdefault(plan, plan)
    return tuple(found)


def _variable(value: nodes.Expr, draft: Draft) -> str | Diagnostic:
    """Return what a value is called in the plan: `spikes`, `V_m`, `AMPA.g`."""
    model = draft.model
    if isinstance(value, nodes.Attribute):
        return _receptor_state(value, draft)
    known = _changing(model)
    fixed = [p.name for p in model.parameters]
    return _named(value, f"population `{draft.name}`", ["spikes", *known], fixed)


def _changing(model: Model) -> list[str]:
    """Return the names of a model that have a value in every step."""
    return [d.name for d in (*model.states, *model.inputs)] + [a.name for a in model.auxiliaries]


def _named(
    value: nodes.Expr, what: str, known: Sequence[str], fixed: Sequence[str]
) -> str | Diagnostic:
    """Return a name that can be recorded of `what`, or what is wrong with it."""
    if not isinstance(value, nodes.Name):
        message = "recording an expression is parsed, but not compiled yet"
        return error("BN549", message, value.span, help="record its parts")
    if value.ident in known:
        return value.ident
    message = f"{what} has no `{value.ident}` to record"
    hint = choice(value.ident, known)
    if value.ident in fixed:
        hint = "it is a parameter and does not change"
    return error("BN247", message, value.span, help=hint)


def _receptor_state(value: nodes.Attribute, draft: Draft) -> str | Diagnostic:
    same = [r for r in draft.receptors if value.owner in {r.synapse.name, r.name}]
    if not same:
        known = [r.name for r in draft.receptors]
        message = f"population `{draft.name}` has no receptor `{value.owner}`"
        return error("BN250", message, value.span, help=choice(value.owner, known))
    if len(same) > 1:
        message = f"population `{draft.name}` has {len(same)} receptors `{value.owner}`"
        hint = f"give one a name: `synapse Slow is {value.owner}:`"
        return error("BN247", message, value.span, help=hint)
    states = [s.name for s in same[0].synapse.states]
    if value.member in states:
        return f"{same[0].name}.{value.member}"
    message = f"`{value.owner}` has no state `{value.member}`"
    return error("BN247", message, value.span, help=choice(value.member, states))


def _interval(probe: nodes.Probe, scope: NetworkScope) -> float | None:
    dt = scope.values[DT]
    if probe.every is None:
        return dt
    value = scope.number(probe.every, _PLACE, TIME_UNIT, "the interval")
    if value is None:
        return None
    steps = value / dt
    if MOST_STEPS < steps < float("inf"):
        shown = quantity_text(value, TIME_UNIT)
        message = f"an interval of {shown} is more than {MOST_STEPS:.0e} steps"
        scope.log.add(error("BN453", message, probe.every.span))
        return None
    if not (0.5 < steps < float("inf")) or abs(steps - round(steps)) > 1e-9 * steps:
        shown, step = quantity_text(value, TIME_UNIT), quantity_text(dt, TIME_UNIT)
        message = f"an interval must be a multiple of dt = {step}, found {shown}"
        scope.log.add(error("BN453", message, probe.every.span))
        return None
    return round(steps) * dt
