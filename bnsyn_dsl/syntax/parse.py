"""Text -> syntax tree. See the package docstring for the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lark import UnexpectedToken

from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog, SourceFile, Span, error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.children import BuildError
from bnsyn_dsl.syntax.depth import too_deep
from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.layout import layout, without
from bnsyn_dsl.syntax.limits import MAX_BYTES, MAX_ERRORS, MAX_TOKENS_PER_BLOCK
from bnsyn_dsl.syntax.scan import Scanner
from bnsyn_dsl.syntax.syntax_errors import Unexpected, explain
from bnsyn_dsl.syntax.tokens import Line, make_token

__all__ = ["parse", "read_source"]


def read_source(path: str | Path) -> SourceFile:
    """Read a .bns file; raises `BnsError` when it cannot be read as UTF-8 text."""
    place = Path(path)
    try:
        size = place.stat().st_size
        data = place.read_bytes() if size <= MAX_BYTES and not place.is_dir() else b""
    except OSError as reason:
        why = reason.strerror or type(reason).__name__
        raise BnsError([error("BN100", f"cannot read `{place}`: {why.lower()}", None)]) from reason
    if place.is_dir():
        raise BnsError([error("BN100", f"cannot read `{place}`: it is a directory", None)])
    if size > MAX_BYTES:
        raise BnsError([_too_large(str(place), size)])
    try:
        return SourceFile(name=str(place), text=data.decode("utf-8"))
    except UnicodeDecodeError as reason:
        raise BnsError(
            [
                error(
                    "BN101",
                    f"`{place}` is not UTF-8 text: byte 0x{data[reason.start]:02x} at position "
                    f"{reason.start}",
                    None,
                    help="save it as UTF-8",
                )
            ]
        ) from reason


def parse(source: SourceFile, log: DiagnosticLog) -> nodes.File:
    """Parse a source and return what could be parsed; errors go into `log`, none is raised."""
    whole = Span(source=source, line=1, column=1, end_line=1, end_column=1)
    if len(source.text) > MAX_BYTES:
        log.add(_too_large(source.name, len(source.text)))
        return nodes.File(items=(), span=whole)
    scanner = Scanner(source, log)
    before = len(log.found)
    items: list[nodes.TopLevel] = []
    for block in _blocks(scanner.lines()):
        item = _parse_block(block, log)
        if item is not None:
            items.append(item)
        if len(log.found) - before >= MAX_ERRORS:
            break
    if not items and len(log.found) == before:
        log.add(
            error(
                "BN103",
                "the file is empty",
                whole,
                help="a model begins with a block such as `neuron Name:`",
            )
        )
    span = items[0].span.to(items[-1].span) if items else whole
    return nodes.File(items=tuple(items), comments=tuple(scanner.comments), span=span)


def _too_large(name: str, size: int) -> Diagnostic:
    return error("BN102", f"`{name}` has {size} bytes, expected at most {MAX_BYTES}", None)


def _blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Group the lines into top-level items: one line without indentation and what follows."""
    block: list[Line] = []
    for line in lines:
        if block and line.indent == 0 and line.first.value != "else":
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _parse_block(lines: list[Line], log: DiagnosticLog) -> nodes.TopLevel | None:
    """Parse one top-level item; a line with an error is reported, left out, and the rest tried."""
    if sum(len(line.tokens) for line in lines) > MAX_TOKENS_PER_BLOCK:
        message = f"more than {MAX_TOKENS_PER_BLOCK} words in one block"
        log.add(error("BN109", message, lines[0].first.span))
        return None
    for line in [line for line in lines if line.broken]:
        lines = without(lines, line)
    found = 0
    while lines and found < MAX_ERRORS:
        outcome = _attempt(lines)
        if not isinstance(outcome, Unexpected):
            return outcome
        log.add(outcome.diagnostic)
        found += 1
        lines = _mended(lines, outcome)
    return None


def _attempt(lines: list[Line]) -> Any:
    """Return the node of the block, or what was unexpected in it."""
    tokens, problem = layout(lines)
    if problem is not None:
        return problem
    try:
        item = grammar().parser.parse(tokens)  # type: ignore[arg-type]
    except UnexpectedToken as reason:
        return explain(reason, lines)
    except BuildError as reason:
        return Unexpected(diagnostic=reason.diagnostic, line=_line_of(reason.diagnostic, lines))
    return too_deep(item, lines) or item


def _line_of(diagnostic: Diagnostic, lines: list[Line]) -> Line:
    """Return the last line that begins before the diagnostic's place."""
    assert diagnostic.span is not None
    place = (diagnostic.span.line, diagnostic.span.column)
    return [n for n in lines if (n.first.span.line, n.first.span.column) <= place][-1]


def _mended(lines: list[Line], outcome: Unexpected) -> list[Line]:
    """Return the lines with the missing colon put in, or without the line at fault."""
    if not outcome.missing_colon:
        return without(lines, outcome.line)
    line = outcome.line
    colon = make_token("COLON", ":", line.newline.span)
    repaired = replace(line, tokens=(*line.tokens, colon))
    return [repaired if other is line else other for other in lines]
