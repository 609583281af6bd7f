"""Quantities from Python: text, plain numbers, and quantities of other libraries by their shape.

No library of units is imported. A quantity of pint, quantities, astropy or brian2 is taken apart
into its value in SI base units and its dimension; the rest of the project sees the same syntax
tree that `I_e = 500 pA` in a file gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.diagnostics import BnsError, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.quantity_text import shown_unit
from bnsyn_dsl.semantics.units import Unit, find_unit, in_unit, internal_factor

__all__ = ["Measured", "as_measured", "quantity", "shown_number", "value_text", "wrong"]

_PINT = {"[length]": "m", "[mass]": "kg", "[time]": "s", "[current]": "A",
         "[temperature]": "K", "[substance]": "mol"}  # fmt: skip
_BASES = ("m", "kg", "s", "A", "K", "mol")


def wrong(message: str, *, code: str = "BN460", help: str | None = None) -> BnsError:
    """Return the error for a wrong argument."""
    return BnsError([error(code, message, None, help=help)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Numbers with a dimension, in internal units (ms, mV, nS, pF, pA); plain without one."""

    values: NDArray[np.float64]
    dimension: Dimension | None

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number."""
        return self.values.ndim == 0


def as_measured(value: object, what: str) -> Measured:
    """Return a Python value as numbers with a dimension; `what` names the argument.

    Raises:
        BnsError: it is no number, array or quantity, or not finite.
    """
    if isinstance(value, Measured):
        return _not_nan(value, what)
    if isinstance(value, list | tuple) and any(_is_quantity(v) for v in value):
        return _joined([as_measured(v, what) for v in value], what)
    magnitude, dimension = _taken_apart(value, what)
    try:
        if value is None or isinstance(value, bytes):  # NumPy would make NaN and a number of them
            raise TypeError
        values = np.asarray(magnitude, dtype=np.float64)
    except (TypeError, ValueError) as reason:
        kind = type(value).__name__
        message = f"{what} must be a number, an array, a quantity or text, found {kind}"
        raise wrong(message) from reason
    if dimension is not None:
        values = values * float(1 / internal_factor(dimension))
    return _not_nan(Measured(values=values, dimension=dimension), what)


def quantity(values: object, unit: str) -> Measured:
    """Return numbers with a unit of the language: `bns.quantity(array, "mV")`.

    Raises:
        BnsError: there is no such unit, or these are no numbers.
    """
    plain = as_measured(values, "a quantity")
    if plain.dimension is not None:
        raise wrong(f"a quantity has a unit already, found `{unit}` as well")
    found = Unit(ONE, Fraction(1))
    for place, group in enumerate(unit.split("/")):
        for part in group.split():
            name, _, exponent = part.partition("^")
            one = Unit(ONE, Fraction(1)) if part == "1" else find_unit(name)
            if one is None or not (exponent or "1").lstrip("-").isdigit():
                hint = "units are written as in a file: `mV`, `pA/ms`, `mV^2`"
                raise wrong(f"there is no unit `{unit}`", code="BN462", help=hint)
            found = found * one ** (int(exponent or 1) * (1 if place == 0 else -1))
    scale = found.scale / internal_factor(found.dimension)
    # division by a whole number rounds once where multiplication by its inverse rounds twice
    numbers = plain.values * float(scale) if scale >= 1 else plain.values / float(1 / scale)
    return Measured(values=np.asarray(numbers), dimension=found.dimension)


def _not_nan(measured: Measured, what: str) -> Measured:
    bad = np.argwhere(np.isnan(measured.values))
    if len(bad):
        at = "" if measured.is_scalar else f" at index {', '.join(map(str, bad[0]))}"
        raise wrong(f"{what} is not a number{at} (NaN)", code="BN461")
    return measured


def _is_quantity(value: object) -> bool:
    return isinstance(value, Measured) or any(
        hasattr(value, name) for name in ("dimensionality", "unit", "dim")
    )


def _joined(members: list[Measured], what: str) -> Measured:
    if len({m.dimension for m in members}) > 1 or not all(m.is_scalar for m in members):
        raise wrong(f"{what} is a list of different quantities", code="BN462")
    values = np.array([float(m.values) for m in members])
    return Measured(values=values, dimension=members[0].dimension)


def value_text(value: object, what: str) -> str:
    """Return a Python value as text of the language: `6`, `500.0 pA`; text stays as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    measured = as_measured(value, what)
    if not measured.is_scalar:
        shape = measured.values.shape
        raise wrong(f"{what} must be one value, found an array of shape {shape}")
    if np.isinf(measured.values):
        return "inf" if measured.values > 0 else "-inf"
    number, unit = shown_number(measured)
    if unit == "1":
        return number
    return f"{number}{unit[1:]}" if unit.startswith("1/") else f"{number} {unit}"


def shown_number(measured: Measured) -> tuple[str, str]:
    """Return one value as text and its unit as text, `1` for plain numbers."""
    value = float(measured.values)
    if measured.dimension is None:
        return _number(value), "1"
    text, unit = shown_unit(measured.dimension)
    # 15 digits: what other libraries multiply by powers of ten must not end at 499.99999999999994
    return _number(float(f"{in_unit(value, unit):.15g}")), text


def _number(value: float) -> str:
    whole = value == math.floor(value) and abs(value) < 2**53
    return str(int(value)) if whole else repr(value)


# ------------------------------------------------------------------- other libraries


def _taken_apart(value: object, what: str) -> tuple[Any, Dimension | None]:
    """Return magnitude and dimension; the magnitude is in SI base units where there is one."""
    found: Any = value
    if hasattr(found, "to_base_units") and hasattr(found, "dimensionality"):  # pint
        base = found.to_base_units()
        pairs = [(_PINT.get(str(d), str(d)), e) for d, e in found.dimensionality.items()]
        return base.magnitude, _dimension(pairs, what)
    if hasattr(found, "simplified") and hasattr(found, "dimensionality"):  # quantities
        base = found.simplified
        pairs = [(u.symbol, e) for u, e in base.dimensionality.items()]
        return base.magnitude, _dimension(pairs, what)
    if hasattr(found, "decompose") and hasattr(found, "unit"):  # astropy
        base = found.si.decompose()
        unit = base.unit
        pairs = [(b.to_string(), p) for b, p in zip(unit.bases, unit.powers, strict=True)]
        return base.value * unit.scale, _dimension(pairs, what)
    if hasattr(found, "dim") and hasattr(found.dim, "get_dimension"):  # brian2
        pairs = [(b, found.dim.get_dimension(b)) for b in _BASES]
        return np.asarray(found), _dimension(pairs, what)
    return value, None


def _dimension(pairs: Iterable[tuple[str, Any]], what: str) -> Dimension:
    exponents: dict[str, Fraction] = {}
    for base, exponent in pairs:
        power = Fraction(float(exponent)).limit_denominator(12)
        if power and base not in _BASES:
            raise wrong(f"{what} has a unit in `{base}`, which the language does not have")
        exponents[base] = power
    return Dimension.of(exponents)
