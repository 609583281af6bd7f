"""Building and drawing in miniature: every compiled function is called once, with its types.

Machine code that a network will need can so be made before the network is, and in any process
(`bnsyn_dsl/ahead.py`). Nothing is returned: what stays is Numba's cache.
"""

from __future__ import annotations

import numpy as np

from bnsyn_dsl.runtime.compiled.delivery_tables import sort_groups
from bnsyn_dsl.runtime.connection_enumeration import Rule
from bnsyn_dsl.runtime.connection_requests import Port, ProjectionRequest, delay_usage, plan
from bnsyn_dsl.runtime.connection_rules import enumerate_rule
from bnsyn_dsl.runtime.connectivity import build_tables
from bnsyn_dsl.runtime.draws import Draw, draw_array

__all__ = ["rehearse_delays", "rehearse_draw", "rehearse_rule", "rehearse_tables"]

_SEED = 1


def rehearse_tables() -> None:
    """Build the tables of one synapse."""
    build_tables([_one_synapse()], 1, [[(0, 1)]], _SEED)


def rehearse_delays() -> None:
    """Round delays that differ from synapse to synapse."""
    delay_usage(plan(_one_synapse(delay=np.array([0.1])), _SEED), 0, 1)


def rehearse_draw(distribution: str) -> None:
    """Draw two numbers; a constant takes no compiled function."""
    draw = Draw(kind=distribution, a=0.25, b=0.5)  # type: ignore[arg-type]
    draw_array(draw, 2, _SEED, "rehearsal")


def rehearse_rule(kind: str, repetition: str) -> None:
    """Connect three neurons with themselves; `repetition` is `multapses` or empty."""
    nobody = np.empty(0, np.int64)
    rule = Rule(
        kind=kind,  # type: ignore[arg-type]
        p=0.5,
        count=1,
        multapses=bool(repetition),
        sources=nobody,
        targets=nobody,
    )
    found = enumerate_rule(
        name="rehearsal", rule=rule, source_size=3, target_size=3, own=None, seed=_SEED
    )
    for _ in found.chunks(0, found.outer_size):
        pass
    if found.outer == "draw":
        sort_groups(np.zeros(1, np.int64), nobody, np.empty(0, np.uint32), nobody)


def _one_synapse(delay: np.ndarray | None = None) -> ProjectionRequest:
    constant = Draw(kind="constant", a=1.0)
    return ProjectionRequest(
        name="rehearsal",
        rule=Rule(kind="one_to_one"),
        source_base=0,
        source_size=1,
        target_size=1,
        ports=(Port(inbox_base=0, scale_bits=0),),
        same_population_offset=None,
        weight=constant,
        delay=constant if delay is None else delay,
        dt=0.1,
    )
