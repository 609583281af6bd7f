"""Pairwise synchrony: correlation of the spike counts of neurons, by the package `elephant`.

In: the spikes of a population. Out: Pearson's correlation of every pair's counts per bin.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality.counts import spike_counts
from bnsyn_dsl.criticality.undefined import Undefined
from bnsyn_dsl.extras import extra_module

__all__ = ["Synchrony", "synchrony"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Synchrony:
    """Spike count correlations.

    Attributes:
        mean: over all pairs.
        correlations: float64[neurons, neurons] of the neurons in `ids`, 1 on the diagonal.
        ids: int64[neurons], those whose counts vary; the others have no correlation.
    """

    mean: float
    correlations: NDArray[np.float64] = field(repr=False)
    ids: NDArray[np.int64] = field(repr=False)


def synchrony(spikes: SpikeTrains, bin_ms: float, duration_ms: float) -> Synchrony:
    """Correlate the spike counts of every pair of neurons in bins of `bin_ms`.

    Counts are those of `spike_counts`: bins are (lower, upper], only whole ones. Memory and time
    grow with the square of the number of neurons: take some hundreds of a large population.

    Args:
        spikes: `results["E"].spikes`.
        bin_ms: a whole number of steps; 2 ms is usual for cortical networks.
        duration_ms: length of the record.

    Raises:
        Undefined: fewer than two neurons whose counts vary.
        ValueError: what `spike_counts` refuses.
        ImportError: the package `elephant` is not installed.
    """
    spike_counts(spikes, bin_ms, duration_ms)  # refuses wrong widths, lengths and times
    trains = {int(neuron): spikes.of(int(neuron)) for neuron in np.unique(spikes.ids)}
    n_bins = math.floor(duration_ms / bin_ms + 1e-9)
    stop = n_bins * bin_ms
    # half a step back: a spike lies at the end of its step and belongs to the bin that ends there
    early = {i: np.maximum(t - spikes.dt / 2.0, 0.0) for i, t in trains.items()}
    inside = {i: t[t < stop] for i, t in early.items()}
    ids = [i for i, t in inside.items() if _varies(t, bin_ms, n_bins)]
    if len(ids) < 2:
        raise Undefined(f"{len(ids)} neurons have spike counts that vary; a pair needs two")
    neo, units = extra_module("neo", "elephant"), extra_module("quantities", "elephant")
    conversion = extra_module("elephant.conversion", "elephant")
    correlation = extra_module("elephant.spike_train_correlation", "elephant")
    with warnings.catch_warnings():
        # elephant passes an argument that quantities no longer reads
        warnings.filterwarnings("ignore", message="The 'copy' argument in Quantity")
        binned = conversion.BinnedSpikeTrain(
            [neo.SpikeTrain(inside[i], units="ms", t_start=0.0, t_stop=stop) for i in ids],
            bin_size=bin_ms * units.ms,
            n_bins=n_bins,
            t_start=0.0 * units.ms,
        )
        matrix = np.asarray(correlation.correlation_coefficient(binned), dtype=np.float64)
    pairs = matrix[np.triu_indices(len(ids), 1)]
    return Synchrony(
        mean=float(pairs.mean()), correlations=matrix, ids=np.array(ids, dtype=np.int64)
    )


def _varies(times: NDArray[np.float64], bin_ms: float, n_bins: int) -> bool:
    counts = np.bincount((times / bin_ms).astype(np.int64), minlength=n_bins)
    return bool(counts.min() != counts.max())
