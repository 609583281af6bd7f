"""A log of spikes that does not fit is refused before the run, and nothing is broken by it."""

from __future__ import annotations

import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.runtime import memory


def test_a_log_without_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    net = bns.Network(dt="0.1 ms", seed=1)
    net.population("E", bns.models.LIF, 100_000, I_e="500 pA")
    with monkeypatch.context() as patch:
        # room for the arrays of the neurons, 64 steps of all their spikes need 51 MB
        patch.setattr(memory, "available_bytes", lambda: 45_000_000)
        with pytest.raises(BnsError, match=r"BN404.*the log of spikes"):
            net.run("1 ms")
    assert net.run("1 ms").n_steps == 10
