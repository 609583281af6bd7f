"""Periods of modulators that are drawn: whole steps, or an error when the network is built."""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

TEXT = """
modulator Slow:
    parameters:
        window = 1 ms
        half = window/2
    state:
        n = 0
    every 2*half: n += 1

network Net:
    populations:
        A : LIF[1]
    modulators:
        slow : Slow[5] { window = WINDOW }
    simulate: 100 ms, dt = 0.1 ms, seed = 2
"""


@pytest.mark.parametrize("window", ["uniform(1 ms, 2 ms)", "uniform(-1 ms, 0 ms)"])
def test_a_period_that_dt_does_not_divide_is_refused(window: str) -> None:
    net = bns.load(TEXT.replace("WINDOW", window))
    with pytest.raises(bns.BnsError) as caught:
        net.build()
    (found,) = caught.value.diagnostics
    assert found.code == "BN408"
    assert "ms of `every` must be a whole multiple of dt = 0.1 ms" in found.message
    assert found.help == "a period that is drawn has whole steps as `round(x/dt)*dt`"
    assert found.span is not None
    assert found.span.source.line(found.span.line).strip() == "every 2*half: n += 1"
    assert found.label is not None


def test_a_period_that_is_drawn_in_whole_steps_runs() -> None:
    net = bns.load(TEXT.replace("WINDOW", "round(uniform(1 ms, 2 ms)/dt)*dt"))
    net.run()
    windows = net.modulators["slow"].window
    assert len(set(windows)) > 2
    np.testing.assert_array_equal(net.modulators["slow"].n, np.floor(100 / windows + 1e-9))
