"""The three forms of an equation, told apart by the left side.

    C_m * dV_m/dt = ...       derivative: one `dX/dt`, alone or as a factor of a product
    B = ...                   auxiliary name
    post.I_syn += ...         contribution to a port of the target

`dX/dt` is no token: `delay/dt` is a division. It is recognised in the finished left side.
"""

from __future__ import annotations

from bnsyn_dsl.diagnostics import Diagnostic, error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.children import BuildError, Children, comment, cover

__all__ = ["derivative", "equation"]


def equation(c: Children) -> nodes.Equation:
    """Make an equation from its left side, `=` or `+=`, its right side and its NEWLINE."""
    left, op, right = c[0], c[1], c[2]
    span, description = cover(c), comment(c)
    if op.value == "+=":
        port = _port(left)
        return nodes.Equation(
            kind="contribution",
            left=left,
            owner=port.owner,
            name=port.member,
            right=right,
            description=description,
            span=span,
        )
    if isinstance(left, nodes.Name) and left.ident != "refractory":
        return nodes.Equation(
            kind="auxiliary",
            left=left,
            name=left.ident,
            right=right,
            description=description,
            span=span,
        )
    found = derivative(left)
    if found is None:
        raise BuildError(_no_left_side(left))
    name, factor = found
    return nodes.Equation(
        kind="derivative",
        left=left,
        name=name,
        factor=factor,
        right=right,
        description=description,
        span=span,
    )


def derivative(left: nodes.Expr) -> tuple[str, nodes.Expr | None] | None:
    """Return the state of the only `dX/dt` in a product and the product of the other factors."""
    match left:
        case nodes.Binary(op="/", left=nodes.Name(ident=ident), right=nodes.Name(ident="dt")):
            return _state(ident, None)
        case nodes.Binary(
            op="/",
            left=nodes.Binary(op="*", left=factor, right=nodes.Name(ident=ident)),
            right=nodes.Name(ident="dt"),
        ):
            return _state(ident, factor)
        case nodes.Binary(op="*", left=first, right=second):
            return _in_product(first, second)
        case _:
            return None


def _state(ident: str, factor: nodes.Expr | None) -> tuple[str, nodes.Expr | None] | None:
    if len(ident) < 2 or not ident.startswith("d"):
        return None
    return None if factor is not None and derivative(factor) else (ident[1:], factor)


def _in_product(first: nodes.Expr, second: nodes.Expr) -> tuple[str, nodes.Expr | None] | None:
    in_first, in_second = derivative(first), derivative(second)
    if in_first is not None and in_second is None:
        name, factor = in_first
        return name, second if factor is None else _times(factor, second)
    if in_second is not None and in_first is None:
        name, factor = in_second
        return name, first if factor is None else _times(first, factor)
    return None


def _times(left: nodes.Expr, right: nodes.Expr) -> nodes.Binary:
    return nodes.Binary(op="*", left=left, right=right, span=left.span.to(right.span))


def _port(left: nodes.Expr) -> nodes.Attribute:
    if isinstance(left, nodes.Attribute) and left.owner == "post":
        return left
    raise BuildError(
        error(
            "BN128",
            "in equations only `post.x +=` adds, to a port of the target neuron",
            left.span,
            help="a jump at a spike belongs into `on pre:`; a derivative is written `dx/dt = ...`",
        )
    )


def _no_left_side(left: nodes.Expr) -> Diagnostic:
    if isinstance(left, nodes.Attribute) and left.owner == "post":
        return error(
            "BN127",
            f"`post.{left.member} =` would replace what other synapses add",
            left.span,
            help=f"write `post.{left.member} += ...`",
        )
    return error(
        "BN127",
        "the left side of an equation is neither a name nor a product with one `dX/dt`",
        left.span,
        help="write `dV_m/dt = ...`, `C_m * dV_m/dt = ...`, or `name = ...` for an auxiliary name",
    )
