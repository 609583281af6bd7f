"""Verify a kernel: every name is bound before it is read, every operation is known."""

from __future__ import annotations

from collections.abc import Iterable

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Kernel, Let, Name, Number
from bnsyn_dsl.ir.operations import OPERATIONS

__all__ = ["MalformedKernelError", "verified"]

_ALWAYS = {"dt", "t", "t_end", "resting", "element"}


class MalformedKernelError(AssertionError):
    """A kernel breaks the rules of the kernel language: a bug of the compiler."""


def verified(kernel: Kernel) -> Kernel:
    """Return `kernel` unchanged.

    Raises:
        MalformedKernelError: a name is read that nothing binds, or an operation is unknown.
    """
    known = _ALWAYS | {c.name for c in (*kernel.parameters, *kernel.varying)}
    for matrix in (*kernel.propagators, *kernel.varied_propagators):
        for _, _, entry in matrix.entries:
            _check(entry, known)
        known |= {name for _, _, name in matrix.results}
    known = _section(kernel.invariants, known)
    known = _section(kernel.varied, known)
    known = _section(kernel.per_step, known)
    known |= {c.name for c in (*kernel.states, *kernel.gathered)}
    known |= {flag for flag, _ in kernel.periods}
    weights = {name for names in kernel.inboxes for name in names}
    functions: dict[str, int] = {}
    for function in kernel.functions:
        inside = _section(
            function.body, known | set(function.arguments) | set(function.captured), functions
        )
        for result in function.results:
            _check(result, inside)
        functions[function.name] = len(function.arguments)
    inside = _section(kernel.arrive, known | weights, functions)
    inside = _section(kernel.integrate, inside, functions)
    inside = _section(kernel.clock, inside, functions)
    inside = _section(kernel.before_condition, inside, functions)
    if kernel.condition is not None:
        _check(kernel.condition, inside)
    _section(kernel.reset, known, functions)
    return kernel


def _section(
    lets: Iterable[Let], known: set[str], functions: dict[str, int] | None = None
) -> set[str]:
    inside = set(known)
    for let in lets:
        if isinstance(let.value, Call):
            if let.value.function not in (functions or {}):
                raise MalformedKernelError(f"unknown function {let.value.function}")
            if len(let.value.arguments) != (functions or {})[let.value.function]:
                raise MalformedKernelError(f"wrong number of arguments for {let.value.function}")
            for argument in let.value.arguments:
                _check(argument, inside)
        else:
            _check(let.value, inside)
        inside |= set(let.names)
    return inside


def _check(expr: Expr, known: set[str]) -> None:
    match expr:
        case Number():
            return
        case Name():
            if expr.ident not in known:
                raise MalformedKernelError(f"`{expr.ident}` is read but never bound")
        case Apply():
            if OPERATIONS.get(expr.op) != len(expr.args):
                raise MalformedKernelError(f"`{expr.op}` with {len(expr.args)} operands")
            for arg in expr.args:
                _check(arg, known)
