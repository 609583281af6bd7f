"""The functions of the language: names, number of arguments and what they ask of dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "CONSTANTS",
    "DISTRIBUTIONS",
    "FUNCTIONS",
    "NETWORK_NAMES",
    "RESERVED_NAMES",
    "FunctionRule",
]


@dataclass(frozen=True, slots=True)
class FunctionRule:
    """How a function treats dimensions: "plain" wants plain numbers, "same" equal ones, "root"."""

    fewest: int
    most: int
    rule: str


FUNCTIONS: Final[dict[str, FunctionRule]] = {
    "exp": FunctionRule(1, 1, "plain"),
    "log": FunctionRule(1, 1, "plain"),
    "sin": FunctionRule(1, 1, "plain"),
    "cos": FunctionRule(1, 1, "plain"),
    "tanh": FunctionRule(1, 1, "plain"),
    "sigmoid": FunctionRule(1, 1, "plain"),
    "exprel": FunctionRule(1, 1, "plain"),
    "floor": FunctionRule(1, 1, "plain"),
    "round": FunctionRule(1, 1, "plain"),
    "sqrt": FunctionRule(1, 1, "root"),
    "abs": FunctionRule(1, 1, "same"),
    "min": FunctionRule(2, 2, "same"),
    "max": FunctionRule(2, 2, "same"),
    "clip": FunctionRule(3, 3, "same"),
}

# name -> (fewest, most) arguments; two more for `normal` are the bounds it is redrawn into
DISTRIBUTIONS: Final[dict[str, tuple[int, int]]] = {
    "uniform": (2, 2),
    "normal": (2, 4),
    "lognormal": (2, 4),
    "exponential": (1, 1),
    "poisson": (1, 1),
}

CONSTANTS: Final = {"pi": 3.141592653589793, "inf": float("inf"), "true": 1.0, "false": 0.0}

# names with a meaning everywhere; they cannot be declared
RESERVED_NAMES: Final = frozenset(
    {*FUNCTIONS, *DISTRIBUTIONS, *CONSTANTS, "t", "dt", "xi", "pre", "post", "refractory"}
)

# and those with a meaning in every network
NETWORK_NAMES: Final = RESERVED_NAMES | {"index", "size", "source", "target", "spikes"}
