"""Imports, functions and the sections of model blocks -> rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.rows import Row, row
from bnsyn_dsl.syntax.unparse_expressions import reference, unit, unparse_expr

__all__ = ["declarations", "docstring", "function", "require", "section", "solve"]


def function(node: nodes.Function) -> Iterator[Row]:
    """Yield the row of a user function."""
    arguments = ", ".join(argument.ident for argument in node.arguments)
    text = f"function {node.name}({arguments}) = {unparse_expr(node.value)}"
    yield row(0, text, node.span)


def section(node: nodes.Section) -> Iterator[Row]:
    """Yield the rows of one section of a model block."""
    match node:
        case nodes.Docstring():
            yield docstring(node)
        case nodes.Parameters(declarations=items):
            yield from declarations("parameters:", node, items)
        case nodes.Inputs(declarations=items):
            yield from declarations("input:", node, items)
        case nodes.States(declarations=items):
            yield from declarations("state:", node, items)
        case nodes.Equations(equations=equations):
            yield row(1, "equations:", node.span, last=node.span.line)
            for equation in equations:
                yield row(2, _equation(equation), equation.span)
        case nodes.Require():
            yield require(node)
        case nodes.Bound(name=name, range=bounds):
            yield row(1, f"{name} in {_range(bounds)}", node.span)
        case nodes.Solve():
            yield solve(node)
        case nodes.Refractory(duration=duration, hold=hold):
            held = ", ".join(name.ident for name in hold)
            ending = f": hold {held}" if hold else ""
            yield row(1, f"refractory {unparse_expr(duration)}{ending}", node.span)
        case _:
            yield from _with_body(node)


def _with_body(node: nodes.Spike | nodes.Handler | nodes.Every) -> Iterator[Row]:
    match node:
        case nodes.Spike(condition=condition):
            head = f"spike when {_condition(condition)}"
        case nodes.Handler(event=event, arguments=arguments):
            names = ", ".join(argument.ident for argument in arguments)
            head = f"on {event}({names})" if arguments else f"on {event}"
        case nodes.Every(period=period):
            head = f"every {unparse_expr(period)}"
        case _:
            assert_never(node)
    last = max(node.span.line, node.body[0].span.line - 1) if node.body else None
    yield row(1, f"{head}:" if node.body else head, node.span, last=last)
    yield from _statements(2, node.body)


def docstring(node: nodes.Docstring) -> Row:
    """Return the row of a docstring; its inner lines stay as they are."""
    return row(1, f'"""{node.text}"""', node.span)


def require(node: nodes.Require) -> Row:
    """Return the row of a requirement."""
    return row(1, f"require {', '.join(map(unparse_expr, node.conditions))}", node.span)


def solve(node: nodes.Solve) -> Row:
    """Return the row that asks for an integrator."""
    return row(1, f"solve: {node.method}", node.span)


def declarations(
    header: str, node: nodes.Node, items: Sequence[nodes.Declaration]
) -> Iterator[Row]:
    """Yield a section of declarations with its `=` and `:` in one column."""
    yield row(1, header, node.span, last=node.span.line)
    width = max(len(item.name) for item in items)
    for item in items:
        for made in _declaration(item, width):
            made.table = node.span.line
            yield made


def _declaration(item: nodes.Declaration, width: int) -> Iterator[Row]:
    name = f"{item.name:<{width}}"
    if item.value is None:
        assert item.unit is not None
        yield row(2, f"{name} : {unit(item.unit)}", item.span)
        return
    bounds = f" in {_range(item.range)}" if item.range is not None else ""
    if isinstance(item.value, nodes.ListValue) and _is_table(item.value):
        yield from _table(f"{name} = ", item, item.value, bounds)
    else:
        yield row(2, f"{name} = {unparse_expr(item.value)}{bounds}", item.span)


def _is_table(value: nodes.ListValue) -> bool:
    return len(value.items) > 1 and all(isinstance(i, nodes.ListValue) for i in value.items)


def _table(
    start: str, item: nodes.Declaration, value: nodes.ListValue, bounds: str
) -> Iterator[Row]:
    """Yield a table with one row of numbers a line, as it stands in a paper."""
    last = len(value.items) - 1
    for number, line in enumerate(value.items):
        text = ("[" if number == 0 else " ") + unparse_expr(line)
        text += f"]{bounds}" if number == last else ","
        made = row(2, (start if number == 0 else " " * len(start)) + text, line.span)
        made.column = item.span.column
        made.last = item.span.end_line if number == last else made.last
        yield made


def _equation(equation: nodes.Equation) -> str:
    op = "+=" if equation.kind == "contribution" else "="
    return f"{_left(equation.left)} {op} {unparse_expr(equation.right)}"


def _left(left: nodes.Expr) -> str:
    """Return a left side; `C_m * dV_m/dt` keeps the derivative apart from its factor."""
    match left:
        case nodes.Binary(
            op="/",
            left=nodes.Binary(op="*", right=nodes.Name()) as product,
            right=nodes.Name(ident="dt"),
        ):
            factor, state = unparse_expr(product).rsplit("*", 1)
            return f"{factor} * {state}/dt"
        case _:
            return unparse_expr(left)


def _range(bounds: nodes.Range) -> str:
    return f"[{unparse_expr(bounds.low)}, {unparse_expr(bounds.high)}]"


def _condition(condition: nodes.Expr | nodes.Crosses) -> str:
    if not isinstance(condition, nodes.Crosses):
        return unparse_expr(condition)
    # `crosses` binds like a comparison
    sides = nodes.Compare(
        op="crosses", left=condition.left, right=condition.right, span=condition.span
    )
    return unparse_expr(sides)


def _statements(depth: int, body: Sequence[nodes.Statement]) -> Iterator[Row]:
    for statement in body:
        match statement:
            case nodes.Assign(op=op, value=value):
                text = f"{reference(statement)} {op} {unparse_expr(value)}"
                yield row(depth, text, statement.span)
            case nodes.If():
                yield from _branch(depth, statement)
            case _:
                assert_never(statement)


def _branch(depth: int, node: nodes.If) -> Iterator[Row]:
    last = max(node.span.line, node.then[0].span.line - 1)
    yield row(depth, f"if {unparse_expr(node.condition)}:", node.span, last=last)
    yield from _statements(depth + 1, node.then)
    if not node.otherwise:
        return
    line = _else_line(node)
    yield Row(depth=depth, text="else:", first=line, last=line, column=node.span.column)
    yield from _statements(depth + 1, node.otherwise)


def _else_line(node: nodes.If) -> int:
    """Return the source line of the `else`, which has no node of its own."""
    first = node.otherwise[0].span.line
    for line in range(node.then[-1].span.end_line + 1, first + 1):
        if node.span.source.line(line).lstrip().startswith("else"):
            return line
    return first
