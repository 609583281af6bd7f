"""Elaborate one network: syntax tree -> `NetworkPlan`.

In: a network block, the library it finds its models in, and what the caller changes. Out: a plan
in which every name, unit, size and value is settled, or None after errors were reported. Not done
here: drawing random numbers, building connections (`runtime`), choosing methods (`analysis`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bnsyn_dsl.diagnostics import DiagnosticLog, Label, Span, error
from bnsyn_dsl.semantics.drafts import Draft, settle_values
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import references
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model_values import holds
from bnsyn_dsl.semantics.network_parameters import (
    declare_parameters,
    parameter_values,
    warn_unused,
)
from bnsyn_dsl.semantics.network_scope import NetworkScope, Place
from bnsyn_dsl.semantics.places import Places
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.pools import declare_pools, pool_plan
from bnsyn_dsl.semantics.populations import (
    declare_populations,
    plan_of,
    settle_population,
    settle_receptors,
)
from bnsyn_dsl.semantics.probes import probe_plans
from bnsyn_dsl.semantics.projections import ProjectionElaborator
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.run_length import run_length, simulate_section, step_of
from bnsyn_dsl.semantics.run_settings import RunSettings, apply_values
from bnsyn_dsl.syntax import nodes, unparse_expr

__all__ = ["elaborate", "trivial_network"]

_REQUIRE = Place(random="a requirement is true or false", where="in a `require` of a network")


def elaborate(
    network: nodes.Network,
    library: Library,
    settings: RunSettings,
    functions: Mapping[str, Callable[..., Value]],
    log: DiagnosticLog,
) -> NetworkPlan | None:
    """Elaborate `network`; `functions` are the project's own exp, log, ... on floats."""
    full = library.full_network(network)
    if full is None:
        return None
    return _plan(full, library, settings, functions, log, silent=False)


def trivial_network(
    model: str,
    library: Library,
    settings: RunSettings,
    functions: Mapping[str, Callable[..., Value]],
    log: DiagnosticLog,
    span: Span,
) -> NetworkPlan | None:
    """Return the network of one `model` alone, called `neurons`, with its default inputs."""
    use = nodes.ModelUse(model=model, span=span)
    size = nodes.Number(text="1", span=span)
    population = nodes.Population(name="neurons", size=size, use=use, span=span)
    section = nodes.Populations(members=(population,), span=span)
    network = nodes.Network(name=model, name_span=span, sections=(section,), span=span)
    return _plan(network, library, settings, functions, log, silent=True)


def _plan(
    network: nodes.Network,
    library: Library,
    settings: RunSettings,
    functions: Mapping[str, Callable[..., Value]],
    outer: DiagnosticLog,
    *,
    silent: bool,
) -> NetworkPlan | None:
    log, failures = DiagnosticLog(), library.failures
    network = apply_values(network, settings, log)
    scope = NetworkScope(functions, library.functions_at(network.span), log)
    simulate = simulate_section(network, log, silent=silent)
    declare_parameters(network, step_of(simulate, settings), scope)
    length = run_length(simulate, settings, scope, network.name_span)
    _check_requirements(network, scope)
    places = Places(scope, log)
    drafts = declare_populations(network, library, scope, places)
    pools = declare_pools(network, library, scope, places)
    elaborator = _projections(network, library, scope, places, drafts)
    for draft in drafts.values():
        settle_population(draft, scope)
    for pool in pools.values():
        settle_values(pool, scope)
    elaborator.finish()
    for draft in drafts.values():
        settle_receptors(draft, scope)
    probes = probe_plans(network, places, drafts, pools, scope)
    method = _method(network, log)
    is_complete = not log.has_errors and library.failures == failures
    warn_unused(network, scope, is_complete=is_complete)
    if not drafts and is_complete:
        message = f"the network `{network.name}` has no population"
        help_text = "`populations:` with `E : LIF[100]`"
        log.add(error("BN253", message, network.name_span, help=help_text))
    outer.add(*log.found)
    if length is None or log.has_errors or library.failures > failures:
        return None
    return NetworkPlan(
        name=network.name,
        populations=tuple(plan_of(d, method) for d in drafts.values()),
        projections=tuple(elaborator.found),
        drives=tuple(elaborator.drives),
        probes=probes,
        parameters=parameter_values(scope),
        duration=length.duration,
        dt=length.dt,
        seed=length.seed,
        pools=tuple(pool_plan(p) for p in pools.values()),
    )


def _projections(
    network: nodes.Network,
    library: Library,
    scope: NetworkScope,
    places: Places,
    drafts: Mapping[str, Draft],
) -> ProjectionElaborator:
    elaborator = ProjectionElaborator(library, scope, places, drafts)
    listed = [
        p for s in network.sections if isinstance(s, nodes.Projections) for p in s.projections
    ]
    for projection in listed:
        if projection.name is not None and places.claim(projection.name, projection.span):
            places.others.add(projection.name)
    for projection in listed:
        elaborator.add(projection)
    return elaborator


def _check_requirements(network: nodes.Network, scope: NetworkScope) -> None:
    for section in network.sections:
        for node in section.conditions if isinstance(section, nodes.Require) else ():
            condition = scope.resolve(node, _REQUIRE)
            if condition is None or scope.infer.expr(condition) is None:
                continue
            used = [s for s in references(condition) if s.kind == "network"]
            if any(s not in scope.values for s in references(condition)):
                continue
            if holds(condition, scope.values, scope):
                continue
            shown = [
                f"{s.name} = {quantity_text(scope.values[s], scope.dimensions[s.name])}"
                for s in used
            ]
            message = f"`require {unparse_expr(node)}` is violated in network `{network.name}`"
            message += f": {', '.join(shown)}" if shown else ""
            scope.log.add(error("BN444", message, node.span, help="change one of these values"))


def _method(network: nodes.Network, log: DiagnosticLog) -> str | None:
    found = [s for s in network.sections if isinstance(s, nodes.Solve)]
    for extra in found[1:]:
        label = Label(span=found[0].span, text="the first is here")
        log.add(error("BN222", "`solve` stands twice", extra.span, label=label))
    return found[0].method if found else None
