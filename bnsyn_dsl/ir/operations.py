"""The operations of the kernel language and their exact meaning.

All arithmetic is IEEE binary64 with one rounding per operation, in the order of the tree; nothing
is contracted or reassociated by a compiler. Conditions are booleans; comparisons with NaN are
false; both arms of a `select` are evaluated.

    add sub mul div neg abs sqrt floor    as in IEEE 754
    fma(a, b, c)                          a*b + c with one rounding: the only contraction there is
    rint                                  nearest whole number, ties to even
    min(a, b)                             b if b < a else a (a NaN in `a` stays)
    max(a, b)                             b if b > a else a
    clip(x, low, high)                    y = low if x < low else x, then high if y > high else y
    lt le gt ge eq ne and or not          conditions
    select(c, x, y)                       x if c else y
    i2f                                   whole number to binary64
    exp expm1 log log1p tanh sigmoid exprel sin cos pow
                                          the project's own straight-line functions
    uniform(stream, draw)                 53-bit number in [0, 1) for this neuron and step
    normal(stream, draw)                  standard normal
    exponential(stream, draw)             mean 1
    poisson(stream, draw, mean)           whole number
    normal_between(stream, draw, mean, sd, low, high)
                                          redrawn until it lies between the bounds
"""

from __future__ import annotations

from typing import Final

__all__ = ["CONDITIONS", "OPERATIONS", "RANDOM"]

CONDITIONS: Final = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"})
RANDOM: Final = frozenset({"uniform", "normal", "exponential", "poisson", "normal_between"})

# name -> number of operands
OPERATIONS: Final[dict[str, int]] = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "abs": 1, "sqrt": 1, "floor": 1, "rint": 1,
    "fma": 3, "min": 2, "max": 2, "clip": 3, "select": 3, "i2f": 1,
    "lt": 2, "le": 2, "gt": 2, "ge": 2, "eq": 2, "ne": 2, "and": 2, "or": 2, "not": 1,
    "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "tanh": 1, "sigmoid": 1, "exprel": 1,
    "sin": 1, "cos": 1, "pow": 2,
    "uniform": 2, "normal": 2, "exponential": 2, "poisson": 3, "normal_between": 6,
}  # fmt: skip
