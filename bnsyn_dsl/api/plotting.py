"""Pictures of results. Matplotlib is imported when the first is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.semantics.scope import suggestion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bnsyn_dsl.api.recordings import Recording
    from bnsyn_dsl.api.results import Results

__all__ = ["new_axes", "plot_raster", "plot_trace"]

_MOST_DOTS = 200_000
_MOST_LINES = 20


def plot_raster(results: Results, ax: Axes | None = None) -> Axes:
    """Draw every spike as a dot, population above population; of too many, every n-th."""
    ax = new_axes(ax)
    total = sum(len(trains) for trains in results.spikes.values())
    every = max(1, -(-total // _MOST_DOTS))
    base, middles = 0, []
    for trains in results.spikes.values():
        size = 4.0 if trains.size < 200 else 1.0
        ax.scatter(
            trains.times_ms[::every], trains.ids[::every] + base, s=size, marker=".", linewidths=0
        )
        middles.append(base + trains.size / 2)
        base += trains.size
        ax.axhline(base, color="0.85", linewidth=0.5)
    ax.set_yticks(middles, list(results.spikes))
    ax.set_ylim(-0.5, max(base - 0.5, 0.5))
    ax.set_xlim(0.0, max(results.duration_ms, results.dt_ms))
    ax.set_xlabel("time (ms)")
    if every > 1:
        ax.set_title(f"one of {every} spikes", fontsize="small")
    return ax


def plot_trace(results: Results, name: str, ax: Axes | None = None) -> Axes:
    """Draw a recording: `V_m`, `AMPA.g`, or `E.V_m` where several populations have one.

    Raises:
        BnsError: nothing of that name was recorded.
    """
    found = [r for r in results.traces.values() if name in (r.variable, _full(r))]
    if not found:
        known = [_full(r) for r in results.traces.values()]
        hint = suggestion(name, known) or f"recorded: {', '.join(known) or 'nothing'}"
        raise wrong(f"`{name}` was not recorded", code="BN463", help=hint)
    ax = new_axes(ax)
    for one in found:
        for column, neuron in enumerate(one.ids[:_MOST_LINES]):
            label = f"{one.population}[{neuron}]"
            ax.plot(one.times_ms, one.values[:, column], linewidth=0.8, label=label)
    unit = "" if found[0].unit == "1" else f" ({found[0].unit})"
    ax.set_xlabel("time (ms)")
    ax.set_ylabel(f"{found[0].variable}{unit}")
    if len(ax.lines) > 1:
        ax.legend(fontsize="small", loc="upper right")
    return ax


def _full(recording: Recording) -> str:
    return f"{recording.population}.{recording.variable}"


def new_axes(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(layout="constrained")[1]
