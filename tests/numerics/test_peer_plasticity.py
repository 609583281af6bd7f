"""Learning synapses of NEST and Brian2 on the same spikes: the same weights.

The data are kept with the scripts that made them, which say what the peers mean by a delay. One
difference is left out by the choice of trains: where a pre and a post event have one time, NEST
counts neither for the other; here, as in Brian2, pre is first. NEST transmits a weight after its
update, this project before it: the weights that are compared are those after the update.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.numerics.forced_trains import Floats, Forced, weights
from tests.numerics.references.reference_file import DATA

NEST_DELAY, BRIAN_DELAYS, STEPS = 10, (15, 7), 20000
SLOT = 25  # steps; there is at most one event of a synapse in each, pre spikes at its begin
TAU = "tau_plus = 17 ms, tau_minus = 33 ms"
Arrays = dict[str, Floats]


def read(name: str) -> Arrays:
    with np.load(DATA / name) as file:
        return dict(file)


def trains(rows: Floats) -> list[list[int]]:
    return [[int(step) for step in row if step] for row in rows]


def compared_with_nest(data: Arrays, name: str, forced: Forced, row: int) -> None:
    """Compare the weight of each synapse at its pre spikes, `row` recordings later."""
    got = weights(forced)
    for k, train in enumerate(data["pre"]):
        wanted = data[name][:, k]
        assert np.ptp(wanted) > 0.05
        np.testing.assert_allclose(got[train // SLOT - 1 + row, k], wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("name", "mu"), [("mu_0", 0.0), ("mu_1", 1.0), ("mu_2_5", 0.4)])
def test_weight_dependent_stdp_is_that_of_nest(name: str, mu: float) -> None:
    data = read("stdp_nest.npz")
    compared_with_nest(
        data,
        name,
        Forced(
            rule=(
                f"WeightDependentSTDP {{ w_max = 1 pA, lambda = 0.02, alpha = 1.1, "
                f"mu_plus = {mu}, mu_minus = {mu}, {TAU} }}"
            ),
            pre=trains(data["pre"]),
            post=trains(data["post"]),
            steps=STEPS,
            dendritic=NEST_DELAY,
            every=SLOT,
        ),
        row=1,  # the next event comes after it
    )


DOPAMINE = """modulator Released:
    state:
        n = 0 Hz
    equations:
        dn/dt = -n/(200 ms)
    on spike:
        n += 1/(200 ms)
"""


def test_dopamine_stdp_is_that_of_nest() -> None:
    data = read("stdp_nest.npz")
    times = ", ".join(f"{step * 0.1:.1f} ms" for step in data["releases"])
    compared_with_nest(
        data,
        "dopamine",
        Forced(
            rule=(
                f"DopamineSTDP {{ w_max = 1 pA, n = pool.n, tau_c = 300 ms, A_plus = 0.004, "
                f"A_minus = 0.0045, {TAU} }}"
            ),
            pre=trains(data["pre"]),
            post=trains(data["post"]),
            steps=STEPS,
            dendritic=NEST_DELAY,
            every=SLOT,
            blocks=DOPAMINE,
            populations=f"releases : SpikeSource[1] {{ times = [{times}] }}",
            modulators="pool : Released from releases",
        ),
        row=0,  # a pre spike moves the eligibility, not the weight
    )


@pytest.mark.parametrize(
    ("name", "rule", "up", "down"),
    [
        ("all_pairs", "PairSTDP", 0.004, 0.0042),
        ("nearest", "PairSTDPNearest", 0.011, 0.0117),
        ("bounded", "PairSTDP", 0.15, 0.13),
    ],
)
def test_pair_stdp_is_that_of_brian(name: str, rule: str, up: float, down: float) -> None:
    """Trains share times of events: pre is first in both."""
    data = read("stdp_brian.npz")
    (got,) = weights(
        Forced(
            rule=f"{rule} {{ w_max = 1 pA, A_plus = {up}, A_minus = {down}, {TAU} }}",
            pre=trains(data["pre"]),
            post=trains(data["post"]),
            steps=STEPS,
            delays=BRIAN_DELAYS[0],
            dendritic=BRIAN_DELAYS[1],
            wiring="all_to_all",
        )
    )
    assert np.ptp(data[name]) > 0.05
    np.testing.assert_allclose(got, data[name].ravel(), rtol=0, atol=1e-11)
