"""Files of a run: spikes, recordings, a raster picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.results import Results
from bnsyn_dsl.cli.writing import write_atomically

__all__ = ["save_arrays", "save_raster"]


def save_arrays(results: Results, directory: Path) -> list[Path]:
    """Write `spikes.npz` and `recordings.npz`; return the files.

    Spikes are `<population>.times_ms` and `<population>.ids`. A recording is
    `<population>.<variable>`, float64[times, neurons] (or pools, or synapses), with
    `.times_ms`, `.ids` and `.unit`.

    Raises:
        BnsError: a file cannot be written.
    """
    spikes: dict[str, NDArray[np.generic]] = {}
    for name, trains in results.spikes.items():
        spikes[f"{name}.times_ms"] = trains.times_ms
        spikes[f"{name}.ids"] = trains.ids
    recordings: dict[str, NDArray[np.generic]] = {}
    for one in results.recordings:
        name = f"{one.population}.{one.variable}"
        if name in recordings:  # recorded with another interval as well
            name = f"{name} every {one.interval_ms:g} ms"
        recordings[name] = one.values
        recordings[f"{name}.times_ms"] = one.times_ms
        recordings[f"{name}.ids"] = one.ids
        recordings[f"{name}.unit"] = np.array(one.unit)
    return [
        _save(directory / "spikes.npz", spikes),
        _save(directory / "recordings.npz", recordings),
    ]


def _save(path: Path, arrays: dict[str, NDArray[np.generic]]) -> Path:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_atomically(path, content.getvalue())
    return path


def save_raster(results: Results, path: Path) -> Path:
    """Draw the spikes into a PNG file and return the file.

    Raises:
        BnsError: the file cannot be written.
    """
    import matplotlib as mpl  # here, so that a run does not wait for it

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    results.plot_raster(axes)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    plt.close(figure)
    write_atomically(path, content.getvalue())
    return path
