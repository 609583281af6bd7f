"""Which inputs of a modulator only clocks read."""

from __future__ import annotations

import pytest

from bnsyn_dsl.analysis.clocked_inputs import clocks_reading
from bnsyn_dsl.semantics.model import Model
from tests import systems

TEXT = """
modulator Pool:
    parameters:
        window = 5 ms
    input:
        u = 0
    state:
        a = 0
        b = 0
        wait = 5 ms
    equations:
        da/dt = -a/(10 ms)
        twice = 2*u
        MORE
    b in [0, LIMIT]
    on spike:
        b += ON_SPIKE
    on reward(R):
        b += ON_REWARD*R
    every 3 ms:
        b = FIRST
    every PERIOD:
        wait += 1 ms
        if b > 1:
            b = LAST

network Net:
    populations:
        E : LIF[1]
    modulators:
        pool : Pool from E
    simulate: 1 ms, dt = 0.1 ms
"""
PLAIN = {
    "LIMIT": "5", "MORE": "other = 1 + a", "ON_SPIKE": "1", "ON_REWARD": "1",
    "FIRST": "1", "LAST": "1", "PERIOD": "window",
}  # fmt: skip


def pool(**parts: str) -> Model:
    text = TEXT
    for name, part in {**PLAIN, **parts}.items():
        text = text.replace(name, part)
    return systems.plan_of(text).pools[0].model


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"FIRST": "u"}, (0,)),
        ({"LAST": "u"}, (1,)),
        ({"LAST": "u", "FIRST": "1 + u^2"}, (0, 1)),
        ({"LAST": "a*twice", "PERIOD": "2*window + 10*dt"}, (1,)),
        ({"LAST": "u", "MORE": "other = 1 + twice"}, (1,)),  # only what reads `other` reads it
    ],
)
def test_clocks_are_found_by_what_they_read(parts: dict[str, str], found: tuple[int, ...]) -> None:
    assert clocks_reading(pool(**parts), "u") == found


@pytest.mark.parametrize(
    "parts",
    [
        {"MORE": "dwait/dt = 0.1*u"},
        {"MORE": "dwait/dt = 0.1*twice"},
        {"ON_SPIKE": "u"},
        {"ON_SPIKE": "twice"},
        {"ON_REWARD": "u"},
    ],
)
def test_equations_and_events_need_every_step(parts: dict[str, str]) -> None:
    assert clocks_reading(pool(**parts), "u") is None
    assert clocks_reading(pool(**parts, FIRST="u"), "u") is None


def test_what_nobody_reads_may_be_looked_at_from_outside_at_any_time() -> None:
    assert clocks_reading(pool(), "u") is None


@pytest.mark.parametrize("parts", [{"LIMIT": "5 + u"}, {"PERIOD": "wait"}])
def test_bounds_and_periods_that_change_need_every_step(parts: dict[str, str]) -> None:
    assert clocks_reading(pool(**parts, LAST="u"), "u") is None
