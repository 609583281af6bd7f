# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The functions of the language, with one fixed sequence of operations each.

libm, NumPy and SVML give other bits on other processors; these do not. All are straight-line
(selects, never branches), so that LLVM vectorises a loop that calls them, and use a fused
multiply-add only where it is written. NaN passes through all of them. Errors in units of the
last place were measured against mpmath; the tests repeat the measurement.

Only compiled code can call them; a call from Python crashes (`host_functions.py` is for Python).

The text of this file is copied into generated modules, whose header knows `np`, `njit`, `types`
and `intrinsic` only. Every name begins with `bn_`, which no name of a model may do.
"""

import numpy as np
from numba import njit

from bnsyn_dsl.abi.intrinsics import bn_bits, bn_double, bn_fma

# without a wrapper for Python: to compile it takes longer than most of these functions
bn_inlined = njit(
    error_model="numpy", forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)

bn_round_shift = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to an integer, half to even
bn_round_bits = 4843621399236968448  # its bits
bn_log2_e = 1.4426950408889634
bn_ln2_high = 0.6931467056274414  # 21 bits: its product with an exponent is exact
bn_ln2_low = 4.7493250390316726e-07
bn_ln2_rest = -2.3407938865678234e-23


@bn_inlined
def bn_exp_tail(r):
    """Return (exp(r) - 1 - r)/r^2 for |r| <= ln(2)/2: a Chebyshev fit of error 1.4e-18.

    In Estrin's order: the chain of dependent operations is half as long as in Horner's.
    """
    r2 = r * r
    r4 = r2 * r2
    low = bn_fma(
        r2,
        bn_fma(0.008333333333326136, r, 0.04166666666666667),
        bn_fma(0.1666666666666667, r, 0.5),
    )
    middle = bn_fma(
        r2,
        bn_fma(2.7557255400206422e-06, r, 2.4801587325547743e-05),
        bn_fma(0.00019841269874820627, r, 0.0013888888888883748),
    )
    high = bn_fma(
        2.0914686968086876e-09, r2, bn_fma(2.5105217004720745e-08, r, 2.75572736431103e-07)
    )
    return bn_fma(r4, bn_fma(r4, high, middle), low)


@bn_inlined
def bn_exp(x):
    """Return exp(x), held at exp(700) = 1.014e304 above 700, and 0 below -700.

    The upper limit is finite so that a diverging exponential current stays a number that error
    control can judge. Largest error 0.85 ulp on [-700, 700].
    """
    y = 700.0 if x > 700.0 else x
    y = -700.0 if y < -700.0 else y
    shifted = bn_fma(y, bn_log2_e, bn_round_shift)
    k = shifted - bn_round_shift
    r = bn_fma(-k, bn_ln2_high, y)
    r = bn_fma(-k, bn_ln2_low, r)
    p = bn_fma(bn_exp_tail(r), r, 1.0)
    p = bn_fma(p, r, 1.0)
    power = bn_double((bn_bits(shifted) + 1023) << 52)
    return 0.0 if x < -700.0 else p * power


@bn_inlined
def bn_expm1(x):
    """Return exp(x) - 1 without cancellation, held at exp(700) above 700, -1 below -700.

    2^k exp(r) - 1 = (2^k - 1) + 2^k (exp(r) - 1), the bracket from its own series. Largest error
    2 ulp.
    """
    y = 700.0 if x > 700.0 else x
    y = -700.0 if y < -700.0 else y
    shifted = bn_fma(y, bn_log2_e, bn_round_shift)
    k = shifted - bn_round_shift
    r = bn_fma(-k, bn_ln2_low, bn_fma(-k, bn_ln2_high, y))
    power = bn_double((bn_bits(shifted) + 1023) << 52)
    return bn_fma(power, bn_fma(bn_exp_tail(r), r * r, r), power - 1.0)


bn_near = 0.5  # up to here `bn_exprel` is a polynomial


@bn_inlined
def bn_exprel_near(x):
    """Return (exp(x) - 1)/x for |x| <= 0.5, without a division. Largest error 1.2 ulp.

    The polynomial meets the function where the Chebyshev polynomial of degree 12 is zero. Even and
    odd powers are two chains of dependent operations, each half as long as one by Horner's rule.
    """
    x2 = x * x
    even = bn_fma(2.0962955815976076e-09, x2, 2.7557076636642725e-07)
    even = bn_fma(even, x2, 2.4801587616145414e-05)
    even = bn_fma(even, x2, 0.001388888888870455)
    even = bn_fma(even, x2, 0.04166666666666706)
    even = bn_fma(even, x2, 0.5)
    odd = bn_fma(2.517282043357941e-08, x2, 2.7556979476271894e-06)
    odd = bn_fma(odd, x2, 0.00019841270281832442)
    odd = bn_fma(odd, x2, 0.008333333333075146)
    odd = bn_fma(odd, x2, 0.1666666666666722)
    return bn_fma(bn_fma(odd, x, even), x, 1.0)


@bn_inlined
def bn_exprel(x):
    """Return (exp(x) - 1)/x, 1 at 0, held at exp(700)/700 above 700. Largest error 3 ulp."""
    y = 700.0 if x > 700.0 else x
    near = abs(y) <= bn_near
    far = bn_expm1(y) / (1.0 if near else y)
    return bn_exprel_near(y) if near else far


@bn_inlined
def bn_sigmoid(x):
    """Return 1/(1 + exp(-x)), not below exp(-700). Largest error 2 ulp."""
    return 1.0 / (1.0 + bn_exp(-x))


@bn_inlined
def bn_tanh(x):
    """Return the hyperbolic tangent, as e/(e + 2) with e = exp(2|x|) - 1. Largest error 2.5 ulp."""
    e = bn_expm1(2.0 * abs(x))
    value = e / (e + 2.0)
    return -value if x < 0.0 else value


@bn_inlined
def bn_log_tail(z):
    """Return (log((1 + s)/(1 - s)) - 2 s)/s^3 for z = s^2 <= 0.0295: error 3e-16."""
    p = bn_fma(0.14617807153417325, z, 0.15331611722055008)
    p = bn_fma(p, z, 0.1818289243253687)
    p = bn_fma(p, z, 0.22222211089379496)
    p = bn_fma(p, z, 0.28571428626253836)
    p = bn_fma(p, z, 0.3999999999989889)
    return bn_fma(p, z, 0.666666666666667)


@bn_inlined
def bn_exponent(x):
    """Return k and m with x = 2^k m and sqrt(1/2) < m < sqrt(2), for a positive normal x.

    k becomes a double by its bits: before AVX-512 no vector instruction converts 64-bit integers.
    """
    bits = np.uint64(bn_bits(x)) + np.uint64(0x00095F619980C433)
    raised = bn_double((bits >> np.uint64(52)) | np.uint64(0x4330000000000000))
    mantissa = (bits & np.uint64(0x000FFFFFFFFFFFFF)) + np.uint64(0x3FE6A09E667F3BCD)
    return raised - 4503599627371519.0, bn_double(mantissa)  # 2^52 + 1023


@bn_inlined
def bn_log_reduced(k, f):
    """Return k log(2) + log(1 + f) for a whole k and 1 + f between sqrt(1/2) and sqrt(2).

    With s = f/(2 + f): log(1 + f) = f - f^2/2 + s (f^2/2 + s^2 P(s^2)).
    """
    s = f / (f + 2.0)
    z = s * s
    half = 0.5 * f * f
    low = bn_fma(s, bn_fma(z, bn_log_tail(z), half), k * bn_ln2_low)
    return bn_fma(k, bn_ln2_high, f - (half - low))


@bn_inlined
def bn_log(x):
    """Return the natural logarithm: -inf at 0, NaN below, inf at inf, right for subnormals.

    Largest error 0.8 ulp.
    """
    small = x < 2.2250738585072014e-308
    k, m = bn_exponent(x * 18014398509481984.0 if small else x)  # 2^54
    value = bn_log_reduced(k - 54.0 if small else k, m - 1.0)
    value = value if x < np.inf else x
    value = value if x != 0.0 else -np.inf
    return np.nan if x < 0.0 else value


@bn_inlined
def bn_log1p(x):
    """Return log(1 + x) without cancellation: -inf at -1, NaN below. Largest error 1 ulp.

    The rounding error of 1 + x is scaled like the sum and added to it again.
    """
    total = 1.0 + x
    shadow = total - 1.0
    lost = (1.0 - (total - shadow)) + (x - shadow)
    k, m = bn_exponent(total)
    shifted = bn_round_shift - (60.0 if k > 60.0 else k)  # beyond, what is lost does not matter
    scale = bn_double((bn_bits(shifted) + 1023) << 52)
    value = bn_log_reduced(k, bn_fma(lost, scale, m - 1.0))
    value = value if x < np.inf else x
    value = value if x != -1.0 else -np.inf
    return np.nan if x < -1.0 else value


@bn_inlined
def bn_log_double(x):
    """Return log(x) of a positive finite x as an unevaluated sum, relative error 2^-62.

    2 s + 2/3 s^3 are carried with their rounding errors, s = f/(2 + f); the rest of the series
    is below 2e-4 of it.
    """
    small = x < 2.2250738585072014e-308
    k, m = bn_exponent(x * 18014398509481984.0 if small else x)
    k = k - 54.0 if small else k
    f = m - 1.0
    d = f + 2.0
    d_low = f - (d - 2.0)
    s = f / d
    s_low = bn_fma(-s, d_low, bn_fma(-s, d, f)) / d
    z = s * s
    z_low = bn_fma(s, s, -z) + 2.0 * s * s_low
    c = s * z
    c_low = bn_fma(s, z, -c) + bn_fma(s, z_low, s_low * z)
    t = 0.6666666666666666 * c
    t_low = bn_fma(0.6666666666666666, c, -t) + bn_fma(
        0.6666666666666666, c_low, 3.700743415417188e-17 * c
    )
    p = bn_fma(0.11724327060846747, z, 0.11706126464563398)
    p = bn_fma(p, z, 0.1333480879881234)
    p = bn_fma(p, z, 0.1538459488700718)
    p = bn_fma(p, z, 0.18181818336099848)
    p = bn_fma(p, z, 0.22222222221652765)
    p = bn_fma(p, z, 0.2857142857142937)
    p = bn_fma(p, z, 0.4)
    # k ln(2), 2 s and 2/3 s^3 in falling order of size: each sum keeps what it loses
    whole = k * bn_ln2_high
    first = whole + 2.0 * s
    shadow = first - whole
    first_low = (whole - (first - shadow)) + (2.0 * s - shadow)
    second = first + t
    shadow = second - first
    second_low = (first - (second - shadow)) + (t - shadow)
    low = bn_fma(c * z, p, t_low) + 2.0 * s_low + bn_fma(k, bn_ln2_low, k * bn_ln2_rest)
    # without this the lower part, up to 2^-12 of the sum, would leave the range that exp reduces to
    low = (first_low + second_low) + low
    high = second + low
    return high, (second - high) + low


@bn_inlined
def bn_power(x, y):
    """Return x^y as exp(y log(x)), log with more digits. Largest error 1.5 ulp.

    As in IEEE 754 x^0 = 1^y = 1, powers of 0 and inf are 0 or inf; overflow gives inf. A negative
    base gives NaN, for whole exponents too: those are written as products by the compiler.
    """
    high, low = bn_log_double(x)
    product = y * high
    rest = bn_fma(y, high, -product) + y * low
    inside = abs(product) < 746.0
    t = product if inside else 0.0
    k = bn_fma(t, bn_log2_e, bn_round_shift) - bn_round_shift
    r = bn_fma(-k, bn_ln2_low, bn_fma(-k, bn_ln2_high, t))
    r = r + (rest if inside else 0.0)
    p = bn_fma(bn_fma(bn_exp_tail(r), r, 1.0), r, 1.0)
    # 2^k in two halves: either stays a normal number where the result overflows or vanishes
    shifted = bn_fma(k, 0.5, bn_round_shift)
    half = bn_double((bn_bits(shifted) + 1023) << 52)
    shifted = (k - (shifted - bn_round_shift)) + bn_round_shift
    other = bn_double((bn_bits(shifted) + 1023) << 52)
    value = p * half * other
    value = (np.inf if product > 0.0 else 0.0) if abs(product) >= 746.0 else value
    growing = y > 0.0
    value = value if x != 0.0 else (0.0 if growing else np.inf)
    value = value if x != np.inf else (np.inf if growing else 0.0)
    value = np.nan if x < 0.0 or x != x or y != y else value
    return 1.0 if y == 0.0 or x == 1.0 else value


@bn_inlined
def bn_quarter(x):
    """Return k, the nearest whole number to 2x/pi, shifted, and x - k pi/2 for |x| < 2^43.

    Three parts of pi/2 with fused products keep the relative error of the remainder at 1.9e-16
    up to 1e13, also next to the zeros of sine and cosine (Cody & Waite 1980).
    """
    shifted = bn_fma(x, 0.6366197723675814, bn_round_shift)
    k = shifted - bn_round_shift
    r = bn_fma(-k, 1.5707963267948966, x)
    r = bn_fma(-k, 6.123233995736766e-17, r)
    return shifted, bn_fma(-k, -1.497384905065873e-33, r)


@bn_inlined
def bn_sine_core(r):
    """Return sin(r) for |r| <= pi/4."""
    z = r * r
    p = bn_fma(1.591810123027412e-10, z, -2.5051131455427946e-08)
    p = bn_fma(p, z, 2.755731610068303e-06)
    p = bn_fma(p, z, -0.0001984126983675497)
    p = bn_fma(p, z, 0.008333333333330946)
    p = bn_fma(p, z, -0.16666666666666666)
    return bn_fma(r * z, p, r)


@bn_inlined
def bn_cosine_core(r):
    """Return cos(r) for |r| <= pi/4: 1 - r^2/2 is kept with its rounding error."""
    z = r * r
    p = bn_fma(-1.1382614868556325e-11, z, 2.0876146024689747e-09)
    p = bn_fma(p, z, -2.7557317270560326e-07)
    p = bn_fma(p, z, 2.4801587298763433e-05)
    p = bn_fma(p, z, -0.0013888888888887395)
    p = bn_fma(p, z, 0.041666666666666664)
    half = 0.5 * z
    w = 1.0 - half
    return w + bn_fma(z * z, p, (1.0 - w) - half)


@bn_inlined
def bn_sin(x):
    """Return the sine; NaN where |x| > 2^43, inf included. Largest error 1.5 ulp."""
    shifted, r = bn_quarter(x)
    quarter = bn_bits(shifted)
    value = bn_cosine_core(r) if (quarter & 1) == 1 else bn_sine_core(r)
    value = -value if (quarter & 2) == 2 else value
    return value if abs(x) <= 8796093022208.0 else np.nan


@bn_inlined
def bn_cos(x):
    """Return the cosine; NaN where |x| > 2^43, inf included. Largest error 1.5 ulp."""
    shifted, r = bn_quarter(x)
    quarter = bn_bits(shifted)
    value = bn_sine_core(r) if (quarter & 1) == 1 else bn_cosine_core(r)
    value = -value if ((quarter + 1) & 2) == 2 else value
    return value if abs(x) <= 8796093022208.0 else np.nan
