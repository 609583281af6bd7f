"""Numbers in internal units as a reader writes them: `-60 mV`, `5 Hz`, `0.25`."""

from __future__ import annotations

from fractions import Fraction

from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.units import Unit, find_unit, format_dimension, in_unit

__all__ = ["quantity_text", "shown_unit"]


def quantity_text(value: float, dimension: Dimension) -> str:
    """Return `value` (internal units) with the unit that `format_dimension` shows."""
    text = format_dimension(dimension)
    if text == "1" or dimension.unknowns:
        return f"{value:.12g}"
    shown = in_unit(value, _unit(text))
    return f"{shown:.12g}/{text[2:]}" if text.startswith("1/") else f"{shown:.12g} {text}"


def shown_unit(dimension: Dimension) -> tuple[str, Unit]:
    """Return the unit that `format_dimension` shows, as text and as a unit."""
    text = format_dimension(dimension)
    return text, _unit(text)


def _unit(text: str) -> Unit:
    unit = Unit(ONE, Fraction(1))
    for place, group in enumerate(text.split("/")):
        for part in group.split():
            name, _, exponent = part.partition("^")
            found = find_unit(name)
            if found is not None:
                power = int(exponent or 1)
                unit = unit * found ** (power if place == 0 else -power)
    return unit
