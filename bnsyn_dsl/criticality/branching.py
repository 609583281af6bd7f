"""The branching ratio of activity by multistep regression (Wilting & Priesemann 2018).

In: activity per bin, all of it or a sample. Out: how many events the next bin holds for each
event of this one. doi:10.1038/s41467-018-04725-4
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnsyn_dsl.criticality.counts import checked_counts
from bnsyn_dsl.criticality.undefined import Undefined
from bnsyn_dsl.extras import extra_module

__all__ = ["BranchingRatio", "branching_ratio"]

_FEWEST_BINS = 100
_MOST_LAGS = 150  # three times the decay of m = 0.98; lags beyond the decay cost little accuracy
_BINS_PER_LAG = 10  # slopes and decay times beyond a tenth of the record are mostly its noise
# nominal: of independent Poisson counts 2 to 8 in 1000 are below it, at 150 lags
_SIGNIFICANCE = 1e-3
_SMALLEST_M = 1e-3  # below it r_2 is nothing beside r_1: there is no decay to fit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BranchingRatio:
    """The fit r_k = b m^k.

    Attributes:
        m: branching ratio per bin: events caused by one event, in the next bin.
        b: r_k extrapolated to k = 0: 1 where all activity is seen, less in a sample.
        tau_ms: decay time -dt_ms / ln m; None where `dt_ms` was not given.
        slopes: float64[k_max], r_1, r_2, ...
        p_value: nominal chance of such slopes in uncorrelated counts; small ones are too small.
        residual: root mean square of r_k - b m^k; large against b where decay is not exponential.
    """

    m: float
    b: float
    tau_ms: float | None
    slopes: NDArray[np.float64] = field(repr=False)
    p_value: float
    residual: float


def branching_ratio(
    counts: ArrayLike, *, k_max: int | None = None, dt_ms: float | None = None
) -> BranchingRatio:
    """Estimate the branching ratio m of stationary activity from the slopes of its regressions.

    r_k is the slope of a_{t+k} on a_t, with intercept: the drive is the intercept and leaves the
    slope alone. Where each event is seen with one probability only, every r_k shrinks by one and
    the same factor b, and m, fitted by least squares to r_k = b m^k, stays.

    Args:
        counts: activity per bin, [bins].
        k_max: the longest lag in bins; by default a tenth of the record, 150 at most.
        dt_ms: width of a bin, for `tau_ms`.

    Raises:
        Undefined: silent or constant activity, slopes that do not differ from those of
            uncorrelated counts or do not decay from a positive value, decay longer than a tenth
            of the record, fewer than 100 bins, NaN.
        ValueError: negative counts, more than one axis, `k_max` < 2 or longer than a tenth of the
            record, `dt_ms` not positive.
        ImportError: SciPy is not installed.
    """
    activity = checked_counts(counts)
    if dt_ms is not None and not (math.isfinite(dt_ms) and dt_ms > 0.0):
        raise ValueError(f"`dt_ms` must be positive, not {dt_ms:g}")
    _check_activity(activity)
    n_lags = _number_of_lags(len(activity), k_max)
    slopes = _slopes(activity, n_lags)
    p_value = _p_value_of_no_correlation(slopes, len(activity))
    if p_value > _SIGNIFICANCE:
        raise Undefined(f"the activity is not correlated in time (p = {p_value:.2g})")
    if slopes[0] < -4.0 / math.sqrt(len(activity)):  # four standard deviations of no correlation
        raise Undefined(f"more activity is followed by less: the first slope is {slopes[0]:.2g}")
    m, b = _exponential(slopes)
    decay = -1.0 / math.log(m) if m < 1.0 else math.inf
    if decay > len(activity) / _BINS_PER_LAG:
        raise Undefined(
            f"the correlation does not decay within a tenth of these {len(activity)} bins: "
            "the rate drifts or the record is too short"
        )
    misfit = slopes - b * m ** np.arange(1.0, n_lags + 1.0)
    return BranchingRatio(
        m=m,
        b=b,
        tau_ms=None if dt_ms is None else decay * dt_ms,
        slopes=slopes,
        p_value=p_value,
        residual=float(np.sqrt(np.mean(misfit**2))),
    )


def _check_activity(activity: NDArray[np.float64]) -> None:
    if len(activity) < _FEWEST_BINS:
        raise Undefined(f"{len(activity)} bins are too few, {_FEWEST_BINS} are needed")
    if not activity.any():
        raise Undefined("the activity is silent")
    if activity.min() == activity.max():
        raise Undefined("the activity is constant")


def _number_of_lags(n_bins: int, k_max: int | None) -> int:
    longest = n_bins // _BINS_PER_LAG
    if k_max is None:
        return min(longest, _MOST_LAGS)
    if k_max < 2:
        raise ValueError(f"`k_max` must be 2 or more, not {k_max}: two values are fitted")
    if k_max > longest:
        raise ValueError(f"`k_max` = {k_max} needs {k_max * _BINS_PER_LAG} bins, not {n_bins}")
    return k_max


def _slopes(activity: NDArray[np.float64], n_lags: int) -> NDArray[np.float64]:
    """Return the least-squares slope of a_{t+k} on a_t for k = 1..n_lags."""
    slopes = np.empty(n_lags)
    for k in range(1, n_lags + 1):
        earlier = activity[:-k] - activity[:-k].mean()
        spread = earlier @ earlier
        if spread == 0.0:
            raise Undefined("the activity is constant up to the last bins")
        slopes[k - 1] = earlier @ activity[k:] / spread
    return slopes


def _p_value_of_no_correlation(slopes: NDArray[np.float64], n_bins: int) -> float:
    """Return the probability of such slopes in independent counts.

    There r_k is normal with variance 1 / (n - k), independent of the others: the sum of squares
    finds one large slope (Ljung & Box 1978), the sum many small ones of a thin sample. Of two
    tests the smaller p is doubled (Bonferroni).
    """
    special = extra_module("scipy.special", "analysis")
    pairs = n_bins - np.arange(1.0, len(slopes) + 1.0)
    by_squares = float(special.chdtrc(len(slopes), np.sum(pairs * slopes**2)))
    by_sum = float(special.ndtr(-np.sum(slopes) / math.sqrt(np.sum(1.0 / pairs))))
    return min(1.0, 2.0 * min(by_squares, by_sum))


def _exponential(slopes: NDArray[np.float64]) -> tuple[float, float]:
    """Return m and b of the least squares of r_k - b m^k, with b > 0 and 0 < m < 1.1.

    For a given m the best b = <r, m^k> / <m^k, m^k> is known, and leaves <r, m^k>^2 / <m^k, m^k>
    to be made as large as possible: a search along one line, which a grid of decay times begins.
    """
    optimize = extra_module("scipy.optimize", "analysis")
    lags = np.arange(1.0, len(slopes) + 1.0)

    def unexplained(m: float) -> float:
        shape = m ** (lags - 1.0)  # from 1 on: m^k would vanish with m, and the quotient be 0 / 0
        return -(max(float(shape @ slopes), 0.0) ** 2) / float(shape @ shape)

    decays = np.geomspace(0.1, 1000.0 * len(slopes), 200)
    grid = np.array([1e-6, *np.exp(-1.0 / decays), 1.0, 1.1])
    best = int(np.argmin([unexplained(m) for m in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = optimize.minimize_scalar(
        unexplained, bounds=bounds, method="bounded", options={"xatol": 1e-12}
    )
    m = float(found.x)
    shape = m**lags
    b = float(shape @ slopes) / float(shape @ shape)
    if b <= 0.0 or m < _SMALLEST_M:
        raise Undefined("the slopes do not decay from a positive value from bin to bin")
    return m, b
