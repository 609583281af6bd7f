"""Spikes -> spikes per bin, and the checks that every record of counts passes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnsyn_dsl.api.recordings import SpikeTrains
from bnsyn_dsl.criticality.undefined import Undefined

__all__ = ["checked_counts", "spike_counts"]

# a time that is off a bin's edge by less than this part of a bin is on it: 0.3 / 0.1 < 3
_ROUNDING = 1e-9


def spike_counts(
    spikes: SpikeTrains | ArrayLike, bin_ms: float, duration_ms: float
) -> NDArray[np.int64]:
    """Count the spikes of all neurons together in every whole bin of the record.

    A spike of a run belongs to the step at whose end it lies, so the bins of `SpikeTrains` are
    (lower, upper]; those of plain times are [lower, upper), the last one closed.

    Args:
        spikes: `results["E"].spikes`, or times in ms in any order.
        bin_ms: width of a bin; for `SpikeTrains` a whole number of steps, because bins of
            unequal numbers of steps would beat with the spikes.
        duration_ms: length of the record; a rest shorter than one bin is left out.

    Returns:
        int64[bins].

    Raises:
        ValueError: a width or length that is not positive, less than one bin, a bin of no whole
            number of steps, times that are not finite or outside the record.
    """
    n_bins = _number_of_bins(bin_ms, duration_ms)
    if isinstance(spikes, SpikeTrains):
        per_bin = round(bin_ms / spikes.dt)
        if per_bin < 1 or not math.isclose(per_bin * spikes.dt, bin_ms, rel_tol=1e-9):
            raise ValueError(f"bins of {bin_ms:g} ms are no whole number of steps of {spikes.dt:g}")
        _check_within(spikes.times_ms, duration_ms)
        bins = np.maximum(spikes.steps - 1, 0) // per_bin
        return np.bincount(bins[bins < n_bins], minlength=n_bins)
    times = np.asarray(spikes, dtype=np.float64).ravel()
    _check_within(times, duration_ms)
    bins = np.floor(times / bin_ms + _ROUNDING).astype(np.int64)
    bins[(bins == n_bins) & (times <= n_bins * bin_ms * (1.0 + _ROUNDING))] -= 1
    return np.bincount(bins[bins < n_bins], minlength=n_bins)


def checked_counts(counts: ArrayLike) -> NDArray[np.float64]:
    """Return counts as float64[bins].

    Raises:
        ValueError: more than one axis, or negative values.
        Undefined: a value that is not finite.
    """
    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"counts have one axis, bins; these have {values.ndim}")
    if not np.isfinite(values).all():
        raise Undefined("some counts are not finite numbers")
    if (values < 0.0).any():
        raise ValueError("some counts are negative")
    return values


def _number_of_bins(bin_ms: float, duration_ms: float) -> int:
    for name, value in (("bin_ms", bin_ms), ("duration_ms", duration_ms)):
        if not (math.isfinite(value) and value > 0.0):
            raise ValueError(f"`{name}` must be positive, not {value:g}")
    n_bins = math.floor(duration_ms / bin_ms + _ROUNDING)
    if n_bins == 0:
        raise ValueError(f"a record of {duration_ms:g} ms has no whole bin of {bin_ms:g} ms")
    return n_bins


def _check_within(times: NDArray[np.float64], duration_ms: float) -> None:
    inside = (times >= 0.0) & (times <= duration_ms * (1.0 + _ROUNDING))
    if not inside.all():
        found = times[~inside][0]
        raise ValueError(f"a spike at {found:g} ms is outside the record of {duration_ms:g} ms")
