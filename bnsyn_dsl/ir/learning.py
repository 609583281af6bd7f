"""A plasticity rule in the kernel language, ready to be printed for any backend.

States that decay are stored in a frame: what is kept is (s - rest)/E(n), where E(n) is the decay
over the n steps since the frame began. Between events that number does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bnsyn_dsl.ir.nodes import Expr, Let

__all__ = ["Accumulator", "LearningKernel", "Slot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A stored state: `rate` is a row of the decay table (None: it does not decay)."""

    ident: str
    rate: int | None
    rest: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accumulator:
    """What post spikes add to synapse state `state`, per unit of pre-owned slot `trace`.

    `integral` is set for a state that drives another one: a second sum is weighted with it.
    """

    state: int
    trace: int | None
    factor: Expr
    integral: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningKernel:
    """Everything the printer of a rule needs; lets use the identifiers of slots and parameters.

    `driven` are (state, the state whose integral it follows or None, number of the integral),
    `steps` the lets of one step by owner (for a rule that is swept), `clocks` (steps, body),
    `members` (identifier, `pre` or `post`).
    `ports` is the number of receptors that get the weight; `checked` asks to stop where a weight
    is too large to be transmitted, because nothing bounds it. `reciprocals` are (identifier,
    parameter that it is one over). `factored` are the numbers of those receptors whose short-term
    plasticity multiplies what is transmitted. `source` is the rule as it was written, in lines.
    """

    name: str
    strategy: str
    parameters: tuple[str, ...]
    factors: tuple[str, ...]
    rates: tuple[Expr, ...]
    pre: tuple[Slot, ...]
    post: tuple[Slot, ...]
    synapse: tuple[Slot, ...]
    driven: tuple[tuple[int, int | None, int], ...]
    integrals: int
    weight: Expr
    clip: tuple[Expr, Expr] | None
    clips_after_post: bool
    on_pre: tuple[Let, ...]
    on_post: tuple[Let, ...]
    row_updates: tuple[tuple[int, Expr], ...]
    target_updates: tuple[tuple[int, Expr], ...]
    accumulators: tuple[Accumulator, ...]
    steps: Mapping[str, tuple[Let, ...]]
    clocks: tuple[tuple[Expr, tuple[Let, ...]], ...]
    members: tuple[tuple[str, str], ...]
    ports: int
    checked: bool
    factored: tuple[int, ...]
    reciprocals: tuple[tuple[str, str], ...]
    source: tuple[str, ...] = ()
