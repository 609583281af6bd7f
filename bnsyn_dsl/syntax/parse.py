"""Text -> syntax tree. See the package docstring for the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, assert_never, cast

from lark import UnexpectedToken

from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog, SourceFile, Span, error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.children import BuildError
from bnsyn_dsl.syntax.depth import too_deep
from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.layout import layout, without, without_run
from bnsyn_dsl.syntax.limits import MAX_BYTES, MAX_ERRORS, MAX_TOKENS_PER_BLOCK
from bnsyn_dsl.syntax.scan import Scanner
from bnsyn_dsl.syntax.syntax_errors import explain
from bnsyn_dsl.syntax.tokens import Line, make_token
from bnsyn_dsl.syntax.unexpected import Repair, Unexpected

__all__ = ["parse", "read_source"]

# what is said about lines that stand in another body than they were meant for
_OF_LAYOUT = frozenset({"BN112", "BN113", "BN114", "BN116"})


def read_source(path: str | Path) -> SourceFile:
    """Read a .bns file; raises `BnsError` when it cannot be read as UTF-8 text."""
    place = Path(path)
    try:
        size = place.stat().st_size
        data = place.read_bytes() if size <= MAX_BYTES and not place.is_dir() else b""
    except (OSError, ValueError) as reason:  # ValueError: a NUL character in the name
        why = getattr(reason, "strerror", None) or str(reason)
        raise BnsError([error("BN100", f"cannot read `{place}`: {why.lower()}", None)]) from reason
    if place.is_dir():
        raise BnsError([error("BN100", f"cannot read `{place}`: it is a directory", None)])
    if size > MAX_BYTES:
        raise BnsError([_too_large(str(place), size)])
    try:
        return SourceFile(name=str(place), text=data.decode("utf-8-sig"))
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
    found = DiagnosticLog()
    scanner = Scanner(source, found)
    items: list[nodes.TopLevel] = []
    for block in _blocks(scanner.lines()):
        item = _parse_block(block, found)
        if item is not None:
            items.append(item)
        if len(found.found) >= MAX_ERRORS:
            break
    if not items and not found.has_errors:
        advice = "a model begins with a block such as `neuron Name:`"
        found.add(error("BN103", "the file is empty", whole, help=advice))
    log.add(*sorted(found.found, key=_place))
    span = items[0].span.to(items[-1].span) if items else whole
    return nodes.File(items=tuple(items), comments=tuple(scanner.comments), span=span)


def _place(diagnostic: Diagnostic) -> tuple[int, int]:
    """Return where a finding lies, to sort the findings as they are read."""
    span = diagnostic.span
    assert span is not None
    return span.line, span.column


def _too_large(name: str, size: int) -> Diagnostic:
    return error("BN102", f"`{name}` has {size} bytes, expected at most {MAX_BYTES}", None)


def _blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Group the lines into top-level items: one line without indentation and what follows."""
    block: list[Line] = []
    words = 0
    for line in lines:
        words += len(line.tokens)
        if block and line.indent == 0 and line.first.value != "else":
            yield block
            block, words = [], len(line.tokens)
        block.append(line)
        if words > MAX_TOKENS_PER_BLOCK:
            break  # reported where the block is parsed
    if block:
        yield block


def _parse_block(lines: list[Line], log: DiagnosticLog) -> nodes.TopLevel | None:
    """Parse one top-level item; a line with an error is reported, left out, and the rest tried."""
    if sum(len(line.tokens) for line in lines) > MAX_TOKENS_PER_BLOCK:
        message = f"more than {MAX_TOKENS_PER_BLOCK} words in one block"
        log.add(error("BN109", message, lines[0].first.span))
        return None
    while (broken := next((line for line in lines if line.broken), None)) is not None:
        lines = without(lines, broken)
    found = 0
    while lines and found < MAX_ERRORS:
        outcome = _attempt(lines)
        if not isinstance(outcome, Unexpected):
            return outcome
        if not _follows_from_a_tab(outcome, lines):
            log.add(outcome.diagnostic)
        found += 1
        lines = _mended(lines, outcome)
    return None


def _follows_from_a_tab(outcome: Unexpected, lines: list[Line]) -> bool:
    """Tell whether a finding may go away when the tabs of the block become blanks."""
    if outcome.line.tabbed and outcome.diagnostic.span == outcome.line.first.span:
        return True  # the line may belong into another body, where its first word is welcome
    return outcome.diagnostic.code in _OF_LAYOUT and any(line.tabbed for line in lines)


def _attempt(lines: list[Line]) -> nodes.TopLevel | Unexpected:
    """Return the node of the block, or what was unexpected in it."""
    tokens, problem = layout(lines)
    if problem is not None:
        return problem
    try:
        # the actions of the grammar make nodes where Lark's types promise a tree
        item: Any = grammar().parser.parse(tokens)
    except UnexpectedToken as reason:
        return explain(reason, lines)
    except BuildError as reason:
        return Unexpected(diagnostic=reason.diagnostic, line=_line_of(reason.diagnostic, lines))
    return too_deep(item, lines) or cast(nodes.TopLevel, item)


def _line_of(diagnostic: Diagnostic, lines: list[Line]) -> Line:
    """Return the logical line that the diagnostic lies in."""
    span = diagnostic.span
    assert span is not None
    return [line for line in lines if line.first.span.line <= span.line][-1]


def _mended(lines: list[Line], outcome: Unexpected) -> list[Line]:
    """Return the lines of a block without the error."""
    line = outcome.line
    match outcome.repair:
        case Repair.DROP:
            return without(lines, line)
        case Repair.DROP_RUN:
            return without_run(lines, line)
        case Repair.ADD_COLON:
            colon = make_token("COLON", ":", line.newline.span)
            repaired = replace(line, tokens=(*line.tokens, colon))
            return [repaired if other is line else other for other in lines]
        case _:
            assert_never(outcome.repair)
