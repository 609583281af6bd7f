"""A syntax tree as text: one line for a node, its fields below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from bnsyn_dsl.syntax.nodes import Node

__all__ = ["tree_text"]

_PLACES = frozenset({"span", "name_span"})


def tree_text(node: Node) -> str:
    """Return the tree of `node`, without places in the source."""
    return "\n".join(_lines(node, "")) + "\n"


def _lines(node: Node, before: str) -> Iterator[str]:
    """Yield the class with its plain fields, then the fields that are nodes, indented."""
    plain: list[str] = []
    inner: list[tuple[str, Node]] = []
    for field in fields(node):
        if field.name in _PLACES:
            continue
        value = getattr(node, field.name)
        if isinstance(value, Node):
            inner.append((f"{field.name}: ", value))
        elif isinstance(value, tuple):
            inner.extend((f"{field.name}: ", v) for v in value if isinstance(v, Node))
        elif value is not None:
            plain.append(f"{field.name}={value!r}")
    yield f"{before}{type(node).__name__}({', '.join(plain)})"
    indent = " " * (len(before) - len(before.lstrip()) + 2)
    for name, value in inner:
        yield from _lines(value, indent + name)
