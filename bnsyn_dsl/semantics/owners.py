"""What the names of a network own: the members of populations, pools and projections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.model import Model

__all__ = ["Collection", "Owner", "model_dimensions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A population, pool or projection under its name in the plan.

    `kind` is `population`, `pool` or `projection`; `size` is its number of elements, or None for
    a projection, whose synapses are counted when they are drawn.
    """

    name: str
    kind: str
    size: int | None
    dimensions: Mapping[str, Dimension]

    @property
    def members(self) -> dict[str, Symbol]:
        """Every member as it stands in expressions."""
        return {name: Symbol(name, "member", self.name) for name in self.dimensions}

    @property
    def collection(self) -> Symbol:
        """What a reduction over it runs over."""
        return Symbol(self.name, "collection", self.kind)


# what a name in a reduction stands for: owners, why it has none, or None where it is broken and
# was reported
Collection: TypeAlias = tuple[Owner, ...] | str | None


def model_dimensions(model: Model) -> dict[str, Dimension]:
    """Return every name of a model with its dimension."""
    declared = (*model.parameters, *model.inputs, *model.states)
    found = {d.name: d.dimension for d in declared}
    return found | {a.name: a.dimension for a in model.auxiliaries}
