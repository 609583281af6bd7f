"""The depth of a finished tree, measured without recursion."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.limits import MAX_DEPTH
from bnsyn_dsl.syntax.tokens import Line
from bnsyn_dsl.syntax.unexpected import Unexpected

__all__ = ["too_deep"]


def too_deep(item: nodes.Node, lines: list[Line]) -> Unexpected | None:
    """Return the first expression deeper than the limit; it would overflow later tree walks."""
    for line in lines:
        # every level of an expression takes at least one token of its line
        if len(line.tokens) > MAX_DEPTH and _depth_in(item, line) > MAX_DEPTH:
            diagnostic = error(
                "BN109",
                f"an expression with more than {MAX_DEPTH} operations inside one another",
                line.first.span.to(line.tokens[-1].span),
                help="split it with auxiliary names",
            )
            return Unexpected(diagnostic=diagnostic, line=line)
    return None


def _depth_in(item: nodes.Node, line: Line) -> int:
    """Return how many nodes lie above one another in the expressions of a line."""
    first, last = line.first.span, line.tokens[-1].span
    deepest = 0
    stack: list[tuple[Any, int]] = [(item, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, tuple):
            stack.extend((child, depth) for child in node)
        elif isinstance(node, nodes.Node):
            if (node.span.end_line, node.span.end_column) <= (first.line, first.column):
                continue
            if (node.span.line, node.span.column) >= (last.end_line, last.end_column):
                continue
            deepest = max(deepest, depth)
            stack.extend((getattr(node, field.name), depth + 1) for field in fields(node))
    return deepest
