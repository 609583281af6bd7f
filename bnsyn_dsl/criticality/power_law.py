"""Discrete power laws: exponent, where they begin, and whether another law fits better.

In: whole numbers, such as sizes of avalanches. Out: the fit of Clauset, Shalizi & Newman 2009
(doi:10.1137/070710111) by the package `powerlaw` (Alstott et al. 2014,
doi:10.1371/journal.pone.0085777).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnsyn_dsl.criticality.undefined import Undefined
from bnsyn_dsl.extras import extra_module

__all__ = ["Comparison", "PowerLaw", "fit_power_law"]

_FEWEST_POINTS = 50
_FEWEST_VALUES = 3
# `powerlaw` keeps exponents below 3 unless it is told otherwise, and returns the bound as the fit
_EXPONENTS = (1.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The power law against another law, over the same tail (Vuong 1989).

    Attributes:
        ratio: log likelihood ratio over its standard deviation; above 0 the power law is better.
        p_value: how often chance alone gives a ratio so far from 0, in either direction.
        settled: whether the other law's fit ended inside its range of parameters. A log-normal
            that ends at its border imitates the power law: then p is large.
    """

    ratio: float
    p_value: float
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """P(x) = x^-exponent / zeta(exponent, x_min) for whole x >= x_min.

    Attributes:
        exponent: its maximum-likelihood value.
        standard_error: of the exponent at this `x_min`, from the Fisher information.
        x_min: the smallest value that belongs to the tail.
        n_tail: values from `x_min` on.
        distance: Kolmogorov-Smirnov distance between the tail and the fit.
        exponential, lognormal: comparisons with these laws.
    """

    exponent: float
    standard_error: float
    x_min: int
    n_tail: int
    distance: float
    exponential: Comparison
    lognormal: Comparison


def fit_power_law(values: ArrayLike, *, x_min: int | None = None) -> PowerLaw:
    """Fit a discrete power law to the tail of `values`.

    Args:
        values: positive whole numbers, in any order, [values].
        x_min: where the tail begins; by default where the distance is smallest.

    Raises:
        Undefined: fewer than 50 values or 3 different ones, in all or in the tail; a value that
            is not finite; no exponent between 1 and 20.
        ValueError: values that are not positive or not whole, more than one axis, `x_min` < 1.
        ImportError: the package `powerlaw` is not installed.
    """
    data = _checked(values)
    if x_min is not None and x_min < 1:
        raise ValueError(f"`x_min` must be 1 or more, not {x_min}")
    _check_enough(data if x_min is None else data[data >= x_min], "values")
    powerlaw = extra_module("powerlaw", "analysis")
    with warnings.catch_warnings():
        # of starting points and of borders of ranges: the borders are read from `noise_flag`
        warnings.filterwarnings("ignore", module="powerlaw")
        warnings.filterwarnings("ignore", module="scipy")
        # the fast formula of the exponent is off by a tenth at x_min = 1
        fit = powerlaw.Fit(
            data,
            discrete=True,
            xmin=x_min,
            estimate_discrete=False,
            parameter_ranges={"alpha": list(_EXPONENTS)},
            verbose=0,
        )
        found = fit.power_law
        _check_enough(fit.data, "values in the tail that fits best")
        if found.noise_flag:
            raise Undefined("no exponent between 1 and 20 fits: this is no power law")
        exponential, lognormal = _compared(fit, "exponential"), _compared(fit, "lognormal")
    return PowerLaw(
        exponent=float(found.alpha),
        standard_error=_standard_error(float(found.alpha), float(fit.xmin), len(fit.data)),
        x_min=int(fit.xmin),
        n_tail=len(fit.data),
        distance=float(found.D),
        exponential=exponential,
        lognormal=lognormal,
    )


def _checked(values: ArrayLike) -> NDArray[np.float64]:
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1:
        raise ValueError(f"values have one axis; these have {data.ndim}")
    if not np.isfinite(data).all():
        raise Undefined("some values are not finite numbers")
    if (data <= 0.0).any():
        raise ValueError("a power law is of positive values; some are 0 or less")
    if not np.array_equal(data, np.rint(data)):
        raise ValueError("a discrete power law is of whole numbers; some are not whole")
    return data


def _check_enough(data: NDArray[np.float64], what: str) -> None:
    if len(data) < _FEWEST_POINTS:
        raise Undefined(f"{len(data)} {what} are too few, {_FEWEST_POINTS} are needed")
    different = len(np.unique(data))
    if different < _FEWEST_VALUES:
        raise Undefined(f"{different} different {what} are too few, {_FEWEST_VALUES} are needed")


def _compared(fit: Any, other: str) -> Comparison:
    ratio, p_value = fit.distribution_compare("power_law", other, normalized_ratio=True)
    settled = not getattr(fit, other).noise_flag
    return Comparison(ratio=float(ratio), p_value=float(p_value), settled=settled)


def _standard_error(exponent: float, x_min: float, n: int) -> float:
    """Return 1 / sqrt(n (ln zeta)''): the information of one value is the curvature of ln zeta."""
    zeta = extra_module("scipy.special", "analysis").zeta
    h = 1e-3
    below, at, above = (math.log(zeta(exponent + shift, x_min)) for shift in (-h, 0.0, h))
    return 1.0 / math.sqrt(n * (below - 2.0 * at + above) / h**2)
