"""States that decay by themselves: their propagator is the exponential of one number.

A conductance that is one exponential needs no matrix, whatever else the system is made of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bnsyn_dsl.analysis.update import Propagator
from bnsyn_dsl.semantics.expression import Expr

__all__ = ["Decay", "without_decays"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """The factor `name` = exp(rate*fraction*dt) of one state; `rate` in 1/ms, negative."""

    name: str
    rate: Expr
    fraction: float


def without_decays(made: Propagator) -> tuple[tuple[Decay, ...], Propagator | None]:
    """Return the states that neither read others nor are read, and the matrix of the rest.

    The matrix is None where nothing is left.
    """
    coupled = {i for place in made.matrix if place[0] != place[1] for i in place}
    alone = [i for i in range(made.size) if i not in coupled and (i, i) in made.matrix]
    decays = tuple(
        Decay(name=made.entries[i, i], rate=made.matrix[i, i], fraction=made.fraction)
        for i in alone
    )
    place = {old: new for new, old in enumerate(k for k in range(made.columns) if k not in alone)}
    entries = {
        (place[i], place[j]): name for (i, j), name in made.entries.items() if i not in alone
    }
    if not entries:
        return decays, None
    rest = replace(
        made,
        size=made.size - len(alone),
        columns=len(place),
        matrix={(place[i], place[j]): e for (i, j), e in made.matrix.items() if i in place},
        entries=entries,
    )
    return decays, rest
