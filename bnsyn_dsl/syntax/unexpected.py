"""What the parser stumbled over, and how parsing goes on after it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bnsyn_dsl.diagnostics import Diagnostic
from bnsyn_dsl.syntax.tokens import Line, SpannedToken

__all__ = ["Repair", "Situation", "Unexpected"]


class Repair(Enum):
    """What to do with the line at fault before the block is tried again."""

    DROP = auto()  # leave it out, with its body
    DROP_RUN = auto()  # and all lines behind it with the same or a deeper indentation
    ADD_COLON = auto()  # read it as if it ended with a colon


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexpected:
    """An error in a block and the line that is at fault."""

    diagnostic: Diagnostic
    line: Line
    repair: Repair = Repair.DROP


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where the parser stopped: the token, its line, the line before, and what it would accept."""

    token: SpannedToken
    line: Line
    before: Line | None
    expected: frozenset[str]
    kind: str  # the word that begins the block, as written

    @property
    def index(self) -> int:
        """The number of the token in its line; layout tokens count as behind the last one."""
        return next(
            (i for i, token in enumerate(self.line.tokens) if token is self.token),
            len(self.line.tokens),
        )

    @property
    def previous(self) -> SpannedToken | None:
        """The token before the unexpected one on the same line."""
        return self.line.tokens[self.index - 1] if self.index > 0 else None
