"""The depth of a finished tree, measured without recursion."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.limits import MAX_CHAIN, MAX_DEPTH
from bnsyn_dsl.syntax.tokens import Line
from bnsyn_dsl.syntax.unexpected import Unexpected

__all__ = ["too_deep"]


def too_deep(item: nodes.Node, lines: list[Line]) -> Unexpected | None:
    """Return the first expression deeper than the limit; it would overflow later tree walks."""
    for line in lines:
        # every level of an expression takes at least one token of its line
        if len(line.tokens) > MAX_DEPTH and _exceeds(item, line):
            diagnostic = error(
                "BN109",
                f"an expression with more than {MAX_DEPTH} operations inside one another, "
                f"or {MAX_CHAIN} in a row",
                line.first.span.to(line.tokens[-1].span),
                help="split it with auxiliary names",
            )
            return Unexpected(diagnostic=diagnostic, line=line)
    return None


def _exceeds(item: nodes.Node, line: Line) -> bool:
    """Return whether an expression on `line` is above a limit."""
    first, last = line.first.span, line.tokens[-1].span
    stack: list[tuple[Any, int, int]] = [(item, 0, 0)]
    while stack:
        node, chain, depth = stack.pop()
        if isinstance(node, tuple):
            stack.extend((child, chain, depth) for child in node)
            continue
        if not isinstance(node, nodes.Node):
            continue
        if (node.span.end_line, node.span.end_column) <= (first.line, first.column):
            continue
        if (node.span.line, node.span.column) >= (last.end_line, last.end_column):
            continue
        if chain > MAX_CHAIN or depth > MAX_DEPTH:
            return True
        for field in fields(node):
            child = getattr(node, field.name)
            along = field.name == "left" and _leans_left(node) and _leans_left(child)
            stack.append((child, chain + 1, depth if along else depth + 1))
    return False


def _leans_left(node: object) -> bool:
    return isinstance(node, nodes.Logic) or (isinstance(node, nodes.Binary) and node.op != "^")
