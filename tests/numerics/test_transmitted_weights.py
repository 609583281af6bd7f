"""What a learning synapse transmits: the weight before the rule changes it, times u*x.

Tsodyks-Markram synapses alone and with pair STDP on them, against the recurrence of the paper
event by event; the current is compared in every step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bnsyn_dsl import load
from tests.numerics.forced_trains import Floats, Forced, learned, random_train
from tests.numerics.references.spike_pairs import Pair, Trace

DT, STEPS, CELLS = 0.1, 8000, 5
RULE = Pair(A_plus=0.11, A_minus=0.09)  # large enough to reach the bounds
U, TAU_REC, TAU_FAC, TAU_IN = 0.3, 90.0, 60.0, 3.0
DELAYS = (0, 1, 15, 37, 80)
SHORT_TERM = (
    f"TsodyksMarkram {{ U = {U}, tau_rec = {TAU_REC} ms, tau_fac = {TAU_FAC} ms, "
    f"tau_in = {TAU_IN} ms }}"
)


def factors(spikes: Sequence[int]) -> list[float]:
    """Return u*x of each spike: u is raised before it is used."""
    u, x, last, found = 0.0, 1.0, 0, []
    for step in spikes:
        gap = (step - last) * DT
        u *= np.exp(-gap / TAU_FAC)
        x = 1 - (1 - x) * np.exp(-gap / TAU_REC)
        u += U * (1 - u)
        found.append(u * x)
        x -= u * x
        last = step
    return found


def simulated(
    spikes: Sequence[int],
    post: Sequence[int],
    delay: int,
    *,
    plastic: bool,
    factor: list[float],
    tau: float,
) -> tuple[Floats, float]:
    """Return the current after each step, float64[steps], and the last weight."""
    weight, x, y = 0.5, Trace(20.0), Trace(20.0)
    amounts = dict(zip((step + delay for step in spikes), factor, strict=True))
    current, trace = 0.0, np.zeros(STEPS)
    for step in range(STEPS):
        t = step * DT
        if step in amounts:
            current += weight * amounts[step]
            if plastic:
                weight = max(weight - RULE.A_minus * y.read(t), 0.0)
                x.raise_(t)
        if step in post and plastic:
            weight = min(weight + RULE.A_plus * x.read(t), 1.0)
            y.raise_(t)
        current *= np.exp(-DT / tau)
        trace[step] = current
    return trace, weight


@pytest.fixture(scope="module")
def trains() -> tuple[list[list[int]], list[list[int]]]:
    rng = np.random.default_rng(31)
    pre = [random_train(rng, 90, 0, STEPS - 100) for _ in range(CELLS)]
    post = [random_train(rng, 80, 1, STEPS) for _ in range(CELLS)]
    for spikes, target, delay in zip(pre, post, DELAYS, strict=True):  # events of one time
        target += [s + delay for s in spikes[::6] if s + delay > 0 and s + delay not in target]
        target.sort()
    return pre, post


@pytest.mark.parametrize(
    ("plastic", "short_term", "strategy"),
    [
        (False, True, None),
        *((True, short, how) for short in (True, False) for how in (None, "replayed", "swept")),
    ],
)
def test_currents_and_weights_follow_the_recurrence(
    trains: tuple[list[list[int]], list[list[int]]],
    plastic: bool,
    short_term: bool,
    strategy: str | None,
) -> None:
    pre, post = trains
    amplitudes = (RULE.A_plus, RULE.A_minus) if plastic else (0.0, 0.0)
    synapse = SHORT_TERM if short_term else f"ExpCurrent {{ tau = {TAU_IN} ms }}"
    results = learned(
        Forced(
            rule=(
                f"PairSTDP {{ w_max = 1 pA, A_plus = {amplitudes[0]}, A_minus = {amplitudes[1]} }}"
            ),
            pre=pre,
            post=post,
            steps=STEPS,
            delays=DELAYS,
            synapse=synapse,
            record=f"{synapse.split()[0]}.i of cells every 0.1 ms",
            strategy=strategy,
        )
    )
    currents = results["cells"][f"{synapse.split()[0]}.i"].values
    (got,) = results["learning"]["weight"].values
    for k in range(CELLS):
        current, weight = simulated(
            pre[k],
            post[k],
            DELAYS[k],
            plastic=plastic,
            factor=factors(pre[k]) if short_term else [1.0] * len(pre[k]),
            tau=TAU_IN,
        )
        assert current.max() > 0.1
        assert got[k] == pytest.approx(weight, rel=0, abs=1e-12)
        np.testing.assert_allclose(currents[:, k], current, rtol=0, atol=1e-9)


def test_a_mix_of_receptors_gets_the_factor_only_where_it_is_short_term(
    trains: tuple[list[list[int]], list[list[int]]],
) -> None:
    """One weight, two receptors: 0.7 of it times u*x, 0.3 of it as it is."""
    pre, post = trains
    results = learned(
        Forced(
            rule=f"PairSTDP {{ w_max = 1 pA, A_plus = {RULE.A_plus}, A_minus = {RULE.A_minus} }}",
            pre=pre,
            post=post,
            steps=STEPS,
            delays=DELAYS,
            synapse=f"0.7*{SHORT_TERM} + 0.3*ExpCurrent {{ tau = {TAU_IN} ms }}",
            record="TsodyksMarkram.i, ExpCurrent.i of cells every 0.1 ms",
        )
    )
    for k in range(CELLS):
        for name, share, factor in (
            ("TsodyksMarkram.i", 0.7, factors(pre[k])),
            ("ExpCurrent.i", 0.3, [1.0] * len(pre[k])),
        ):
            current, _ = simulated(
                pre[k], post[k], DELAYS[k], plastic=True, factor=factor, tau=TAU_IN
            )
            seen = results["cells"][name].values[:, k]
            np.testing.assert_allclose(seen, share * current, rtol=0, atol=1e-9)


STATIC = """
modulator Scale:
    state:
        g = 2.5
    every 1 s:
        g = 2.5

network Static:
    populations:
        inputs : SpikeSource[1] {{ times = [1 ms, 3 ms] }}
        one : LIF[1]
        two : LIF[1]
        three : LIF[1]
    modulators:
        scale : Scale
    projections:
        inputs -> one : {mix} all_to_all {{ weight = 1 pA, delay = 0 ms }}
        inputs -> two : {mix} all_to_all {{ weight = 1 pA, delay = 0 ms, gain = scale.g }}
        inputs -> three : {short} all_to_all {{ weight = 1 pA, delay = 0 ms, gain = scale.g }}
    record:
        TsodyksMarkram.i of one, two, three every 0.1 ms
        ExpCurrent.i of one, two every 0.1 ms
    simulate: 6 ms, dt = 0.1 ms, seed = 1
"""


def test_static_mixes_and_gains_reach_every_receptor_once() -> None:
    """The gain multiplies what short-term plasticity leaves; both shares of a mix arrive."""
    mix = f"0.7*{SHORT_TERM} + 0.3*ExpCurrent {{ tau = {TAU_IN} ms }}"
    results = load(STATIC.format(mix=mix, short=SHORT_TERM)).run()
    since = np.arange(1, 61) * DT
    decays = [np.exp(-(since - t) / TAU_IN) * (since > t + DT / 2) for t in (1.0, 3.0)]
    first, second = factors([10, 30])
    for name, long_share, short_share in (
        ("one", 0.3, 0.7),
        ("two", 0.75, 1.75),
        ("three", 0, 2.5),
    ):
        short = short_share * (first * decays[0] + second * decays[1])
        got = results[name]["TsodyksMarkram.i"].values[:, 0]
        np.testing.assert_allclose(got, short, rtol=0, atol=1e-9)
        if long_share:
            got = results[name]["ExpCurrent.i"].values[:, 0]
            np.testing.assert_allclose(got, long_share * sum(decays), rtol=0, atol=1e-9)
