"""Tokens that know their place, the logical lines they form, and the words the grammar reserves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Token

from bnsyn_dsl.diagnostics import SourceFile, Span

__all__ = ["Line", "SpannedToken", "make_token", "place_behind"]


class SpannedToken(Token):
    """A Lark token with the source it comes from.

    A NEWLINE carries the trailing comment of its line as its text.
    """

    __slots__ = ("source",)
    source: SourceFile

    @property
    def span(self) -> Span:
        """The stretch of source this token covers."""
        place: Any = self  # Lark's positions are optional; ours are always there
        return Span(
            source=self.source,
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            end_column=place.end_column,
        )


def make_token(kind: str, text: str, span: Span) -> SpannedToken:
    """Return a token of grammar terminal `kind` at `span`."""
    token = SpannedToken(kind, text, 0, span.line, span.column, span.end_line, span.end_column, 0)
    token.source = span.source
    return token


def place_behind(token: SpannedToken) -> Span:
    """Return the one-column span directly behind `token`."""
    end = token.span
    return Span(
        source=end.source,
        line=end.end_line,
        column=end.end_column,
        end_line=end.end_line,
        end_column=end.end_column + 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One logical line: an indentation in columns, its tokens, and its end.

    `broken` is true when the scanner has already reported an error in it, `tabbed` when that error
    is a tab in the indentation, so that its column is a guess.
    """

    indent: int
    tokens: tuple[SpannedToken, ...]
    newline: SpannedToken
    broken: bool = False
    tabbed: bool = False

    @property
    def first(self) -> SpannedToken:
        """The first token."""
        return self.tokens[0]

    @property
    def opens_body(self) -> bool:
        """Whether the line ends with a colon, so that an indented body must follow."""
        return self.tokens[-1].type == "COLON"
