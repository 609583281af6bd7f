"""A third factor that is a reduction is integrated within a step as a single pool's is."""

from __future__ import annotations

import numpy as np
import pytest

import bnsyn_dsl as bns

DRIVEN = """
modulator Pool:
    parameters:
        tau = 2 ms
        rest = 0.5
    state:
        s = 2
    equations:
        ds/dt = (rest - s)/tau
        level = 3*s + 1
    every 0.7 ms:
        s += 1

plasticity Driven:
    input:
        n : Hz
    state:
        y = 0
        c = 0.0
    equations:
        dy/dt = -y/(5 ms)
        dc/dt = -c/(5 ms)
        dweight/dt = n*c
    on pre:
        c += 1 + y
    on post:
        y += 1

network Net:
    populations:
        S : SpikeSource[1] { times = [0.3 ms, 1.1 ms] }
        E : Cell[1]
    modulators:
        d : Pool[3]
        one : Pool
    projections:
        S -> E as direct : Jump with Driven { n = DIRECT } one_to_one {
            weight = 1, delay = 0.1 ms
        }
        S -> E as reduced : Jump with Driven { n = REDUCED } one_to_one {
            weight = 1, delay = 0.1 ms
        }
    record:
        weight of direct every 0.1 ms
        weight of reduced every 0.1 ms
    simulate: 5 ms, dt = 0.1 ms, seed = 1

neuron Cell:
    state:
        V = 0
    equations:
        dV/dt = -V/(1 ms)

synapse Jump:
    on pre:
        post.V += weight
"""


@pytest.mark.parametrize(
    ("direct", "reduced"),
    [
        ("one.s/(1 ms)", "mean(s of d)/(1 ms)"),
        ("3*one.s/(1 ms)", "sum(s of d)/(1 ms)"),
        ("(6*one.level - one.s)/(1 ms)", "(2*sum(level of d) - mean(s of d))/(1 ms)"),
    ],
)
def test_sums_decay_within_a_step_as_their_terms_do(direct: str, reduced: str) -> None:
    net = bns.load(DRIVEN.replace("DIRECT", direct).replace("REDUCED", reduced))
    assert all(rule.learned.integrals for rule in net.compile().rules)
    results = net.run()
    expected, found = (results[name].weight.values for name in ("direct", "reduced"))
    assert expected[-1] > 2.0
    np.testing.assert_allclose(found, expected, rtol=1e-12)
