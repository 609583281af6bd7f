# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""Make `tests/numerics/data/coba_brian.npz`: a conductance-based network in Brian2 2.9.

    PEERS/brian/bin/python -m tests.numerics.references.coba_brian

Run it from the root of the project. The network of Brette et al. (2007) with 1,000 neurons and p
= 0.08, exponential Euler, dt = 0.1 ms, delay 0, connections and initial values given as arrays.
Conventions, found by experiment with Brian2 2.9:

- Brian stamps a spike with the *begin* of its step, we with the end: step_ours = step_brian + 1.
- Brian's order in a step is state update, threshold, synapses, reset: what a spike with delay 0
  adds is there when the next step is integrated, as with our delay 0, where it arrives at the
  begin of the next step.
- `refractory=5*ms` holds V for 49 steps after the step of the spike (timestep(t - lastspike) >=
  50 frees it, and lastspike is the begin of that step); ours with t_ref = 5 ms holds 50. So Brian
  gets 5.1 ms here.
- The threshold is `v >= V_th`; conductances go on while V is held; nothing spikes while it is
  held.

The file holds sources, targets (uint16, sorted by source), V_m, g_exc, g_inh (initial),
spike_steps and spike_ids *in our convention*, ordered by (step, id), and traces: V_m of neurons
0..4 at steps 1..500. `firm_steps` is how many steps a start 1e-9 mV away leaves the spikes alone.
It is written only if plain stepping in our order of events (`stepped_networks.py`) gives the
same.
"""

import brian2 as b2
import numpy as np

from tests.numerics.references.reference_file import DATA, firm_steps, save
from tests.numerics.references.stepped_networks import Membrane, Wiring, coba, stepped

STEPS = 500
N, N_EXC, P = 1000, 800, 0.08
MEMBRANE = Membrane(V_th=-50.0, V_reset=-60.0, refractory_steps=50)


def draw() -> tuple[Wiring, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Draw the connections (no autapses) and the initial values."""
    rng = np.random.default_rng(20070)
    connected = rng.random((N, N)) < P
    np.fill_diagonal(connected, False)
    sources, targets = np.nonzero(connected)
    V_m = np.round(rng.uniform(-65, -50, N), 6)
    g_exc = np.round(np.clip(rng.normal(40, 15, N), 0, None), 6)
    g_inh = np.round(np.clip(rng.normal(200, 120, N), 0, None), 6)
    wiring = Wiring(
        sources=sources,
        targets=targets,
        n_exc=N_EXC,
        neurons=N,
        weight_exc=6.0,
        weight_inh=67.0,
        delay_steps=0,
    )
    return wiring, (V_m, g_exc, g_inh)


def run_brian(wiring, start):
    """Return spike steps and ids in our convention and the traces, from Brian2."""
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 0.1 * b2.ms
    cells = b2.NeuronGroup(
        N,
        """dv/dt = (10*nS*(-60*mV - v) + I_syn + 200*pA)/(200*pF) : volt (unless refractory)
        I_syn = g_exc*(0*mV - v) + g_inh*(-80*mV - v) : amp
        dg_exc/dt = -g_exc/(5*ms) : siemens
        dg_inh/dt = -g_inh/(10*ms) : siemens""",
        threshold="v >= -50*mV",
        reset="v = -60*mV",
        refractory=5.1 * b2.ms,
        method="exponential_euler",
    )
    cells.v, cells.g_exc, cells.g_inh = start[0] * b2.mV, start[1] * b2.nS, start[2] * b2.nS
    exciting = wiring.sources < N_EXC
    synapses = []
    for chosen, on_pre in ((exciting, "g_exc_post += 6*nS"), (~exciting, "g_inh_post += 67*nS")):
        edges = b2.Synapses(cells, cells, on_pre=on_pre)
        edges.connect(i=wiring.sources[chosen], j=wiring.targets[chosen])
        synapses.append(edges)
    spikes = b2.SpikeMonitor(cells)
    traces = b2.StateMonitor(cells, "v", record=range(5), when="end")
    network = b2.Network(cells, synapses, spikes, traces)
    network.run(STEPS * 0.1 * b2.ms)
    steps = np.rint(np.asarray(spikes.t / b2.ms) / 0.1).astype(int) + 1
    ids = np.asarray(spikes.i)
    order = np.lexsort((ids, steps))
    return steps[order], ids[order], np.asarray(traces.v / b2.mV).T


def main() -> None:
    """Run, compare with plain stepping, write."""
    wiring, start = draw()
    steps, ids, traces = run_brian(wiring, start)
    firm = firm_steps(lambda values: stepped(wiring, MEMBRANE, coba, values, steps=STEPS), start)
    save(
        DATA / "coba_brian.npz",
        simulator=f"Brian2 {b2.__version__}",
        peer=(steps, ids, traces),
        ours=stepped(wiring, MEMBRANE, coba, start, steps=STEPS),
        arrays={
            "sources": wiring.sources.astype(np.uint16),
            "targets": wiring.targets.astype(np.uint16),
            **dict(zip(("V_m", "g_exc", "g_inh"), start, strict=True)),
            "firm_steps": np.array(firm),
        },
    )


if __name__ == "__main__":
    main()
