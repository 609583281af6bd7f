"""The shape of a network's time loop: `NetworkPlan` and its systems -> `NetworkShape`.

Rates of drives that change in time and presynaptic states are lowered here, by the same rules as
the equations of neurons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.ownership import Sender, sender_of
from bnsyn_dsl.codegen.shape import DriveRate, NetworkShape, ProbeShape, SenderShape
from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.lowering.network import lower_rate, lower_sender
from bnsyn_dsl.semantics.plan import NetworkPlan, ProbePlan, ProjectionPlan

__all__ = ["SenderPlan", "network_shape", "sender_plans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPlan:
    """Presynaptic states of one synapse model with one set of parameters on one population."""

    population: str
    receptor: tuple[str, int]
    sender: Sender
    projections: tuple[ProjectionPlan, ...]


def sender_plans(plan: NetworkPlan, log: DiagnosticLog) -> list[SenderPlan]:
    """Return the short-term plasticity of the network: one plan per projection that has it."""
    made = []
    for projection in plan.projections:
        target = plan.population(projection.target.population)
        for port in projection.ports:
            sender = sender_of(target.receptors[port.receptor].synapse, log)
            if sender is not None:
                made.append(
                    SenderPlan(
                        population=projection.source.population,
                        receptor=(target.name, port.receptor),
                        sender=sender,
                        projections=(projection,),
                    )
                )
    return made


def network_shape(
    plan: NetworkPlan,
    groups: Sequence[CoupledGroup],
    manifests: Sequence[SystemManifest],
    modules: Sequence[str],
    log: DiagnosticLog,
) -> NetworkShape:
    """Return the shape; errors are reported into the log."""
    senders = sender_plans(plan, log)
    _refuse_driven_senders(plan, log)
    factored = {id(p) for s in senders for p in s.projections}
    return NetworkShape(
        name=plan.name,
        systems=tuple(manifests),
        modules=tuple(modules),
        static=any(id(p) not in factored for p in plan.projections),
        senders=tuple(_sender_shape(s) for s in senders),
        drives=bool(plan.drives),
        rates=tuple(
            _rate(k, d.rate) for k, d in enumerate(plan.drives) if not isinstance(d.rate, float)
        ),
        sources=any(p.spike_times is not None for p in plan.populations),
        gathers=tuple(_gathers(groups, manifests)),
        probes=tuple(_probe(p, groups, manifests) for p in plan.probes if p.variable != "spikes"),
    )


def _refuse_driven_senders(plan: NetworkPlan, log: DiagnosticLog) -> None:
    for drive in plan.drives:
        target = plan.population(drive.target.population)
        for port in drive.ports:
            if sender_of(target.receptors[port.receptor].synapse, log) is not None:
                log.add(
                    error(
                        "BN505",
                        "short-term plasticity needs presynaptic neurons, `poisson` has none",
                        drive.span,
                        help="let a population of `PoissonSource` project",
                    )
                )


def _sender_shape(plan: SenderPlan) -> SenderShape:
    lowered = lower_sender(plan.sender)
    return SenderShape(
        states=lowered.states,
        parameters=lowered.parameters,
        decay=lowered.decay,
        update=lowered.update,
        factor=lowered.factor,
    )


def _rate(number: int, rate: object) -> DriveRate:
    lowered = lower_rate(rate)  # type: ignore[arg-type]
    return DriveRate(
        drive=number,
        sources=lowered.sources,
        parameters=lowered.parameters,
        lets=lowered.lets,
        value=lowered.value,
    )


def _gathers(
    groups: Sequence[CoupledGroup], manifests: Sequence[SystemManifest]
) -> list[tuple[int, str, int, str]]:
    home = {p.name: k for k, g in enumerate(groups) for p in g.populations}
    found = []
    for k, group in enumerate(groups):
        for member in group.members:
            for used, symbol in member.gathers.items():
                source = home[symbol.owner]
                column = next(c for c in manifests[source].states if c.source == symbol.name)
                target = next(c for c in manifests[k].gathered if c.source == used)
                found.append((source, f"{column.name}_all", k, f"{target.name}_all"))
    return found


def _probe(
    probe: ProbePlan, groups: Sequence[CoupledGroup], manifests: Sequence[SystemManifest]
) -> ProbeShape:
    system = next(
        k
        for k, g in enumerate(groups)
        if any(p.name == probe.part.population for p in g.populations)
    )
    manifest = manifests[system]
    for column in manifest.states:
        if column.source == probe.variable:
            return ProbeShape(system=system, argument=f"{column.name}_all", observer=None)
    observer = next(n for n, source in manifest.observers if source == probe.variable)
    return ProbeShape(system=system, argument=None, observer=observer)
