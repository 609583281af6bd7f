"""`populations:` -> sizes, values and wires of each population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.semantics.drafts import Draft, draft_size, place_of, settle_values
from bnsyn_dsl.semantics.expression import Symbol, references
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.model_values import ModelValues
from bnsyn_dsl.semantics.network_scope import TIME, NetworkScope, Place, renumbered
from bnsyn_dsl.semantics.owners import Owner, model_dimensions
from bnsyn_dsl.semantics.places import Places
from bnsyn_dsl.semantics.plan import PopulationPlan, ReceptorPlan
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE, spike_source_model, spike_times
from bnsyn_dsl.syntax import nodes

__all__ = [
    "declare_populations",
    "member_symbols",
    "plan_of",
    "settle_population",
    "settle_receptors",
]


def declare_populations(
    network: nodes.Network, library: Library, scope: NetworkScope, places: Places
) -> dict[str, Draft]:
    """Find the model and size of each population, and register groups."""
    drafts: dict[str, Draft] = {}
    for section in network.sections:
        if not isinstance(section, nodes.Populations):
            continue
        for member in section.members:
            if not places.claim(member.name, member.span):
                continue
            if isinstance(member, nodes.Group):
                places.add_group(member)
                continue
            draft = _draft(member, library, scope)
            places.add_population(member.name, None if draft is None else draft.size)
            if draft is not None:
                drafts[member.name] = draft
    places.check_groups()
    _register(drafts, places, scope)
    return drafts


def _register(drafts: Mapping[str, Draft], places: Places, scope: NetworkScope) -> None:
    """Tell the scope what populations own, and what reductions over groups run over."""
    for name, draft in drafts.items():
        dimensions = model_dimensions(draft.model)
        scope.owners[name] = Owner(
            name=name, kind="population", size=draft.size, dimensions=dimensions
        )
    for name, members in places.named():
        if members is None or any(m.part.population not in drafts for m in members):
            scope.collections[name] = None
            continue
        parts = [m.part for m in members]
        if all((p.first, p.last) == (0, drafts[p.population].size) for p in parts):
            scope.collections[name] = tuple(scope.owners[p.population] for p in parts)
        else:
            scope.collections[name] = (
                f"`{name}` is a part of a population, and a reduction runs over all of it"
            )


def _draft(node: nodes.Population, library: Library, scope: NetworkScope) -> Draft | None:
    size = draft_size(node.size, f"population `{node.name}`", scope)
    name = node.use.model
    if name == SPIKE_SOURCE and name not in library.names(node.use.span):
        model: Model | None = spike_source_model()
    else:
        model = library.model_of("neuron", name, node.use.span)
    return None if size is None or model is None else Draft(node=node, model=model, size=size)


def member_symbols(model: Model, owner: str) -> dict[str, Symbol]:
    """Return every name of a neuron as a symbol of `owner`, with the kind it has there."""
    kinds = (
        ("parameter", model.parameters),
        ("input", model.inputs),
        ("state", model.states),
        ("auxiliary", model.auxiliaries),
    )
    return {d.name: Symbol(d.name, kind, owner) for kind, ds in kinds for d in ds}


def settle_population(draft: Draft, scope: NetworkScope) -> None:
    """Settle what stands in the braces of a population; settings of receptors come later."""
    if draft.model.name == SPIKE_SOURCE and draft.model.block.span.source.name == "<built in>":
        assert isinstance(draft.node, nodes.Population)
        draft.times = spike_times(draft.node, draft.size, scope)
        draft.values = ModelValues(parameters={}, initial={}, inputs={})
        return
    settle_values(draft, scope)


# ------------------------------------------------------------------------------- plan


def settle_receptors(draft: Draft, scope: NetworkScope) -> None:
    """Put the initial values that the braces give (`AMPA.g = ...`) into the receptors."""
    place = replace(place_of(draft, scope), owners={}, reductions=False)
    for setting in draft.node.use.settings:
        if setting.owner is None:
            continue
        known = {r.synapse.name for r in draft.receptors}
        if setting.owner not in known:
            message = f"no projection brings a receptor `{setting.owner}` to `{draft.name}`"
            hint = suggestion(setting.owner, known)
            scope.log.add(error("BN250", message, setting.span, help=hint))
            continue
        for at, receptor in enumerate(draft.receptors):
            if receptor.synapse.name == setting.owner:
                draft.receptors[at] = _with_initial(receptor, setting, place, draft, scope)


def _with_initial(
    receptor: ReceptorPlan,
    setting: nodes.Setting,
    place: Place,
    draft: Draft,
    scope: NetworkScope,
) -> ReceptorPlan:
    state = next((s for s in receptor.synapse.states if s.name == setting.name), None)
    if state is None:
        known = [s.name for s in receptor.synapse.states]
        message = f"`{setting.owner}` has no state `{setting.name}`"
        hint = suggestion(setting.name, known) or "its parameters are given in the projection"
        scope.log.add(error("BN237", message, setting.span, help=hint))
        return receptor
    what = f"`{setting.owner}.{setting.name}` of population `{draft.name}`"
    expr = scope.resolve(setting.value, place)
    if expr is None or not scope.fits(expr, state.dimension, what):
        return receptor
    if TIME in references(expr):
        message = f"{what} is fixed before the run and cannot depend on `t`"
        scope.log.add(error("BN240", message, setting.value.span))
        return receptor
    value = scope.settle(expr, place, what)
    if value is None:
        return receptor
    initial = {**receptor.initial}
    initial[setting.name] = value if isinstance(value, float) else renumbered(value)
    return ReceptorPlan(
        name=receptor.name,
        synapse=receptor.synapse,
        parameters=receptor.parameters,
        initial=initial,
    )


def plan_of(draft: Draft, method: str | None) -> PopulationPlan:
    """Return the finished population; `method` is what the network asks for."""
    assert draft.values is not None
    return PopulationPlan(
        name=draft.name,
        model=draft.model,
        size=draft.size,
        parameters=draft.values.parameters,
        initial=draft.values.initial,
        inputs=draft.values.inputs,
        wires=draft.wires,
        receptors=tuple(draft.receptors),
        spike_times=draft.times,
        method=draft.model.solve or method,
        span=draft.node.span,
    )
