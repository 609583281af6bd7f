"""What calls of Python join and record: populations, their parts, drives, modulators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bnsyn_dsl.api.argument_syntax import place_of, span_of
from bnsyn_dsl.api.live.modulators import Modulator
from bnsyn_dsl.api.live.synapses import Synapses
from bnsyn_dsl.api.loading import Origin
from bnsyn_dsl.api.model_handles import ModelHandle
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.syntax import nodes

__all__ = [
    "Poisson",
    "PopulationPart",
    "Side",
    "add_items",
    "append_section",
    "places_of",
    "poisson",
    "shown_side",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationPart:
    """A population, or a part of one (`E[0:5]`), to connect and record."""

    name: str
    first: int
    last: int
    whole: bool = True
    model: ModelHandle | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, key: int | slice) -> PopulationPart:
        if isinstance(key, slice):
            first, last, step = key.indices(len(self))
            if key.stop is not None and key.stop > len(self):
                beyond = (
                    f"`{self.name}[{key.start or 0}:{key.stop}]` reaches beyond the last neuron"
                )
                raise IndexError(f"{beyond}: there are 0 to {len(self) - 1}")
            if step != 1:
                raise IndexError(f"a part of `{self.name}` is a slice without step, not {key}")
            if first >= last:
                shown = f"{'' if key.start is None else key.start}:{key.stop}"
                raise IndexError(f"`{self.name}[{shown}]` is empty: there are 0 to {len(self) - 1}")
        else:
            first = range(len(self))[key]
            last = first + 1
        return replace(self, first=self.first + first, last=self.first + last, whole=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    """Independent Poisson trains, one for each target."""

    rate: object


def poisson(rate: object) -> Poisson:
    """Return a source of Poisson spikes: `"8 kHz"`, a quantity, or text with `t`."""
    return Poisson(rate=rate)


Side = PopulationPart | str | Sequence["PopulationPart | str"]


# ----------------------------------------------------------------------------- syntax


def append_section(origin: Origin, section: nodes.NetworkSection) -> None:
    """Add a section to the block of the network."""
    origin.network = replace(origin.network, sections=(*origin.network.sections, section))


def add_items(origin: Origin, handle: ModelHandle) -> None:
    """Add the blocks of a model that is not of the library."""
    new = [i for i in handle.items if i not in origin.file.items]
    origin.file = replace(origin.file, items=(*origin.file.items, *new))


def places_of(side: object, where: str) -> tuple[nodes.Place, ...]:
    """Return the places of a population, a part, a modulator or a list of them."""
    members = list(side) if isinstance(side, list | tuple) else [side]
    return tuple(_place(m, where) for m in members)


def _place(member: object, where: str) -> nodes.Place:
    if isinstance(member, str):
        return place_of(member, where)
    if isinstance(member, Synapses):
        return place_of(member.name, where)
    if isinstance(member, Modulator):
        return _slice(member.name, *member.pools, shown_side(member), where)
    if not isinstance(member, PopulationPart):
        raise wrong(f"{where} needs populations or their names, found {member!r}")
    span = span_of(shown_side(member), where)
    if member.whole:
        return nodes.Place(name=member.name, span=span)
    return _slice(member.name, member.first, member.last, shown_side(member), where)


def _slice(name: str, first: int, last: int, text: str, where: str) -> nodes.Place:
    span = span_of(text, where)
    ends = [nodes.Number(text=str(n), span=span) for n in (first, last)]
    return nodes.Place(name=name, first=ends[0], last=ends[1], span=span)


def shown_side(side: object) -> str:
    """Return an end of a projection, or what is recorded, as text."""
    match side:
        case PopulationPart():
            return side.name if side.whole else f"{side.name}[{side.first}:{side.last}]"
        case Modulator():
            return f"{side.name}[{side.pools[0]}:{side.pools[1]}]"
        case Synapses():
            return side.name
        case Poisson():
            return f"poisson({side.rate})"
        case list() | tuple():
            return ", ".join(shown_side(s) for s in side)
        case _:
            return str(side)
