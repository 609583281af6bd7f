"""What a run recorded, in the units a reader expects: spikes and traces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PopulationResults", "RecordedValues", "Recording", "SpikeTrains"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpikeTrains:
    """The spikes of one population, ordered by time, then neuron.

    Attributes:
        steps: int64[spikes], time in steps of `dt`.
        ids: int64[spikes], neuron within the population, from 0.
        dt: the step in ms.
        size: number of neurons.
    """

    steps: NDArray[np.int64]
    ids: NDArray[np.int64]
    dt: float
    size: int

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """Spike times in ms: float64[spikes]."""
        return self.steps.astype(np.float64) * self.dt

    def of(self, neuron: int) -> NDArray[np.float64]:
        """Return the spike times of one neuron in ms."""
        times: NDArray[np.float64] = self.times_ms[self.ids == neuron]
        return times

    @property
    def isi_cv(self) -> float | None:
        """Mean coefficient of variation of the intervals, over neurons with 3 spikes or more."""
        order = np.lexsort((self.steps, self.ids))
        steps, ids = self.steps[order].astype(np.float64), self.ids[order]
        intervals = np.diff(steps)[np.diff(ids) == 0]
        owners = ids[1:][np.diff(ids) == 0]
        counts = np.bincount(owners, minlength=self.size)
        enough = counts >= 2
        if not enough.any():
            return None
        number = np.maximum(counts, 1)
        means = np.bincount(owners, intervals, minlength=self.size) / number
        away = (intervals - means[owners]) ** 2
        spread = np.sqrt(np.bincount(owners, away, minlength=self.size) / number)
        return float(np.mean(spread[enough] / means[enough]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One variable of some neurons of a population in time; likewise of pools, of synapses.

    Attributes:
        population, variable: whose and what (`V_m`, `AMPA.g`).
        times_ms: float64[times].
        ids: int64[neurons], within the population; synapses are ordered by source, then target.
        values: float64[times, neurons] in `unit`.
        unit: `mV`, `nS`; `1` for plain numbers.
        interval_ms: time between two rows.
        element: what a column is of: `neuron`, `pool` or `synapse`.
    """

    population: str
    variable: str
    times_ms: NDArray[np.float64] = field(repr=False)
    ids: NDArray[np.int64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)
    unit: str
    interval_ms: float
    element: str = "neuron"

    def of(self, number: int) -> NDArray[np.float64]:
        """Return the values of one neuron, pool or synapse: float64[times].

        Raises:
            KeyError: it was not recorded.
        """
        (found,) = np.nonzero(self.ids == number)
        if len(found) == 0:
            raise KeyError(f"{self.element} {number} of {self.population} was not recorded")
        return self.values[:, found[0]]

    def to_xarray(self) -> Any:
        """Return an `xarray.DataArray` with dimensions time (ms) and neuron, pool or synapse."""
        from bnsyn_dsl.api.exports import recording_to_xarray

        return recording_to_xarray(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordedValues:
    """What was recorded of one modulator or projection: `results["dopamine"].n`."""

    name: str
    recordings: Mapping[str, Recording] = field(repr=False)

    def __getitem__(self, variable: str) -> Recording:
        if variable not in self.recordings:
            known = ", ".join(self.recordings) or "nothing"
            raise KeyError(f"`{variable}` of {self.name} was not recorded; recorded: {known}")
        return self.recordings[variable]

    def __getattr__(self, variable: str) -> Recording:
        if variable.startswith("__"):
            raise AttributeError(variable)
        try:
            return self[variable]
        except KeyError as reason:
            raise AttributeError(reason.args[0]) from None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopulationResults(RecordedValues):
    """Everything of one population: `results["E"].spikes`, `results["E"].V_m`."""

    size: int
    spikes: SpikeTrains
    rate_hz: float | None

    @property
    def isi_cv(self) -> float | None:
        """Mean coefficient of variation of the inter-spike intervals."""
        return self.spikes.isi_cv
