"""Branching processes whose answers are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def driven(m: float, drive: float, n_bins: int, seed: int) -> NDArray[np.int64]:
    """A_{t+1} ~ Poisson(m A_t + drive), from its mean drive / (1 - m)."""
    rng = np.random.default_rng(seed)
    active = round(drive / (1.0 - m))
    counts = np.empty(n_bins, np.int64)
    for step in range(n_bins):
        active = rng.poisson(m * active + drive)
        counts[step] = active
    return counts


def seen(counts: NDArray[np.int64], probability: float, seed: int) -> NDArray[np.int64]:
    """Every event is seen with `probability`, independently."""
    return np.random.default_rng(seed).binomial(counts, probability)


def cascades(sigma: float, n: int, seed: int) -> NDArray[np.int64]:
    """`n` cascades of one ancestor each, Poisson(sigma) offspring, an empty bin before each."""
    rng = np.random.default_rng(seed)
    counts: list[int] = [0]
    for _ in range(n):
        active = 1
        while active:
            counts.append(active)
            active = rng.poisson(sigma * active)
        counts.append(0)
    return np.array(counts)
