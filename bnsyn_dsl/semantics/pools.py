"""`modulators:` -> the pools of each modulator, their sources, values and wires."""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.diagnostics import Label, error, warning
from bnsyn_dsl.semantics.checks import model_expressions
from bnsyn_dsl.semantics.drafts import Draft, draft_size
from bnsyn_dsl.semantics.expression import references
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network_scope import NetworkScope
from bnsyn_dsl.semantics.owners import Owner, model_dimensions
from bnsyn_dsl.semantics.places import Member, Places
from bnsyn_dsl.semantics.plan import PoolPlan
from bnsyn_dsl.syntax import nodes

__all__ = ["declare_pools", "pool_plan"]


def declare_pools(
    network: nodes.Network, library: Library, scope: NetworkScope, places: Places
) -> dict[str, Draft]:
    """Find the model, size and sources of each modulator."""
    drafts: dict[str, Draft] = {}
    for section in network.sections:
        for node in section.pools if isinstance(section, nodes.Modulators) else ():
            if not places.claim(node.name, node.span):
                continue
            places.others.add(node.name)
            scope.collections[node.name] = None
            draft = _draft(node, library, scope, places)
            if draft is None:
                continue
            drafts[node.name] = draft
            dimensions = model_dimensions(draft.model)
            owner = Owner(name=node.name, kind="pool", size=draft.size, dimensions=dimensions)
            scope.owners[node.name] = owner
            scope.collections[node.name] = (owner,)
    return drafts


def _draft(node: nodes.Pool, library: Library, scope: NetworkScope, places: Places) -> Draft | None:
    model = library.model_of("modulator", node.use.model, node.use.span)
    what = f"modulator `{node.name}`"
    size = 1 if node.size is None else draft_size(node.size, what, scope)
    sources = places.members(node.sources)
    if model is None or size is None or sources is None:
        return None
    _check_sources(node, model, sources, scope)
    parts = tuple(m.part for m in sources)
    return Draft(node=node, model=model, size=size, kind="modulator", sources=parts)


def _check_sources(
    node: nodes.Pool, model: Model, sources: tuple[Member, ...], scope: NetworkScope
) -> None:
    """Report sources that are needed and missing, not used, or named twice."""
    uses = list(_uses_of_sources(model))
    if uses and not sources:
        message = f"`{node.use.model}` uses {uses[0]}, so `{node.name}` needs sources"
        help_text = f"say whose spikes: `{node.name} : {node.use.model} from E, I`"
        label = Label(span=model.span, text="declared here")
        scope.log.add(error("BN255", message, node.span, help=help_text, label=label))
    elif sources and not uses:
        message = f"`{node.use.model}` reads no spikes: the sources of `{node.name}` do nothing"
        help_text = "it reads them by `on spike`, `spikes` or `size`"
        scope.log.add(warning("BN291", message, node.span, help=help_text))
    for at, one in enumerate(sources):
        for other in sources[:at]:
            is_same = one.part.population == other.part.population
            first, last = max(one.part.first, other.part.first), min(one.part.last, other.part.last)
            if is_same and first < last:
                message = f"`{other.name}` and `{one.name}` have neurons in common"
                help_text = "each spike of a source is seen once"
                span = next((p.span for p in node.sources if p.name == one.name), node.span)
                scope.log.add(error("BN236", message, span, help=help_text))


def _uses_of_sources(model: Model) -> Iterator[str]:
    if any(h.event == "spike" for h in model.handlers):
        yield "`on spike`"
    for expr in model_expressions(model):
        yield from (f"`{s.name}`" for s in references(expr) if s.kind in {"spikes", "size"})


def pool_plan(draft: Draft) -> PoolPlan:
    """Return the finished pools."""
    assert draft.values is not None
    return PoolPlan(
        name=draft.name,
        model=draft.model,
        size=draft.size,
        parameters=draft.values.parameters,
        initial=draft.values.initial,
        inputs=draft.values.inputs,
        wires=draft.wires,
        sources=draft.sources,
        span=draft.node.span,
    )
