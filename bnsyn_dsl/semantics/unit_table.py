"""Units and prefixes of the language. Generated from SymPy's unit tables; a test compares them.

Each unit has its scale in SI base units as (mantissa, power of ten) and its exponents of
(m, kg, s, A, K, mol).
"""

from __future__ import annotations

from typing import Final

__all__ = ["NO_PREFIX", "PREFIXES", "UNITS"]

UNITS: Final[dict[str, tuple[int, int, tuple[int, int, int, int, int, int]]]] = {
    "V": (1, 0, (2, 1, -3, -1, 0, 0)),
    "A": (1, 0, (0, 0, 0, 1, 0, 0)),
    "S": (1, 0, (-2, -1, 3, 2, 0, 0)),
    "F": (1, 0, (-2, -1, 4, 2, 0, 0)),
    "Ohm": (1, 0, (2, 1, -3, -2, 0, 0)),
    "s": (1, 0, (0, 0, 1, 0, 0, 0)),
    "Hz": (1, 0, (0, 0, -1, 0, 0, 0)),
    "m": (1, 0, (1, 0, 0, 0, 0, 0)),
    "M": (1, 3, (-3, 0, 0, 0, 0, 1)),
    "mol": (1, 0, (0, 0, 0, 0, 0, 1)),
    "K": (1, 0, (0, 0, 0, 0, 1, 0)),
    "J": (1, 0, (2, 1, -2, 0, 0, 0)),
    "W": (1, 0, (2, 1, -3, 0, 0, 0)),
    "min": (60, 0, (0, 0, 1, 0, 0, 0)),
    "h": (3600, 0, (0, 0, 1, 0, 0, 0)),
}

NO_PREFIX: Final = frozenset({"min", "h"})

PREFIXES: Final[dict[str, int]] = {
    "Y": 24,
    "Z": 21,
    "E": 18,
    "P": 15,
    "T": 12,
    "G": 9,
    "M": 6,
    "k": 3,
    "h": 2,
    "da": 1,
    "d": -1,
    "c": -2,
    "m": -3,
    "u": -6,
    "n": -9,
    "p": -12,
    "f": -15,
    "a": -18,
    "z": -21,
    "y": -24,
}
