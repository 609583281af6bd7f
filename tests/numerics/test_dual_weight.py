"""DualWeight: its ticks event by event, and how near they are to the equations they stand for.

dw_f/dt = -w_f/tau_f - k_c*protein*tag*w_f      dw_c/dt = k_c*protein*tag*w_f
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tests.numerics.forced_trains import Floats, Forced, learned, random_train
from tests.numerics.references.clocked_dual_weight import clocked_dual_weight
from tests.numerics.references.continuous_rules import dual_weight

STATES = ("w_f", "w_c", "tag")
# a second instead of hours, so that every term counts
FAST = {
    "A_plus": 0.02, "A_minus": 0.029, "tau_plus": 17.0, "tau_minus": 29.0, "tau_f": 700.0,
    "tau_tag": 400.0, "k_c": 0.006, "step_c": 40.0, "theta": 0.02, "gate": 0.8,
}  # fmt: skip
LIBRARY = {
    "A_plus": 0.02, "A_minus": 0.021, "tau_plus": 20.0, "tau_minus": 20.0, "tau_f": 1.8e6,
    "tau_tag": 5.4e6, "k_c": 5e-6, "step_c": 1000.0, "theta": 0.05, "gate": 1.0,
}  # fmt: skip
UNITS = {
    "k_c": "kHz",
    **dict.fromkeys(("tau_plus", "tau_minus", "tau_f", "tau_tag", "step_c"), "ms"),
}
RNG = np.random.default_rng(5)
PROTEIN = """modulator Growing:
    state:
        p = 0
    equations:
        dp/dt = (1 - p)/(300 ms)
"""


def rule(p: Mapping[str, float], protein: str) -> str:
    given = ", ".join(f"{name} = {value!r} {UNITS.get(name, '')}" for name, value in p.items())
    return f"DualWeight {{ w_max = 1 pA, protein = {protein}, {given} }}"


def at_the_end(forced: Forced) -> dict[str, Floats]:
    """Return w_f, w_c and tag of every synapse at the end."""
    found = learned(forced)["learning"]
    return {name: found[name].values[-1] for name in STATES}


def record(steps: int, dt: float) -> str:
    return f"{', '.join(STATES)} of learning every {steps * dt!r} ms"


@pytest.mark.parametrize("strategy", [None, "swept"])
def test_every_tick_passes_on_what_the_map_says(strategy: str | None) -> None:
    steps = 6000
    pre, post = ([random_train(RNG, n, 10, steps - 100) for _ in range(4)] for n in (30, 25))
    pre[0][:3], post[0][:3] = [400, 800, 1203], [400, 799, 1200]  # at ticks and beside them
    forced = Forced(
        rule=rule(FAST, "pool.p"),
        pre=pre,
        post=[sorted(train) for train in post],
        steps=steps,
        blocks=PROTEIN,
        modulators="pool : Growing",
        record=record(steps, 0.1),
        strategy=strategy,
    )
    found = at_the_end(forced)
    ticks = range(400, steps + 1, 400)
    for k in range(4):
        wanted = clocked_dual_weight(
            FAST, pre[k], post[k], ticks, steps, 0.1, lambda t: -math.expm1(-t / 300.0), 0.5
        )
        assert abs(wanted[1] - 0.5) > 0.01
        assert 0.0 < wanted[2] < 1.0
        for name, value in zip(STATES, wanted, strict=True):
            assert found[name][k] == pytest.approx(value, rel=1e-11, abs=1e-13), name


def continuous(
    p: Mapping[str, float], pre: Sequence[int], post: Sequence[int], end: int, dt: float
) -> tuple[float, float, float]:
    """Return the solution of the equations, with protein 0.7."""
    trains = {"pre": [s * dt for s in pre], "post": [s * dt for s in post]}
    return dual_weight({**p, "protein": 0.7}, trains, end * dt, 0.5)


def test_shorter_ticks_tend_to_the_solution_of_the_equations() -> None:
    """Spikes come at ticks, so that the error is smooth: of first order in step_c."""
    grid = np.arange(1, 60)
    pre, post = ([sorted(400 * RNG.choice(grid, n, replace=False)) for _ in range(3)]
                 for n in (25, 20))  # fmt: skip
    slow = {**FAST, "tau_plus": 90.0, "tau_minus": 70.0, "A_plus": 0.03, "tau_f": 1500.0}
    slow["theta"] = 1e-4  # every spike tags: what is just above it in one run is below in another
    steps = 24_000
    found = []
    for step_c in (40.0, 20.0, 10.0):
        forced = Forced(
            rule=rule({**slow, "step_c": step_c}, "0.7"),
            pre=pre, post=post, steps=steps, record=record(steps, 0.1),
        )  # fmt: skip
        found.append(at_the_end(forced))
    for k in range(3):
        wanted = continuous(slow, pre[k], post[k], steps, 0.1)
        for name, value in zip(STATES, wanted, strict=True):
            coarse, middle, fine = (one[name][k] for one in found)
            assert coarse - middle == pytest.approx(2 * (middle - fine), rel=0.1, abs=1e-12)
            limit = (coarse - 6 * middle + 8 * fine) / 3
            assert limit == pytest.approx(value, rel=0, abs=3e-6), name


def test_with_the_constants_of_the_library_a_second_is_short() -> None:
    """What comes within a second passes on as if it were there for all of it: 0.35 % of it here."""
    steps = 100_000
    pre, post = ([random_train(RNG, n, 2, 1000) for _ in range(3)] for n in (40, 35))
    forced = Forced(
        rule=rule(LIBRARY, "0.7"), pre=pre, post=post, steps=steps, dt=1.0,
        record=record(steps, 1.0),
    )  # fmt: skip
    found = at_the_end(forced)
    for k in range(3):
        wanted = continuous(LIBRARY, pre[k], post[k], steps, 1.0)
        fast, slow, tag = (found[name][k] for name in STATES)
        assert abs(wanted[0]) > 0.03
        assert tag == pytest.approx(wanted[2], rel=1e-12)
        assert fast == pytest.approx(wanted[0], rel=0, abs=3e-4)
        assert slow == pytest.approx(wanted[1], rel=0, abs=3e-4)
        assert fast + slow == pytest.approx(wanted[0] + wanted[1], rel=0, abs=3e-5)
