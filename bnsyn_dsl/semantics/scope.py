"""Scopes: which names an expression may use, and what they stand for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.functions import DISTRIBUTIONS, FUNCTIONS
from bnsyn_dsl.semantics.owners import Collection
from bnsyn_dsl.syntax import nodes

__all__ = ["Scope", "choice", "suggestion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What can be named at one place.

    Attributes:
        names: bare names.
        owners: for `owner.member`: the owner's members, or None where any member is accepted and
            checked later (`post` in a synapse that stands alone).
        collections: what reductions run over, by name.
        reduced: whether this is the inside of a reduction.
        functions: the user's functions.
        random: why a random call is refused here, or None where it is allowed.
        noise: whether `xi` may be used.
        where: the place in words, for messages.
    """

    names: Mapping[str, Symbol]
    owners: Mapping[str, Mapping[str, Symbol] | None] = field(default_factory=dict)
    collections: Mapping[str, Collection] = field(default_factory=dict)
    reduced: bool = False
    functions: Mapping[str, nodes.Function] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    random: str | None = None
    noise: bool = False
    where: str = "here"

    def known_names(self) -> tuple[str, ...]:
        """Return every bare name and function, for suggestions."""
        return (*self.names, *self.functions, *FUNCTIONS, *DISTRIBUTIONS)


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """Return `did you mean ...` when a known name is close."""
    pool = list(dict.fromkeys(known))
    folded = {k.lower(): k for k in pool}
    if name.lower() in folded:
        return f"did you mean `{folded[name.lower()]}`?"
    close = difflib.get_close_matches(name, pool, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


def choice(name: str, known: Iterable[str]) -> str | None:
    """Return the name that is close, else all there are as long as they fit on a line."""
    pool = list(dict.fromkeys(known))
    close = suggestion(name, pool)
    if close or not pool or len(pool) > 8:
        return close
    quoted = [f"`{k}`" for k in pool]
    if len(pool) == 1:
        return f"there is {quoted[0]}"
    return f"there are {', '.join(quoted[:-1])} and {quoted[-1]}"
