"""Populations, groups and slices: what a place in a network stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Label, Span, error
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.functions import NETWORK_NAMES
from bnsyn_dsl.semantics.network_scope import NetworkScope
from bnsyn_dsl.semantics.network_scope import Place as Where
from bnsyn_dsl.semantics.plan import Part
from bnsyn_dsl.semantics.scope import choice
from bnsyn_dsl.syntax import nodes

__all__ = ["Member", "Places"]

_WHERE = Where(random="the end of a part is one number", where="in a slice")

_DEEPEST_GROUP = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One part under the name by which the network speaks of it (`E`, `cells[0:5]`)."""

    name: str
    part: Part


class Places:
    """The names of a network that stand for neurons; `others` are its pools and projections."""

    def __init__(self, scope: NetworkScope, log: DiagnosticLog) -> None:
        self._scope = scope
        self._log = log
        self._spans: dict[str, Span] = {}
        self._known: dict[str, tuple[Member, ...] | None] = {}
        self._groups: dict[str, nodes.Group] = {}
        self._open: list[str] = []
        self.others: set[str] = set()

    def claim(self, name: str, span: Span) -> bool:
        """Reserve a name; False after reporting one that is taken or has its own meaning."""
        if name in NETWORK_NAMES:
            message = f"`{name}` has a meaning of its own and cannot be declared"
            self._log.add(error("BN214", message, span))
            return False
        if name in self._spans:
            label = Label(span=self._spans[name], text="first declared here")
            self._log.add(error("BN236", f"`{name}` is declared twice", span, label=label))
            return False
        self._spans[name] = span
        return True

    def add_population(self, name: str, size: int | None) -> None:
        """Add a claimed population; without a size it is known, but unusable."""
        part = None if size is None else Part(population=name, first=0, last=size)
        self._known[name] = None if part is None else (Member(name=name, part=part),)

    def add_group(self, group: nodes.Group) -> None:
        """Add a claimed group; its members may come later."""
        self._groups[group.name] = group

    def check_groups(self) -> None:
        """Resolve every group, so that mistakes in unused ones are found."""
        for group in self._groups.values():
            self._named(group.name, group.span)

    def named(self) -> Iterable[tuple[str, tuple[Member, ...] | None]]:
        """Yield every population and group with its parts, None for a broken one."""
        for name in (*self._spans,):
            if name in self._known or name in self._groups:
                yield name, self._known.get(name)

    def members(self, places: Iterable[nodes.Place]) -> tuple[Member, ...] | None:
        """Return the parts that places stand for, in order; None after reporting."""
        found = [self._place(place) for place in places]
        if any(f is None for f in found):
            return None
        return tuple(m for f in found if f is not None for m in f)

    def bounds(self, place: nodes.Place, size: int) -> tuple[int, int] | None:
        """Return the first element of a place and the one behind its last; None after reporting.

        `size` is the number of elements that its name has.
        """
        if place.first is None:
            return 0, size
        first = self._bound(place.first, size)
        last = None if first is None else first + 1
        if first is not None and place.last is not None:
            last = self._bound(place.last, size)
        if first is None or last is None:
            return None
        if first < last <= size:
            return first, last
        found = f"{first}" if place.last is None else f"{first} to {last - 1}"
        message = f"`{place.name}` has elements 0 to {size - 1}, found {found}"
        help_text = f"`{place.name}[0:{size}]` is all of it"
        self._log.add(error("BN442", message, place.span, help=help_text))
        return None

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._groups

    # ------------------------------------------------------------------------- inside

    def _place(self, place: nodes.Place) -> tuple[Member, ...] | None:
        whole = self._named(place.name, place.span)
        if whole is None or place.first is None:
            return whole
        bounds = self.bounds(place, sum(m.part.size for m in whole))
        return None if bounds is None else tuple(_cut(place.name, whole, *bounds))

    def _bound(self, node: nodes.Expr, size: int) -> int | None:
        value = self._scope.number(node, _WHERE, ONE, "the end of a part")
        if value is None:
            return None
        if value < 0 or not float(value).is_integer():
            message = f"a part of {size} elements begins and ends at whole numbers from 0 to {size}"
            self._log.add(error("BN442", f"{message}, found {value:g}", node.span))
            return None
        return int(value)

    def _named(self, name: str, span: Span) -> tuple[Member, ...] | None:
        if name in self._known:
            return self._known[name]
        if name not in self._groups:
            self._log.add(self._unknown(name, span))
            return None
        if name in self._open:
            ring = " -> ".join(f"`{n}`" for n in [*self._open[self._open.index(name) :], name])
            self._log.add(error("BN217", f"`{name}` depends on itself: {ring}", span))
            return None
        if len(self._open) > _DEEPEST_GROUP:
            message = f"more than {_DEEPEST_GROUP} groups stand for one another"
            self._log.add(error("BN217", message, span))
            return None
        self._open.append(name)
        group = self._groups[name]
        found = self.members(group.places)
        self._open.pop()
        if found is not None and (twice := _twice(found)) is not None:
            message = f"`{name}` has neurons twice: those of `{twice[0]}` and `{twice[1]}`"
            self._log.add(error("BN236", message, group.span))
            found = None
        if found is not None and len(found) == 1:
            found = (Member(name=name, part=found[0].part),)
        self._known[name] = found
        return found

    def _unknown(self, name: str, span: Span) -> Diagnostic:
        if name in self.others:
            message = f"`{name}` is no population or group"
            return error("BN235", message, span)
        known = [*self._known, *self._groups]
        return error("BN235", f"there is no population `{name}`", span,
                     help=choice(name, known))  # fmt: skip


def _twice(members: tuple[Member, ...]) -> tuple[str, str] | None:
    """Return the names of two members that have neurons in common."""
    for at, one in enumerate(members):
        for other in members[:at]:
            first, last = max(one.part.first, other.part.first), min(one.part.last, other.part.last)
            if one.part.population == other.part.population and first < last:
                return other.name, one.name
    return None


def _cut(name: str, whole: tuple[Member, ...], first: int, last: int) -> Iterable[Member]:
    """Yield the parts of elements `first` to `last`, counted through all members."""
    start = 0
    for member in whole:
        low, high = max(first - start, 0), min(last - start, member.part.size)
        if low < high:
            part = Part(
                population=member.part.population,
                first=member.part.first + low,
                last=member.part.first + high,
            )
            label = name if len(whole) == 1 else member.name
            yield Member(name=f"{label}[{low}:{high}]", part=part)
        start += member.part.size
