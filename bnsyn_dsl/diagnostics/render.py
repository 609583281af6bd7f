"""Diagnostics as text: plain, coloured, and as a dictionary for JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.text import Text

from bnsyn_dsl.diagnostics.diagnostic import Diagnostic, Severity
from bnsyn_dsl.diagnostics.source import Span

__all__ = ["render_plain", "render_rich", "to_json"]

TAB = 4  # columns between tab stops in a shown line

COLOURS = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
}

Piece = tuple[str, str]  # text and style


def render_plain(d: Diagnostic) -> str:
    """Return the diagnostic as plain text with its source line and carets."""
    return "\n".join("".join(text for text, _ in line) for line in _lines(d))


def render_rich(d: Diagnostic) -> Text:
    """Return the same text with colours."""
    result = Text()
    for number, line in enumerate(_lines(d)):
        if number:
            result.append("\n")
        for text, style in line:
            result.append(text, style=style or None)
    return result


def to_json(d: Diagnostic) -> dict[str, object]:
    """Return the diagnostic as plain values; what it does not have is None.

    Columns count characters from 1, the end column is exclusive.
    """
    span = d.span
    return {
        "severity": str(d.severity),
        "code": d.code,
        "message": d.message,
        "file": span.source.name if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "help": d.help,
        "label": _label_json(d),
    }


def _label_json(d: Diagnostic) -> dict[str, object] | None:
    if d.label is None:
        return None
    span = d.label.span
    return {
        "text": d.label.text,
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _lines(d: Diagnostic) -> Iterator[list[Piece]]:
    colour = COLOURS[d.severity]
    yield [(f"{d.severity}[{d.code}]", colour), (f": {d.message}", "bold")]
    spans = [s for s in (d.span, d.label.span if d.label else None) if s is not None]
    margin = max((len(str(span.line)) for span in spans), default=1)
    if d.span is not None:
        yield from _excerpt(d.span, "", margin, "^", colour, "-->")
    if d.label is not None:
        same = d.span is not None and d.span.source.name == d.label.span.source.name
        yield from _excerpt(
            d.label.span, d.label.text, margin, "-", "bold blue", "" if same else ":::"
        )
    if d.help is not None:
        for number, text in enumerate(d.help.split("\n")):
            start = "= help: " if number == 0 else "        "
            yield [(f"{' ' * margin} {start}", "bold cyan"), (text, "")]


def _excerpt(
    span: Span, word: str, margin: int, mark: str, colour: str, arrow: str
) -> Iterator[list[Piece]]:
    """Yield the place, the source line and the marks under it.

    Without an arrow the excerpt continues the one before it.
    """
    gutter = f"{' ' * margin} |"
    if arrow:
        place = f"{span.source.name}:{span.line}:{span.column}"
        yield [(f"{' ' * margin} {arrow} ", "blue"), (place, "")]
        yield [(gutter, "blue")]
    else:
        yield [(f"{' ' * margin} :", "blue")]
    line = span.source.line(span.line)
    yield [(f"{span.line:>{margin}} | ", "blue"), (_shown(line), "")]
    start = _width(line[: span.column - 1])
    last = span.end_column if span.end_line == span.line else len(line) + 1
    end = _width(line[: last - 1]) if last - 1 <= len(line) else _width(line) + last - 1 - len(line)
    marks = mark * max(end - start, 1)
    yield [(f"{gutter} ", "blue"), (" " * start + marks + (f" {word}" if word else ""), colour)]


def _shown(line: str) -> str:
    """Return a source line as it is printed: tabs expanded, control characters replaced."""
    text = ""
    for character in line:
        if character == "\t":
            text += " " * (TAB - _columns(text) % TAB)
        else:
            text += character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
    return text


def _width(text: str) -> int:
    """Return the columns that `text`, from the start of a line, takes on a terminal."""
    return _columns(_shown(text))


def _columns(text: str) -> int:
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
