"""How long a run may be."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("length", ["<<1e12 s>>, dt = 0.1 ms", "<<1 s>>, dt = 1e-300 ms"])
def test_a_run_of_too_many_steps_is_refused(refuses: Any, length: str) -> None:
    text = f"network N:\n    populations:\n        A : LIF[1]\n    simulate: {length}\n"
    assert refuses("BN454", text).message.endswith("at most 1e+12 can be run")


def test_the_longest_delay_is_that_of_the_runtime() -> None:
    from bnsyn_dsl.runtime.connection_requests import MAX_DELAY_STEPS
    from bnsyn_dsl.semantics.run_length import MOST_DELAY_STEPS

    assert MOST_DELAY_STEPS == MAX_DELAY_STEPS
