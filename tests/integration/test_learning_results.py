"""Recordings of modulators and synapses in results, exports, pictures and files."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.cli.saving import save_arrays

mpl.use("agg")

TEXT = """
network Learning:
    populations:
        S : PoissonSource[4] { rate = 40 Hz }
        E : LIF[3] { I_e = 600 pA }
    modulators:
        dopamine : Dopamine[2] { d = uniform(0 Hz, 1 Hz) }
    projections:
        S -> E as recurrent : AMPA with PairSTDP { w_max = 1 nS } all_to_all {
            weight = uniform(0 nS, 1 nS), delay = 1 ms
        }
    record:
        n, d of dopamine[1] every 10 ms
        weight, x of recurrent every 20 ms
        V_m of E[0] every 1 ms
    simulate: 100 ms, dt = 0.1 ms, seed = 2
"""


@pytest.fixture(scope="module")
def results() -> bns.Results:
    return bns.load(TEXT).run()


def test_results_have_modulators_and_projections_beside_populations(results: bns.Results) -> None:
    weight = results["recurrent"].weight
    assert weight.values.shape == (5, 12)
    assert weight.unit == "nS"
    assert weight.times_ms.tolist() == pytest.approx([20, 40, 60, 80, 100])
    assert np.all((weight.values >= 0) & (weight.values <= 1))
    assert np.ptp(weight.values, axis=0).max() > 0
    n = results["dopamine"].n
    assert (n.unit, n.values.shape, n.ids.tolist()) == ("Hz", (10, 1), [1])
    assert n.values == pytest.approx(results["dopamine"].d.values + 0.2)
    with pytest.raises(AttributeError, match="recorded: weight, x"):
        results["recurrent"].y  # noqa: B018
    with pytest.raises(KeyError, match="dopamine, recurrent"):
        results["nobody"]


def test_the_last_recorded_weight_is_the_weight_now() -> None:
    net = bns.load(TEXT)
    results = net.run()
    now = net.synapses["recurrent"]
    assert np.array_equal(results["recurrent"].weight.values[-1], now.weight)
    assert np.array_equal(results["recurrent"].x.values[-1], now.x)
    assert np.array_equal(results["dopamine"].d.values[-1], net.modulators["dopamine"].d[1:])


def test_xarray_carries_pools_and_synapses_with_dimensions_of_their_own(
    results: bns.Results,
) -> None:
    pytest.importorskip("xarray")
    data = results.to_xarray()
    assert data["recurrent.weight"].dims[1] == "recurrent.synapse"
    assert data["recurrent.weight"].attrs == {"units": "nS"}
    assert data["dopamine.n"].dims[1] == "dopamine.pool"
    assert data["E.V_m"].dims[1] == "E.neuron"
    assert data["recurrent.x"].dims == data["recurrent.weight"].dims
    assert np.array_equal(data["recurrent.weight"], results["recurrent"].weight.values)
    alone = results["recurrent"].weight.to_xarray()
    assert alone.dims == ("time", "synapse")
    assert results["dopamine"].n.to_xarray().dims == ("time", "pool")


def test_neo_carries_pools_and_synapses_as_signals(results: bns.Results) -> None:
    pytest.importorskip("neo")
    (segment,) = results.to_neo().segments
    signals = {s.name: s for s in segment.analogsignals}
    weight = signals["recurrent.weight"]
    assert weight.shape == (5, 12)
    assert weight.annotations["synapses"] == list(range(12))
    assert signals["dopamine.n"].annotations["pools"] == [1]
    assert signals["E.V_m"].annotations["neurons"] == [0]
    assert np.array_equal(weight.magnitude, results["recurrent"].weight.values)


def test_traces_of_pools_and_synapses_are_drawn(results: bns.Results) -> None:
    ax = results.plot_trace("recurrent.weight")
    assert ax.get_ylabel() == "weight (nS)"
    assert len(ax.lines) == 12
    assert [line.get_label() for line in results.plot_trace("n").lines] == ["dopamine[1]"]


def test_files_of_a_run_hold_pools_and_synapses(results: bns.Results, tmp_path: Path) -> None:
    save_arrays(results, tmp_path)
    with np.load(tmp_path / "recordings.npz") as saved:
        assert np.array_equal(saved["recurrent.weight"], results["recurrent"].weight.values)
        assert str(saved["recurrent.weight.unit"]) == "nS"
        assert saved["dopamine.n.ids"].tolist() == [1]
        assert saved["recurrent.x.times_ms"].tolist() == pytest.approx([20, 40, 60, 80, 100])


def test_a_number_that_was_not_recorded_is_refused_by_its_kind(results: bns.Results) -> None:
    with pytest.raises(KeyError, match="pool 0 of dopamine was not recorded"):
        results["dopamine"].n.of(0)
    with pytest.raises(KeyError, match="synapse 12 of recurrent was not recorded"):
        results["recurrent"].weight.of(12)
    assert len(results["recurrent"].weight.of(11)) == 5
