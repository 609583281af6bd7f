"""Arrays in time: what an input is in every interval of a run, given from Python."""

from __future__ import annotations

import math

import numpy as np

from bnsyn_dsl.api.loading import milliseconds
from bnsyn_dsl.api.quantities import Measured, as_measured, quantity, wrong

__all__ = ["TimedArray"]

_WHERE = "bns.TimedArray"


class TimedArray:
    """An input that changes in time: `I_e=bns.TimedArray(values, unit="pA", every="1 ms")`.

    In the step from t to t + dt the input is row floor(t/every); the last row is held afterwards.

    Attributes:
        measured: read-only float64[rows, columns] with its dimension.
        interval: ms between two rows.
        is_shared: whether there is one column for all neurons.

    Args:
        values: shape (rows,) for all neurons alike, or (rows, neurons); plain numbers or a
            quantity. They are copied.
        every: time between two rows, `"1 ms"` or a quantity; it is rounded to whole steps.
        unit: of plain numbers, such as `"pA"`.

    Raises:
        BnsError: the values have another shape, are not finite or have two units, or `every` is
            no time or not positive.
    """

    __slots__ = ("interval", "is_shared", "measured")

    def __init__(self, values: object, *, every: object, unit: str | None = None) -> None:
        what = f"`values` of {_WHERE}"
        measured = as_measured(values, what)
        shape = measured.values.shape
        if len(shape) not in {1, 2} or 0 in shape:
            message = f"{what} need one row or more, of one number or of one for each neuron"
            raise wrong(f"{message}, found an array of shape {shape}", code="BN461")
        bad = np.argwhere(~np.isfinite(measured.values))
        if len(bad):
            raise wrong(f"{what} are not finite at index {_index(bad[0])}", code="BN461")
        if unit is not None:
            measured = quantity(measured, unit)
        rows = np.array(measured.values.reshape(shape[0], -1), np.float64, order="C")
        rows.flags.writeable = False
        self.measured = Measured(values=rows, dimension=measured.dimension)
        self.is_shared = len(shape) == 1
        self.interval = milliseconds(every, "every")
        if not 0 < self.interval < math.inf:
            message = f"`every` of {_WHERE} must be positive and finite"
            raise wrong(f"{message}, found {self.interval:g} ms")

    def __repr__(self) -> str:
        rows, columns = self.measured.values.shape
        shape = f"({rows},)" if self.is_shared else f"({rows}, {columns})"
        return f"<TimedArray of shape {shape}, every {self.interval:g} ms>"


def _index(place: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> str:
    return ", ".join(map(str, place))
