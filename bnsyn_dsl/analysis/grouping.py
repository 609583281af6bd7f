"""Populations with equal coupled systems share one kernel: `NetworkPlan` -> groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bnsyn_dsl.analysis.couple import Coupled, couple
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.semantics.plan import NetworkPlan, PopulationPlan

__all__ = ["CoupledGroup", "group_systems"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoupledGroup:
    """Populations that lie side by side in the same arrays; `members` in the same order."""

    system: CoupledSystem
    populations: tuple[PopulationPlan, ...]
    members: tuple[Coupled, ...]
    observed: tuple[str, ...]


def group_systems(plan: NetworkPlan, log: DiagnosticLog) -> list[CoupledGroup]:
    """Couple every population and put equal systems together.

    A parameter that varies in one population of a group is an array in all of it.
    """
    drafts: dict[CoupledSystem, list[PopulationPlan]] = {}
    varying: dict[CoupledSystem, set[str]] = {}
    for population in plan.populations:
        if population.spike_times is not None:
            continue
        coupled = couple(population, plan.parameters, log)
        if coupled is None:
            continue
        key = _without_rates(coupled.system)
        drafts.setdefault(key, []).append(population)
        found = {p.name for p in coupled.system.parameters if p.varies}
        varying.setdefault(key, set()).update(found)
    groups = []
    for key, populations in drafts.items():
        members = []
        for population in populations:
            made = couple(population, plan.parameters, log, frozenset(varying[key]))
            assert made is not None
            members.append(made)
        names = {p.name for p in populations}
        groups.append(
            CoupledGroup(
                system=members[0].system,
                populations=tuple(populations),
                members=tuple(members),
                observed=_observed(plan, members[0].system, names),
            )
        )
    return groups


def _without_rates(system: CoupledSystem) -> CoupledSystem:
    return replace(system, parameters=tuple(replace(p, varies=False) for p in system.parameters))


def _observed(plan: NetworkPlan, system: CoupledSystem, names: set[str]) -> tuple[str, ...]:
    """Return the auxiliary names and inputs that probes of these populations record."""
    states = {s.name for s in system.states}
    wanted = {
        probe.variable
        for probe in plan.probes
        if probe.part.population in names and probe.variable not in states | {"spikes"}
    }
    known = [*(d.name for d in system.definitions), *(p.name for p in system.parameters)]
    return tuple(name for name in known if name in wanted)
