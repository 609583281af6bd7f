"""What came out of a run: spikes, rates, traces, timings.

In: an assembled network after some steps. Out: flat arrays and plain data. Nothing is split or
converted before it is asked for, so that many short runs stay cheap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.recordings import PopulationResults, RecordedValues, Recording, SpikeTrains
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.quantity_text import shown_unit
from bnsyn_dsl.semantics.units import in_unit
from bnsyn_dsl.wiring.network import stepped_probes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bnsyn_dsl.assembly.assemble import Assembly
    from bnsyn_dsl.semantics.plan import NetworkPlan, ProbePlan

__all__ = ["Results", "results_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordedRows:
    """Rows of one probe in internal units: float64[times, neurons]."""

    population: str
    variable: str
    ids: NDArray[np.int64]
    every: int
    dimension: Dimension
    element: str
    chunks: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Results:
    """All that was recorded from the beginning until `duration_ms`.

    Attributes:
        network: its name.
        sizes: neurons of each population, in the order of declaration.
        dt_ms, n_steps, seed, threads: how it was run.
        interrupted: whether Ctrl-C ended it early.
        timing_s: seconds of parse, analyse, generate, compile, build, run and total.
    """

    network: str
    sizes: Mapping[str, int]
    dt_ms: float
    n_steps: int
    seed: int
    threads: int
    interrupted: bool
    timing_s: Mapping[str, float]
    _first_id: Mapping[str, int] = field(repr=False)
    _steps: tuple[NDArray[np.int64], ...] = field(repr=False)
    _ids: tuple[NDArray[np.int64], ...] = field(repr=False)
    _rows: tuple[RecordedRows, ...] = field(repr=False)

    @property
    def duration_ms(self) -> float:
        """Model time from the beginning, in ms."""
        return self.n_steps * self.dt_ms

    # ------------------------------------------------------------------------- spikes

    @cached_property
    def spikes(self) -> dict[str, SpikeTrains]:
        """The spikes of every population."""
        steps = np.concatenate([*self._steps, np.zeros(0, np.int64)])
        ids = np.concatenate([*self._ids, np.zeros(0, np.int64)])
        found = {}
        for name, size in self.sizes.items():
            first = self._first_id[name]
            mine = (ids >= first) & (ids < first + size)
            found[name] = SpikeTrains(
                steps=steps[mine], ids=ids[mine] - first, dt=self.dt_ms, size=size
            )
        return found

    @property
    def rates_hz(self) -> dict[str, float | None]:
        """Spikes per second and neuron of every population; None before the first step."""
        return {name: self._rate(name) for name in self.sizes}

    def _rate(self, name: str) -> float | None:
        if self.n_steps == 0:
            return None
        return len(self.spikes[name]) / self.sizes[name] / self.duration_ms * 1000.0

    @property
    def isi_cv(self) -> dict[str, float | None]:
        """Irregularity of every population: see `SpikeTrains.isi_cv`."""
        return {name: trains.isi_cv for name, trains in self.spikes.items()}

    @cached_property
    def spikes_sha256(self) -> str:
        """SHA-256 over the spikes of all populations, in the order of declaration.

        Each spike is two little-endian 64-bit integers, step and neuron within the population,
        ordered by step, then neuron.
        """
        digest = hashlib.sha256()
        for trains in self.spikes.values():
            digest.update(np.stack((trains.steps, trains.ids), axis=1).astype("<i8").tobytes())
        return digest.hexdigest()

    # ------------------------------------------------------------------------- traces

    @cached_property
    def recordings(self) -> tuple[Recording, ...]:
        """Every recording; probes of one variable with one interval are one recording."""
        groups: dict[tuple[str, str, int], list[RecordedRows]] = {}
        for rows in self._rows:
            groups.setdefault((rows.population, rows.variable, rows.every), []).append(rows)
        return tuple(_recording(members, self.dt_ms) for members in groups.values())

    @cached_property
    def traces(self) -> dict[tuple[str, str], Recording]:
        """Recordings by (population, variable); of several intervals the shortest."""
        found: dict[tuple[str, str], Recording] = {}
        for one in self.recordings:
            key = (one.population, one.variable)
            if key not in found or one.interval_ms < found[key].interval_ms:
                found[key] = one
        return found

    def __getitem__(self, population: str) -> PopulationResults | RecordedValues:
        others = [r.population for r in self._rows if r.population not in self.sizes]
        if population in others:
            return RecordedValues(name=population, recordings=self._recordings_of(population))
        if population not in self.sizes:
            known = ", ".join([*self.sizes, *dict.fromkeys(others)])
            raise KeyError(f"there is no population `{population}`; there are: {known}")
        return PopulationResults(
            name=population,
            size=self.sizes[population],
            spikes=self.spikes[population],
            rate_hz=self._rate(population),
            recordings=self._recordings_of(population),
        )

    def _recordings_of(self, name: str) -> dict[str, Recording]:
        return {v: r for (p, v), r in self.traces.items() if p == name}

    # -------------------------------------------------------------------------- shown

    def summary(self) -> dict[str, object]:
        """Return sizes, rates and timings as plain data that JSON can hold."""
        rates, irregular = self.rates_hz, self.isi_cv
        return {
            "network": self.network,
            "duration_ms": self.duration_ms,
            "dt_ms": self.dt_ms,
            "steps": self.n_steps,
            "seed": self.seed,
            "threads": self.threads,
            "interrupted": self.interrupted,
            "populations": {
                name: {
                    "size": size,
                    "spikes": len(self.spikes[name]),
                    "rate_hz": rates[name],
                    "isi_cv": irregular[name],
                }
                for name, size in self.sizes.items()
            },
            "spikes_sha256": self.spikes_sha256,
            "timing_s": dict(self.timing_s),
        }

    def plot_raster(self, ax: Axes | None = None) -> Axes:
        """Draw the spikes of all populations and return the axes."""
        from bnsyn_dsl.api.plotting import plot_raster

        return plot_raster(self, ax)

    def plot_trace(self, name: str, ax: Axes | None = None) -> Axes:
        """Draw a recording (`V_m`, or `E.V_m` where several have one) and return the axes."""
        from bnsyn_dsl.api.plotting import plot_trace

        return plot_trace(self, name, ax)

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset` with every trace and every spike."""
        from bnsyn_dsl.api.exports import to_xarray

        return to_xarray(self)

    def to_neo(self) -> Any:
        """Return a `neo.Block` with one segment of spike trains and analog signals."""
        from bnsyn_dsl.api.exports import to_neo

        return to_neo(self)


def results_of(
    assembly: Assembly, timing_s: Mapping[str, float], *, interrupted: bool = False
) -> Results:
    """Return what `assembly` has recorded so far."""
    plan, simulation = assembly.compiled.plan, assembly.simulation
    rows = tuple(
        RecordedRows(
            population=probe.part.population,
            variable=probe.variable,
            ids=np.arange(probe.part.first, probe.part.last, dtype=np.int64),
            every=recorder.every,
            dimension=_dimension(plan, probe),
            element="pool" if probe.over == "pool" else "neuron",
            chunks=tuple(recorder.rows),
        )
        for probe, recorder in zip(stepped_probes(plan), simulation.probes, strict=True)
    )
    rows += tuple(
        RecordedRows(
            population=plan.probes[one.number].part.population,
            variable=plan.probes[one.number].variable,
            ids=np.arange(one.size, dtype=np.int64),
            every=one.every,
            dimension=_dimension(plan, plan.probes[one.number]),
            element="synapse",
            chunks=tuple(row[None, :] for row in one.rows),
        )
        for one in simulation.snapshots
    )
    return Results(
        network=plan.name,
        sizes={p.name: p.size for p in plan.populations},
        dt_ms=plan.dt,
        n_steps=simulation.step,
        seed=plan.seed,
        threads=simulation.n_threads,
        interrupted=interrupted,
        timing_s=dict(timing_s),
        _first_id=dict(assembly.numbering.first_id),
        _steps=tuple(simulation.spike_steps),
        _ids=tuple(simulation.spike_ids),
        _rows=rows,
    )


def _dimension(plan: NetworkPlan, probe: ProbePlan) -> Dimension:
    name = probe.part.population
    if probe.over == "pool":
        pool = next(p for p in plan.pools if p.name == name)
        return pool.model.dimension_of(probe.variable) or ONE
    if probe.over == "projection":
        learning = next(p for p in plan.projections if p.name == name).learning
        assert learning is not None
        weight = probe.variable == "weight"
        return learning.rule.weight if weight else learning.rule.dimension_of(probe.variable) or ONE
    population = plan.population(name)
    receptor_name, _, state = probe.variable.rpartition(".")
    found = population.model.dimension_of(state)
    if receptor_name:
        receptor = next(r for r in population.receptors if r.name == receptor_name)
        found = receptor.synapse.dimension_of(state)
    return ONE if found is None else found


def _recording(members: list[RecordedRows], dt: float) -> Recording:
    """Join probes of one variable and interval; a neuron in several of them counts once."""
    ids, columns = np.unique(np.concatenate([m.ids for m in members]), return_index=True)
    blocks = [np.concatenate([*m.chunks, np.zeros((0, len(m.ids)))]) for m in members]
    values = np.concatenate(blocks, axis=1)[:, columns]
    text, unit = shown_unit(members[0].dimension)
    interval = members[0].every * dt
    return Recording(
        population=members[0].population,
        variable=members[0].variable,
        times_ms=np.arange(1.0, len(values) + 1.0) * members[0].every * dt,
        ids=ids,
        values=values * in_unit(1.0, unit),
        unit=text,
        interval_ms=interval,
        element=members[0].element,
    )
