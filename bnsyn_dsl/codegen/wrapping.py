"""Long calls and function heads of generated text, broken behind commas."""

from __future__ import annotations

import re
import textwrap

__all__ = ["WIDTH", "wrapped"]

WIDTH = 100
_FURTHEST = 60  # an opening parenthesis behind this column leaves no room beside it
_CALL = re.compile(r"^( *)(?:def |return |[\w, ]+ = )?[\w.]+\((.*)(\):?)$")


def wrapped(line: str) -> list[str]:
    """Return a line of Python as one or more: only a call, or the head of a function, is broken.

    The arguments stand below one another behind the opening parenthesis, or, where there is no
    room, further to the right than what follows. Lines with texts and comments stay as they are.
    """
    match = None if len(line) <= WIDTH or set("'\"#") & set(line) else _CALL.match(line)
    if match is None:
        return [line]
    arguments = _arguments(match[2])
    if arguments is None:
        return [line]
    opening = line[: match.start(2)]
    column = len(opening)
    if column > _FURTHEST:
        column = len(match[1]) + 8
        rows = _filled(arguments, column, len(match[3]))
        return [opening, *(" " * column + row for row in rows[:-1]),
                " " * column + rows[-1] + match[3]]  # fmt: skip
    first, *rest = _filled(arguments, column, len(match[3]))
    rows = [opening + first, *(" " * column + row for row in rest)]
    return [*rows[:-1], rows[-1] + match[3]]


def _arguments(text: str) -> list[str] | None:
    """Return arguments that are divided by commas; None where the parentheses are not theirs."""
    depth, begin, found = 0, 0, []
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth < 0:
            return None
        if character == "," and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
    return [*found, text[begin:].strip()]


def _filled(arguments: list[str], column: int, closing: int) -> list[str]:
    """Return the arguments in rows that end with a comma, the last one without."""
    joined = ", ".join(a.replace(" ", "\0") for a in arguments)
    rows = textwrap.wrap(
        joined, WIDTH - column - closing, break_long_words=False, break_on_hyphens=False
    )
    return [row.replace("\0", " ") for row in rows]
