"""Verify a kernel: every name is bound before it is read, every operation is known."""

from __future__ import annotations

from collections.abc import Iterable

from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Function, Kernel, Let, Name, Number
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
    functions: dict[str, Function] = {}
    for function in kernel.functions:
        _function(function, known, functions)
        functions[function.name] = function
    inside = _section(kernel.arrive, known | weights, functions)
    inside = _section(kernel.integrate, inside, functions)
    inside = _section(kernel.clock, inside, functions)
    inside = _section(kernel.before_condition, inside, functions)
    if kernel.condition is not None:
        _check(kernel.condition, inside)
    if kernel.accepted is not None:
        _check(kernel.accepted, inside)
    inside = _section(kernel.reset, known, functions)
    if kernel.refractory_steps is not None:
        _check(kernel.refractory_steps, inside)
    for _, period in kernel.periods:
        _check(period, known)
    for _, lets, value in kernel.observables:
        _check(value, _section(lets, known, functions))
    return kernel


def _function(function: Function, known: set[str], functions: dict[str, Function]) -> None:
    given = (*function.arguments, *function.captured)
    if len(set(given)) != len(given):
        raise MalformedKernelError(f"{function.name} has two arguments of one name")
    inside = _section(function.body, known | set(given), functions)
    for result in function.results:
        _check(result, inside)


def _section(
    lets: Iterable[Let], known: set[str], functions: dict[str, Function] | None = None
) -> set[str]:
    inside = set(known)
    for let in lets:
        if isinstance(let.value, Call):
            _call(let, let.value, inside, functions or {})
        else:
            _check(let.value, inside)
        inside |= set(let.names)
    return inside


def _call(let: Let, call: Call, inside: set[str], functions: dict[str, Function]) -> None:
    function = functions.get(call.function)
    if function is None:
        raise MalformedKernelError(f"unknown function {call.function}")
    if len(call.arguments) != len(function.arguments):
        raise MalformedKernelError(f"wrong number of arguments for {call.function}")
    if len(let.names) != len(function.results):
        raise MalformedKernelError(f"wrong number of results of {call.function}")
    for argument in (*call.arguments, *(Name(ident=n) for n in function.captured)):
        _check(argument, inside)


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
