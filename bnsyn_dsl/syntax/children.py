"""What the builders do with the children of a grammar rule: tokens and nodes, all with spans."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from bnsyn_dsl.diagnostics import Diagnostic, Span
from bnsyn_dsl.syntax.tokens import SpannedToken

__all__ = ["BuildError", "Children", "behind", "comment", "cover", "names", "nodes_of"]

Children = Sequence[Any]


class BuildError(Exception):
    """A rule of the grammar was met, but what it says is not legal; ends this parse of a block."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


LAYOUT = ("NEWLINE", "INDENT", "DEDENT")


def cover(children: Children) -> Span:
    """Return the span from the first child to the last one that is not layout."""
    last = next(
        child
        for child in reversed(children)
        if not (isinstance(child, SpannedToken) and child.type in LAYOUT)
    )
    first: Span = _one(children[0], 0).span
    return first.to(_one(last, -1).span)


def _one(child: Any, index: int) -> Any:
    """Return `child`, or the outermost node of a list of nodes."""
    return child[index] if isinstance(child, tuple) else child


def names(children: Children) -> list[SpannedToken]:
    """Return the NAME tokens among the children."""
    return [c for c in children if isinstance(c, SpannedToken) and c.type == "NAME"]


def nodes_of(children: Children, *kinds: type[Any]) -> tuple[Any, ...]:
    """Return the children that are of one of `kinds`."""
    return tuple(c for c in children if isinstance(c, kinds))


def behind(children: Children, word: str) -> Any:
    """Return the child directly behind the token written `word`, or None."""
    for before, child in pairwise(children):
        if isinstance(before, SpannedToken) and before.value == word:
            return child
    return None


def comment(children: Children) -> str | None:
    """Return the trailing comment that the last child, a NEWLINE, carries."""
    return children[-1].value or None
