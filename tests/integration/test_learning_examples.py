"""The examples that learn: shortened in every run of the tests, at full length among the slow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import bnsyn_dsl as bns
from bnsyn_dsl.network import Network

EXAMPLES = Path(__file__).parents[2] / "examples"


def script(name: str, *arguments: str) -> str:
    """Run an example as a script and return what it prints."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    return done.stdout


def tenths(weights: NDArray[np.float64], largest: float) -> NDArray[np.int64]:
    """Return how many weights lie in each tenth from 0 to the largest."""
    return np.histogram(weights, bins=10, range=(0.0, largest))[0]


def test_competing_inputs_move_away_from_the_middle() -> None:
    net = bns.load(EXAMPLES / "stdp_song.bns")
    net.build(threads=1)
    at_start = tenths(net.synapses["learning"].weight, 0.1)
    net.run("60 s")
    weights = net.synapses["learning"].weight
    assert weights.min() >= 0.0
    assert weights.max() <= 0.1
    now = tenths(weights, 0.1)
    # at least 50 more than at the start at both ends: five standard deviations of the draw
    assert now[0] > at_start[0] + 50
    assert now[9] > at_start[9] + 50


@pytest.mark.slow
def test_competing_inputs_end_in_two_humps() -> None:
    net = bns.load(EXAMPLES / "stdp_song.bns")
    results = net.run("250 s", threads=1)
    humps = tenths(net.synapses["learning"].weight, 0.1)
    assert humps[0] > 3 * humps[3:7].max()
    assert humps[9] > 3 * humps[3:7].max()
    # competition holds the rate down: it falls while the weights part
    rate = results.rates_hz["cell"]
    assert rate is not None
    assert 10.0 < rate < 30.0


def rewarded(release: str) -> tuple[Network, int]:
    """Return the network of distal reward and its chosen synapse, which begins at 0."""
    path = EXAMPLES / "distal_reward.bns"
    drawn = bns.load(path).synapses["plastic"]
    chosen = int(np.flatnonzero((drawn.source == 0) & (drawn.target < 800))[0])
    net = bns.load(path, values={"partner": int(drawn.target[chosen]), "release": release})
    net.build(threads=1)
    plastic = net.synapses["plastic"]
    weights = plastic.weight
    weights[chosen] = 0.0
    plastic.weight = weights
    return net, chosen


def test_who_is_rewarded_changes_nothing_before_the_reward() -> None:
    net, chosen = rewarded("50 Hz")
    plastic = net.synapses["plastic"]
    assert len(plastic) == 80_000
    assert plastic.source[chosen] == 0
    assert plastic.weight[chosen] == 0.0
    assert np.count_nonzero(plastic.weight == 1.0) == 79_999
    results = net.run("2 s")
    assert len(results.spikes["cells"]) > 1000
    control, _ = rewarded("0 Hz")
    assert control.run("2 s").spikes_sha256 == results.spikes_sha256
    assert np.ptp(plastic.weight) > 0.0


@pytest.mark.slow
def test_a_late_reward_finds_its_synapse(tmp_path: Path) -> None:
    picture = tmp_path / "reward.png"
    ends = {}
    for release in ("50 Hz", "0 Hz"):
        text = script(
            "distal_reward.py", str(picture), "--release", release, "--duration", "1000 s"
        )
        ends[release] = float(text.split("ends at ")[1].split()[0])
    assert ends["50 Hz"] > 3.0
    assert ends["0 Hz"] < 0.5
    assert picture.read_bytes().startswith(b"\x89PNG")
