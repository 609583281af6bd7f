"""Connection rules as enumerations: which synapses exist, in canonical order, in chunks.

The canonical order numbers the synapses of a projection. It belongs to the format, because the
number of a synapse is its element in the streams of weight and delay:

    pairwise_bernoulli, all_to_all, one_to_one, fixed_outdegree,
        fixed_total_number without multapses     by source, targets ascending
    fixed_indegree,
        fixed_total_number with multapses        by target, in drawing order
    explicit                                     as given
    symmetric pairwise_bernoulli                 by pair i < j, each as i -> j, j -> i; both
                                                 directions have the element number of the pair

Input: sizes and a rule. Output: chunks of (source, target). Knows no weights and no tables.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bnsyn_dsl.runtime.connection_degrees import (
    fixed_indegree,
    fixed_outdegree,
    fixed_total_number,
)
from bnsyn_dsl.runtime.connection_enumeration import (
    CHUNK,
    NOBODY,
    Chunks,
    Enumeration,
    Kind,
    Pairing,
    Rule,
    listed,
)

__all__ = ["Enumeration", "Rule", "enumerate_rule"]


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
    pairing = Pairing(
        name=name, rule=rule, sources=source_size, targets=target_size, own=own, seed=seed
    )
    if rule.symmetric and rule.kind != "pairwise_bernoulli":
        raise pairing.fail(f"`symmetric` belongs to pairwise_bernoulli, not to {rule.kind}")
    return _RULES[rule.kind](pairing)


def _one_to_one(pairing: Pairing) -> Enumeration:
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


def _all_to_all(pairing: Pairing) -> Enumeration:
    shift, width = pairing.own_target, pairing.targets

    def first(lo: int) -> int:
        # rows below lo whose own target exists: 0 <= row + shift < width
        autapses = max(0, min(lo, width - shift) - max(0, -shift))
        return lo * width - autapses

    def chunks(lo: int, hi: int) -> Chunks:
        for at in range(lo * width, hi * width, CHUNK):
            pairs = np.arange(at, min(at + CHUNK, hi * width), dtype=np.int64)
            sources, targets = np.divmod(pairs, width)
            if shift != NOBODY:
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


def _pairwise_bernoulli(pairing: Pairing) -> Enumeration:
    p = pairing.rule.p
    if not 0.0 <= p <= 1.0:
        raise pairing.fail(f"a probability lies between 0 and 1, not {p}")
    if pairing.rule.symmetric:
        return _symmetric_bernoulli(pairing)
    return _directed_bernoulli(pairing)


def _directed_bernoulli(pairing: Pairing) -> Enumeration:
    if pairing.rule.p == 1.0:
        return _all_to_all(pairing)
    if pairing.rule.p == 0.0 or pairing.targets == 0:
        return listed(np.empty(0, np.uint32), np.empty(0, np.uint32))

    def chunks(lo: int, hi: int) -> Chunks:
        from bnsyn_dsl.runtime.compiled.random_graphs import GAPS, next_bernoulli

        sources, targets = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32)
        state, gaps = np.array([lo, 0, 0], np.int64), np.empty(GAPS)
        while state[0] < hi:
            n = next_bernoulli(
                state,
                gaps,
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


def _symmetric_bernoulli(pairing: Pairing) -> Enumeration:
    if pairing.own != 0 or pairing.sources != pairing.targets or pairing.rule.autapses:
        raise pairing.fail("`symmetric` needs one population on both sides and no autapses")
    directed = _directed_bernoulli(pairing)
    upper = []
    for sources, targets in directed.chunks(0, directed.outer_size):
        upper.append(np.stack((sources, targets))[:, sources < targets])
    pairs = np.concatenate(upper, axis=1) if upper else np.empty((2, 0), np.uint32)
    sources, targets = (np.stack((pairs[a], pairs[1 - a]), axis=1).ravel() for a in (0, 1))
    return listed(sources, targets, copies=2)


def _explicit(pairing: Pairing) -> Enumeration:
    sources, targets = pairing.rule.sources, pairing.rule.targets
    if sources is None or targets is None or sources.shape != targets.shape:
        raise pairing.fail("explicit synapses need sources and targets of one length")
    for neurons, size, side in (
        (sources, pairing.sources, "source"),
        (targets, pairing.targets, "target"),
    ):
        if neurons.size and not 0 <= int(neurons.min()) <= int(neurons.max()) < size:
            raise pairing.fail(f"a {side} index lies outside of 0 to {size - 1}")
    return listed(sources.astype(np.uint32), targets.astype(np.uint32))


_RULES: dict[Kind, Callable[[Pairing], Enumeration]] = {
    "one_to_one": _one_to_one,
    "all_to_all": _all_to_all,
    "pairwise_bernoulli": _pairwise_bernoulli,
    "fixed_indegree": fixed_indegree,
    "fixed_outdegree": fixed_outdegree,
    "fixed_total_number": fixed_total_number,
    "explicit": _explicit,
}
