"""Random values of pairs of elements, one function per distribution: only what is used compiles.

Each writes the values of the elements 2 pair and 2 pair + 1 to out[2 i], out[2 i + 1], for all
`pairs[i]`, at step 0 and draw index `draw`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bnsyn_dsl.abi.functions import bn_exp, bn_log
from bnsyn_dsl.abi.random_numbers import bn_block, bn_normal_pair, bn_poisson, bn_unit

__all__ = [
    "exponential_pairs",
    "lognormal_pairs",
    "normal_pairs",
    "poisson_pairs",
    "uniform_pairs",
]

_STEP = np.int64(0)  # of a literal 0, Numba compiles the generator once more


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def uniform_pairs(low, high, pairs, draw, stream, k0, k1, out):
    """Uniform in [low, high)."""
    width = high - low
    for i in range(len(pairs)):
        w0, w1, w2, w3 = bn_block(pairs[i], _STEP, stream, draw, k0, k1)
        out[2 * i] = low + width * bn_unit(w0, w1)
        out[2 * i + 1] = low + width * bn_unit(w2, w3)


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def normal_pairs(mean, deviation, pairs, draw, stream, k0, k1, out):
    """Normal with mean and standard deviation."""
    for i in range(len(pairs)):
        even, odd = bn_normal_pair(pairs[i], _STEP, stream, draw, k0, k1)
        out[2 * i] = mean + deviation * even
        out[2 * i + 1] = mean + deviation * odd


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def lognormal_pairs(median, sigma, pairs, draw, stream, k0, k1, out):
    """Lognormal: median exp(sigma z), z standard normal."""
    for i in range(len(pairs)):
        even, odd = bn_normal_pair(pairs[i], _STEP, stream, draw, k0, k1)
        out[2 * i] = median * bn_exp(sigma * even)
        out[2 * i + 1] = median * bn_exp(sigma * odd)


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def exponential_pairs(mean, unused, pairs, draw, stream, k0, k1, out):
    """Exponential: -mean log(1 - u)."""
    for i in range(len(pairs)):
        w0, w1, w2, w3 = bn_block(pairs[i], _STEP, stream, draw, k0, k1)
        out[2 * i] = -mean * bn_log(1.0 - bn_unit(w0, w1))
        out[2 * i + 1] = -mean * bn_log(1.0 - bn_unit(w2, w3))


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def poisson_pairs(mean, unused, pairs, draw, stream, k0, k1, out):
    """Poisson numbers; each may take several draw indices from `draw` on."""
    for i in range(len(pairs)):
        for lane in range(2):
            element = 2 * pairs[i] + lane
            out[2 * i + lane] = bn_poisson(mean, element, _STEP, stream, draw, k0, k1)
