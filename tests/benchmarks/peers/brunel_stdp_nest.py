# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""The network of `examples/brunel_stdp_bench.bns` in NEST: `stdp_synapse`, mu = 1."""

import nest
import numpy as np
from nest_run import measure

ETA, G = 1.5, 5.0
CELL = {
    "C_m": 250.0,
    "tau_m": 20.0,
    "tau_syn_ex": 0.5,
    "tau_syn_in": 0.5,
    "t_ref": 2.0,
    "E_L": 0.0,
    "V_reset": 10.0,
    "V_th": 20.0,
}


def build(neurons: int, indegree: int):
    """Return the recorder; each cell gets `indegree` synapses, 80 % of them excitatory."""
    n_exc, from_exc = neurons * 4 // 5, indegree * 4 // 5
    weight = 45.0 * 1000 / indegree  # pA
    threshold_rate = 20.0 * 250.0 / (weight * from_exc * 20.0 * 0.5) * 1000  # Hz
    cells = nest.Create("iaf_psc_exp", neurons, params=CELL)
    cells.V_m = list(np.random.default_rng(1).uniform(0, 20, neurons))
    drive = nest.Create("poisson_generator", params={"rate": ETA * threshold_rate * from_exc})
    exciting = {"weight": weight, "delay": 1.5}
    nest.Connect(drive, cells, syn_spec=exciting)
    rule = {"rule": "fixed_indegree", "indegree": from_exc}
    learning = {
        "synapse_model": "stdp_synapse",
        "weight": weight,
        "delay": 1.5,
        "Wmax": 3 * weight,
        "lambda": 1e-4,
        "alpha": 1.05,
    }
    nest.Connect(cells[:n_exc], cells[:n_exc], rule, learning)
    nest.Connect(cells[:n_exc], cells[n_exc:], rule, exciting)
    rule = {"rule": "fixed_indegree", "indegree": indegree - from_exc}
    nest.Connect(cells[n_exc:], cells, rule, {"weight": -G * weight, "delay": 1.5})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


if __name__ == "__main__":
    measure(build, settle_ms=20.0, neurons=10_000, indegree=1000)
