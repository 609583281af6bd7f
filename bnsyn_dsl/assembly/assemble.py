"""A compiled network to a simulation that can run: `CompiledNetwork` -> `Assembly`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.arguments import ArgumentsBuilder
from bnsyn_dsl.assembly.numbering import Numbering, number_neurons
from bnsyn_dsl.assembly.synapse_checks import wild_synapse
from bnsyn_dsl.assembly.synapse_states import state_at
from bnsyn_dsl.assembly.system_arrays import SystemArrays, require_arrays, system_arrays
from bnsyn_dsl.compiler import CompiledNetwork, load
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.runtime.simulation import EventRoom, Probe, Simulation, Snapshot, SystemRange
from bnsyn_dsl.semantics.plan import ProbePlan
from bnsyn_dsl.wiring.network import stepped_probes

__all__ = ["Assembly", "assemble"]


@dataclass(slots=True, kw_only=True)
class Assembly:
    """A simulation and where everything of the plan is in it."""

    compiled: CompiledNetwork
    simulation: Simulation
    numbering: Numbering
    systems: list[SystemArrays]
    arguments: dict[str, object]
    seconds: dict[str, float] = field(default_factory=dict)


def assemble(compiled: CompiledNetwork, n_threads: int, log: DiagnosticLog) -> Assembly:
    """Draw values, allocate arrays, build synapses.

    Raises:
        BnsError: a value is out of bounds, or the machine has not enough memory.
    """
    started = time.perf_counter()
    module, system_modules, rule_modules = load(compiled)
    loaded = time.perf_counter()
    numbering = number_neurons(compiled)
    require_arrays(compiled)
    systems = [
        system_arrays(system, module, compiled)
        for system, module in zip(compiled.systems, system_modules, strict=True)
    ]
    seconds = {"compile": loaded - started}
    builder = ArgumentsBuilder(compiled, numbering, systems, n_threads, log, rule_modules)
    arguments, own, window, longest = builder.arguments()
    probes = _probes(compiled, numbering, builder.bounds)
    for probe, chosen in probes:
        arguments[f"probe{probe.number}_chosen"] = chosen
        arguments[f"probe{probe.number}_every"] = probe.every
        wire = compiled.shape.probes[probe.number].wire
        if wire is not None and wire.parameters:
            values = [compiled.plan.parameters[source] for _, source in wire.parameters]
            arguments[f"probe{probe.number}_wire"] = np.array(values)
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
        growing=[
            EventRoom(prefix=s.prefix) for s in builder.learning
            if s.learned.kernel.strategy == "replayed"
        ],
    )  # fmt: skip
    for one in builder.learning:
        simulation.learning[one.learned.projection.name] = one
        simulation.checks.append(partial(wild_synapse, one))
    _snapshots(compiled, simulation)
    seconds["build"] = time.perf_counter() - loaded
    return Assembly(
        compiled=compiled,
        simulation=simulation,
        numbering=numbering,
        systems=systems,
        arguments=arguments,
        seconds=seconds,
    )


def _snapshots(compiled: CompiledNetwork, simulation: Simulation) -> None:
    """Record states of synapses: they are read between two calls of the time loop."""
    for number, plan in enumerate(compiled.plan.probes):
        if plan.over != "projection":
            continue
        synapses = simulation.learning[plan.part.population]
        simulation.snapshots.append(
            Snapshot(
                number=number,
                size=len(synapses),
                every=max(1, round(plan.interval / compiled.plan.dt)),
                read=lambda step, s=synapses, v=plan.variable: state_at(s, v, step),  # type: ignore[misc]
            )
        )


def _states(system: SystemArrays) -> dict[str, NDArray[np.float64]]:
    manifest = system.compiled.manifest
    return {c.source: system.arrays[f"{c.name}_all"] for c in manifest.states}


def _probes(
    compiled: CompiledNetwork,
    numbering: Numbering,
    bounds: Sequence[tuple[tuple[int, int], ...]],
) -> list[tuple[Probe, NDArray[np.int64]]]:
    made = []
    for number, plan in enumerate(stepped_probes(compiled.plan)):
        if plan.over == "pool":
            made.append(_pool_probe(number, plan, compiled, len(bounds[0]) if bounds else 1))
            continue
        system, first = numbering.place[plan.part.population]
        chosen = np.arange(first + plan.part.first, first + plan.part.last, dtype=np.int64)
        ranges = tuple(
            (int(np.searchsorted(chosen, lo)), int(np.searchsorted(chosen, hi)))
            for lo, hi in bounds[system]
        )
        every = max(1, round(plan.interval / compiled.plan.dt))
        made.append((Probe(number=number, chosen=chosen, ranges=ranges, every=every), chosen))
    return made


def _pool_probe(
    number: int, plan: ProbePlan, compiled: CompiledNetwork, n_threads: int
) -> tuple[Probe, NDArray[np.int64]]:
    """Return a recorder of a modulator: the first thread owns all pools."""
    chosen = np.arange(plan.part.first, plan.part.last, dtype=np.int64)
    ranges = tuple((0, len(chosen)) if q == 0 else (0, 0) for q in range(n_threads))
    every = max(1, round(plan.interval / compiled.plan.dt))
    return Probe(number=number, chosen=chosen, ranges=ranges, every=every), chosen
