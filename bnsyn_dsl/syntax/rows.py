"""The lines of a printed file before they are text, and how comments find their place in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.syntax import nodes

__all__ = ["INDENT", "Row", "attach", "join", "row"]

INDENT = "    "
COMMENT_COLUMN = 32  # where trailing comments begin, unless the code is longer


@dataclass(slots=True, kw_only=True)
class Row:
    """One line to print. `first` and `last` are the source lines that it stands for."""

    depth: int
    text: str
    first: int
    last: int
    column: int
    table: int | None = None  # rows of one table have their trailing comments in one column
    blank_before: bool = False
    above: list[tuple[int, str]] = field(
        default_factory=list
    )  # depth and comment, or an empty line
    trailing: str | None = None

    @property
    def code(self) -> str:
        """The indented text."""
        return INDENT * self.depth + self.text


def row(depth: int, text: str, span: Span, *, last: int | None = None) -> Row:
    """Return a row for what `span` covers, or for its source lines up to `last`."""
    end = span.end_line if last is None else max(last, span.line)
    return Row(depth=depth, text=text, first=span.line, last=end, column=span.column)


def attach(rows: list[Row], comments: Iterable[nodes.Comment]) -> list[tuple[int, str]]:
    """Put each comment behind or above the row it belongs to; return those below the last row."""
    below: list[tuple[int, str]] = []
    for comment in comments:
        line = comment.span.line
        text = _comment_text(comment)
        if not comment.own_line:
            owner = next((r for r in reversed(rows) if r.last == line), None)
            if owner is not None and owner.trailing is None:
                owner.trailing = text
                continue
        index = next((i for i, r in enumerate(rows) if r.last >= line), len(rows))
        previous = rows[index - 1] if index > 0 else None
        following = rows[index] if index < len(rows) else None
        depth = _depth(comment, previous, following)
        target = below if following is None else following.above
        target.append((depth, text))
        if depth == 0 and _blank_follows(comment):
            target.append((0, ""))
    return below


def _comment_text(comment: nodes.Comment) -> str:
    if not comment.text:
        return "#"
    return f"#{comment.text}" if comment.text.startswith(("#", "!")) else f"# {comment.text}"


def _depth(comment: nodes.Comment, previous: Row | None, following: Row | None) -> int:
    """Return the depth of a comment between two rows: that of the one it is in line with."""
    column = comment.span.column
    low = 0 if following is None else following.depth
    if previous is None or previous.depth <= low:
        return low
    if following is not None and following.first <= comment.span.line:
        return low
    if column == previous.column:
        return previous.depth
    if column == (1 if following is None else following.column):
        return low
    return min(max((column - 1) // len(INDENT), low), previous.depth)


def _blank_follows(comment: nodes.Comment) -> bool:
    span = comment.span
    lines = span.source.text.count("\n")
    return span.line < lines and not span.source.line(span.line + 1).strip()


def join(rows: list[Row], below: list[tuple[int, str]]) -> str:
    """Return the text of all rows with their comments."""
    columns: dict[int, int] = {}
    for r in rows:
        if r.table is not None and r.trailing is not None:
            columns[r.table] = max(columns.get(r.table, COMMENT_COLUMN), len(r.code) + 2)
    lines: list[str] = []
    for r in rows:
        lines.extend(_above(r))
        lines.append(r.code if r.trailing is None else _with_comment(r, columns))
    lines.extend(_comment_line(depth, text) for depth, text in below)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def _above(r: Row) -> list[str]:
    """Return the comments above a row, and the blank line where a new block begins."""
    inner = [_comment_line(depth, text) for depth, text in r.above if depth > r.depth]
    own = [_comment_line(depth, text) for depth, text in r.above if depth <= r.depth]
    return [*inner, *([""] if r.blank_before else []), *own]


def _comment_line(depth: int, text: str) -> str:
    return INDENT * depth + text if text else ""


def _with_comment(r: Row, columns: dict[int, int]) -> str:
    width = len(r.code.rsplit("\n", 1)[-1])
    column = max(COMMENT_COLUMN, width + 2) if r.table is None else columns[r.table]
    return f"{r.code}{' ' * (column - width)}{r.trailing}"
