"""Times as arguments: `--duration "1 s"`."""

from __future__ import annotations

import math
import re

import click

from bnsyn_dsl.semantics.network_scope import TIME_UNIT
from bnsyn_dsl.semantics.units import exact_value, find_unit

__all__ = ["TIME"]

_QUANTITY = re.compile(r"([0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z]+)")


class TimeType(click.ParamType[float]):
    """A number with a unit of time; its value is in ms."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the time in ms."""
        text = str(value).strip()
        found = _QUANTITY.fullmatch(text)
        unit = None if found is None else find_unit(found[2])
        if found is None or unit is None or unit.dimension != TIME_UNIT:
            self.fail(f'{text!r} is no time; write a number with a unit, as in "1 s"', param, ctx)
        time = exact_value(found[1], unit)
        if not (0 < time < math.inf):
            self.fail(f"{text!r} is not positive and finite", param, ctx)
        return time


TIME = TimeType()
