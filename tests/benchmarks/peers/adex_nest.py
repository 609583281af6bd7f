# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""`adex_bench.bns` in NEST: `aeif_cond_exp`, adaptive RKF45, defaults of Brette & Gerstner."""

import nest
import numpy as np
from nest_run import measure


def build(neurons: int):
    """Create the cells, 600 to 1,200 pA; return the recorder."""
    cells = nest.Create("aeif_cond_exp", neurons)
    cells.I_e = list(600 + 600 * np.arange(neurons) / neurons)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


if __name__ == "__main__":
    measure(build, settle_ms=1.0, neurons=4000)
