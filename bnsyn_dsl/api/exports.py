"""Results as objects of other libraries: xarray and Neo, imported only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bnsyn_dsl.extras import extra_module

if TYPE_CHECKING:
    from bnsyn_dsl.api.recordings import Recording
    from bnsyn_dsl.api.results import Results

__all__ = ["recording_to_xarray", "to_neo", "to_xarray"]

# what Neo's library of quantities calls our units; a unit without a name there becomes plain
_NEO_UNITS = {
    "mV": "mV", "pA": "pA", "nS": "nS", "pF": "pF", "ms": "ms", "Hz": "Hz", "um": "um",
    "mM": "mM", "K": "K", "pA/ms": "pA/ms", "mV/ms": "mV/ms", "1": "dimensionless",
}  # fmt: skip


def recording_to_xarray(recording: Recording) -> Any:
    """Return a DataArray with dimensions `time` (ms) and `neuron`, `pool` or `synapse`."""
    return _as_data_array(recording, "time", recording.element)


def to_xarray(results: Results) -> Any:
    """Return a Dataset: `E.V_m` over time and neuron, `E.spike_time` and `E.spike_id` per spike.

    Recordings of modulators are over time and pool, those of projections over time and synapse.
    Recordings share a dimension where they share its values.
    """
    xarray = extra_module("xarray", "xarray")
    data: dict[str, Any] = {}
    axes: dict[tuple[str, bytes], str] = {}

    def axis(wish: str, other: str, values: bytes) -> str:
        taken = set(axes.values())
        return axes.setdefault((wish, values), wish if wish not in taken else other)

    for one in results.traces.values():
        name = f"{one.population}.{one.variable}"
        time = axis("time", f"{name}.time", one.times_ms.tobytes())
        kind = one.element
        element = axis(f"{one.population}.{kind}", f"{name}.{kind}", one.ids.tobytes())
        data[name] = _as_data_array(one, time, element)
    for name, trains in results.spikes.items():
        spike = f"{name}.spike"
        data[f"{name}.spike_time"] = ((spike,), trains.times_ms, {"units": "ms"})
        data[f"{name}.spike_id"] = ((spike,), trains.ids)
    attributes = {"network": results.network, "dt_ms": results.dt_ms, "seed": str(results.seed)}
    return xarray.Dataset(data, attrs=attributes)


def _as_data_array(recording: Recording, time: str, element: str) -> Any:
    xarray = extra_module("xarray", "xarray")
    return xarray.DataArray(
        recording.values,
        dims=(time, element),
        coords={time: recording.times_ms, element: recording.ids},
        name=f"{recording.population}.{recording.variable}",
        attrs={"units": recording.unit},
    )


def to_neo(results: Results) -> Any:
    """Return a Block with one Segment: a SpikeTrain per neuron, an AnalogSignal per recording."""
    neo, units = extra_module("neo", "neo"), extra_module("quantities", "neo")
    block, segment = neo.Block(name=results.network), neo.Segment(name="run")
    for name, trains in results.spikes.items():
        order = np.argsort(trains.ids, kind="stable")
        cuts = np.searchsorted(trains.ids[order], np.arange(1, trains.size))
        for neuron, times in enumerate(np.split(trains.times_ms[order], cuts)):
            segment.spiketrains.append(
                neo.SpikeTrain(
                    times,
                    units="ms",
                    t_stop=results.duration_ms,
                    name=f"{name}[{neuron}]",
                    population=name,
                    neuron=neuron,
                )
            )
    for one in results.traces.values():
        segment.analogsignals.append(
            neo.AnalogSignal(
                one.values,
                units=_NEO_UNITS.get(one.unit, "dimensionless"),
                sampling_period=one.interval_ms * units.ms,
                t_start=one.interval_ms * units.ms,
                name=f"{one.population}.{one.variable}",
                unit_text=one.unit,
                **{f"{one.element}s": one.ids.tolist()},
            )
        )
    block.segments.append(segment)
    return block
