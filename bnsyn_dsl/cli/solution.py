"""How a compiled network is solved, for readers: populations, method, states, receptors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from bnsyn_dsl.analysis.continuous import Continuous, acts_continuously, continuous_of
from bnsyn_dsl.analysis.ownership import post_owned, sender_of
from bnsyn_dsl.cli.learning_report import (
    Learning,
    Modulator,
    learning_lines,
    learning_reports,
    modulator_lines,
    modulator_reports,
)
from bnsyn_dsl.compiler import CompiledNetwork, CompiledSystem
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.semantics.expression import references
from bnsyn_dsl.semantics.expression_text import expression_text
from bnsyn_dsl.semantics.network_scope import TIME_UNIT
from bnsyn_dsl.semantics.plan import ReceptorPlan
from bnsyn_dsl.semantics.quantity_text import quantity_text

__all__ = ["NetworkReport", "gathered", "network_report", "report_json", "report_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A population: its model and size."""

    name: str
    model: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state with its unit."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """A receptor and its states: those kept once per target, those once per source neuron.

    `summed` is what is summed over synapses for every target in every step, `summed_once` what
    does not change in time.
    """

    name: str
    synapse: str
    per_target: tuple[str, ...]
    per_source: tuple[str, ...]
    summed: tuple[str, ...] = ()
    summed_once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Populations that are solved together, how, and why so."""

    populations: tuple[Population, ...]
    method: str
    reason: str
    states: tuple[State, ...]
    receptors: tuple[Receptor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReport:
    """A network: its length in ms and its systems; `alone` for a neuron without a network."""

    name: str
    alone: bool
    duration_ms: float
    dt_ms: float
    seed: int
    projections: int
    drives: int
    sources: tuple[Population, ...]
    systems: tuple[System, ...]
    learning: tuple[Learning, ...] = ()
    modulators: tuple[Modulator, ...] = ()


def network_report(compiled: CompiledNetwork, *, alone: bool) -> NetworkReport:
    """Return how `compiled` is solved."""
    plan = compiled.plan
    return NetworkReport(
        name=plan.name,
        alone=alone,
        duration_ms=plan.duration,
        dt_ms=plan.dt,
        seed=plan.seed,
        projections=len(plan.connections),
        drives=len(plan.drives),
        sources=tuple(
            Population(name=p.name, model=p.model.name, size=p.size)
            for p in plan.populations
            if p.spike_times is not None
        ),
        systems=tuple(_system(s) for s in compiled.systems),
        learning=learning_reports(compiled),
        modulators=modulator_reports(plan),
    )


def _system(compiled: CompiledSystem) -> System:
    manifest, populations = compiled.manifest, compiled.group.populations
    return System(
        populations=tuple(
            Population(name=p.name, model=p.model.name, size=p.size) for p in populations
        ),
        method=manifest.method,
        reason=manifest.reason,
        states=tuple(State(name=s.source, unit=s.unit) for s in manifest.states),
        receptors=tuple(_receptor(r) for r in populations[0].receptors),
    )


def _receptor(plan: ReceptorPlan) -> Receptor:
    log = DiagnosticLog()
    if acts_continuously(plan.synapse):
        parts = continuous_of(plan.synapse, log)
        assert parts is not None, "it was compiled"
        return _summed(plan, parts)
    owned, sender = post_owned(plan.synapse, log), sender_of(plan.synapse, log)
    assert owned is not None, "it was compiled"
    return Receptor(
        name=plan.name,
        synapse=plan.synapse.name,
        per_target=owned.states,
        per_source=() if sender is None else sender.states,
    )


def _summed(plan: ReceptorPlan, parts: Continuous) -> Receptor:
    texts: dict[bool, list[str]] = {True: [], False: []}
    for one in parts.sums:
        value, weight = expression_text(one.value), "weight"
        text = f"{weight}*{expression_text(one.value, 6)}" if one.weighted else value
        stays = all(s.kind == "parameter" and not s.owner for s in references(one.value))
        texts[stays].append(weight if one.weighted and value == "1" else text)
    return Receptor(
        name=plan.name,
        synapse=plan.synapse.name,
        per_target=(),
        per_source=parts.states,
        summed=tuple(texts[False]),
        summed_once=tuple(texts[True]),
    )


# ------------------------------------------------------------------------------- output


def report_json(report: NetworkReport) -> dict[str, object]:
    """Return the report as plain values."""
    return asdict(report)


def report_lines(report: NetworkReport) -> Iterator[str]:
    """Yield the report as text."""
    if report.alone:
        several = ", " in report.name
        yield f"neurons {report.name}, each alone" if several else f"neuron {report.name}, alone"
    else:
        length = quantity_text(report.duration_ms, TIME_UNIT)
        step = quantity_text(report.dt_ms, TIME_UNIT)
        yield f"network {report.name}: {length}, dt = {step}, seed = {report.seed}"
        yield f"  {_count(report.projections, 'projection')}, {_count(report.drives, 'drive')}"
    for system in report.systems:
        if not report.alone:
            yield f"  {', '.join(map(_population, system.populations))}"
        yield f"    method    {system.method}: {system.reason}"
        yield f"    states    {', '.join(map(_state, system.states)) or 'none'}"
        for receptor in system.receptors:
            yield f"    receptor  {_kept(receptor)}"
    for source in report.sources:
        yield f"  {_population(source)}"
        yield "    spikes at given times"
    for one in report.learning:
        yield f"  {', '.join(one.projections)}"
        yield from learning_lines(one)
    yield from modulator_lines(report.modulators)


def gathered(reports: Iterable[NetworkReport]) -> list[NetworkReport]:
    """Return the reports with neurons that are solved alone and alike in one, for readers."""
    kept: list[NetworkReport] = []
    places: dict[tuple[System, ...], int] = {}
    for report in reports:
        alike = tuple(replace(s, populations=()) for s in report.systems)
        if report.alone and alike in places:
            first = kept[places[alike]]
            kept[places[alike]] = replace(first, name=f"{first.name}, {report.name}")
            continue
        if report.alone:
            places[alike] = len(kept)
        kept.append(report)
    return kept


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _population(population: Population) -> str:
    return f"{population.name} ({population.model}, {population.size})"


def _state(state: State) -> str:
    return state.name if state.unit == "1" else f"{state.name} [{state.unit}]"


def _kept(receptor: Receptor) -> str:
    name = receptor.name
    if receptor.synapse != receptor.name:
        name = f"{name} ({receptor.synapse})"
    places = []
    if receptor.per_target:
        places.append(f"{', '.join(receptor.per_target)} kept once per target neuron")
    if receptor.per_source:
        places.append(f"{', '.join(receptor.per_source)} kept once per source neuron")
    if receptor.summed:
        places.append(f"{', '.join(receptor.summed)} summed over synapses in every step")
    if receptor.summed_once:
        places.append(f"{', '.join(receptor.summed_once)} summed over synapses once")
    return f"{name}: {'; '.join(places) or 'no states of its own, its spikes act at once'}"
