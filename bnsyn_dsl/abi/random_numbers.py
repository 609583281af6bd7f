# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""Counter-based random numbers: a pure function of (seed, stream, element, step, draw).

The generator is Philox 4x32-10 (Salmon et al., SC 2011). Its layout is a format that never
changes, because every recorded result depends on it:

    key       k0, k1 = low and high word of the seed
    counter   first word    which element, see below
              second word   low 32 bits of the step
              third word    stream, a hash of the name of what is fed
              fourth word   draw index in the low 16 bits, bits 32 to 47 of the step above them

    32 bits   word (element & 3) of the counter element >> 2
    53 bits   words 0, 1 (even element) or 2, 3 (odd) of the counter element >> 1;
              (first << 32 | second) >> 11
    normal    Box-Muller pair of the counter element >> 1, cosine for even, sine for odd elements

    others    an exponential from the 53 bits of the element, a whole number from its 32 bits;
              a Poisson number from the counter `element`, words 0, 1 and 2, 3;
              what is rejected is drawn again with the next draw index

Two kinds of number from one (stream, step, draw) share their bits: a user of both takes two draw
indices. Everything here is scalar; a loop over elements vectorises, rejection loops excepted.
Steps go up to 2^48, elements to 2^33.

Poisson numbers of a mean that many elements share come from a table (`bn_poisson_table` once,
then `bn_poisson_count` of `bn_word`); of an arbitrary mean from `bn_poisson`.
"""

import numpy as np
from numba import njit

from bnsyn_dsl.abi.functions import bn_cos, bn_exp, bn_inlined, bn_log, bn_sin

# only for compiled code, as `bn_inlined`
bn_compiled = njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)

bn_philox_m0 = np.uint64(0xD2511F53)
bn_philox_m1 = np.uint64(0xCD9E8D57)
bn_philox_w0 = np.uint32(0x9E3779B9)
bn_philox_w1 = np.uint32(0xBB67AE85)
bn_shift_32 = np.uint64(32)


@bn_inlined
def bn_philox(c0, c1, c2, c3, k0, k1):
    """Return the four uint32 words of Philox 4x32-10 for a counter and a key of uint32 words."""
    c0 = np.uint32(c0)
    c1 = np.uint32(c1)
    c2 = np.uint32(c2)
    c3 = np.uint32(c3)
    k0 = np.uint32(k0)
    k1 = np.uint32(k1)
    for _ in range(10):
        p0 = bn_philox_m0 * np.uint64(c0)
        p1 = bn_philox_m1 * np.uint64(c2)
        c0 = np.uint32(np.uint32(p1 >> bn_shift_32) ^ c1 ^ k0)
        c2 = np.uint32(np.uint32(p0 >> bn_shift_32) ^ c3 ^ k1)
        c1 = np.uint32(p1)
        c3 = np.uint32(p0)
        k0 = np.uint32(k0 + bn_philox_w0)
        k1 = np.uint32(k1 + bn_philox_w1)
    return c0, c1, c2, c3


@bn_inlined
def bn_block(block, step, stream, draw, k0, k1):
    """Return the four words of one counter whose first word is `block`.

    The 32-bit numbers of the elements 4*block to 4*block + 3 at the price of one.
    """
    high = (np.int64(step) >> 32 << 16) | (np.int64(draw) & 0xFFFF)
    return bn_philox(block, step, stream, high, k0, k1)


@bn_inlined
def bn_word(element, step, stream, draw, k0, k1):
    """Return the 32-bit number of an element."""
    w0, w1, w2, w3 = bn_block(np.int64(element) >> 2, step, stream, draw, k0, k1)
    lane = np.int64(element) & 3
    first = w1 if lane == 1 else w0
    second = w3 if lane == 3 else w2
    return second if lane > 1 else first


@bn_inlined
def bn_unit(high, low):
    """Return the double in [0, 1) made of the upper 53 bits of two words."""
    return np.float64((np.uint64(high) << bn_shift_32 | np.uint64(low)) >> np.uint64(11)) * 2.0**-53


@bn_inlined
def bn_uniform(element, step, stream, draw, k0, k1):
    """Return the 53-bit number in [0, 1) of an element."""
    w0, w1, w2, w3 = bn_block(np.int64(element) >> 1, step, stream, draw, k0, k1)
    odd = (np.int64(element) & 1) == 1
    return bn_unit(w2 if odd else w0, w3 if odd else w1)


@bn_inlined
def bn_normal_pair(pair, step, stream, draw, k0, k1):
    """Return the standard normal numbers of the elements 2*pair and 2*pair + 1 (Box-Muller)."""
    w0, w1, w2, w3 = bn_block(pair, step, stream, draw, k0, k1)
    radius = np.sqrt(-2.0 * bn_log(1.0 - bn_unit(w0, w1)))  # of (0, 1]: finite
    angle = 6.283185307179586 * bn_unit(w2, w3)
    return radius * bn_cos(angle), radius * bn_sin(angle)


@bn_inlined
def bn_normal(element, step, stream, draw, k0, k1):
    """Return the standard normal number of an element, |value| < 8.6."""
    even, odd = bn_normal_pair(np.int64(element) >> 1, step, stream, draw, k0, k1)
    return odd if (np.int64(element) & 1) == 1 else even


@bn_inlined
def bn_exponential(element, step, stream, draw, k0, k1):
    """Return the exponential number of mean 1 of an element: -log(1 - u), at most 36.8."""
    return -bn_log(1.0 - bn_uniform(element, step, stream, draw, k0, k1))


@bn_inlined
def bn_below(n, element, step, stream, draw, k0, k1):
    """Return a whole number (int64) in [0, n), each equally likely, for 1 <= n <= 2^32.

    The upper word of n*word, words of the incomplete last interval drawn again with the draw
    indices that follow (Lemire 2019): more than one draw has probability n/2^32 at most.
    """
    size = np.uint64(n)
    product = size * np.uint64(bn_word(element, step, stream, draw, k0, k1))
    if np.uint64(np.uint32(product)) < size:
        uneven = (np.uint64(0x100000000) - size) % size
        while np.uint64(np.uint32(product)) < uneven:
            draw += 1
            product = size * np.uint64(bn_word(element, step, stream, draw, k0, k1))
    return np.int64(product >> bn_shift_32)


@bn_compiled
def bn_log_factorial(k):
    """Return log(k!) of a whole double k >= 0: Stirling's series, error 3e-14 or 1 ulp of it."""
    x = k + 1.0
    product = 1.0
    while x < 10.0:
        product *= x
        x += 1.0
    q = 1.0 / (x * x)
    series = 0.08333333333333333 - q * (
        0.002777777777777778
        - q * (0.0007936507936507937 - q * (0.0005952380952380953 - q * 0.0008417508417508417))
    )
    return (x - 0.5) * bn_log(x) - x + 0.9189385332046727 + series / x - bn_log(product)


@bn_compiled
def bn_poisson_small(mean, u):
    """Return the Poisson number whose interval of the cumulative distribution holds `u`.

    For means below 10. Beyond 127 nothing has a probability that 53 bits can show.
    """
    count = 0.0
    probability = bn_exp(-mean)
    cumulative = probability
    while u >= cumulative and count < 127.0:
        count += 1.0
        probability *= mean / count
        cumulative += probability
    return count


@bn_compiled
def bn_poisson(mean, element, step, stream, draw, k0, k1):
    """Return a Poisson number of any mean, as a double; 0 for a mean of 0 or below.

    Inversion below 10, else transformed rejection with squeeze (PTRS, Hoermann 1993), which is
    exact and takes 1.1 to 1.4 draw indices on average. A mean that is NaN, or beyond 2^52 where
    a double cannot hold the number, is returned as it is.
    """
    if mean <= 0.0:
        return 0.0
    if not mean < 4503599627370496.0:
        return mean
    w0, w1, w2, w3 = bn_block(element, step, stream, draw, k0, k1)
    if mean < 10.0:
        return bn_poisson_small(mean, bn_unit(w0, w1))
    log_mean = bn_log(mean)
    b = 0.931 + 2.53 * np.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    while True:
        u = bn_unit(w0, w1) - 0.5
        v = 1.0 - bn_unit(w2, w3)
        edge = 0.5 - abs(u)
        count = np.floor((2.0 * a / edge + b) * u + mean + 0.43)
        if edge >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2.0):
            return count
        if count >= 0.0 and not (edge < 0.013 and v > edge):
            hat = bn_log(v * inverse_alpha / (a / (edge * edge) + b))
            if hat <= count * log_mean - mean - bn_log_factorial(count):
                return count
        draw += 1
        w0, w1, w2, w3 = bn_block(element, step, stream, draw, k0, k1)


@bn_compiled
def bn_poisson_table(mean, guide, cdf):
    """Fill the table that turns 32-bit numbers into Poisson numbers; return its length.

    Args:
        mean: 0 to 1000.
        guide: int32[1024], written: the count at which the search for a word begins, by the
            upper ten bits of the word.
        cdf: uint32[capacity], written up to the returned length: the last word that gives a
            count of at most k. 1280 entries are enough for every mean.

    Returns:
        One more than the largest count, beyond which lies less than 2^-32 of the distribution;
        0 if the mean is not between 0 and 1000, or `cdf` is too short.
    """
    if not 0.0 <= mean <= 1000.0:
        return 0
    count = np.int64(np.floor(mean))  # begin at the mode, where nothing underflows
    log_mean = bn_log(mean) if mean > 0.0 else 0.0
    probability = bn_exp(count * log_mean - mean - bn_log_factorial(np.float64(count)))
    while count > 0 and probability > 1e-30:
        probability *= count / mean
        count -= 1
    if count >= cdf.shape[0]:
        return 0
    cdf[:count] = 0
    first = count
    cumulative = probability
    while cumulative <= 1.0 - 2.0**-32:
        if count + 1 >= cdf.shape[0]:
            return 0
        bound = np.int64(cumulative * 4294967296.0 + 0.5)
        first = count + 1 if bound == 0 else first
        cdf[count] = np.uint32(bound - 1 if bound > 0 else 0)
        count += 1
        probability *= mean / count
        cumulative += probability
    cdf[count] = np.uint32(0xFFFFFFFF)
    place = first
    for j in range(1024):
        while np.int64(cdf[place]) < (np.int64(j) << 22):
            place += 1
        guide[j] = place
    return count + 1


@bn_inlined
def bn_poisson_count(word, guide, cdf):
    """Return the Poisson number (int64) of a 32-bit number, from the table of its mean."""
    count = np.int64(guide[np.uint32(word) >> np.uint32(22)])
    while np.uint32(word) > cdf[count]:
        count += 1
    return count
