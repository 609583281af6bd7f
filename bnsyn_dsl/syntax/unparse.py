"""Syntax tree -> canonical text; comments stay where they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.rows import Row, attach, join, row
from bnsyn_dsl.syntax.unparse_blocks import function, section
from bnsyn_dsl.syntax.unparse_expressions import unparse_expr
from bnsyn_dsl.syntax.unparse_networks import network_section

__all__ = ["unparse", "unparse_expr"]


def unparse(file: nodes.File) -> str:
    """Return the canonical text of a tree; parsing it gives the tree again."""
    rows: list[Row] = []
    previous: nodes.TopLevel | None = None
    for item in file.items:
        made = list(_item(item))
        made[0].blank_before = previous is not None and not _belong_together(previous, item)
        rows.extend(made)
        previous = item
    below = attach(rows, file.comments)
    return join(rows, below)


def _belong_together(first: nodes.TopLevel, second: nodes.TopLevel) -> bool:
    """Return whether two neighbours are both imports or both functions."""
    return type(first) is type(second) and isinstance(first, nodes.Import | nodes.Function)


def _item(item: nodes.TopLevel) -> Iterator[Row]:
    match item:
        case nodes.Import(path=path):
            yield row(0, f'import "{path}"', item.span)
        case nodes.Function():
            yield from function(item)
        case nodes.Block(kind=kind):
            yield _header(kind, item)
            for part in item.sections:
                yield from section(part)
        case nodes.Network():
            yield _header("network", item)
            for piece in item.sections:
                yield from network_section(piece)
        case _:
            assert_never(item)


def _header(kind: str, item: nodes.Block | nodes.Network) -> Row:
    base = "" if item.base is None else f" is {item.base.ident}"
    colon = ":" if item.sections else ""
    return row(0, f"{kind} {item.name}{base}{colon}", item.span, last=item.span.line)
