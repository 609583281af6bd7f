"""Random values by element: initial states, parameters, weights, delays.

Element e of a stream is drawn at step 0 and depends on nothing else. The draw index is the number
of the try of a bounded draw, times 64 for Poisson numbers, which may take several.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.stream_ids import split_seed, stream_id

__all__ = ["MAX_TRIES", "Draw", "draw_array"]

MAX_TRIES = 1000
_POISSON_DRAWS = 64  # draw indices of one try; 1000 tries stay below 2^16

Kind: TypeAlias = Literal["constant", "uniform", "normal", "lognormal", "exponential", "poisson"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A value per element: offset + scale * draw, the draw repeated until low <= draw <= high.

    `a`, `b`: constant value; uniform lo, hi; normal mean, sd; lognormal median, sigma of the
    logarithm; exponential mean; poisson mean.
    """

    kind: Kind
    a: float
    b: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    scale: float = 1.0
    offset: float = 0.0


def draw_array(
    draw: Draw, n: int, seed: int, stream_name: str, first: int = 0
) -> NDArray[np.float64]:
    """Return the values of the elements first, ..., first + n - 1.

    Args:
        draw: what is drawn.
        n: number of elements.
        seed: of the run, 0 to 2^64 - 1.
        stream_name: what the numbers feed, as in `E.V_m`.
        first: the first element.

    Raises:
        ValueError: if a parameter is invalid, or 1000 tries give no value within the bounds.
    """
    _check(draw, stream_name)
    if draw.kind == "constant":
        return np.full(n, draw.offset + draw.scale * draw.a)
    values = _within_bounds(draw, n, seed, stream_name, first)
    if draw.offset == 0.0 and draw.scale == 1.0:
        return values
    return draw.offset + draw.scale * values


def _within_bounds(
    draw: Draw, n: int, seed: int, stream_name: str, first: int
) -> NDArray[np.float64]:
    """Draw all elements, then again those that lie outside, until none does."""
    values = _draw_pairs(draw, np.arange(first >> 1, (first + n + 1) >> 1), 0, seed, stream_name)
    values = values[first & 1 :][:n]
    if draw.low == -math.inf and draw.high == math.inf:
        return values
    outside = np.nonzero(~((values >= draw.low) & (values <= draw.high)))[0]
    tries = 1
    while len(outside):
        if tries == MAX_TRIES:
            raise ValueError(
                f"`{stream_name}`: {MAX_TRIES} draws of {draw.kind}({draw.a}, {draw.b}) gave no "
                f"value between {draw.low} and {draw.high}"
            )
        elements = first + outside
        drawn = _draw_pairs(draw, elements >> 1, tries, seed, stream_name)
        again = drawn[2 * np.arange(len(elements)) + (elements & 1)]
        values[outside] = again
        outside = outside[~((again >= draw.low) & (again <= draw.high))]
        tries += 1
    return values


def _draw_pairs(
    draw: Draw, pairs: NDArray[np.int64], tries: int, seed: int, stream_name: str
) -> NDArray[np.float64]:
    """Return the values of both elements of each pair, one after the other."""
    from bnsyn_dsl.runtime.compiled import element_draws

    out = np.empty(2 * len(pairs))
    index = tries * (_POISSON_DRAWS if draw.kind == "poisson" else 1)
    key = (stream_id(stream_name), *split_seed(seed))
    function = getattr(element_draws, f"{draw.kind}_pairs")
    function(float(draw.a), float(draw.b), pairs, index, *key, out)
    return out


def _check(draw: Draw, stream_name: str) -> None:
    """Refuse parameters that no distribution has."""
    wrong = None
    if not all(map(math.isfinite, (draw.a, draw.b, draw.scale, draw.offset))):
        wrong = "parameters must be finite"
    elif draw.kind == "uniform" and draw.b < draw.a:
        wrong = "the lower bound must not exceed the upper"
    elif draw.kind in ("normal", "lognormal") and draw.b < 0.0:
        wrong = "the deviation must not be negative"
    elif draw.kind in ("exponential", "poisson") and draw.a < 0.0:
        wrong = "the mean must not be negative"
    elif not draw.low <= draw.high:
        wrong = f"no value lies between {draw.low} and {draw.high}"
    if wrong is not None:
        raise ValueError(f"`{stream_name}`: {draw.kind}({draw.a}, {draw.b}): {wrong}")
