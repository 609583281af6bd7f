"""Arrays of neurons begin at a cache line, wherever NumPy's memory begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bnsyn_dsl import load
from bnsyn_dsl.runtime.aligned import CACHE_LINE, aligned_zeros


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.float64])
@pytest.mark.parametrize("shape", [1, 257, (3, 256)])
def test_it_is_zeros_at_a_cache_line(shape: int | tuple[int, ...], kind: Any) -> None:
    # kept together, so that each gets memory of its own
    made = [aligned_zeros(shape, kind) for _ in range(20)]
    for array in made:
        assert array.tobytes() == np.zeros(shape, kind).tobytes()
        assert (array.shape, array.dtype) == (np.zeros(shape).shape, np.dtype(kind))
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.ctypes.data % CACHE_LINE == 0


def test_all_arrays_of_a_networks_neurons_begin_at_a_cache_line() -> None:
    net = load(
        "network Small:\n    populations:\n        A : LIF[321]\n    projections:\n"
        "        A -> A : AMPA fixed_indegree(2) { weight = 1 nS, delay = 1 ms }\n"
        "    simulate: 1 ms, dt = 0.1 ms, seed = 1\n"
    )
    simulation = net.build().simulation
    arrays: dict[str, Any] = dict(simulation.systems[0].states)
    shared, own = simulation._shared, simulation._own[0]
    arrays |= {k: v for k, v in shared.items() if k in {"s0_refractory", "inbox"}}
    arrays |= {k: v for k, v in own.items() if k in {"s0_refractory", "spiked", "scratch"}}
    assert len(arrays) == 6
    assert {name: a.ctypes.data % CACHE_LINE for name, a in arrays.items()} == dict.fromkeys(
        arrays, 0
    )
