"""Results: rates, irregularity, hash, pictures, other libraries."""

from __future__ import annotations

import hashlib
import sys

import matplotlib as mpl
import numpy as np
import pytest

import bnsyn_dsl as bns
from bnsyn_dsl.api.recordings import SpikeTrains

mpl.use("agg")


@pytest.fixture(scope="module")
def results() -> bns.Results:
    net = bns.Network(dt="0.1 ms", seed=1)
    times = [bns.quantity([1, 2, 4], "ms"), bns.quantity([3.0], "ms")]
    source = net.population("S", "SpikeSource", 2, times=times)
    cells = net.population("F", "LIF", 3)
    net.connect(source, cells, "Delta", rule="all_to_all", weight="60 mV", delay="1 ms")
    net.record(cells[1:3], "V_m", every="0.5 ms")
    return net.run("10 ms")


def test_rates_count_spikes_per_second_and_neuron(results: bns.Results) -> None:
    assert results.rates_hz["S"] == pytest.approx(4 / 2 / 0.010)
    assert results["S"].rate_hz == results.rates_hz["S"]


def test_irregularity_is_the_mean_over_neurons_with_three_spikes(results: bns.Results) -> None:
    # neuron 0 has intervals 1 and 2 ms: standard deviation 0.5, mean 1.5
    assert results.isi_cv["S"] == pytest.approx(0.5 / 1.5)
    empty = np.zeros(0, np.int64)
    assert SpikeTrains(steps=empty, ids=empty, dt=0.1, size=3).isi_cv is None


def test_the_hash_is_over_pairs_of_step_and_neuron(results: bns.Results) -> None:
    assert list(results.spikes) == ["S", "F"]
    digest = hashlib.sha256(np.array([[10, 0], [20, 0], [30, 1], [40, 0]], "<i8").tobytes())
    late = results.spikes["F"]
    digest.update(np.stack((late.steps, late.ids), axis=1).astype("<i8").tobytes())
    assert results.spikes_sha256 == digest.hexdigest()


def test_names_that_are_not_there_are_refused(results: bns.Results) -> None:
    with pytest.raises(KeyError, match="there are: S, F"):
        results["X"]
    with pytest.raises(AttributeError, match="recorded: V_m"):
        results["F"].w  # noqa: B018
    with pytest.raises(KeyError, match="neuron 0 of F was not recorded"):
        results["F"].V_m.of(0)
    with pytest.raises(bns.BnsError, match=r"did you mean `F\.V_m`"):
        results.plot_trace("F.V_n")


def test_pictures_show_every_spike_and_every_neuron(results: bns.Results) -> None:
    raster = results.plot_raster()
    dots = [np.asarray(c.get_offsets()) for c in raster.collections]
    assert [len(d) for d in dots] == [len(t) for t in results.spikes.values()]
    assert np.array_equal(dots[1][:, 0], results.spikes["F"].times_ms)
    trace = results.plot_trace("V_m")
    assert [line.get_label() for line in trace.lines] == ["F[1]", "F[2]"]
    assert trace.get_ylabel() == "V_m (mV)"
    assert np.array_equal(trace.lines[1].get_ydata(), results["F"].V_m.of(2))
    mpl.pyplot.close("all")


def test_xarray_holds_traces_and_spikes(results: bns.Results) -> None:
    pytest.importorskip("xarray")
    data = results.to_xarray()
    assert data["F.V_m"].dims == ("time", "F.neuron")
    assert data["F.V_m"].attrs["units"] == "mV"
    assert data["F.neuron"].values.tolist() == [1, 2]
    assert data["S.spike_id"].values.tolist() == [0, 0, 1, 0]
    one = results["F"].V_m.to_xarray()
    assert float(one.sel(neuron=2, time=0.5)) == results["F"].V_m.of(2)[0]


def test_neo_holds_traces_and_spikes(results: bns.Results) -> None:
    pytest.importorskip("neo")
    (segment,) = results.to_neo().segments
    assert [t.name for t in segment.spiketrains] == ["S[0]", "S[1]", "F[0]", "F[1]", "F[2]"]
    assert np.allclose(segment.spiketrains[0].magnitude, [1.0, 2.0, 4.0])
    (signal,) = segment.analogsignals
    assert str(signal.units.dimensionality) == "mV"
    assert np.array_equal(signal.magnitude, results["F"].V_m.values)


@pytest.mark.parametrize(("method", "package"), [("to_xarray", "xarray"), ("to_neo", "neo")])
def test_a_missing_library_is_named_with_its_command(
    results: bns.Results, method: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"pip install 'bnsyn-dsl\[{package}\]'"):
        getattr(results, method)()
