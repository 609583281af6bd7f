"""The clocks that wait for each reduction of a network."""

from __future__ import annotations

import pytest

from bnsyn_dsl.analysis.members import with_states_in_wires
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.wiring.learning import network_reductions
from bnsyn_dsl.wiring.reduction_times import reduction_clocks
from tests import systems

TEXT = """
modulator Sampled:
    input:
        u = 0
    state:
        a = 0
    equations:
        both = a + u
    every 5 ms:
        a = 1
    every 10 ms:
        a = u

modulator Driven:
    input:
        u = 0
    state:
        a = 0
    equations:
        da/dt = (u - a)/(10 ms)

network Net:
    populations:
        E : LIF[4]
    modulators:
        first : Sampled { u = mean(weight/(1 mV) of rec) }
        second : MODEL { u = WIRE }
    projections:
        E -> E as rec : Delta with DopamineSTDP { n = FACTOR, w_max = 4 mV } all_to_all {
            weight = 1 mV, delay = 1 ms, gain = GAIN
        }
    simulate: 10 ms, dt = 0.1 ms, seed = 1
"""
PLAIN = {"MODEL": "Sampled", "WIRE": "0", "FACTOR": "1 Hz", "GAIN": "1"}
ONCE = [((0, 1),)]


def clocks(**parts: str) -> list[tuple[tuple[int, int], ...] | None]:
    text = TEXT
    for name, part in {**PLAIN, **parts}.items():
        text = text.replace(name, part)
    log = DiagnosticLog()
    plan = with_states_in_wires(systems.plan_of(text), log)
    log.stop_on_errors()
    return [reduction_clocks(plan, one) for one in network_reductions(plan)]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({}, ONCE),
        ({"WIRE": "2 + first.a"}, ONCE),  # a state of a modulator is there in every step
        ({"WIRE": "3*mean(weight/(1 mV) of rec)"}, [((0, 1), (1, 1))]),
        ({"WIRE": "first.both"}, [((0, 1), (1, 1))]),
        ({"WIRE": "mean(c/(1 mV) of rec)"}, [((0, 1),), ((1, 1),)]),
        ({"WIRE": "first.both", "MODEL": "Driven"}, [None]),
        ({"WIRE": "mean(c/(1 mV) of rec)", "MODEL": "Driven"}, [((0, 1),), None]),
        ({"FACTOR": "first.both*1 Hz"}, [None]),
        ({"FACTOR": "first.a*1 Hz"}, ONCE),
        ({"GAIN": "first.both"}, [None]),
    ],
)
def test_a_reduction_waits_for_clocks_where_nothing_else_reads_it(
    parts: dict[str, str], found: list[tuple[tuple[int, int], ...] | None]
) -> None:
    assert clocks(**parts) == found
