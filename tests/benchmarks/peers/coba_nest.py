# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""The network of `examples/coba.bns` in NEST: adaptive RKF45, delay one step (its shortest)."""

import nest
import numpy as np
from nest_run import measure

CELL = {
    "C_m": 200.0,
    "g_L": 10.0,
    "E_L": -60.0,
    "V_th": -50.0,
    "V_reset": -60.0,
    "t_ref": 5.0,
    "E_ex": 0.0,
    "E_in": -80.0,
    "tau_syn_ex": 5.0,
    "tau_syn_in": 10.0,
    "I_e": 200.0,
}


def build(neurons: int):
    """Return the recorder; 80 % of the cells excite, 80 synapses arrive at each."""
    rng = np.random.default_rng(1)
    cells = nest.Create("iaf_cond_exp", neurons, params=CELL)
    cells.V_m = list(rng.normal(-65, 5, neurons))
    cells.g_ex = list(np.maximum(rng.normal(40, 15, neurons), 0))  # NEST takes no negative start
    cells.g_in = list(np.maximum(rng.normal(200, 120, neurons), 0))
    n_exc = neurons * 4 // 5
    rule = {"rule": "pairwise_bernoulli", "p": 80 / neurons}
    nest.Connect(cells[:n_exc], cells, rule, {"weight": 6.0, "delay": 0.1})
    nest.Connect(cells[n_exc:], cells, rule, {"weight": -67.0, "delay": 0.1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


if __name__ == "__main__":
    measure(build, settle_ms=1.0, neurons=4000)
