"""How close to critical is recorded activity: branching ratio, avalanches, power laws, synchrony.

In: spikes of a run, or plain arrays. Out: frozen results, or `Undefined` where the data do not
hold the quantity asked for. Nothing here simulates, draws random numbers or changes its input.
"""

from __future__ import annotations

from bnsyn_dsl.criticality.avalanches import Avalanches, avalanches, mean_event_interval
from bnsyn_dsl.criticality.branching import BranchingRatio, branching_ratio
from bnsyn_dsl.criticality.counts import spike_counts
from bnsyn_dsl.criticality.power_law import Comparison, PowerLaw, fit_power_law
from bnsyn_dsl.criticality.synchrony import Synchrony, synchrony
from bnsyn_dsl.criticality.undefined import Undefined

__all__ = [
    "Avalanches",
    "BranchingRatio",
    "Comparison",
    "PowerLaw",
    "Synchrony",
    "Undefined",
    "avalanches",
    "branching_ratio",
    "fit_power_law",
    "mean_event_interval",
    "spike_counts",
    "synchrony",
]
