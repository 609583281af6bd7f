"""The sections of a network -> rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.rows import INDENT, Row, row
from bnsyn_dsl.syntax.unparse_blocks import declarations, docstring, require, solve
from bnsyn_dsl.syntax.unparse_expressions import (
    braces,
    mix,
    model,
    places,
    reference,
    unparse_expr,
)

__all__ = ["network_section"]

WIDTH = 120  # a line beyond this has its last braces opened


def network_section(node: nodes.NetworkSection) -> Iterator[Row]:
    """Yield the rows of one section of a network."""
    match node:
        case nodes.Docstring():
            yield docstring(node)
        case nodes.Parameters(declarations=items):
            yield from declarations("parameters:", node, items)
        case nodes.Populations():
            yield from _populations(node)
        case nodes.Modulators():
            yield from _modulators(node)
        case nodes.Projections(projections=projections):
            yield row(1, "projections:", node.span, last=node.span.line)
            for projection in projections:
                yield from _opened(
                    _projection(projection), projection.settings, "", projection.span
                )
        case nodes.Record(probes=probes):
            yield row(1, "record:", node.span, last=node.span.line)
            for probe in probes:
                yield row(2, _probe(probe), probe.span)
        case nodes.Simulate(duration=duration, settings=settings):
            parts = [unparse_expr(duration), *map(_setting, settings)]
            yield row(1, f"simulate: {', '.join(parts)}", node.span)
        case nodes.Require():
            yield require(node)
        case nodes.Solve():
            yield solve(node)
        case _:
            assert_never(node)


def _populations(node: nodes.Populations) -> Iterator[Row]:
    yield row(1, "populations:", node.span, last=node.span.line)
    cells = [member for member in node.members if isinstance(member, nodes.Population)]
    width = max((len(member.name) for member in cells), default=0)
    for member in node.members:
        match member:
            case nodes.Population(name=name, size=size, use=use):
                head = f"{name:<{width}} : {use.model}[{unparse_expr(size)}]"
                yield from _opened(head, use.settings, "", member.span)
            case nodes.Group(name=name):
                yield row(2, f"{name} = {places(member.places)}", member.span)
            case _:
                assert_never(member)


def _modulators(node: nodes.Modulators) -> Iterator[Row]:
    yield row(1, "modulators:", node.span, last=node.span.line)
    width = max(len(pool.name) for pool in node.pools)
    for pool in node.pools:
        size = "" if pool.size is None else f"[{unparse_expr(pool.size)}]"
        tail = f" from {places(pool.sources)}" if pool.sources else ""
        head = f"{pool.name:<{width}} : {pool.use.model}{size}"
        yield from _opened(head, pool.use.settings, tail, pool.span)


def _projection(node: nodes.Projection) -> str:
    """Return a projection up to the braces of its rule."""
    sources = (
        unparse_expr(node.sources) if isinstance(node.sources, nodes.Call) else places(node.sources)
    )
    name = f" as {node.name}" if node.name is not None else ""
    rule = node.plasticity
    learning = f" with {model(rule)}" if rule is not None else ""
    call = unparse_expr(node.rule) if node.rule.args or node.rule.named else node.rule.function
    return f"{sources} -> {places(node.targets)}{name} : {mix(node.mix)}{learning} {call}"


def _opened(head: str, settings: Sequence[nodes.Setting], tail: str, span: Span) -> Iterator[Row]:
    """Yield `head { settings } tail` in one row, or in several where that is too long."""
    whole = f"{head}{braces(settings)}{tail}"
    if not settings or len(whole) + 2 * len(INDENT) <= WIDTH:
        yield row(2, whole, span)
        return
    yield row(2, f"{head} {{", span, last=settings[0].span.line - 1)
    text = ", ".join(map(_setting, settings))
    if len(text) + 3 * len(INDENT) <= WIDTH:
        yield row(3, text, settings[0].span.to(settings[-1].span))
    else:
        for number, setting in enumerate(settings, start=1):
            comma = "," if number < len(settings) else ""
            yield row(3, _setting(setting) + comma, setting.span)
    end = Span(
        source=span.source,
        line=span.end_line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
    )
    yield row(2, f"}}{tail}", end)


def _setting(setting: nodes.Setting) -> str:
    return f"{reference(setting)} = {unparse_expr(setting.value)}"


def _probe(probe: nodes.Probe) -> str:
    values = ", ".join(map(unparse_expr, probe.values))
    period = "" if probe.every is None else f" every {unparse_expr(probe.every)}"
    return f"{values} of {places(probe.places)}{period}"
