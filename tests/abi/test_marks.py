"""The search for marked neurons of a block."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from bnsyn_dsl.abi.marks import bn_next_marked


@njit
def all_marked(marks, n, out):  # type: ignore[no-untyped-def]
    count = 0
    i = bn_next_marked(marks, 0, n)
    while i < n:
        out[count] = i
        count += 1
        i = bn_next_marked(marks, i + 1, n)
    return count


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 255, 256])
def test_every_mark_below_the_end_is_found_once(kind: type, n: int) -> None:
    marks: NDArray[Any] = (np.random.default_rng(n).random(256) < 0.1).astype(kind)
    marks[n - 1] = 2
    assert marks[n:].any() or n > 250  # marks from n on are left over from an earlier block
    out = np.zeros(256, np.int64)
    found = out[: all_marked(marks, n, out)]
    assert found.tolist() == np.nonzero(marks[:n])[0].tolist()
