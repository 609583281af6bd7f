# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""Bounds, rounding, and numbers of fixed point; as in `functions.py` without branches.

NaN passes through all of them but the second operand of a minimum or maximum. The text of this
file is copied into generated modules.
"""

import numpy as np

from bnsyn_dsl.abi.functions import bn_inlined, bn_round_bits, bn_round_shift
from bnsyn_dsl.abi.intrinsics import bn_bits, bn_fma


@bn_inlined
def bn_minimum(a, b):
    """Return `b if b < a else a`: NaN in `a` stays, NaN in `b` is ignored, of equals `a`."""
    return b if b < a else a


@bn_inlined
def bn_maximum(a, b):
    """Return `b if b > a else a`: NaN in `a` stays, NaN in `b` is ignored, of equals `a`."""
    return b if b > a else a


@bn_inlined
def bn_clip(x, low, high):
    """Return `x` held between two bounds; NaN passes, of reversed bounds `high` wins.

    One after the other: processors have an instruction for each, and none for both at once.
    """
    raised = low if x < low else x
    return high if raised > high else raised


@bn_inlined
def bn_absolute(x):
    """Return |x|."""
    return abs(x)


@bn_inlined
def bn_floor(x):
    """Return the largest whole number not above `x`, as a double."""
    return np.floor(np.float64(x))


@bn_inlined
def bn_rint(x):
    """Return the nearest whole number, half to even; what is beyond 2^51 is returned as it is."""
    return (x + bn_round_shift) - bn_round_shift if abs(x) < 2251799813685248.0 else x


@bn_inlined
def bn_modulo(x, y):
    """Return `x - y*floor(x/y)`, which has the sign of `y`."""
    return x - y * np.floor(np.float64(x / y))


@bn_inlined
def bn_to_fixed(x, scale):
    """Return x*scale as int64, rounded half to even; |x|*scale must be below 2^51.

    A cast would truncate, and has no meaning out of its range.
    """
    return bn_bits(bn_fma(x, scale, bn_round_shift)) - bn_round_bits


@bn_inlined
def bn_from_fixed(i, quantum):
    """Return i*quantum: exact up to 53 bits where the quantum is a power of two."""
    return np.float64(i) * quantum
