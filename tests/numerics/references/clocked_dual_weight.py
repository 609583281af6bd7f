"""A fast and a consolidated weight, event by event: exact between events, a map at the ticks.

Nothing of the project. Times of events are steps, time constants in ms, weights in units of
`w_max`. Of what happens at one time the tick is first, then a presynaptic spike, then a
postsynaptic one; spikes of the end come too late.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

__all__ = ["clocked_dual_weight"]


def clocked_dual_weight(
    p: Mapping[str, float],
    pre: Sequence[int],
    post: Sequence[int],
    ticks: Sequence[int],
    end: int,
    dt: float,
    protein: Callable[[float], float],
    weight: float,
) -> tuple[float, float, float]:
    """Return fast part, consolidated part and tag at `end`; `protein` is a function of t in ms."""
    events = [(s, 0) for s in ticks if s <= end] + [(s, 1) for s in pre if s < end]
    events += [(s, 2) for s in post if s < end]
    x = y = fast = tag = 0.0
    slow, now = weight, 0
    for step, kind in [*sorted(events), (end, 3)]:
        elapsed = (step - now) * dt
        x *= math.exp(-elapsed / p["tau_plus"])
        y *= math.exp(-elapsed / p["tau_minus"])
        fast *= math.exp(-elapsed / p["tau_f"])
        tag *= math.exp(-elapsed / p["tau_tag"])
        now = step
        if kind == 0:  # a rule reads what was there when the step began
            held = p["k_c"] * protein((step - 1) * dt) * tag * p["step_c"]
            passed = -fast * math.expm1(-held)
            fast, slow = fast - passed, slow + passed
        elif kind == 1:
            fast -= p["gate"] * p["A_minus"] * y
            x += 1
        elif kind == 2:
            fast += p["gate"] * p["A_plus"] * x
            y += 1
        if kind in (1, 2) and abs(fast) > p["theta"]:
            tag = 1.0
    return fast, slow, tag
