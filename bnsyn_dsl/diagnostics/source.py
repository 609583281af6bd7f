"""Source texts and places in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["SourceFile", "Span"]


@lru_cache(maxsize=16)
def _lines(text: str) -> tuple[str, ...]:
    """Split a text once, however many findings show a line of it."""
    return tuple(text.split("\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One .bns text and the name it is shown under."""

    name: str
    text: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def line(self, number: int) -> str:
        """Return line `number` (1-based) without its line end, or an empty string."""
        lines = _lines(self.text)
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one source: lines and columns are 1-based, the end column is exclusive."""

    source: SourceFile = field(repr=False)
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of `other`."""
        return Span(
            source=self.source,
            line=self.line,
            column=self.column,
            end_line=other.end_line,
            end_column=other.end_column,
        )
