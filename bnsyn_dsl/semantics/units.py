"""Units: names with prefixes to exact scales, and dimensions back to readable units.

All numbers run in one coherent set: ms, mV, pA, nS, pF (nS*mV = pA, pF*mV/ms = pA), lengths in um,
concentrations in mM. A literal is the decimal text times the unit's factor, formed as a fraction
and rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from bnsyn_dsl.semantics.dimension import BASES, ONE, Dimension
from bnsyn_dsl.semantics.unit_table import NO_PREFIX, PREFIXES, UNITS

__all__ = ["Unit", "exact_value", "find_unit", "format_dimension", "in_unit", "internal_factor"]

# what one internal unit of each base is in SI: um, 1e-12 kg (so that V becomes mV), ms, pA, K, and
# the amount that makes mM the unit of concentration
_INTERNAL_POWER = {"m": -6, "kg": -12, "s": -3, "A": -12, "K": 0, "mol": -18}


@dataclass(frozen=True, slots=True)
class Unit:
    """A dimension and the exact factor to SI base units."""

    dimension: Dimension
    scale: Fraction

    def __mul__(self, other: Unit) -> Unit:
        return Unit(self.dimension * other.dimension, self.scale * other.scale)

    def __pow__(self, exponent: int) -> Unit:
        return Unit(self.dimension**exponent, self.scale**exponent)


@lru_cache(maxsize=4096)
def find_unit(name: str) -> Unit | None:
    """Return the unit `name` stands for (`mV`, `uM`, `min`), or None."""
    if name in UNITS:
        return _unit(name, 0)
    for prefix, power in PREFIXES.items():
        base = name[len(prefix) :]
        if name.startswith(prefix) and base in UNITS and base not in NO_PREFIX:
            return _unit(base, power)
    return None


def _unit(base: str, power: int) -> Unit:
    mantissa, own_power, exponents = UNITS[base]
    dimension = Dimension.of(dict(zip(BASES, map(Fraction, exponents), strict=True)))
    return Unit(dimension, mantissa * Fraction(10) ** (own_power + power))


@lru_cache(maxsize=4096)
def internal_factor(dimension: Dimension) -> Fraction:
    """Return how many SI units one internal unit of `dimension` is."""
    power = sum((_INTERNAL_POWER[b] * e for b, e in dimension.factors), Fraction(0))
    if power.denominator != 1:
        msg = f"no exact internal unit for {dimension}"
        raise ValueError(msg)
    return Fraction(10) ** int(power)


@lru_cache(maxsize=4096)
def exact_value(text: str, unit: Unit) -> float:
    """Return the value of `text` in `unit`, in internal units, rounded once."""
    mantissa, _, power = text.lower().partition("e")
    if abs(int(power or 0)) > 400 + len(mantissa):  # a Fraction would write out all its digits
        return float("inf") if int(power) > 0 and float(mantissa) else 0.0
    exact = Fraction(text) * unit.scale / internal_factor(unit.dimension)
    try:
        return float(exact)
    except OverflowError:
        return float("inf")


def in_unit(value: float, unit: Unit) -> float:
    """Convert an internal value to `unit`."""
    return float(value * float(internal_factor(unit.dimension) / unit.scale))


_READABLE = (
    "mV", "pA", "nS", "pF", "ms", "Hz", "GOhm", "um", "mM", "K",
    "pA/ms", "mV/ms", "nS/ms", "1/mV", "mV^2", "1/mV^2", "pA ms", "uM^4",
)  # fmt: skip


@cache
def _readable() -> dict[Dimension, str]:
    table: dict[Dimension, str] = {}
    for text in _READABLE:
        unit = ONE
        sign = 1
        for part in text.replace("/", " / ").split():
            if part == "/":
                sign = -1
            elif part != "1":
                name, _, exponent = part.partition("^")
                found = find_unit(name)
                assert found is not None
                unit = unit * found.dimension ** (sign * int(exponent or 1))
        table.setdefault(unit, text)
    return table


def format_dimension(dimension: Dimension) -> str:
    """Return a unit a reader expects for the dimension: `mV`, `pA/ms`, `1` for a plain number."""
    if dimension == ONE:
        return "1"
    if dimension in _readable():
        return _readable()[dimension]
    # kg is written with V, A, s and m: kg = V A s^3 m^-2
    kg = dimension.exponent("kg")
    powers = {
        "mV": kg,
        "pA": dimension.exponent("A") + kg,
        "ms": dimension.exponent("s") + 3 * kg,
        "um": dimension.exponent("m") - 2 * kg,
        "K": dimension.exponent("K"),
        "amol": dimension.exponent("mol"),
    }
    powers |= {f"[{name[1:]}]": dimension.exponent(name) for name in dimension.unknowns}
    return _product(powers)


def _product(powers: dict[str, Fraction]) -> str:
    above = [_power(name, e) for name, e in powers.items() if e > 0]
    below = [_power(name, -e) for name, e in powers.items() if e < 0]
    return "/".join([" ".join(above) or "1", *below])


def _power(name: str, exponent: Fraction) -> str:
    return name if exponent == 1 else f"{name}^{exponent}"
