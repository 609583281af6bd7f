"""Which divisions a reader and the grammar would read differently.

`x/5 nS/ms` is parsed as `(x/5 nS)/ms`, but the eye reads `x/(5 nS/ms)`. `5 nS/ms` and
`0.1/mV/ms` are unambiguous.
"""

from __future__ import annotations

from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.unit_names import is_unit_name

__all__ = ["is_split_quantity", "reads_two_ways"]


def is_split_quantity(node: nodes.Binary) -> bool:
    """Return whether `node` has the shape (x / literal) / unit name, however it was written."""
    left = node.left
    return (
        node.op == "/"
        and isinstance(left, nodes.Binary)
        and left.op == "/"
        and isinstance(left.right, nodes.Number | nodes.Quantity)
        and _is_unit(node.right)
    )


def reads_two_ways(node: nodes.Binary) -> bool:
    """Return whether `node` has that shape and was written without parentheses.

    Parentheses are not in the tree, but the span of an expression includes them: where it is
    wider than its operands, or the literal's is, the writer has said what is meant.
    """
    if not is_split_quantity(node):
        return False
    left = node.left
    assert isinstance(left, nodes.Binary)
    return left.span == left.left.span.to(left.right.span) and not _parenthesised(left.right)


def _parenthesised(literal: nodes.Expr) -> bool:
    first = literal.span.source.line(literal.span.line)[literal.span.column - 1 :]
    return first.startswith("(")


def _is_unit(right: nodes.Expr) -> bool:
    match right:
        case nodes.Name(ident=ident):
            return is_unit_name(ident)
        case nodes.Binary(op="^", left=nodes.Name(ident=ident)):
            return is_unit_name(ident)
        case _:
            return False
