# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""Make `tests/numerics/data/stdp_brian.npz`: STDP as in Brian2's example on forced trains.

    PEERS/brian/bin/python -m tests.numerics.references.stdp_brian

Run it from the root of the project. Equations and handlers of Brian2's
`examples/synapses/STDP.py` (Song, Miller & Abbott 2000), with traces solved exactly between
events, and of its `examples/synapses/STDP` with nearest neighbours; all pairs of 4 and 3 spike
generators, delay of the pre pathway 1.5 ms, of the post pathway 0.7 ms. Conventions of Brian2:

- pre pathways run before post pathways in a time step, as ours; so trains may have equal times.
- a spike of time t with a delay acts at t + delay, with the traces at that time.
- the handlers clip the weight after each change, as ours.

The file holds the trains in steps of 0.1 ms and the weights (pre, post) after all of them.
"""

import brian2 as b2
import numpy as np

from tests.numerics.references.reference_file import DATA

STEPS, DT = 20000, 0.1
PRE_DELAY, POST_DELAY = 15, 7
TAU_PLUS, TAU_MINUS = 17.0, 33.0
RULES = {
    "all_pairs": (0.004, 0.0042, "x += 1", "y += 1"),
    "nearest": (0.011, 0.0117, "x = 1", "y = 1"),
    "bounded": (0.15, 0.13, "x += 1", "y += 1"),
}


def draw():
    """Draw trains; the first of both sides share a third of their events' times."""
    rng = np.random.default_rng(43)
    pre = [np.sort(rng.choice(np.arange(20, STEPS - 100), 90, replace=False)) for _ in range(4)]
    post = [np.sort(rng.choice(np.arange(20, STEPS - 100), 80, replace=False)) for _ in range(3)]
    post[0] = np.unique(np.concatenate([post[0][:50], pre[0][::3] + PRE_DELAY - POST_DELAY]))
    return pre, post


def generator(trains):
    """Return a group that spikes at these steps."""
    ids = np.concatenate([np.full(len(t), k) for k, t in enumerate(trains)])
    steps = np.concatenate(trains)
    return b2.SpikeGeneratorGroup(len(trains), ids, steps * DT * b2.ms)


def run_brian(rule, pre, post):
    """Return the weights at the end: float64[pre, post]."""
    up, down, on_pre, on_post = RULES[rule]
    b2.start_scope()
    b2.defaultclock.dt = DT * b2.ms
    sources, targets = generator(pre), generator(post)
    synapses = b2.Synapses(
        sources,
        targets,
        """w : 1
        dx/dt = -x/tau_plus : 1 (event-driven)
        dy/dt = -y/tau_minus : 1 (event-driven)""",
        on_pre=f"w = clip(w - down*y, 0, 1)\n{on_pre}",
        on_post=f"w = clip(w + up*x, 0, 1)\n{on_post}",
        namespace={
            "tau_plus": TAU_PLUS * b2.ms,
            "tau_minus": TAU_MINUS * b2.ms,
            "up": up,
            "down": down,
        },
    )
    synapses.connect()
    synapses.pre.delay = PRE_DELAY * DT * b2.ms
    synapses.post.delay = POST_DELAY * DT * b2.ms
    synapses.w = 0.5
    b2.Network(sources, targets, synapses).run(STEPS * DT * b2.ms)
    return np.asarray(synapses.w).reshape(len(pre), len(post)).copy()


def padded(trains):
    """Return trains as rows, short ones filled with 0."""
    rows = np.zeros((len(trains), max(map(len, trains))), np.uint16)
    for row, train in zip(rows, trains, strict=True):
        row[: len(train)] = train
    return rows


def main() -> None:
    """Run every rule and write."""
    b2.prefs.codegen.target = "numpy"
    pre, post = draw()
    found = {rule: run_brian(rule, pre, post) for rule in RULES}
    np.savez_compressed(
        DATA / "stdp_brian.npz",
        simulator=np.array(f"Brian {b2.__version__}"),
        pre=padded(pre),
        post=padded(post),
        **found,
    )
    for rule, weights in found.items():
        print(f"{rule}: weights from {weights.min():.4f} to {weights.max():.4f}")


if __name__ == "__main__":
    main()
