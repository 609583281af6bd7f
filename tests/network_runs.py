"""Run a network text from beginning to end and look at spikes and traces by population."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.network import load
from bnsyn_dsl.assembly.assemble import Assembly, assemble
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.semantics.plan import NetworkPlan

__all__ = ["Run", "plan_of", "run", "started"]

Edit = Callable[[NetworkPlan], NetworkPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A network that was run; steps are whole, times in ms, values in internal units."""

    assembly: Assembly
    plan: NetworkPlan
    log: DiagnosticLog

    def more(self, steps: int) -> Run:
        """Run further steps."""
        assert self.assembly.simulation.run(steps)
        return self

    def spikes(self, population: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return steps and indices inside the population, ordered by (step, index)."""
        steps, ids = self.assembly.simulation.spikes()
        first = self.assembly.numbering.first_id[population]
        own = (ids >= first) & (ids < first + self.plan.population(population).size)
        return steps[own], ids[own] - first

    def spike_steps(self, population: str, index: int = 0) -> list[int]:
        """Return the spike steps of one neuron."""
        steps, ids = self.spikes(population)
        return [int(step) for step in steps[ids == index]]

    def rate(self, population: str, *, after: float = 0.0) -> float:
        """Return spikes per neuron and second, of the times after `after` ms."""
        steps, _ = self.spikes(population)
        end = self.assembly.simulation.step * self.plan.dt
        counted = np.count_nonzero(steps * self.plan.dt > after)
        return 1000 * counted / self.plan.population(population).size / (end - after)

    def trace(self, population: str, variable: str) -> NDArray[np.float64]:
        """Return what the probe of `variable` recorded: float64[times, neurons]."""
        probes = [p for p in self.plan.probes if p.variable != "spikes"]
        (number,) = (
            k
            for k, p in enumerate(probes)
            if (p.part.population, p.variable) == (population, variable)
        )
        return self.assembly.simulation.recorded(number)

    def state(self, population: str, name: str) -> NDArray[np.float64]:
        """Return a state of the coupled system as it is now."""
        system, first = self.assembly.numbering.place[population]
        values = self.assembly.simulation.systems[system].states[name]
        return values[first : first + self.plan.population(population).size].copy()

    def method(self, population: str) -> str:
        """Return the integrator chosen for a population."""
        return self.assembly.compiled.systems[
            self.assembly.numbering.place[population][0]
        ].manifest.method

    def digest(self) -> str:
        """Return a hash over all spikes and all traces."""
        found = hashlib.sha256()
        for array in self.assembly.simulation.spikes():
            found.update(array.tobytes())
        for probe in self.assembly.simulation.probes:
            found.update(self.assembly.simulation.recorded(probe.number).tobytes())
        return found.hexdigest()


def plan_of(
    source: str | Path,
    network: str | None = None,
    *,
    duration: float | None = None,
    dt: float | None = None,
    seed: int | None = None,
    values: Mapping[str, str] | None = None,
) -> NetworkPlan:
    """Elaborate a network of a text or a file (the first one when no name is given)."""
    return load(
        dedent(source) if isinstance(source, str) else source,
        network,
        values,
        dt=None if dt is None else f"{dt!r} ms",
        seed=seed,
        duration=None if duration is None else f"{duration!r} ms",
    ).plan


def started(plan: NetworkPlan, *, threads: int = 1) -> Run:
    """Compile and assemble a plan; nothing has run yet."""
    log = DiagnosticLog()
    compiled = compile_network(plan, CompileOptions(), log)
    log.stop_on_errors()
    return Run(assembly=assemble(compiled, threads, log), plan=plan, log=log)


def run(
    source: str | Path,
    network: str | None = None,
    *,
    duration: float | None = None,
    dt: float | None = None,
    seed: int | None = None,
    values: Mapping[str, str] | None = None,
    threads: int = 1,
    edit: Edit | None = None,
) -> Run:
    """Elaborate, compile, assemble and run a network for its whole duration."""
    plan = plan_of(source, network, duration=duration, dt=dt, seed=seed, values=values)
    if edit is not None:
        plan = edit(plan)
    return started(plan, threads=threads).more(round(plan.duration / plan.dt))
