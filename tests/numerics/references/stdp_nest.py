# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""Make `tests/numerics/data/stdp_nest.npz`: learning synapses of NEST 3.10 on forced trains.

    PEERS/nest/bin/python -m tests.numerics.references.stdp_nest

Run it from the root of the project. `stdp_synapse` with mu 0, 1 and 0.4, and
`stdp_dopamine_synapse`, each from four parrot neurons to four parrot neurons one to one, which
repeat the trains of spike generators. Conventions of NEST 3.10:

- The delay of a synapse is dendritic: the rule sees a pre spike at its own time and a post spike a
  delay after it. Here the delay is 1 ms. Ours: `delay = 0 ms, dendritic_delay = 1 ms`.
- Of a pre and a post event of one time neither counts for the other; ours: pre is first. The
  trains have no such times.
- A weight is transmitted with its value after the update for the spike that transmits it, and the
  update goes up to the last pre spike only. A recorded weight is that after a pre spike's update;
  the values after each pre spike are compared.
- `stdp_synapse` has no tau_minus: it is the target's.
- `stdp_dopamine_synapse` updates its weight at pre spikes and at every volume transmission
  (`deliver_interval`); in between it integrates c*(n - b) in closed form. A dopamine spike raises n
  by 1/tau_n at its time plus the transmitter's delay. Bounds are applied at updates only; the
  trains reach none.

The file holds for each synapse model the weights after each pre spike, and all trains in steps of
0.1 ms: `pre`, `post` (spikes of the target) and `releases` (when n rises).
"""

import nest
import numpy as np

from tests.numerics.references.reference_file import DATA

STEPS, DT, DELAY, PAIRS = 20000, 0.1, 10, 4
SETTINGS = {"tau_plus": 17.0, "lambda": 0.02, "alpha": 1.1, "Wmax": 1.0}
TAU_MINUS = 33.0
MODELS = {
    "mu_0": {"mu_plus": 0.0, "mu_minus": 0.0},
    "mu_1": {"mu_plus": 1.0, "mu_minus": 1.0},
    "mu_2_5": {"mu_plus": 0.4, "mu_minus": 0.4},
}
DOPAMINE = {
    "A_plus": 0.004, "A_minus": 0.0045, "tau_plus": 17.0, "tau_c": 300.0, "tau_n": 200.0, "b": 0.0,
    "Wmin": 0.0, "Wmax": 1.0,
}  # fmt: skip


def draw():
    """Draw trains: at most one event of a synapse in 25 steps, pre events at their begin."""
    rng = np.random.default_rng(41)
    pre, post = [], []
    for _ in range(PAIRS):
        slots = rng.choice(np.arange(2, STEPS // 25 - 2), 160, replace=False) * 25
        pre.append(np.sort(slots[:80]))
        post.append(np.sort(slots[80:] + rng.integers(1, 25, 80)) - DELAY)
    dopamine = np.sort(rng.choice(np.arange(60, STEPS - 100), 12, replace=False))
    return pre, post, dopamine


def parrots(trains):
    """Return parrot neurons that spike at these steps: a step after their generators' spikes."""
    cells = nest.Create("parrot_neuron", len(trains), params={"tau_minus": TAU_MINUS})
    for cell, train in zip(cells, trains, strict=True):
        source = nest.Create("spike_generator", params={"spike_times": (train - 1) * DT})
        nest.Connect(source, cell, syn_spec={"delay": DT})
    return cells


def run_nest(model, settings, trains):
    """Return the weight after each pre spike: float64[spikes, pairs]."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": DT})
    pre, post, dopamine = trains
    sources, targets = parrots(pre), parrots(post)
    given = dict(settings)
    if model == "stdp_dopamine_synapse":
        (cell,) = parrots([dopamine - 1])
        transmitter = nest.Create("volume_transmitter", params={"deliver_interval": 1})
        nest.Connect(cell, transmitter, syn_spec={"delay": DT})
        given["volume_transmitter"] = transmitter
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "plastic", {**given, "weight_recorder": recorder})
    nest.Connect(
        sources,
        targets,
        "one_to_one",
        # receptor 1: a parrot hears it, the rule sees its spikes, and it does not repeat it
        {"synapse_model": "plastic", "weight": 0.5, "delay": DELAY * DT, "receptor_type": 1},
    )
    nest.Simulate(STEPS * DT)
    seen = recorder.events
    found = np.empty((len(pre[0]), PAIRS))
    for k, cell in enumerate(sources):
        own = seen["senders"] == cell.global_id
        order = np.argsort(seen["times"][own])
        found[:, k] = seen["weights"][own][order]
    return found


def main() -> None:
    """Run every model and write."""
    trains = draw()
    found = {
        name: run_nest("stdp_synapse", {**SETTINGS, **mu}, trains) for name, mu in MODELS.items()
    }
    found["dopamine"] = run_nest("stdp_dopamine_synapse", DOPAMINE, trains)
    np.savez_compressed(
        DATA / "stdp_nest.npz",
        simulator=np.array(f"NEST {nest.__version__}"),
        pre=np.array(trains[0], np.uint16),
        post=np.array(trains[1], np.uint16),
        releases=np.array(trains[2], np.uint16),
        **found,
    )
    for name, values in found.items():
        print(f"{name}: weights from {values.min():.4f} to {values.max():.4f}")


if __name__ == "__main__":
    main()
