"""Groups of targets that lie side by side, but for one place at most."""

from __future__ import annotations

import numpy as np
import pytest

from bnsyn_dsl.assembly.couplings import target_runs


@pytest.mark.parametrize(
    ("groups", "runs"),
    [
        ([[4, 5, 6]], [3]),
        ([[4, 5, 7, 8]], [2]),
        ([[4, 6]], [1]),
        ([[1, 3, 5]], [0]),
        ([[3, 3, 5]], [0]),  # the ends of a run of three
        ([[3, 4, 4, 5]], [2]),  # twice the same is a new run
        ([[9]], [1]),
        ([[1, 2], [3, 4], [6, 9, 12], [], [0]], [2, 2, 0, 0, 1]),
        ([], []),
    ],
)
def test_runs_of_targets(groups: list[list[int]], runs: list[int]) -> None:
    starts = np.cumsum([0, *map(len, groups)])
    targets = np.array([t for group in groups for t in group], np.uint32)
    found = target_runs(targets, starts)
    assert found.tolist() == runs
