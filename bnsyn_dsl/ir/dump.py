"""A kernel as text, for readers: `bnsyn compile --emit ir`. One section for each part of a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from bnsyn_dsl.ir.nodes import (
    Apply,
    Call,
    Column,
    Expr,
    Function,
    Kernel,
    Let,
    MatrixExponential,
    Name,
    Number,
)

__all__ = ["dump"]


def dump(kernel: Kernel) -> str:
    """Return the text of `kernel`; a section without content is left out."""
    lines = [f"kernel {kernel.name}", f"  method {kernel.method}: {kernel.reason}"]
    for title, content in _sections(kernel):
        body = list(content)
        if body:
            lines += [f"  {title}", *(f"    {line}" for line in body)]
    return "\n".join(lines) + "\n"


def _sections(kernel: Kernel) -> Iterator[tuple[str, Iterable[str]]]:
    yield "parameters", map(_column, kernel.parameters)
    yield "parameters per neuron", map(_column, kernel.varying)
    yield "states", map(_column, kernel.states)
    yield "gathered", map(_column, kernel.gathered)
    yield "receptors", kernel.receptors
    yield "inboxes", (f"{number}, in units of {quantum}" for number, quantum in kernel.inboxes)
    yield "streams", kernel.streams
    yield "before the run", _prepared(kernel.propagators, kernel.invariants)
    yield "before the run, per neuron", _prepared(kernel.varied_propagators, kernel.varied)
    yield "every step", _lets(kernel.per_step)
    for function in kernel.functions:
        yield f"function {_head(function)}", _function(function)
    yield "arrive", _lets(kernel.arrive)
    yield "integrate", _lets(kernel.integrate)
    if kernel.accepted is not None:
        yield "accepted when", [_expr(kernel.accepted)]
    if kernel.substep is not None:
        step = kernel.substep
        yield (
            f"otherwise sub-steps by {step.step}, {step.slopes}",
            [
                f"states {', '.join(step.states)}",
                *([f"exact {', '.join(step.exact)}"] if step.exact else []),
                *_lets(step.limits),
            ],
        )
    yield "periods", (f"{flag} = {_expr(value)}" for flag, value in kernel.periods)
    yield "clock", _lets(kernel.clock)
    if kernel.condition is not None:
        edge = " newly" if kernel.is_edge else ""
        yield f"spike when{edge}", [*_lets(kernel.before_condition), _expr(kernel.condition)]
    yield "reset", _lets(kernel.reset)
    if kernel.refractory_steps is not None:
        yield "refractory steps", [_expr(kernel.refractory_steps)]
    for name, lets, value in kernel.observables:
        yield f"observe {name}", [*_lets(lets), _expr(value)]


def _column(column: Column) -> str:
    unit = "" if column.unit in {"", "1"} else f" [{column.unit}]"
    source = "" if column.source == column.name else f" = {column.source}"
    comment = "" if column.description is None else f"  # {column.description}"
    return f"{column.name}{source}{unit}{comment}"


def _prepared(matrices: Iterable[MatrixExponential], lets: Iterable[Let]) -> Iterator[str]:
    for matrix in matrices:
        yield f"{matrix.name} = exp(M*{matrix.fraction:g}*dt), {matrix.size} x {matrix.size}"
        for row, column, value in matrix.entries:
            yield f"  M[{row}, {column}] = {_expr(value)}"
        for row, column, name in matrix.results:
            yield f"  {name} = {matrix.name}[{row}, {column}]"
    yield from _lets(lets)


def _head(function: Function) -> str:
    return f"{function.name}({', '.join(function.arguments)})"


def _function(function: Function) -> Iterator[str]:
    if function.comment is not None:
        yield f"# {function.comment}"
    if function.captured:
        yield f"reads {', '.join(function.captured)}"
    yield from _lets(function.body)
    yield f"return {', '.join(map(_expr, function.results))}"


def _lets(lets: Iterable[Let]) -> Iterator[str]:
    for let in lets:
        if let.comment is not None:
            yield f"# {let.comment}"
        yield f"{', '.join(let.names)} = {_value(let.value)}"


def _value(value: Expr | Call) -> str:
    if isinstance(value, Call):
        return f"call {value.function}({', '.join(map(_expr, value.arguments))})"
    return _expr(value)


def _expr(expr: Expr) -> str:
    """Return an expression as nested operations: the order in which it is computed is the text."""
    match expr:
        case Number():
            return repr(expr.value)
        case Name():
            return expr.ident
        case Apply():
            return f"{expr.op}({', '.join(map(_expr, expr.args))})"
        case _:
            assert_never(expr)
