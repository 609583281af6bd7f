"""Delays in milliseconds to steps, for delays that differ from synapse to synapse."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["mark_delays", "round_delays"]


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def round_delays(delays, dt, most, steps):
    """Write floor(delay/dt + 1/2); return the place of the first impossible delay, or -1.

    Impossible is what is negative, beyond `most` steps, or not a number.
    """
    wrong = -1
    for i in range(len(delays)):
        rounded = np.floor(delays[i] / dt + 0.5)
        possible = delays[i] >= 0.0 and rounded <= most
        if not possible and wrong < 0:
            wrong = i
        steps[i] = np.int64(rounded if possible else 0.0)
    return wrong


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def mark_delays(delays, steps, dt, tolerance, used, largest):
    """Mark the steps in use; return how many delays changed by more than a relative tolerance.

    `largest` (one number) is raised to the largest such change, in ms.
    """
    changed = 0
    for i in range(len(delays)):
        used[steps[i]] = True
        change = abs(np.float64(steps[i]) * dt - delays[i])
        if change > tolerance * delays[i]:
            changed += 1
            if change > largest[0]:
                largest[0] = change
    return changed
