"""A compiled network to a simulation that can run: `CompiledNetwork` -> `Assembly`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.abi.stream_ids import split_seed, stream_id
from bnsyn_dsl.assembly.connections import (
    Inboxes,
    Numbering,
    lay_out_inboxes,
    projection_request,
    refuse,
    synapse_values,
)
from bnsyn_dsl.assembly.drives import drive_arguments
from bnsyn_dsl.assembly.senders import sender_arguments
from bnsyn_dsl.assembly.values import evaluate_all
from bnsyn_dsl.compiler import CompiledNetwork, CompiledSystem, load
from bnsyn_dsl.diagnostics import DiagnosticLog, note
from bnsyn_dsl.runtime.connectivity import BuiltTables, build_tables, estimate_bytes
from bnsyn_dsl.runtime.draws import Draw
from bnsyn_dsl.runtime.fixed_point import quantum
from bnsyn_dsl.runtime.memory import NotEnoughMemory, require_memory
from bnsyn_dsl.runtime.simulation import Probe, Simulation, SystemRange
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.wiring import sender_plans

__all__ = ["Assembly", "assemble"]

_BLOCK = 256


@dataclass(slots=True, kw_only=True)
class SystemArrays:
    """The arrays of one coupled system, by the names of the arguments of its `update`."""

    compiled: CompiledSystem
    n: int
    segments: NDArray[np.int64]
    arrays: dict[str, NDArray[Any]]


@dataclass(slots=True, kw_only=True)
class Assembly:
    """A simulation and where everything of the plan is in it."""

    compiled: CompiledNetwork
    simulation: Simulation
    numbering: Numbering
    systems: list[SystemArrays]
    seconds: dict[str, float] = field(default_factory=dict)


def assemble(compiled: CompiledNetwork, n_threads: int, log: DiagnosticLog) -> Assembly:
    """Draw values, allocate arrays, build synapses.

    Raises:
        BnsError: a value is out of bounds, or the machine has not enough memory.
    """
    started = time.perf_counter()
    module, system_modules = load(compiled)
    loaded = time.perf_counter()
    numbering = _number(compiled)
    _require_arrays(compiled)
    systems = [
        _system_arrays(system, module, compiled)
        for system, module in zip(compiled.systems, system_modules, strict=True)
    ]
    seconds = {"compile": loaded - started}
    builder = _Builder(compiled, numbering, systems, n_threads, log)
    arguments, own, window, longest = builder.arguments()
    probes = _probes(compiled, numbering, builder.bounds)
    for probe, chosen in probes:
        arguments[f"probe{probe.number}_chosen"] = chosen
        arguments[f"probe{probe.number}_every"] = probe.every
        for q in range(n_threads):
            own[q][f"probe{probe.number}_range"] = np.array(probe.ranges[q], np.int64)
    simulation = Simulation(
        advance=module.advance,
        arguments=compiled.arguments,
        shared=arguments,
        own=own,
        systems=[
            SystemRange(n=s.n, bounds=builder.bounds[k], states=_states(s))
            for k, s in enumerate(systems)
        ],
        probes=[p for p, _ in probes],
        longest_delay=longest,
        window=window,
        n_senders=len(compiled.shape.senders),
        spikes_at_start=builder.spikes_at_start,
    )
    seconds["build"] = time.perf_counter() - loaded
    return Assembly(
        compiled=compiled,
        simulation=simulation,
        numbering=numbering,
        systems=systems,
        seconds=seconds,
    )


# ----------------------------------------------------------------------------- numbering


def _number(compiled: CompiledNetwork) -> Numbering:
    """Number neurons network-wide: system after system, then spike sources."""
    first_id: dict[str, int] = {}
    place: dict[str, tuple[int, int]] = {}
    at = 0
    for k, system in enumerate(compiled.systems):
        index = 0
        for population in system.group.populations:
            first_id[population.name] = at + index
            place[population.name] = (k, index)
            index += population.size
        at += index
    for population in compiled.plan.populations:
        if population.spike_times is not None:
            first_id[population.name] = at
            at += population.size
    return Numbering(first_id=first_id, place=place, n_ids=at)


def _require_arrays(compiled: CompiledNetwork) -> None:
    total = 0
    for system in compiled.systems:
        neurons = sum(p.size for p in system.group.populations)
        total += neurons * 8 * (len(system.manifest.array_arguments) + system.manifest.varied)
    try:
        require_memory(total, "the neurons")
    except NotEnoughMemory as problem:
        raise refuse(problem, None) from problem


def _states(system: SystemArrays) -> dict[str, NDArray[np.float64]]:
    manifest = system.compiled.manifest
    return {c.source: system.arrays[f"{c.name}_all"] for c in manifest.states}


def _system_arrays(compiled: CompiledSystem, module: Any, network: CompiledNetwork) -> SystemArrays:
    manifest, plan = compiled.manifest, network.plan
    populations = compiled.group.populations
    sizes = [p.size for p in populations]
    n, firsts = sum(sizes), np.cumsum([0, *sizes])
    segments = np.zeros((len(sizes), 2 + len(manifest.streams)), np.int64)
    par = np.zeros((len(sizes), max(len(manifest.parameters), 1)))
    arrays = _allocate(manifest, n)
    for k, population in enumerate(populations):
        segments[k, :2] = firsts[k], firsts[k + 1]
        for j, label in enumerate(manifest.streams):
            segments[k, 2 + j] = stream_id(f"{population.name}.{label}")
        member = compiled.group.members[k]
        known: dict[Symbol, Value] = {Symbol("size", "size"): float(population.size)}
        part = slice(firsts[k], firsts[k + 1])
        values = evaluate_all(
            member.parameters, "parameter", population.size, known, plan.seed, population.name
        )
        for j, column in enumerate(manifest.parameters):
            par[k, j] = values[column.source]
        for column in manifest.varying:
            arrays[f"{column.name}_all"][part] = values[column.source]
        initial = evaluate_all(
            member.initial, "state", population.size, known, plan.seed, population.name
        )
        for column in manifest.states:
            arrays[f"{column.name}_all"][part] = initial[column.source]
    arrays["segments"], arrays["par"] = segments, par
    arrays["derived"] = np.zeros((len(sizes), max(manifest.derived, 1)))
    arrays["varied"] = np.zeros((max(manifest.varied, 1), n))
    given = {**arrays, "dt": plan.dt}
    module.prepare(*(given[a] for a in manifest.prepare_arguments))
    return SystemArrays(compiled=compiled, n=n, segments=segments, arrays=arrays)


def _allocate(manifest: SystemManifest, n: int) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for column in (*manifest.varying, *manifest.states, *manifest.gathered):
        arrays[f"{column.name}_all"] = np.zeros(n)
    if manifest.has_refractory:
        arrays["refractory"] = np.zeros(n, np.int32)
    if manifest.is_edge:
        arrays["above"] = np.ones(n, np.int32)
    return arrays


# ------------------------------------------------------------------------------ builder


class _Builder:
    """Builds the arguments of the time loop."""

    def __init__(
        self,
        compiled: CompiledNetwork,
        numbering: Numbering,
        systems: Sequence[SystemArrays],
        n_threads: int,
        log: DiagnosticLog,
    ) -> None:
        self.compiled, self.plan = compiled, compiled.plan
        self.numbering, self.systems = numbering, systems
        self.n_threads, self.log = n_threads, log
        self.bounds = [_thread_bounds(s.n, n_threads) for s in systems]
        self.spikes_at_start = np.zeros(0, np.uint32)

    def arguments(self) -> tuple[dict[str, object], list[dict[str, object]], int, int]:
        plan, shape = self.plan, self.compiled.shape
        senders = sender_plans(plan, self.log)
        factored = {p.name for s in senders for p in s.projections}
        weights = {p.name: synapse_values(p, p.weight, "weight", plan) for p in plan.projections}
        weights |= {d.name: _drive_weights(d, plan) for d in plan.drives}
        sizes = [(s.n, len(s.compiled.manifest.receptors)) for s in self.systems]
        inboxes = lay_out_inboxes(plan, self.numbering, sizes, weights, factored)
        low, high = split_seed(plan.seed)
        shared: dict[str, object] = {
            "dt": plan.dt,
            "seed_low": low,
            "seed_high": high,
            "inbox": np.zeros(max(inboxes.size, 1), np.int64),
        }
        states = max((len(s.compiled.manifest.states) for s in self.systems), default=1)
        own: list[dict[str, object]] = [
            {
                "spiked": np.zeros(_BLOCK, np.int32),
                "scratch": np.zeros((max(states, 1), _BLOCK)),
            }
            for _ in range(self.n_threads)
        ]
        delays = self._synapses(weights, factored, inboxes, own, shared)
        if senders:
            delays += sender_arguments(self, senders, weights, inboxes, own, shared)
        if shape.drives:
            drive_arguments(plan, self.numbering, inboxes, weights, self.bounds, own)
            for rate in shape.rates:
                values = [plan.parameters[n] for n in rate.sources]
                shared[f"rate{rate.drive}_par"] = np.array([*values, 0.0])
        if shape.sources:
            self._sources(own)
        self._gathers(shared)
        self._system_arguments(inboxes, shared, own)
        shortest, longest = min(delays, default=_BLOCK), max(delays, default=0)
        window = 1 if shape.gathers else max(1, min(shortest + 1, 64))
        return shared, own, window, longest

    def _synapses(
        self,
        weights: Mapping[str, Draw | NDArray[np.float64]],
        factored: set[str],
        inboxes: Inboxes,
        own: list[dict[str, object]],
        shared: dict[str, object],
    ) -> list[int]:
        static = [p for p in self.plan.projections if p.name not in factored]
        if not static:
            return []
        built = self.tables(
            [
                projection_request(
                    p, self.numbering, inboxes, p.ports, self.plan, weight=weights[p.name]
                )
                for p in static
            ],
            inboxes,
        )
        return place_tables(built, own, "")

    def tables(self, requests: list[Any], inboxes: Inboxes, *, encode: bool = True) -> BuiltTables:
        """Build tables for all threads; what rounding changed is noted."""
        spans = {p.name: p.span for p in self.plan.projections}
        span = spans.get(requests[0].name) if requests else None
        owned = [
            [
                (base + self.bounds[system][q][0], base + self.bounds[system][q][1])
                for (system, _), base in inboxes.base.items()
            ]
            for q in range(self.n_threads)
        ]
        try:
            require_memory(
                estimate_bytes(requests, self.numbering.n_ids, self.n_threads), "the synapses"
            )
            built = build_tables(
                requests, self.numbering.n_ids, owned, self.plan.seed, encode=encode
            )
        except ValueError as problem:
            raise refuse(problem, span) from problem
        for rounding in built.roundings:
            if rounding.changed:
                self.log.add(
                    note(
                        "BN480",
                        f"{rounding.changed} of {rounding.synapses} delays of `{rounding.name}` "
                        f"were rounded to steps of {self.plan.dt:g} ms, by "
                        f"{rounding.largest_change:.3g} ms at most",
                        spans.get(rounding.name),
                    )
                )
        return built

    def _sources(self, own: list[dict[str, object]]) -> None:
        steps, ids = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for population in self.plan.populations:
            if population.spike_times is None:
                continue
            first = self.numbering.first_id[population.name]
            for k, times in enumerate(population.spike_times):
                steps.append(np.floor(times / self.plan.dt + 0.5).astype(np.int64))
                ids.append(np.full(len(times), first + k))
        all_steps, all_ids = np.concatenate(steps), np.concatenate(ids)
        order = np.lexsort((all_ids, all_steps))
        all_steps, all_ids = all_steps[order], all_ids[order].astype(np.uint32)
        later = all_steps > 0
        self.spikes_at_start = all_ids[all_steps == 0]
        for q, arguments in enumerate(own):
            mine = later if q == 0 else np.zeros(len(all_steps), bool)
            arguments["source_steps"] = all_steps[mine]
            arguments["source_ids"] = all_ids[mine]
            arguments["source_next"] = np.zeros(1, np.int64)

    def _gathers(self, shared: dict[str, object]) -> None:
        for number, (population, symbol) in enumerate(
            (p, s)
            for system in self.compiled.systems
            for p, m in zip(system.group.populations, system.group.members, strict=True)
            for s in m.gathers.values()
        ):
            size = self.plan.population(symbol.owner).size
            shared[f"gather{number}"] = np.array(
                [
                    self.numbering.place[symbol.owner][1],
                    self.numbering.place[population.name][1],
                    population.size,
                    1 if size > 1 else 0,
                ],
                np.int64,
            )

    def _system_arguments(
        self, inboxes: Inboxes, shared: dict[str, object], own: list[dict[str, object]]
    ) -> None:
        inbox = shared["inbox"]
        assert isinstance(inbox, np.ndarray)
        at = 0
        for k, system in enumerate(self.systems):
            manifest = system.compiled.manifest
            for name, array in system.arrays.items():
                shared[f"s{k}_{name}"] = array
            boxes = [a for a in manifest.array_arguments if a.startswith("inbox_")]
            for r, name in enumerate(boxes):
                base = inboxes.base[k, r]
                shared[f"s{k}_{name}"] = inbox[base : base + system.n]
            bits = [inboxes.bits[k, r] for r in range(len(boxes))]
            shared[f"s{k}_quanta"] = np.array([*(quantum(b) for b in bits), 0.0])
            shared[f"s{k}_first_id"] = at
            for q, arguments in enumerate(own):
                arguments[f"s{k}_lo"], arguments[f"s{k}_hi"] = self.bounds[k][q]
            at += system.n


def place_tables(built: BuiltTables, own: list[dict[str, object]], prefix: str) -> list[int]:
    """Hand each thread its table; return the delays in steps."""
    names = (
        "delays", "cell_groups", "group_start", "group_weight", "group_offset", "targets",
        "weights",
    )  # fmt: skip
    for arguments, table in zip(own, built.tables, strict=True):
        arguments.update({f"{prefix}{n}": getattr(table, n) for n in names})
    return [int(d) for d in built.tables[0].delays]


def _drive_weights(drive: Any, plan: Any) -> Draw | NDArray[np.float64]:
    from bnsyn_dsl.assembly.values import element_values, synapse_draw

    drawn = synapse_draw(drive.weight)
    if drawn is not None:
        return drawn
    size = drive.target.size
    values = element_values(drive.weight, size, {}, plan.seed, f"{drive.name}.weight")
    return np.broadcast_to(np.asarray(values, np.float64), (size,)).copy()


def _thread_bounds(n: int, n_threads: int) -> tuple[tuple[int, int], ...]:
    """Cut n neurons into ranges, at multiples of the block where there are enough."""
    unit = _BLOCK if n >= 4 * _BLOCK * n_threads else 4
    cuts = [min(n, round(n * q / n_threads / unit) * unit) for q in range(n_threads)] + [n]
    return tuple((cuts[q], cuts[q + 1]) for q in range(n_threads))


def _probes(
    compiled: CompiledNetwork,
    numbering: Numbering,
    bounds: Sequence[tuple[tuple[int, int], ...]],
) -> list[tuple[Probe, NDArray[np.int64]]]:
    made = []
    plans = [p for p in compiled.plan.probes if p.variable != "spikes"]
    for number, plan in enumerate(plans):
        system, first = numbering.place[plan.part.population]
        chosen = np.arange(first + plan.part.first, first + plan.part.last, dtype=np.int64)
        ranges = tuple(
            (int(np.searchsorted(chosen, lo)), int(np.searchsorted(chosen, hi)))
            for lo, hi in bounds[system]
        )
        every = max(1, round(plan.interval / compiled.plan.dt))
        made.append((Probe(number=number, chosen=chosen, ranges=ranges, every=every), chosen))
    return made
