"""Avalanches: runs of occupied bins between empty bins (Beggs & Plenz 2003).

In: activity per bin. Out: how large and how long they are. doi:10.1523/JNEUROSCI.23-35-11167.2003
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality.counts import checked_counts
from bnsyn_dsl.criticality.undefined import Undefined

__all__ = ["Avalanches", "avalanches", "mean_event_interval"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Avalanches:
    """Avalanches in the order of the record.

    Attributes:
        sizes: events of each, in the unit of the counts: int64[avalanches], or float64 where
            the counts are no whole numbers.
        durations: bins of each: int64[avalanches].
        n_cut: avalanches at the record's two ends, which are not among them: 0, 1 or 2.
    """

    sizes: NDArray[np.int64] | NDArray[np.float64] = field(repr=False)
    durations: NDArray[np.int64] = field(repr=False)
    n_cut: int

    def __len__(self) -> int:
        return len(self.sizes)


def avalanches(counts: ArrayLike) -> Avalanches:
    """Cut activity into runs of bins that are not empty.

    A run that touches the record's first or last bin began before or ended after it, so that its
    size is not known: it is left out.

    Args:
        counts: events per bin, [bins].

    Raises:
        Undefined: a count that is not finite.
        ValueError: negative counts, more than one axis.
    """
    activity = checked_counts(counts)
    edges = np.diff(np.concatenate([[False], activity > 0.0, [False]]).astype(np.int8))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    whole = (begins > 0) & (ends < len(activity))
    # sums within each run alone: differences of one running sum would lose digits
    runs = np.stack((begins, ends), axis=1).ravel()
    padded = np.append(activity, 0.0)
    sums = np.add.reduceat(padded, runs)[::2] if len(runs) else np.zeros(0)
    sizes = sums[whole]
    in_events = sizes.astype(np.int64) if np.array_equal(activity, np.rint(activity)) else sizes
    return Avalanches(
        sizes=in_events,
        durations=(ends - begins)[whole].astype(np.int64),
        n_cut=int(len(whole) - whole.sum()),
    )


def mean_event_interval(spikes: SpikeTrains | ArrayLike) -> float:
    """Return the mean time between successive spikes of the whole population, in ms.

    It is the usual width of a bin for avalanches; their exponents depend on it. Spikes at one
    time are one event, as they are in one bin.

    Args:
        spikes: `results["E"].spikes`, or times in ms in any order.

    Raises:
        Undefined: spikes at fewer than two times, or a time that is not finite.
    """
    given = spikes.times_ms if isinstance(spikes, SpikeTrains) else spikes
    times = np.unique(np.asarray(given, dtype=np.float64))
    if not np.isfinite(times).all():
        raise Undefined("some spike times are not finite numbers")
    if len(times) < 2:
        raise Undefined("an interval needs spikes at two times")
    return float((times[-1] - times[0]) / (len(times) - 1))
