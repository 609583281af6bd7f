"""One section of a network from a text that stands elsewhere: in a Python call, behind `--set`.

The parser of files reads it, so that it means what it means there; its places are moved to the
text as the user wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, Label, SourceFile, Span, error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.parse import parse

__all__ = ["Fragment", "moved", "parse_fragment"]

_T = TypeVar("_T")
_HEADS = {
    "parameters": "network n_:\n    parameters:\n        ",
    "projections": "network n_:\n    projections:\n        ",
    "record": "network n_:\n    record:\n        ",
}
_LINE = 3  # where the fragment stands behind its head
_INDENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A text, what stands around it in its section, and how it is shown.

    Attributes:
        kind: the section: parameters, projections or record.
        text: what the user wrote.
        before: what makes a line of the section of it; `after` likewise.
        shown: stands before the text where it is shown, as in `weight = `.
        where: the name of the place, shown like a file.
    """

    kind: str
    text: str
    before: str = ""
    after: str = ""
    shown: str = ""
    where: str


def parse_fragment(fragment: Fragment) -> nodes.NetworkSection:
    """Return the section that has the text as its only line.

    Raises:
        BnsError: it cannot be parsed, or is more than it should be.
    """
    text, shown, where = fragment.text, fragment.shown, fragment.where
    if "\n" in text or "\r" in text or not text.strip():
        raise _refused(f"`{shown}{text.strip()}` of {where} must be one line of text")
    log = DiagnosticLog()
    line = f"{_HEADS[fragment.kind]}{fragment.before}{text}{fragment.after}\n"
    file = parse(SourceFile(name=where, text=line), log)
    mine = SourceFile(name=where, text=f"{shown}{text}")
    shift = len(shown) - _INDENT - len(fragment.before)

    def move(span: Span) -> Span:
        if span.line != _LINE:
            column = len(mine.text) + 1
            return Span(source=mine, line=1, column=column, end_line=1, end_column=column)
        first = max(1, span.column + shift)
        last = span.end_column + shift if span.end_line == _LINE else len(mine.text) + 1
        return Span(source=mine, line=1, column=first, end_line=1, end_column=max(last, first))

    if log.has_errors:
        raise BnsError(moved(d, move) for d in log.found)
    (network,) = file.items
    assert isinstance(network, nodes.Network)
    if len(network.sections) != 1 or file.comments:
        raise _refused(f"`{shown}{text}` of {where} is more than one value")
    return moved(network.sections[0], move)


def moved(value: _T, move: Any) -> _T:
    """Return a tree of frozen dataclasses with every span replaced."""
    if isinstance(value, Span):
        return move(value)  # type: ignore[no-any-return]
    if isinstance(value, tuple):
        return tuple(moved(v, move) for v in value)  # type: ignore[return-value]
    if isinstance(value, Label) or (is_dataclass(value) and not isinstance(value, type)):
        changed = {f.name: moved(getattr(value, f.name), move) for f in fields(value)}
        return replace(value, **changed)
    return value


def _refused(message: str) -> BnsError:
    return BnsError([error("BN110", message, None)])
