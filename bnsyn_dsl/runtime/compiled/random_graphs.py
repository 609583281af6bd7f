"""The random rules: which neurons are connected, a chunk of synapses per call.

Every number comes from its counter (seed, stream, element, try), so a chunk depends on nothing
that was drawn before it. 32-bit numbers become whole numbers below n by multiplication, and the
few that would make some results more likely are drawn again (Lemire 2019): exactly uniform.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from bnsyn_dsl.abi.functions import bn_inlined, bn_log
from bnsyn_dsl.abi.random_numbers import bn_block, bn_uniform, bn_word

__all__ = [
    "GAPS",
    "count_targets",
    "draw_words",
    "next_bernoulli",
    "pick_distinct",
    "pick_distinct_pairs",
    "pick_with_repetition",
]

GAPS = 32  # of a row, drawn together
# draw indices and steps as int64: of a literal, Numba compiles the generator once more
_FIRST, _SECOND = np.int64(0), np.int64(1)


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def next_bernoulli(state, gaps, outer_hi, size, p, own_shift, stream, k0, k1, sources, targets):
    """Continue pairwise Bernoulli from `state` = row, target, skips drawn; return how many came.

    The gap to the next synapse of a row is floor(log(1 - u)/log(1 - p)), u the 53-bit number of
    element row and step gap: geometric, so the cost is that of the synapses that exist. Target
    row + own_shift is passed over. Ends when the row is `outer_hi` or the chunk is full. `gaps`,
    float64[GAPS], is scratch: memory taken here would take longer to compile.
    """
    row, target, draws = state[0], state[1], state[2]
    capacity = len(sources)
    q = 1.0 - p
    log_q = bn_log(q) + ((1.0 - q) - p) / q  # log(1 - p), corrected for the rounding of q
    n = 0
    while row < outer_hi:
        for j in range(GAPS):
            u = bn_uniform(row, draws + j, stream, _FIRST, k0, k1)
            gaps[j] = np.floor(bn_log(1.0 - u) / log_q)
        for j in range(GAPS):
            if gaps[j] >= np.float64(size - target):
                row += 1
                target = 0
                draws = 0
                break
            if n == capacity:
                state[0], state[1], state[2] = row, target, draws
                return n
            target += np.int64(gaps[j])
            if target != row + own_shift:
                sources[n] = np.uint32(row)
                targets[n] = np.uint32(target)
                n += 1
            target += 1
            draws += 1
    state[0], state[1], state[2] = row, 0, 0
    return n


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def draw_words(first, n, stream, draw, k0, k1, words):
    """Write the 32-bit numbers of the elements from the multiple of 4 below `first`, step 0."""
    block = first >> 2
    blocks = ((first + n + 3) >> 2) - block
    for b in range(blocks):
        w0, w1, w2, w3 = bn_block(block + b, _FIRST, stream, draw, k0, k1)
        words[4 * b] = w0
        words[4 * b + 1] = w1
        words[4 * b + 2] = w2
        words[4 * b + 3] = w3


@bn_inlined
def bn_scaled(word, size):
    """Return floor(word size / 2^32), or -1 for a word that must be drawn again."""
    product = np.uint64(word) * np.uint64(size)
    low = product & np.uint64(0xFFFFFFFF)
    again = low < np.uint64(size) and low < np.uint64(4294967296) % np.uint64(size)
    return np.int64(-1) if again else np.int64(product >> np.uint64(32))


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def pick_with_repetition(outer_lo, outer_hi, firsts, size, own_shift, stream, draw, k0, k1,
                         words, outers, inners):  # fmt: skip
    """Give each outer neuron inner ones, drawn with repetition; return the synapses.

    The synapses of outer neuron o are the elements firsts[o] to firsts[o + 1]; a rejected number
    is drawn again with the next step. Inner neuron `o + own_shift` is left out where it exists.
    """
    first = firsts[outer_lo]
    shift = first & 3
    n = 0
    for outer in range(outer_lo, outer_hi):
        own = outer + own_shift
        excluded = own >= 0 and own < size
        choices = size - 1 if excluded else size
        for _ in range(firsts[outer + 1] - firsts[outer]):
            inner = bn_scaled(words[shift + n], choices)
            step = 0
            while inner < 0:
                step += 1
                word = bn_word(first + n, step, stream, draw, k0, k1)
                inner = bn_scaled(word, choices)
            outers[n] = np.uint32(outer)
            inners[n] = np.uint32(inner + 1 if excluded and inner >= own else inner)
            n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def pick_distinct(outer_lo, outer_hi, count, drawn, size, own_shift, stream, k0, k1,
                  words, stamps, outers, inners):  # fmt: skip
    """Give each outer neuron `count` different inner ones; return the synapses.

    `drawn` numbers are drawn for each (element o drawn + j), again while taken. They are the
    partners if drawn == count, else the neurons left out, and the partners come ascending.
    `stamps` (one per inner neuron, zero at first) hold the last outer neuron + 1 that took it.
    """
    shift = (outer_lo * drawn) & 3
    n = 0
    for outer in range(outer_lo, outer_hi):
        stamp = np.uint32(outer + 1)
        own = outer + own_shift
        excluded = own >= 0 and own < size
        choices = size - 1 if excluded else size
        take = count if drawn == count else choices - count
        for j in range(take):
            inner = bn_scaled(words[shift + (outer - outer_lo) * drawn + j], choices)
            step = 0
            while True:
                if inner >= 0:
                    inner += 1 if excluded and inner >= own else 0
                    if stamps[inner] != stamp:
                        break
                step += 1
                word = bn_word(outer * drawn + j, step, stream, _FIRST, k0, k1)
                inner = bn_scaled(word, choices)
            stamps[inner] = stamp
            if drawn == count:
                outers[n] = np.uint32(outer)
                inners[n] = np.uint32(inner)
                n += 1
        if drawn != count:
            for inner in range(size):
                if stamps[inner] != stamp and not (excluded and inner == own):
                    outers[n] = np.uint32(outer)
                    inners[n] = np.uint32(inner)
                    n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def count_targets(first, n, source_size, target_size, own_shift, stream, k0, k1,
                  source_words, target_words, indegrees):  # fmt: skip
    """Draw the pairs `first`, ..., independently, and count their targets.

    Draw 0 gives the source, draw 1 the target; a rejected number or an autapse (target = source +
    own_shift) draws both again, next step.
    """
    shift = first & 3
    for e in range(n):
        source = bn_scaled(source_words[shift + e], source_size)
        target = bn_scaled(target_words[shift + e], target_size)
        step = 0
        while source < 0 or target < 0 or target == source + own_shift:
            step += 1
            word = bn_word(first + e, step, stream, _FIRST, k0, k1)
            source = bn_scaled(word, source_size)
            word = bn_word(first + e, step, stream, _SECOND, k0, k1)
            target = bn_scaled(word, target_size)
        indegrees[target] += 1


@njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
def pick_distinct_pairs(count, source_size, target_size, own_shift, stream, k0, k1,
                        table, pairs):  # fmt: skip
    """Draw `count` different pairs (source * target_size + target), again while taken.

    `table`, a power of two of -1, becomes their hash set.
    """
    mask = np.uint64(len(table) - 1)
    for e in range(count):
        step = 0
        while True:
            word = bn_word(e, step, stream, _FIRST, k0, k1)
            source = bn_scaled(word, source_size)
            word = bn_word(e, step, stream, _SECOND, k0, k1)
            target = bn_scaled(word, target_size)
            step += 1
            if source < 0 or target < 0 or target == source + own_shift:
                continue
            pair = source * target_size + target
            place = np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(20) & mask
            while table[place] >= 0 and table[place] != pair:
                place = (place + np.uint64(1)) & mask
            if table[place] < 0:
                table[place] = pair
                pairs[e] = pair
                break
