"""Connection rules as enumerations: which synapses exist, in canonical order, in chunks.

The canonical order numbers the synapses of a projection. It belongs to the format, because the
number of a synapse is its element in the streams of weight and delay:

    pairwise_bernoulli, all_to_all, one_to_one, fixed_outdegree    by source, targets ascending
    fixed_indegree                                                 by target, in drawing order
    fixed_total_number, explicit                                   in drawing (given) order
    symmetric pairwise_bernoulli     pairs i < j in that order, each as i -> j, j -> i; both
                                     directions have the element number of the pair

Input: sizes and a rule. Output: chunks of (source, target). Knows no weights and no tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.stream_ids import split_seed, stream_id

__all__ = ["CHUNK", "Enumeration", "Rule", "enumerate_rule"]

CHUNK = 32768  # synapses: the buffers stay in the second-level cache
_NOBODY = 1 << 40  # a shift that leads to no neuron: autapses are allowed

Kind: TypeAlias = Literal[
    "one_to_one",
    "all_to_all",
    "pairwise_bernoulli",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_total_number",
    "explicit",
]
Neurons: TypeAlias = NDArray[np.uint32]
Chunks: TypeAlias = Iterator[tuple[Neurons, Neurons]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How sources and targets are paired. `p` is a probability, `count` a degree or a number."""

    kind: Kind
    p: float = 0.0
    count: int = 0
    autapses: bool = False
    multapses: bool = False
    symmetric: bool = False
    sources: NDArray[np.int64] | None = None
    targets: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumeration:
    """The synapses of one projection. `chunks(lo, hi)` gives those of a range of the outer index.

    `outer` says what the outer index is: sources, targets or synapses ("draw"). `first(lo)` is the
    number of the first synapse of `chunks(lo, ...)`, None where it must be counted (`total` None).
    `copies` synapses in sequence share one element number. A chunk is valid until the next.
    """

    outer: Literal["source", "target", "draw"]
    outer_size: int
    total: int | None
    first: Callable[[int], int] | None
    chunks: Callable[[int, int], Chunks]
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairing:
    """What every rule needs: `own` is i - j of one neuron as source i and target j, or None."""

    name: str
    rule: Rule
    sources: int
    targets: int
    own: int | None
    seed: int

    @property
    def words(self) -> tuple[int, int, int]:
        """Stream and key, as the compiled functions take them."""
        return stream_id(f"{self.name}.connectivity"), *split_seed(self.seed)

    @property
    def own_target(self) -> int:
        """Target minus source of an autapse to be left out."""
        return _NOBODY if self.own is None or self.rule.autapses else -self.own

    @property
    def own_source(self) -> int:
        """Source minus target of an autapse to be left out."""
        return _NOBODY if self.own is None or self.rule.autapses else self.own

    def fail(self, sentence: str) -> ValueError:
        """Make the error that names the projection."""
        return ValueError(f"projection `{self.name}`: {sentence}")


def enumerate_rule(
    *, name: str, rule: Rule, source_size: int, target_size: int, own: int | None, seed: int
) -> Enumeration:
    """Check a rule against the sizes and return its enumeration.

    Args:
        name: of the projection; the stream is `<name>.connectivity`.
        rule: the rule.
        source_size: number of source neurons.
        target_size: number of target neurons.
        own: i - j where source i and target j are the same neuron; None for two populations.
        seed: of the run, 0 to 2^64 - 1.

    Raises:
        ValueError: if the rule cannot be obeyed.
    """
    pairing = _Pairing(
        name=name, rule=rule, sources=source_size, targets=target_size, own=own, seed=seed
    )
    if rule.symmetric and rule.kind != "pairwise_bernoulli":
        raise pairing.fail(f"`symmetric` belongs to pairwise_bernoulli, not to {rule.kind}")
    return _RULES[rule.kind](pairing)


def _one_to_one(pairing: _Pairing) -> Enumeration:
    if pairing.sources != pairing.targets:
        raise pairing.fail(
            f"one_to_one needs equal sizes, found {pairing.sources} and {pairing.targets}"
        )
    if pairing.own_target == 0:
        raise pairing.fail("every synapse would be an autapse; allow them with autapses = true")

    def chunks(lo: int, hi: int) -> Chunks:
        for at in range(lo, hi, CHUNK):
            neurons = np.arange(at, min(at + CHUNK, hi), dtype=np.uint32)
            yield neurons, neurons

    return Enumeration(
        outer="source",
        outer_size=pairing.sources,
        total=pairing.sources,
        first=lambda lo: lo,
        chunks=chunks,
    )


def _all_to_all(pairing: _Pairing) -> Enumeration:
    shift, width = pairing.own_target, pairing.targets

    def first(lo: int) -> int:
        # rows below lo whose own target exists: 0 <= row + shift < width
        autapses = max(0, min(lo, width - shift) - max(0, -shift))
        return lo * width - autapses

    def chunks(lo: int, hi: int) -> Chunks:
        for at in range(lo * width, hi * width, CHUNK):
            pairs = np.arange(at, min(at + CHUNK, hi * width), dtype=np.int64)
            sources, targets = np.divmod(pairs, width)
            if shift != _NOBODY:
                others = targets != sources + shift
                sources, targets = sources[others], targets[others]
            yield sources.astype(np.uint32), targets.astype(np.uint32)

    return Enumeration(
        outer="source",
        outer_size=pairing.sources,
        total=first(pairing.sources),
        first=first,
        chunks=chunks,
    )


def _pairwise_bernoulli(pairing: _Pairing) -> Enumeration:
    p = pairing.rule.p
    if not 0.0 <= p <= 1.0:
        raise pairing.fail(f"a probability lies between 0 and 1, not {p}")
    if pairing.rule.symmetric:
        return _symmetric_bernoulli(pairing)
    return _directed_bernoulli(pairing)


def _directed_bernoulli(pairing: _Pairing) -> Enumeration:
    if pairing.rule.p == 1.0:
        return _all_to_all(pairing)
    if pairing.rule.p == 0.0 or pairing.targets == 0:
        return _listed(np.empty(0, np.uint32), np.empty(0, np.uint32))

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled.random_graphs import next_bernoulli

        sources, targets = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32)
        state = np.array([lo, 0, 0], np.int64)
        while state[0] < hi:
            n = next_bernoulli(
                state,
                hi,
                pairing.targets,
                pairing.rule.p,
                pairing.own_target,
                *pairing.words,
                sources,
                targets,
            )
            yield sources[:n], targets[:n]

    return Enumeration(
        outer="source", outer_size=pairing.sources, total=None, first=None, chunks=chunks
    )


def _symmetric_bernoulli(pairing: _Pairing) -> Enumeration:
    if pairing.own != 0 or pairing.sources != pairing.targets or pairing.rule.autapses:
        raise pairing.fail("`symmetric` needs one population on both sides and no autapses")
    directed = _directed_bernoulli(pairing)
    upper = []
    for sources, targets in directed.chunks(0, directed.outer_size):
        upper.append(np.stack((sources, targets))[:, sources < targets])
    pairs = np.concatenate(upper, axis=1) if upper else np.empty((2, 0), np.uint32)
    sources, targets = (np.stack((pairs[a], pairs[1 - a]), axis=1).ravel() for a in (0, 1))
    return _listed(sources, targets, copies=2)


def _fixed_indegree(pairing: _Pairing) -> Enumeration:
    return _fixed_degree(pairing, "target")


def _fixed_outdegree(pairing: _Pairing) -> Enumeration:
    return _fixed_degree(pairing, "source")


def _fixed_degree(pairing: _Pairing, outer: Literal["source", "target"]) -> Enumeration:
    count, distinct = pairing.rule.count, not pairing.rule.multapses
    by_target = outer == "target"
    outer_size = pairing.targets if by_target else pairing.sources
    size = pairing.sources if by_target else pairing.targets
    shift = pairing.own_source if by_target else pairing.own_target
    _check_degree(pairing, outer_size=outer_size, size=size, shift=shift)
    drawn = size - count if distinct and 2 * count > size else count

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled import random_graphs as graphs

        if count == 0:
            return
        block = max(1, CHUNK // count)
        words = np.empty(block * count + 8, np.uint32)
        outers, inners = np.empty(block * count, np.uint32), np.empty(block * count, np.uint32)
        stamps = np.zeros(size if distinct else 0, np.uint32)
        stream, k0, k1 = pairing.words
        for at in range(lo, hi, block):
            end = min(at + block, hi)
            graphs.draw_words(at * drawn, (end - at) * drawn, stream, 0, k0, k1, words)
            where = (stream, k0, k1, words)
            if distinct:
                n = graphs.pick_distinct(
                    at, end, count, drawn, size, shift, *where, stamps, outers, inners
                )
            else:
                n = graphs.pick_with_repetition(at, end, count, size, shift, *where, outers, inners)
            if by_target:
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


def _check_degree(pairing: _Pairing, *, outer_size: int, size: int, shift: int) -> None:
    """Refuse a degree that some neuron cannot have."""
    rule = pairing.rule
    if rule.count < 0:
        raise pairing.fail(f"a degree must not be negative, found {rule.count}")
    # is there an outer neuron whose own partner exists and must be left out?
    excludes = max(0, -shift) < min(outer_size, size - shift)
    choices = size - 1 if excludes else size
    needed = rule.count if not rule.multapses else min(rule.count, 1)
    if outer_size > 0 and needed > choices:
        raise pairing.fail(f"{rule.kind}({rule.count}) has only {choices} neurons to choose from")


def _fixed_total_number(pairing: _Pairing) -> Enumeration:
    count = pairing.rule.count
    pairs = pairing.sources * pairing.targets - _autapses_left_out(pairing)
    if count < 0:
        raise pairing.fail(f"a number of synapses must not be negative, found {count}")
    if count > (pairs if not pairing.rule.multapses else (count if pairs else 0)):
        raise pairing.fail(f"fixed_total_number({count}) has only {pairs} pairs to choose from")
    if not pairing.rule.multapses:
        return _distinct_pairs(pairing, pairs)

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled import random_graphs as graphs

        stream, k0, k1 = pairing.words
        words = np.empty(CHUNK + 8, np.uint32), np.empty(CHUNK + 8, np.uint32)
        sources, targets = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32)
        sizes = pairing.sources, pairing.targets, pairing.own_target
        for at in range(lo, hi, CHUNK):
            n = min(CHUNK, hi - at)
            graphs.draw_words(at, n, stream, 0, k0, k1, words[0])
            graphs.draw_words(at, n, stream, 1, k0, k1, words[1])
            graphs.pick_pairs(at, n, *sizes, stream, k0, k1, *words, sources, targets)
            yield sources[:n], targets[:n]

    return Enumeration(
        outer="draw", outer_size=count, total=count, first=lambda lo: lo, chunks=chunks
    )


def _distinct_pairs(pairing: _Pairing, pairs: int) -> Enumeration:
    from bnsyn_dsl.runtime.compiled.random_graphs import pick_distinct_pairs

    count = pairing.rule.count
    left_out = 2 * count > pairs
    drawn = pairs - count if left_out else count
    sources, targets = np.empty(drawn, np.uint32), np.empty(drawn, np.uint32)
    table = np.full(1 << (2 * drawn + 1).bit_length(), -1, np.int64)
    sizes = pairing.sources, pairing.targets, pairing.own_target
    pick_distinct_pairs(drawn, *sizes, *pairing.words, table, sources, targets)
    if not left_out:
        return _listed(sources, targets)
    present = np.ones((pairing.sources, pairing.targets), np.bool_)
    present[sources, targets] = False
    rows = np.arange(pairing.sources)
    own = rows + pairing.own_target
    inside = (own >= 0) & (own < pairing.targets)
    present[rows[inside], own[inside]] = False
    found = np.nonzero(present)
    return _listed(found[0].astype(np.uint32), found[1].astype(np.uint32))


def _autapses_left_out(pairing: _Pairing) -> int:
    shift = pairing.own_target
    return max(0, min(pairing.sources, pairing.targets - shift) - max(0, -shift))


def _explicit(pairing: _Pairing) -> Enumeration:
    sources, targets = pairing.rule.sources, pairing.rule.targets
    if sources is None or targets is None or sources.shape != targets.shape:
        raise pairing.fail("explicit synapses need sources and targets of one length")
    for neurons, size, side in (
        (sources, pairing.sources, "source"),
        (targets, pairing.targets, "target"),
    ):
        if neurons.size and not 0 <= int(neurons.min()) <= int(neurons.max()) < size:
            raise pairing.fail(f"a {side} index lies outside of 0 to {size - 1}")
    return _listed(sources.astype(np.uint32), targets.astype(np.uint32))


def _listed(sources: Neurons, targets: Neurons, copies: int = 1) -> Enumeration:
    """Enumerate synapses that lie in arrays."""

    def chunks(lo: int, hi: int) -> Chunks:
        for at in range(lo, hi, CHUNK):
            end = min(at + CHUNK, hi)
            yield sources[at:end], targets[at:end]

    return Enumeration(
        outer="draw",
        outer_size=len(sources),
        total=len(sources),
        first=lambda lo: lo,
        chunks=chunks,
        copies=copies,
    )


_RULES: dict[Kind, Callable[[_Pairing], Enumeration]] = {
    "one_to_one": _one_to_one,
    "all_to_all": _all_to_all,
    "pairwise_bernoulli": _pairwise_bernoulli,
    "fixed_indegree": _fixed_indegree,
    "fixed_outdegree": _fixed_outdegree,
    "fixed_total_number": _fixed_total_number,
    "explicit": _explicit,
}
