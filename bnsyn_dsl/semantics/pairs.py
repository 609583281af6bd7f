"""`E, I -> cells` as pairs: one source part and one target part each, with its name in the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.network_scope import Place
from bnsyn_dsl.semantics.places import Member
from bnsyn_dsl.syntax import nodes

__all__ = ["Pair", "PairNames"]

_SIZE = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One source member (None for a drive) and one target member of a projection."""

    source: Member | None
    target: Member
    place: Place
    name: str


@dataclass(slots=True)
class PairNames:
    """Makes pairs; a name that was made before gets a number."""

    made: dict[str, int] = field(default_factory=dict)

    def pairs(
        self,
        node: nodes.Projection,
        sources: tuple[Member, ...] | None,
        targets: tuple[Member, ...],
    ) -> list[Pair]:
        """Return the pairs of a projection, targets fastest; `sources` is None for a drive."""
        listed: tuple[Member | None, ...] = (None,) if sources is None else sources
        many = len(listed) * len(targets) > 1
        synapse = "+".join(share.use.model for share in node.mix)
        pairs = []
        for column, source in enumerate(listed):
            for row, target in enumerate(targets):
                arrow = f"{'poisson' if source is None else source.name}->{target.name}"
                name = f"{arrow}:{synapse}"
                if node.name is not None:
                    name = f"{node.name}[{arrow}]" if many else node.name
                self.made[name] = self.made.get(name, 0) + 1
                if self.made[name] > 1:
                    name = f"{name}#{self.made[name]}"
                place = _place(source, target, row, column)
                pairs.append(Pair(source=source, target=target, place=place, name=name))
        return pairs


def _place(source: Member | None, target: Member, row: int, column: int) -> Place:
    """Return what expressions of one pair see: positions and sizes of its members."""
    values = {Symbol("target", "position"): float(row)}
    owners = {"target": {_SIZE: Symbol(_SIZE, "size", "target")}}
    values[owners["target"][_SIZE]] = float(target.part.size)
    names = {"target": Symbol("target", "position")}
    if source is not None:
        names["source"] = Symbol("source", "position")
        values[names["source"]] = float(column)
        owners["source"] = {_SIZE: Symbol(_SIZE, "size", "source")}
        values[owners["source"][_SIZE]] = float(source.part.size)
    return Place(names=names, owners=owners, values=values, where="in a projection")
