"""`populations:` -> sizes, values and wires of each population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.diagnostics import Label, Span, error
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.expression import Expr, Random, Ref, Symbol, references, walk
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.model_values import Given, ModelValues, model_values
from bnsyn_dsl.semantics.network_scope import TIME, NetworkScope, Place, renumbered
from bnsyn_dsl.semantics.places import Places
from bnsyn_dsl.semantics.plan import PopulationPlan, ReceptorPlan
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE, spike_source_model, spike_times
from bnsyn_dsl.syntax import nodes

__all__ = [
    "Draft",
    "declare_populations",
    "member_symbols",
    "plan_of",
    "settle_population",
    "settle_receptors",
    "whole",
]

INDEX = Symbol("index", "element")
SIZE = Symbol("size", "size")
_LARGEST = 2**31 - 1
_SIZE_PLACE = Place(random="a size is one number", where="in the size of a population")


@dataclass(slots=True, kw_only=True)
class Draft:
    """A population while its network is elaborated."""

    node: nodes.Population
    model: Model
    size: int
    values: ModelValues | None = None
    wires: dict[str, Expr] = field(default_factory=dict)
    times: tuple[NDArray[np.float64], ...] | None = None
    receptors: list[ReceptorPlan] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the population."""
        return self.node.name


def whole(value: float, lowest: float = 1) -> int | None:
    """Return a number that is whole up to rounding errors and not below `lowest`, else None."""
    if not np.isfinite(value) or abs(value - round(value)) > 1e-9 * max(1.0, abs(value)):
        return None
    return round(value) if round(value) >= lowest else None


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
    scope.member_dimension = lambda symbol: (
        drafts[symbol.owner].model.dimension_of(symbol.name) if symbol.owner in drafts else None
    )
    return drafts


def _draft(node: nodes.Population, library: Library, scope: NetworkScope) -> Draft | None:
    size = _size(node, scope)
    name = node.use.model
    if name == SPIKE_SOURCE and name not in library.names(node.use.span):
        model: Model | None = spike_source_model()
    else:
        model = library.model_of("neuron", name, node.use.span)
    return None if size is None or model is None else Draft(node=node, model=model, size=size)


def _size(node: nodes.Population, scope: NetworkScope) -> int | None:
    what = f"the size of population `{node.name}`"
    value = scope.number(node.size, _SIZE_PLACE, ONE, what)
    if value is None:
        return None
    size = whole(value)
    if size is None or size > _LARGEST:
        message = f"{what} must be a whole number of at least 1, found {value:.12g}"
        help_text = "`round(...)` makes a number whole" if value > 1 else None
        scope.log.add(error("BN446", message, node.size.span, help=help_text))
        return None
    return size


def member_symbols(model: Model, owner: str) -> dict[str, Symbol]:
    """Return every name of a neuron as a symbol of `owner`, with the kind it has there."""
    kinds = (
        ("parameter", model.parameters),
        ("input", model.inputs),
        ("state", model.states),
        ("auxiliary", model.auxiliaries),
    )
    return {d.name: Symbol(d.name, kind, owner) for kind, ds in kinds for d in ds}


# --------------------------------------------------------------------------- settings


def settle_population(
    draft: Draft, drafts: Mapping[str, Draft], pools: frozenset[str], scope: NetworkScope
) -> None:
    """Settle what stands in the braces of a population; settings of receptors come later."""
    if draft.model.name == SPIKE_SOURCE and draft.model.block.span.source.name == "<built in>":
        draft.times = spike_times(draft.node, draft.size, scope)
        draft.values = ModelValues(parameters={}, initial={}, inputs={})
        return
    place = _place(draft, drafts, pools)
    values: dict[str, float | Expr] = {}
    broken: set[str] = set()
    for setting in _own_settings(draft, scope):
        value = _setting(draft, setting, place, drafts, scope)
        if value is None:
            broken.add(setting.name)
        elif setting.name not in draft.wires:
            values[setting.name] = value
    given = Given(values=values, wired=frozenset(draft.wires), broken=frozenset(broken))
    what = f"population `{draft.name}`"
    draft.values = model_values(draft.model, given, what, draft.node.use.span, scope)


def _place(draft: Draft, drafts: Mapping[str, Draft], pools: frozenset[str]) -> Place:
    owners: dict[str, Mapping[str, Symbol] | None] = dict.fromkeys(pools)
    for name, other in drafts.items():
        owners[name] = {n: Symbol(n, "member", name) for n in member_symbols(other.model, name)}
    return Place(
        names={"t": TIME, "index": INDEX, "size": SIZE},
        owners=owners,
        values={SIZE: float(draft.size)},
        where=f"in the braces of population `{draft.name}`",
    )


def _own_settings(draft: Draft, scope: NetworkScope) -> Iterator[nodes.Setting]:
    """Yield settings of the neuron itself, each name once, after reporting unknown names."""
    seen: dict[tuple[str | None, str], Span] = {}
    known = list(member_symbols(draft.model, ""))
    declared = [d.name for d in (*draft.model.parameters, *draft.model.states,
                                 *draft.model.inputs)]  # fmt: skip
    for setting in draft.node.use.settings:
        key = (setting.owner, setting.name)
        if key in seen:
            label = Label(span=seen[key], text="first given here")
            message = f"`{setting.name}` is given twice"
            scope.log.add(error("BN238", message, setting.span, label=label))
            continue
        seen[key] = setting.span
        if setting.owner is not None:
            continue
        if setting.name in declared:
            yield setting
            continue
        hint = suggestion(setting.name, declared)
        if setting.name in known:
            hint = "it follows from an equation and cannot be given"
        message = f"`{draft.model.name}` has no parameter, state or input `{setting.name}`"
        scope.log.add(error("BN237", message, setting.span, help=hint))


def _setting(
    draft: Draft,
    setting: nodes.Setting,
    place: Place,
    drafts: Mapping[str, Draft],
    scope: NetworkScope,
) -> float | Expr | None:
    """Settle one setting; a wire goes into `draft.wires` as well."""
    declared = draft.model.declared(setting.name)
    assert declared is not None
    what = f"`{setting.name}` of population `{draft.name}`"
    expr = scope.resolve(setting.value, place)
    if expr is None or not _members_fit(expr, draft, drafts, scope):
        return None
    if not scope.fits(expr, declared.dimension, what):
        return None
    varying = [s for s in references(expr) if s.kind in {"time", "member"}]
    if not varying:
        value = scope.settle(expr, place, what)
        return value if value is None or isinstance(value, float) else renumbered(value)
    if not any(d.name == setting.name for d in draft.model.inputs):
        message = f"{what} is fixed before the run and cannot depend on `{varying[0].text}`"
        scope.log.add(error("BN240", message, setting.value.span, help="only inputs are wired"))
        return None
    if any(isinstance(part, Random) for part in walk(expr)):
        message = f"{what} changes in time and cannot draw as well"
        help_text = "draw into a parameter, or wire an `OUSource`"
        scope.log.add(error("BN208", message, setting.value.span, help=help_text))
        return None
    wire = scope.settle_wire(expr, place)
    if wire is not None:
        draft.wires[setting.name] = wire
    return wire


def _members_fit(
    expr: Expr, draft: Draft, drafts: Mapping[str, Draft], scope: NetworkScope
) -> bool:
    """Tell whether members of other populations have as many elements as this one, or one."""
    for part in walk(expr):
        if not isinstance(part, Ref) or part.symbol.kind != "member":
            continue
        other = drafts.get(part.symbol.owner)
        if other is None:
            return False  # a pool, which was reported where it stands
        if other.size not in {1, draft.size}:
            message = (
                f"`{part.symbol.text}` has {other.size} elements, but population "
                f"`{draft.name}` has {draft.size}"
            )
            help_text = "a wire joins equal elements, or one to all"
            scope.log.add(error("BN241", message, part.span, help=help_text))
            return False
    return True


# ------------------------------------------------------------------------------- plan


def settle_receptors(draft: Draft, pools: frozenset[str], scope: NetworkScope) -> None:
    """Put the initial values that the braces give (`AMPA.g = ...`) into the receptors."""
    place = _place(draft, {}, pools)
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
