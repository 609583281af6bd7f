"""The shape of a network's time loop: `NetworkPlan` and its systems -> `NetworkShape`.

Rates of drives that change in time and presynaptic states are lowered here, by the same rules as
the equations of neurons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.analysis.members import in_states
from bnsyn_dsl.analysis.ownership import Sender, sender_of
from bnsyn_dsl.codegen.shape import DriveRate, NetworkShape, ProbeShape, SenderShape
from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.lowering.network import lower_rate, lower_sender
from bnsyn_dsl.semantics.expression import Ref, Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan, PortPlan, ProbePlan, ProjectionPlan
from bnsyn_dsl.wiring.couplings import coupling_plans, coupling_shapes
from bnsyn_dsl.wiring.learning import LearnedProjection, LearningWiring, gained_projections

__all__ = ["SenderPlan", "network_shape", "plain_ports", "sender_plans", "stepped_probes"]


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


def plain_ports(projection: ProjectionPlan, senders: Sequence[SenderPlan]) -> tuple[PortPlan, ...]:
    """Return where a projection arrives without short-term plasticity."""
    own = [s for s in senders if projection.name in {p.name for p in s.projections}]
    return tuple(p for p in projection.ports if p.receptor not in {s.receptor[1] for s in own})


def network_shape(
    plan: NetworkPlan,
    groups: Sequence[CoupledGroup],
    manifests: Sequence[SystemManifest],
    modules: Sequence[str],
    rules: Sequence[tuple[LearnedProjection, str]],
    log: DiagnosticLog,
) -> NetworkShape:
    """Return the shape; `rules` are plastic projections with the modules of their rules.

    Errors are reported into the log.
    """
    senders = sender_plans(plan, log)
    _refuse_driven_senders(plan, log)
    numbers = {(p.name, s.receptor[1]): k for k, s in enumerate(senders) for p in s.projections}
    gained = [p.name for p in gained_projections(plan)]
    plain = {p.name for p in plan.projections if plain_ports(p, senders)}
    wiring = LearningWiring(plan, groups, manifests, [one for one, _ in rules], log)
    return NetworkShape(
        name=plan.name,
        systems=tuple(manifests),
        modules=tuple(modules),
        static=any(p.learning is None and p.name in plain - {*gained} for p in plan.projections),
        senders=tuple(_sender_shape(s, gained) for s in senders),
        drives=bool(plan.drives),
        rates=tuple(
            _rate(k, d.rate) for k, d in enumerate(plan.drives) if not isinstance(d.rate, float)
        ),
        sources=any(p.spike_times is not None for p in plan.populations),
        gathers=tuple(_gathers(plan, groups, manifests)),
        series=tuple(_series(groups, manifests)),
        probes=tuple(_probe(p, groups, manifests, wiring) for p in stepped_probes(plan)),
        learning=wiring.learning_shapes([module for _, module in rules], numbers),
        gains=wiring.gain_shapes(plain),
        pools=wiring.pool_shapes(),
        reductions=wiring.reduction_shapes(),
        couplings=coupling_shapes(coupling_plans(plan, groups, log), groups, manifests),
    )


def stepped_probes(plan: NetworkPlan) -> list[ProbePlan]:
    """Return the recorders that the time loop serves; synapses are read between its calls."""
    return [p for p in plan.probes if p.variable != "spikes" and p.over != "projection"]


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


def _sender_shape(plan: SenderPlan, gained: Sequence[str]) -> SenderShape:
    (projection,) = plan.projections
    lowered = lower_sender(plan.sender)
    return SenderShape(
        states=lowered.states,
        parameters=lowered.parameters,
        decay=lowered.decay,
        update=lowered.update,
        factor=lowered.factor,
        plastic=projection.learning is not None,
        gain=gained.index(projection.name) if projection.name in gained else None,
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
    plan: NetworkPlan, groups: Sequence[CoupledGroup], manifests: Sequence[SystemManifest]
) -> list[tuple[str, int, str]]:
    """Return the array read, and the system and array written."""
    home = {p.name: k for k, g in enumerate(groups) for p in g.populations}
    found = []
    for k, group in enumerate(groups):
        for member in group.members:
            for used, symbol in member.gathers.items():
                target = next(c for c in manifests[k].gathered if c.source == used)
                pool = next((n for n, p in enumerate(plan.pools) if p.name == symbol.owner), None)
                if pool is not None:
                    row = [s.name for s in plan.pools[pool].model.states].index(symbol.name)
                    read = f"pool{pool}_states[{row}]"
                else:
                    source = home[symbol.owner]
                    columns = manifests[source].states
                    column = next(c for c in columns if c.source == symbol.name)
                    read = f"s{source}_{column.name}_all"
                found.append((read, k, f"{target.name}_all"))
            for used in member.reduced:
                target = next(c for c in manifests[k].gathered if c.source == used)
                found.append(("reduced", k, f"{target.name}_all"))
    return found


def _series(
    groups: Sequence[CoupledGroup], manifests: Sequence[SystemManifest]
) -> list[tuple[int, str]]:
    found = []
    for k, group in enumerate(groups):
        for member in group.members:
            for used in member.series:
                target = next(c for c in manifests[k].gathered if c.source == used)
                found.append((k, f"{target.name}_all"))
    return found


def _probe(
    probe: ProbePlan,
    groups: Sequence[CoupledGroup],
    manifests: Sequence[SystemManifest],
    wiring: LearningWiring,
) -> ProbeShape:
    if probe.over == "pool":
        member = Ref(symbol=Symbol(probe.variable, "member", probe.part.population))
        wire = wiring.wire(in_states(member, wiring.plan, wiring.log))
        pool = wiring.pools[probe.part.population]
        return ProbeShape(system=0, argument=None, observer=None, pool=pool, wire=wire)
    system = next(
        k
        for k, g in enumerate(groups)
        if any(p.name == probe.part.population for p in g.populations)
    )
    manifest = manifests[system]
    for column in manifest.states:
        if column.source == probe.variable:
            return ProbeShape(system=system, argument=f"{column.name}_all", observer=None)
    observer = next((n for n, source in manifest.observers if source == probe.variable), None)
    if observer is None:
        receptor, _, state = probe.variable.partition(".")
        message = f"`{state}` of `{receptor}` belongs to the presynaptic neurons"
        hint = "record what the receptor adds: an input of the target"
        wiring.log.add(error("BN247", f"{message} and cannot be recorded", probe.span, help=hint))
    return ProbeShape(system=system, argument=None, observer=observer)
