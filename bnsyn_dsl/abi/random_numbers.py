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

Two kinds of number from one (stream, step, draw) share their bits: a user of both takes two draw
indices. Everything here is scalar; a loop over elements vectorises, rejection loops excepted.
"""

import numpy as np

from bnsyn_dsl.abi.functions import bn_inlined

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
    """Return the four words of one counter whose first word is `block`."""
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
