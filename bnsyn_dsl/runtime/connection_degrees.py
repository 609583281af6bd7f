"""Rules with a number: fixed indegree, fixed outdegree, fixed total number.

Input: a pairing. Output: its enumeration. Partners drawn with repetition are independent; without,
a taken one is drawn again, and where more than half are wanted those left out are drawn.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connection_enumeration import (
    CHUNK,
    Chunks,
    Enumeration,
    Pairing,
    listed,
)

__all__ = ["fixed_indegree", "fixed_outdegree", "fixed_total_number"]


def fixed_indegree(pairing: Pairing) -> Enumeration:
    """Give each target `count` sources; by target, in drawing order."""
    return _fixed_degree(pairing, "target")


def fixed_outdegree(pairing: Pairing) -> Enumeration:
    """Give each source `count` targets; by source, targets ascending."""
    return _fixed_degree(pairing, "source")


def fixed_total_number(pairing: Pairing) -> Enumeration:
    """Draw `count` pairs; with multapses by target, else by source, targets ascending."""
    count, repeats = pairing.rule.count, pairing.rule.multapses
    pairs = pairing.sources * pairing.targets - _own_pairs(pairing)
    if count < 0:
        raise pairing.fail(f"a number of synapses must not be negative, found {count}")
    if count > (0 if pairs == 0 else count if repeats else pairs):
        raise pairing.fail(f"fixed_total_number({count}) has only {pairs} pairs to choose from")
    return _repeated_pairs(pairing) if repeats else _distinct_pairs(pairing, pairs)


def _fixed_degree(pairing: Pairing, outer: Literal["source", "target"]) -> Enumeration:
    by_target = outer == "target"
    outer_size = pairing.targets if by_target else pairing.sources
    size = pairing.sources if by_target else pairing.targets
    shift = pairing.own_source if by_target else pairing.own_target
    _check_degree(pairing, outer_size=outer_size, size=size, shift=shift)
    if not pairing.rule.multapses:
        return _distinct_partners(pairing, outer, outer_size, size, shift)
    firsts = np.arange(outer_size + 1, dtype=np.int64) * pairing.rule.count
    return _repeated_partners(pairing, outer, firsts, size, shift, 0)


def _check_degree(pairing: Pairing, *, outer_size: int, size: int, shift: int) -> None:
    """Refuse a degree that some neuron cannot have."""
    rule = pairing.rule
    if rule.count < 0:
        raise pairing.fail(f"a degree must not be negative, found {rule.count}")
    # is there an outer neuron whose own partner exists and must be left out?
    excludes = max(0, -shift) < min(outer_size, size - shift)
    choices = size - 1 if excludes else size
    needed = min(rule.count, 1) if rule.multapses else rule.count
    if outer_size > 0 and needed > choices:
        raise pairing.fail(f"{rule.kind}({rule.count}) has only {choices} neurons to choose from")


def _repeated_partners(
    pairing: Pairing,
    outer: Literal["source", "target"],
    firsts: NDArray[np.int64],
    size: int,
    shift: int,
    draw: int,
) -> Enumeration:
    """Enumerate partners drawn with repetition: outer neuron o has firsts[o]..firsts[o + 1]."""

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled.random_graphs import draw_words, pick_with_repetition

        if firsts[lo] == firsts[hi]:
            return
        stream, k0, k1 = pairing.words
        room = max(CHUNK, int(np.diff(firsts[lo : hi + 1]).max(initial=0)))
        words = np.empty(room + 8, np.uint32)
        outers, inners = np.empty(room, np.uint32), np.empty(room, np.uint32)
        at = lo
        while at < hi:
            end = min(int(np.searchsorted(firsts, firsts[at] + room, side="right")) - 1, hi)
            draw_words(firsts[at], firsts[end] - firsts[at], stream, draw, k0, k1, words)
            n = pick_with_repetition(
                at, end, firsts, size, shift, stream, draw, k0, k1, words, outers, inners
            )
            if outer == "target":
                yield inners[:n], outers[:n]
            else:
                inners[:n].reshape(end - at, -1).sort(axis=1)
                yield outers[:n], inners[:n]
            at = end

    return Enumeration(
        outer=outer,
        outer_size=len(firsts) - 1,
        total=int(firsts[-1]),
        first=lambda lo: int(firsts[lo]),
        chunks=chunks,
    )


def _distinct_partners(
    pairing: Pairing,
    outer: Literal["source", "target"],
    outer_size: int,
    size: int,
    shift: int,
) -> Enumeration:
    count = pairing.rule.count
    drawn = size - count if 2 * count > size else count

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled.random_graphs import draw_words, pick_distinct

        if count == 0:
            return
        stream, k0, k1 = pairing.words
        block = max(1, CHUNK // count)
        words = np.empty(block * count + 8, np.uint32)
        outers, inners = np.empty(block * count, np.uint32), np.empty(block * count, np.uint32)
        stamps = np.zeros(size, np.uint32)
        for at in range(lo, hi, block):
            end = min(at + block, hi)
            draw_words(at * drawn, (end - at) * drawn, stream, 0, k0, k1, words)
            n = pick_distinct(
                at, end, count, drawn, size, shift, stream, k0, k1, words, stamps, outers, inners
            )
            if outer == "target":
                yield inners[:n], outers[:n]
            else:
                inners[:n].reshape(end - at, count).sort(axis=1)
                yield outers[:n], inners[:n]

    return Enumeration(
        outer=outer,
        outer_size=outer_size,
        total=outer_size * count,
        first=lambda lo: lo * count,
        chunks=chunks,
    )


def _repeated_pairs(pairing: Pairing) -> Enumeration:
    """Draw the indegrees first, then the sources of each target.

    Independent pairs are the same, sorted by target; but no thread needs to draw what is not its
    own, and nothing needs to be sorted.
    """
    from bnsyn_dsl.runtime.compiled.random_graphs import count_targets, draw_words

    stream, k0, k1 = pairing.words
    words = np.empty(CHUNK + 8, np.uint32), np.empty(CHUNK + 8, np.uint32)
    indegrees = np.zeros(pairing.targets, np.int64)
    sizes = pairing.sources, pairing.targets, pairing.own_target
    for at in range(0, pairing.rule.count, CHUNK):
        n = min(CHUNK, pairing.rule.count - at)
        draw_words(at, n, stream, 0, k0, k1, words[0])
        draw_words(at, n, stream, 1, k0, k1, words[1])
        count_targets(at, n, *sizes, stream, k0, k1, *words, indegrees)
    firsts = np.concatenate((np.zeros(1, np.int64), np.cumsum(indegrees)))
    return _repeated_partners(pairing, "target", firsts, pairing.sources, pairing.own_source, 2)


def _distinct_pairs(pairing: Pairing, pairs: int) -> Enumeration:
    from bnsyn_dsl.runtime.compiled.random_graphs import pick_distinct_pairs

    count, width = pairing.rule.count, pairing.targets
    left_out = 2 * count > pairs
    drawn = np.empty(pairs - count if left_out else count, np.int64)
    table = np.full(1 << (2 * len(drawn) + 1).bit_length(), -1, np.int64)
    sizes = pairing.sources, width, pairing.own_target
    pick_distinct_pairs(len(drawn), *sizes, *pairing.words, table, drawn)
    if left_out:
        present = np.ones(pairing.sources * width, np.bool_)
        present[drawn] = False
        rows = np.arange(pairing.sources)
        own = rows + pairing.own_target
        inside = (own >= 0) & (own < width)
        present[rows[inside] * width + own[inside]] = False
        drawn = np.nonzero(present)[0]
    drawn.sort()
    sources, targets = np.divmod(drawn, max(width, 1))
    return listed(sources.astype(np.uint32), targets.astype(np.uint32))


def _own_pairs(pairing: Pairing) -> int:
    """Return how many pairs are autapses that must be left out."""
    shift = pairing.own_target
    return max(0, min(pairing.sources, pairing.targets - shift) - max(0, -shift))
