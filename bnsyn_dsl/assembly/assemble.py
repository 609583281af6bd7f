"""A compiled network to a simulation that can run: `CompiledNetwork` -> `Assembly`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.assembly.arguments import ArgumentsBuilder
from bnsyn_dsl.assembly.numbering import Numbering, number_neurons
from bnsyn_dsl.assembly.system_arrays import SystemArrays, require_arrays, system_arrays
from bnsyn_dsl.compiler import CompiledNetwork, load
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.runtime.simulation import Probe, Simulation, SystemRange

__all__ = ["Assembly", "assemble"]


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
    numbering = number_neurons(compiled)
    require_arrays(compiled)
    systems = [
        system_arrays(system, module, compiled)
        for system, module in zip(compiled.systems, system_modules, strict=True)
    ]
    seconds = {"compile": loaded - started}
    builder = ArgumentsBuilder(compiled, numbering, systems, n_threads, log)
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


def _states(system: SystemArrays) -> dict[str, NDArray[np.float64]]:
    manifest = system.compiled.manifest
    return {c.source: system.arrays[f"{c.name}_all"] for c in manifest.states}


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
