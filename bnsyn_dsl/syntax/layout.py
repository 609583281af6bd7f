"""Logical lines -> the token stream of a block with INDENT and DEDENT, and leaving lines out."""

from __future__ import annotations

from bnsyn_dsl.diagnostics import Span, error
from bnsyn_dsl.syntax.limits import MAX_NESTING
from bnsyn_dsl.syntax.tokens import Line, SpannedToken, make_token
from bnsyn_dsl.syntax.unexpected import Unexpected

__all__ = ["layout", "without", "without_run"]


def layout(lines: list[Line]) -> tuple[list[SpannedToken], Unexpected | None]:
    """Return the tokens of a block, or the first line whose indentation fits nowhere."""
    tokens: list[SpannedToken] = []
    levels = [0]
    for line in lines:
        place = _indentation(line)
        if line.indent > levels[-1]:
            levels.append(line.indent)
            tokens.append(make_token("INDENT", "", place))
            if len(levels) > MAX_NESTING:
                message = f"more than {MAX_NESTING} levels of indentation"
                return tokens, Unexpected(diagnostic=error("BN109", message, place), line=line)
        while line.indent < levels[-1]:
            levels.pop()
            tokens.append(make_token("DEDENT", "", line.first.span))
        if line.indent != levels[-1]:
            return tokens, _fits_nowhere(line, place, levels[-1])
        tokens.extend(line.tokens)
        tokens.append(line.newline)
    end = lines[-1].newline.span
    tokens.extend(make_token("DEDENT", "", end) for _ in levels[1:])
    return tokens, None


def _indentation(line: Line) -> Span:
    first = line.first.span
    return Span(
        source=first.source,
        line=first.line,
        column=1,
        end_line=first.line,
        end_column=max(first.column, 2),
    )


def _fits_nowhere(line: Line, place: Span, nearest: int) -> Unexpected:
    message = f"`{line.first.value}` is indented by {line.indent} blanks, which fits no line above"
    advice = f"the nearest body is indented by {nearest}"
    return Unexpected(diagnostic=error("BN114", message, place, help=advice), line=line)


def without(lines: list[Line], bad: Line) -> list[Line]:
    """Return the lines without `bad`, its body, and whatever makes no sense without it.

    That is an `else` behind an `if`, and a header whose body would become empty.
    """
    index = next(i for i, line in enumerate(lines) if line is bad)
    end = index + 1
    while end < len(lines) and lines[end].indent > bad.indent:
        end += 1
    if end < len(lines) and bad.first.value == "if" and _is_else(lines[end], bad.indent):
        end += 1
        while end < len(lines) and lines[end].indent > bad.indent:
            end += 1
    rest = [*lines[:index], *lines[end:]]
    if index == 0:
        return rest
    header = rest[index - 1]
    emptied = index == len(rest) or rest[index].indent <= header.indent
    if header.opens_body and emptied and header.indent < bad.indent:
        return without(rest, header)
    return rest


def _is_else(line: Line, indent: int) -> bool:
    return line.first.value == "else" and line.indent == indent


def without_run(lines: list[Line], bad: Line) -> list[Line]:
    """Return the lines without `bad` and all that follow it with at least its indentation."""
    index = next(i for i, line in enumerate(lines) if line is bad)
    end = index
    while end < len(lines) and lines[end].indent >= bad.indent:
        end += 1
    return [*lines[:index], *lines[end:]]
