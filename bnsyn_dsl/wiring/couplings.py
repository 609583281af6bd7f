"""Continuous synapses of a plan as shapes of the time loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.continuous import Continuous, continuous_of
from bnsyn_dsl.analysis.couple import Coupled
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.presynaptic import (
    presynaptic_symbols,
    presynaptic_values,
    sums_read,
)
from bnsyn_dsl.codegen.shape import CouplingShape
from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.lowering.couplings import LoweredCoupling, is_fixed, lower_coupling
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import Expr, Symbol, references, substitute
from bnsyn_dsl.semantics.plan import NetworkPlan, ProjectionPlan, ReceptorPlan

__all__ = ["CouplingPlan", "coupling_plans", "coupling_shapes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingPlan:
    """A continuous synapse on one projection.

    `values` are the numbers of `lowered.parameters`. `fixed` are sums that stay: (number, whether
    the weight is a factor, what each synapse adds).
    """

    projection: ProjectionPlan
    receptor: ReceptorPlan
    lowered: LoweredCoupling
    values: tuple[float, ...]
    fixed: tuple[tuple[int, bool, float], ...]

    @property
    def sums(self) -> tuple[str, ...]:
        """What the sums of a step are called in the system of the target."""
        return tuple(f"{self.receptor.name}:sum{k}" for k, _, _ in self.lowered.values)


def coupling_plans(
    plan: NetworkPlan, groups: Sequence[CoupledGroup], log: DiagnosticLog
) -> list[CouplingPlan]:
    """Return one plan for each continuous projection; what cannot be is reported."""
    members = {p.name: m for g in groups for p, m in zip(g.populations, g.members, strict=True)}
    made = []
    for projection in plan.couplings:
        (port,) = projection.ports
        receptor = plan.population(projection.target.population).receptors[port.receptor]
        parts = continuous_of(receptor.synapse, log)
        source = members.get(projection.source.population)
        if parts is not None:
            found = _plan(projection, receptor, parts, source, log)
            made += [] if found is None else [found]
    return made


def _plan(
    projection: ProjectionPlan,
    receptor: ReceptorPlan,
    parts: Continuous,
    source: Coupled | None,
    log: DiagnosticLog,
) -> CouplingPlan | None:
    symbols = presynaptic_symbols(parts, receptor.synapse)
    pre: dict[Symbol, Expr] = {}
    if symbols:
        assert source is not None, "what a spike source has is checked with the projection"
        pre = presynaptic_values(symbols, source)
        for read in sums_read(pre.values(), source):
            log.add(
                error(
                    "BN506",
                    f"`{receptor.name}` reads `{read.name.partition(':')[0]}` of its source, "
                    "which is summed at the same moment",
                    projection.span,
                    help="let it read a state of the presynaptic neuron",
                )
            )
            return None
    known = _numbers(receptor, source)
    used = {s for v in pre.values() for s in references(v) if s.owner == "pre"}
    arrays = frozenset(s for s in used if s not in known)
    lowered = lower_coupling(receptor.synapse, parts, pre, arrays)
    environment = Environment(symbols=known, functions=HOST_FUNCTIONS)
    fixed = []
    for k, one in enumerate(parts.sums):
        value = substitute(one.value, pre)
        if is_fixed(value, arrays):
            fixed.append((k, one.weighted, float(evaluate(value, environment))))
    return CouplingPlan(
        projection=projection,
        receptor=receptor,
        lowered=lowered,
        values=tuple(known[s] for _, s in lowered.parameters),
        fixed=tuple(fixed),
    )


def _numbers(receptor: ReceptorPlan, source: Coupled | None) -> dict[Symbol, float]:
    """Return the parameters of the synapse, and those of the source that all neurons share."""
    known = {Symbol(n, "parameter"): v for n, v in receptor.parameters.items()}
    if source is not None:
        for name, value in source.parameters.items():
            if isinstance(value, float):
                known[Symbol(name, "parameter", "pre")] = value
    return known


def coupling_shapes(
    plans: Sequence[CouplingPlan],
    groups: Sequence[CoupledGroup],
    manifests: Sequence[SystemManifest],
) -> tuple[CouplingShape, ...]:
    """Return the shapes of all continuous projections."""
    home = {p.name: k for k, g in enumerate(groups) for p in g.populations}
    made = []
    for one in plans:
        system = home[one.projection.target.population]
        columns = {c.source: c.name for c in manifests[system].gathered}
        lowered = one.lowered
        made.append(
            CouplingShape(
                system=system,
                members=tuple(ident for ident, _ in lowered.members),
                parameters=tuple(ident for ident, _ in lowered.parameters),
                states=lowered.states,
                on_pre=lowered.on_pre,
                lets=lowered.lets,
                values=tuple((weighted, value) for _, weighted, value in lowered.values),
                step=lowered.step,
                sums=tuple(f"{columns[name]}_all" for name in one.sums),
            )
        )
    return tuple(made)
