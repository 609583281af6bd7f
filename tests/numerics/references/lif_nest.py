# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""Make `tests/numerics/data/lif_nest.npz`: a current-based network in NEST 3.10.

    PEERS/nest/bin/python -m tests.numerics.references.lif_nest

Run it from the root of the project. 400 excitatory and 100 inhibitory `iaf_psc_exp` neurons, p =
0.1, tau_syn = 2 ms for both signs, weights 30 and -150 pA, delay 1.5 ms, dt = 0.1 ms, I_e = 250
pA (rheobase 187.5 pA), no noise. Conventions of NEST 3.10:

- A spike is stamped with the end of its step, as ours: step = time/dt.
- A spike of time s with delay d is added to the synaptic current after the step that ends at s +
  d has been propagated; so V first feels it in the step from s + d. Ours: the current jumps at
  the begin of the step from s + d. On the grid these are the same number, except that NEST's
  `I_syn_ex` at s + d shows the jump already.
- V is propagated with the current at the step's begin and the exact propagator of (I, V): the
  exact joint solution.
- t_ref = 2 ms holds V for the 20 steps after the spike, as ours; currents go on; the threshold is
  `V >= V_th`.

The file holds sources, targets (uint16, sorted by source), V_m (initial), spike_steps and
spike_ids ordered by (step, id), and traces: V_m of neurons 0..4 at steps 1..500. `firm_steps` is
how many steps a start 1e-9 mV away leaves the spikes alone. It is written only if plain stepping
in our order of events (`stepped_networks.py`) gives the same.
"""

import nest
import numpy as np

from tests.numerics.references.reference_file import DATA, firm_steps, save
from tests.numerics.references.stepped_networks import Membrane, Wiring, lif, stepped

STEPS = 500
N, N_EXC, P = 500, 400, 0.1
WEIGHT_EXC, WEIGHT_INH = 30.0, -150.0
MEMBRANE = Membrane(V_th=-55.0, V_reset=-70.0, refractory_steps=20)
CELL = {
    "C_m": 250.0,
    "tau_m": 20.0,
    "E_L": -70.0,
    "V_th": -55.0,
    "V_reset": -70.0,
    "tau_syn_ex": 2.0,
    "tau_syn_in": 2.0,
    "t_ref": 2.0,
    "I_e": 250.0,
}


def draw():
    """Draw the connections (no autapses) and the initial potentials."""
    rng = np.random.default_rng(20071)
    connected = rng.random((N, N)) < P
    np.fill_diagonal(connected, False)
    sources, targets = np.nonzero(connected)
    wiring = Wiring(
        sources=sources,
        targets=targets,
        n_exc=N_EXC,
        neurons=N,
        weight_exc=WEIGHT_EXC,
        weight_inh=WEIGHT_INH,
        delay_steps=15,
    )
    return wiring, (np.round(rng.uniform(-70, -55, N), 6), np.zeros(N), np.zeros(N))


def run_nest(wiring, V_m):
    """Return spike steps, ids and the traces; the last step is seen after one step more."""
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1})
    cells = nest.Create("iaf_psc_exp", N, params=CELL)
    cells.V_m = list(V_m)
    ids = np.array(cells.tolist())
    nest.Connect(
        ids[wiring.sources],
        ids[wiring.targets],
        "one_to_one",
        {
            "weight": np.where(wiring.sources < N_EXC, WEIGHT_EXC, WEIGHT_INH),
            "delay": np.full(len(wiring.sources), 1.5),
        },
    )
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 0.1})
    nest.Connect(meter, cells[:5])
    nest.Simulate(STEPS * 0.1 + 0.1)
    steps = np.rint(np.asarray(recorder.events["times"]) / 0.1).astype(int)
    senders = np.asarray(recorder.events["senders"]) - ids[0]
    order = np.lexsort((senders, steps))
    order = order[steps[order] <= STEPS]
    seen = meter.events
    traces = np.empty((STEPS, 5))
    for cell in range(5):
        traces[:, cell] = seen["V_m"][seen["senders"] == ids[cell]][:STEPS]
    return steps[order], senders[order], traces


def main() -> None:
    """Run, compare with plain stepping, write."""
    wiring, start = draw()
    peer = run_nest(wiring, start[0])
    firm = firm_steps(lambda values: stepped(wiring, MEMBRANE, lif, values, steps=STEPS), start)
    save(
        DATA / "lif_nest.npz",
        simulator=f"NEST {nest.__version__}",
        peer=peer,
        ours=stepped(wiring, MEMBRANE, lif, start, steps=STEPS),
        arrays={
            "sources": wiring.sources.astype(np.uint16),
            "targets": wiring.targets.astype(np.uint16),
            "V_m": start[0],
            "firm_steps": np.array(firm),
        },
    )


if __name__ == "__main__":
    main()
