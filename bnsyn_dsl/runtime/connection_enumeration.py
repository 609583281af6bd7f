"""What every connection rule needs and gives: sizes and streams, and an enumeration in chunks.

An enumeration lists the synapses of a projection in canonical order (`connection_rules.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.stream_ids import split_seed, stream_id

__all__ = [
    "CHUNK",
    "NOBODY",
    "Chunks",
    "Enumeration",
    "Kind",
    "Neurons",
    "Pairing",
    "Rule",
    "listed",
]

CHUNK = 32768  # synapses: the buffers stay in the second-level cache
NOBODY = 1 << 40  # a shift that leads to no neuron: autapses are allowed

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
class Pairing:
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
        return NOBODY if self.own is None or self.rule.autapses else -self.own

    @property
    def own_source(self) -> int:
        """Source minus target of an autapse to be left out."""
        return NOBODY if self.own is None or self.rule.autapses else self.own

    def fail(self, sentence: str) -> ValueError:
        """Make the error that names the projection."""
        return ValueError(f"projection `{self.name}`: {sentence}")


def listed(sources: Neurons, targets: Neurons, copies: int = 1) -> Enumeration:
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
