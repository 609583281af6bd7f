"""Weights as 64-bit integers: sums over synapses are exact, so their order cannot matter.

A weight w is stored as the integer nearest to w 2^s (half to even). With wmax the largest |weight|
that can ever arrive at a receptor, K the largest indegree of one target (multapses counted) and m
the spikes of one source in one step:

    wmax < 2^a,  b = ceil(log2(K m)),  s = min(50 - a, 61 - a - b)

Then every |q| <= 2^(a+s) <= 2^50, and the sum of one step is below 2^(a+b+s+1) <= 2^62.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_ENCODED", "encode", "quantum", "scale_bits"]

MAX_ENCODED = 2**50
_MAX_SUM = 2**62
_MAX_BITS = 1000  # 2^s stays a normal float64 with room for products


def scale_bits(max_abs_weight: float, max_indegree: int, spikes_per_step: int = 1) -> int:
    """Return s of the quantum 2^-s for one receptor.

    Args:
        max_abs_weight: largest |weight| that can arrive, in the receptor's unit; 0 is allowed.
        max_indegree: most synapses of one target, multapses counted.
        spikes_per_step: most spikes of one source in one step.

    Raises:
        ValueError: if the weight is not finite or a number is negative.
    """
    if not math.isfinite(max_abs_weight) or max_abs_weight < 0.0:
        raise ValueError(
            f"the largest weight must be finite and not negative, not {max_abs_weight}"
        )
    if max_indegree < 0 or spikes_per_step < 0:
        raise ValueError("indegree and spikes per step must not be negative")
    arrivals = max(max_indegree * spikes_per_step, 1)
    a = math.frexp(max_abs_weight)[1]
    b = (arrivals - 1).bit_length()
    bits = min(50 - a, 61 - a - b, _MAX_BITS)
    if bits < -_MAX_BITS:
        raise ValueError(f"a weight of {max_abs_weight} is too large to be summed exactly")
    largest = round(math.ldexp(max_abs_weight, bits))
    assert largest <= MAX_ENCODED, "one encoded weight exceeds 2^50"
    assert arrivals * (largest + 1) <= _MAX_SUM, "the sum of one step may overflow"
    return bits


def quantum(bits: int) -> float:
    """Return 2^-bits, the step between two encoded weights, in the unit of the weight."""
    return math.ldexp(1.0, -bits)


def encode(weights: NDArray[np.float64], bits: int) -> NDArray[np.int64]:
    """Return round-half-even(weights 2^bits), same shape.

    Raises:
        ValueError: if a weight is not finite or exceeds what `bits` was chosen for.
    """
    scaled = np.rint(weights * math.ldexp(1.0, bits))
    if not np.all(np.abs(scaled) <= MAX_ENCODED):
        worst = weights[~(np.abs(scaled) <= MAX_ENCODED)][0]
        raise ValueError(f"weight {worst} does not fit its receptor's scale of 2^{bits}")
    return scaled.astype(np.int64)
