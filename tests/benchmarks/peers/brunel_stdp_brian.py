# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""The network of `examples/brunel_stdp_bench.bns` in Brian2: event-driven traces."""

import brian2 as b2
import numpy as np
from brian_run import measure

ETA, G = 1.5, 5.0
EQUATIONS = """
dv/dt = -v/(20*ms) + I/(250*pF) : volt (unless refractory)
dI/dt = -I/(0.5*ms) : amp
"""

TRACES = """
w : amp
dx/dt = -x/(20*ms) : 1 (event-driven)
dy/dt = -y/(20*ms) : 1 (event-driven)
"""


def build(neurons: int, indegree: int):
    """Return the objects; each cell gets `indegree` synapses, 80 % of them excitatory."""
    n_exc, from_exc = neurons * 4 // 5, indegree * 4 // 5
    from_inh = indegree - from_exc
    weight = 45.0 * 1000 / indegree  # pA
    threshold_rate = 20.0 * 250.0 / (weight * from_exc * 20.0 * 0.5)  # kHz
    cells = b2.NeuronGroup(
        neurons,
        EQUATIONS,
        threshold="v >= 20*mV",
        reset="v = 10*mV",
        refractory=2.1 * b2.ms,
        method="exact",
    )
    cells.v = "20*rand()*mV"
    drive = b2.PoissonInput(
        cells, "I", from_exc, ETA * threshold_rate * b2.kHz, weight=weight * b2.pA
    )
    rng = np.random.default_rng(1)
    amplitudes = {"J": weight * b2.pA, "J_inh": G * weight * b2.pA}
    learning = b2.Synapses(
        cells[:n_exc],
        cells[:n_exc],
        TRACES,
        on_pre="I_post += w; x += 1; w = clip(w - LAMBDA*1.05*w*y, 0*amp, 3*J)",
        on_post="y += 1; w = clip(w + LAMBDA*(3*J - w)*x, 0*amp, 3*J)",
        delay=1.5 * b2.ms,
        namespace={**amplitudes, "LAMBDA": 1e-4},
    )
    learning.connect(
        i=rng.integers(0, n_exc, n_exc * from_exc), j=np.repeat(np.arange(n_exc), from_exc)
    )
    learning.w = weight * b2.pA
    exciting = b2.Synapses(
        cells[:n_exc], cells[n_exc:], on_pre="I_post += J", delay=1.5 * b2.ms, namespace=amplitudes
    )
    n_inh = neurons - n_exc
    exciting.connect(
        i=rng.integers(0, n_exc, n_inh * from_exc), j=np.repeat(np.arange(n_inh), from_exc)
    )
    inhibiting = b2.Synapses(
        cells[n_exc:], cells, on_pre="I_post -= J_inh", delay=1.5 * b2.ms, namespace=amplitudes
    )
    inhibiting.connect(
        i=rng.integers(0, neurons - n_exc, neurons * from_inh),
        j=np.repeat(np.arange(neurons), from_inh),
    )
    return cells, drive, learning, exciting, inhibiting, b2.SpikeMonitor(cells)


if __name__ == "__main__":
    measure(build, settle_ms=20.0, neurons=10_000, indegree=1000)
