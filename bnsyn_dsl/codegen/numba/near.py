"""A cheaper loop for neurons whose steps are short compared with their time constants.

`exprel(x)` is a polynomial for |x| up to `bn_near` and `expm1(x)/x` beyond. In a loop over 256
neurons both would be computed, division included. So the first loop over a block computes the
polynomial alone and leaves alone every neuron for which it does not hold; a second loop, where
there is such a neuron, takes these. The bits are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Kernel, Let, Name

__all__ = ["near_arguments", "near_lets"]

_CHEAP = frozenset({"add", "sub", "mul", "neg", "fma", "i2f", "select", "abs", "min", "max"})


def near_arguments(kernel: Kernel) -> tuple[str, ...]:
    """Return the names that have to lie near 0, none where two loops do not pay.

    They do not where forming the arguments takes as long as `exprel` itself: then a neuron that
    was left alone costs twice.
    """
    if kernel.substep is not None or kernel.functions:
        return ()
    lets = (*kernel.arrive, *kernel.integrate)
    arguments = tuple(
        dict.fromkeys(
            name
            for let in lets
            if not isinstance(let.value, Call)
            for name in _arguments(let.value)
        )
    )
    if not arguments or not all(_is_cheap(let.value) for let in _slice(lets, arguments)):
        return ()
    return arguments


def _arguments(expr: Expr) -> list[str]:
    if not isinstance(expr, Apply):
        return []
    found = [name for arg in expr.args for name in _arguments(arg)]
    if expr.op == "exprel" and isinstance(expr.args[0], Name):
        found.append(expr.args[0].ident)
    return found


def _slice(lets: Sequence[Let], wanted: Sequence[str]) -> tuple[Let, ...]:
    """Return the lets that `wanted` depends on, in order, up to where the last is bound."""
    needed: list[Let] = []
    names = set(wanted)
    last = max(k for k, let in enumerate(lets) if names & set(let.names))
    for let in reversed(lets[: last + 1]):
        if names & set(let.names):
            needed.append(let)
            names |= names_in(let.value)
    return tuple(reversed(needed))


def _is_cheap(expr: Expr | Call) -> bool:
    if isinstance(expr, Call):
        return False
    return not isinstance(expr, Apply) or (
        expr.op in _CHEAP and all(_is_cheap(a) for a in expr.args)
    )


def near_lets(lets: Sequence[Let]) -> tuple[Let, ...]:
    """Return the lets with `exprel` of a name replaced by its polynomial."""
    return tuple(
        let if isinstance(let.value, Call) else replace(let, value=_near(let.value)) for let in lets
    )


def _near(expr: Expr) -> Expr:
    if not isinstance(expr, Apply):
        return expr
    args = tuple(_near(a) for a in expr.args)
    plain = expr.op == "exprel" and isinstance(args[0], Name)
    return Apply(op="exprel_near" if plain else expr.op, args=args)
