"""Where reference data lie, and the checks each passes before it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.numerics.references.stepped_networks import Floats, Integers, Run

DATA = Path(__file__).resolve().parents[1] / "data"


def firm_steps(run: Callable[[tuple[Floats, ...]], Run], start: tuple[Floats, ...]) -> int:
    """Return the steps over which the spikes stay the same when V_m starts 1e-9 mV away.

    Recurrent networks amplify rounding: another `exp` can move spikes only after this step.
    """
    one = run(start)
    other = run((start[0] + 1e-9, *start[1:]))
    shared = min(len(one.ids), len(other.ids))
    parted = (one.ids[:shared] != other.ids[:shared]) | (one.steps[:shared] != other.steps[:shared])
    if parted.any():
        return int(one.steps[np.argmax(parted)]) - 1
    return len(one.traces)


def save(
    path: Path,
    *,
    simulator: str,
    peer: tuple[Integers, Integers, Floats],
    ours: Run,
    arrays: Mapping[str, Any],
) -> None:
    """Write the peer's spikes with the arrays that made them; refuse if plain stepping differs."""
    steps, ids, traces = peer
    np.testing.assert_array_equal(steps, ours.steps)
    np.testing.assert_array_equal(ids, ours.ids)
    np.testing.assert_allclose(traces, ours.traces, rtol=0, atol=1e-8)
    np.savez_compressed(
        path,
        simulator=np.array(simulator),
        spike_steps=steps.astype(np.uint16),
        spike_ids=ids.astype(np.uint16),
        traces=traces,
        **arrays,
    )
    print(f"{path.name}: {len(ids)} spikes by {simulator}, firm for {arrays['firm_steps']} steps")
    print(f"V_m differs by {np.abs(traces - ours.traces).max():.1e} mV")
