# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The functions of the language, with one fixed sequence of operations each.

libm, NumPy and SVML give other bits on other processors; these do not. All are straight-line
(selects, never branches), so that LLVM vectorises a loop that calls them, and use a fused
multiply-add only where it is written. NaN passes through all of them. Errors in units of the
last place were measured against mpmath; the tests repeat the measurement.

The text of this file is copied into generated modules, whose header knows `np`, `njit`, `types`
and `intrinsic` only. Every name begins with `bn_`, which no name of a model may do.
"""

import numpy as np
from numba import njit

from bnsyn_dsl.abi.intrinsics import bn_fma

bn_inlined = njit(error_model="numpy", forceinline=True)

bn_round_shift = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to an integer, half to even
bn_round_bits = 4843621399236968448  # its bits
bn_log2_e = 1.4426950408889634
bn_ln2_high = 0.6931467056274414  # 21 bits: its product with an exponent is exact
bn_ln2_low = 4.7493250390316726e-07


@bn_inlined
def bn_exp_tail(r):
    """Return (exp(r) - 1 - r)/r^2 for |r| <= ln(2)/2: a Chebyshev fit of error 1.4e-18."""
    p = bn_fma(2.0914686968086876e-09, r, 2.5105217004720745e-08)
    p = bn_fma(p, r, 2.75572736431103e-07)
    p = bn_fma(p, r, 2.7557255400206422e-06)
    p = bn_fma(p, r, 2.4801587325547743e-05)
    p = bn_fma(p, r, 0.00019841269874820627)
    p = bn_fma(p, r, 0.0013888888888883748)
    p = bn_fma(p, r, 0.008333333333326136)
    p = bn_fma(p, r, 0.04166666666666667)
    p = bn_fma(p, r, 0.1666666666666667)
    return bn_fma(p, r, 0.5)


@bn_inlined
def bn_exp(x):
    """Return exp(x), held at exp(700) = 1.014e304 above 700, and 0 below -700.

    The upper limit is finite so that a diverging exponential current stays a number that error
    control can judge. Largest error 0.8 ulp on [-700, 700].
    """
    y = 700.0 if x > 700.0 else x
    y = -700.0 if y < -700.0 else y
    shifted = bn_fma(y, bn_log2_e, bn_round_shift)
    k = shifted - bn_round_shift
    r = bn_fma(-k, bn_ln2_high, y)
    r = bn_fma(-k, bn_ln2_low, r)
    p = bn_fma(bn_exp_tail(r), r, 1.0)
    p = bn_fma(p, r, 1.0)
    power = np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)
    return 0.0 if x < -700.0 else p * power


@bn_inlined
def bn_log(x):
    """Return the natural logarithm: -inf at 0, NaN below, inf at inf, right for subnormals.

    With x = 2^k (1 + f), sqrt(1/2) < 1 + f < sqrt(2), s = f/(2 + f): log(1 + f) =
    f - f^2/2 + s (f^2/2 + s^2 P(s^2)). Largest error 0.75 ulp on all positive numbers.
    """
    small = x < 2.2250738585072014e-308
    y = x * 18014398509481984.0 if small else x  # 2^54
    bits = np.float64(y).view(np.uint64) + np.uint64(0x00095F619980C433)
    # the exponent as a double by its bits: there is no vector conversion of 64 bits before AVX-512
    raised = np.uint64((bits >> np.uint64(52)) | np.uint64(0x4330000000000000)).view(np.float64)
    k = raised - (4503599627371573.0 if small else 4503599627371519.0)  # 2^52 + 1023 (+ 54)
    mantissa = (bits & np.uint64(0x000FFFFFFFFFFFFF)) + np.uint64(0x3FE6A09E667F3BCD)
    f = np.uint64(mantissa).view(np.float64) - 1.0
    s = f / (f + 2.0)
    z = s * s
    half = 0.5 * f * f
    p = bn_log_tail(z)
    low = bn_fma(s, bn_fma(z, p, half), k * bn_ln2_low)
    value = bn_fma(k, bn_ln2_high, f - (half - low))
    value = value if x < np.inf else x
    value = value if x != 0.0 else -np.inf
    return np.nan if x < 0.0 else value


@bn_inlined
def bn_log_tail(z):
    """Return (log((1 + s)/(1 - s)) - 2 s)/s^3 for z = s^2 <= 0.0295: error 3e-16."""
    p = bn_fma(0.14617807153417325, z, 0.15331611722055008)
    p = bn_fma(p, z, 0.1818289243253687)
    p = bn_fma(p, z, 0.22222211089379496)
    p = bn_fma(p, z, 0.28571428626253836)
    p = bn_fma(p, z, 0.3999999999989889)
    return bn_fma(p, z, 0.666666666666667)
