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
from bnsyn_dsl import criticality
from bnsyn_dsl.api.network import Network
from bnsyn_dsl.api.results import Results

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


def regression(results: Results, after: float) -> float:
    """Return the branching ratio of all spikes after a time in ms, in bins of 4 ms."""
    trains = [results.spikes[name] for name in ("E", "I")]
    counts = sum(criticality.spike_counts(t, 4.0, results.duration_ms) for t in trains)
    return criticality.branching_ratio(np.asarray(counts)[round(after / 4.0) :]).m


def test_the_reference_network_is_active_learns_and_is_controlled() -> None:
    net = bns.load(EXAMPLES / "bnsyn.bns", "BNSyn")
    net.build(threads=1)
    results = net.run("600 ms")
    for rate in results.rates_hz.values():
        assert rate is not None
        assert 0.1 < rate < 20.0
    recurrent = net.synapses["recurrent"]
    w_f, w_c = recurrent["w_f"], recurrent["w_c"]
    assert np.ptp(w_f) > 0.0
    np.testing.assert_allclose(recurrent.weight, np.clip(w_f + w_c, 0.0, 12.0), rtol=1e-12)
    # the gate is open, and what a spike moves is a fraction of w_max: 0.02 or 0.021 of 12 nS
    assert 0.05 < np.abs(w_f).max() < 5.0
    assert (w_c == 9.0).all()  # no protein yet, so nothing is consolidated


def test_without_the_controller_either_change_leads_away_from_the_edge() -> None:
    below = {"eta": 0, "change": 0.7, "t_change": "0 s"}
    above = {**below, "change": 1.3}
    runs = []
    for values in (below, {"eta": 0}, {"eta": 0, "w_E": "10 nS"}, above):
        net = bns.load(EXAMPLES / "bnsyn.bns", "BNSynFixed", values=values)
        runs.append(net.run("8 s", threads=1))
    weaker, unchanged, near, stronger = runs
    assert np.ptp(stronger["control"]["gain"].values) == 0.0
    rates = [run.rates_hz["E"] or 0.0 for run in runs]
    assert rates == sorted(rates)
    assert rates[0] < 0.3
    assert rates[3] > 20.0
    assert regression(near, after=1000.0) > 0.95
    assert regression(unchanged, after=1000.0) < 0.93
    assert regression(stronger, after=1000.0) < 0.7  # saturated: what happens is soon forgotten
    with pytest.raises(criticality.Undefined, match="not correlated"):
        regression(weaker, after=1000.0)


@pytest.mark.slow
def test_the_controller_brings_the_network_to_the_edge() -> None:
    path = EXAMPLES / "bnsyn.bns"
    controlled = bns.load(path, "BNSynFixed").run("60 s", threads=1)
    assert 0.95 < regression(controlled, after=10_000.0) < 1.05
    for name in ("E", "I"):
        rate = controlled.rates_hz[name]
        assert rate is not None
        assert 0.1 < rate < 20.0


@pytest.mark.slow
@pytest.mark.parametrize("change", [0.7, 1.3])
def test_the_controller_undoes_a_change_of_the_coupling(change: float) -> None:
    values = {"change": change, "t_change": "20 s"}
    net = bns.load(EXAMPLES / "bnsyn.bns", "BNSynFixed", values=values)
    net.build(threads=1)
    before = net.run("20 s")["control"]["gain"].values[-1, 0]
    results = net.run("70 s")
    assert 0.95 < regression(results, after=60_000.0) < 1.05
    after = results["control"]["gain"].values[-1, 0]
    assert after * change == pytest.approx(before, rel=0.1)


@pytest.mark.slow
def test_the_pictures_of_criticality_are_saved(tmp_path: Path) -> None:
    text = script("criticality.py", str(tmp_path / "made"), "--seconds", "3")
    assert len(text.splitlines()) == 16
    for name in ("regimes.png", "recovery.png"):
        assert (tmp_path / "made" / name).read_bytes().startswith(b"\x89PNG")
