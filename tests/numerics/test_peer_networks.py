"""Small recurrent networks spike as in Brian2 and NEST, neuron by neuron and step by step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bnsyn_dsl.semantics.plan import NetworkPlan, PlanValue, RulePlan
from tests.network_runs import Run, run
from tests.numerics.references.reference_file import DATA

COBA = """
neuron Cell is LIF:
    parameters:
        C_m     = 200 pF
        tau_m   = 20 ms
        E_L     = -60 mV
        V_th    = -50 mV
        V_reset = -60 mV
        t_ref   = 5 ms

network Peer:
    populations:
        cells : Cell[1000] { I_e = 200 pA }
        E = cells[0:800]
        I = cells[800:1000]
    projections:
        E -> cells : AMPA all_to_all { weight = 6 nS, delay = 0 ms }
        I -> cells : GABA_A all_to_all { weight = 67 nS, delay = 0 ms }
    record:
        spikes of cells
        V_m of cells[0:5] every 0.1 ms
    simulate: 50 ms, dt = 0.1 ms, seed = 1
    solve: exponential_euler
"""
LIF = """
neuron Cell is LIF:
    parameters:
        C_m   = 250 pF
        tau_m = 20 ms
        E_L   = -70 mV
        V_th  = -55 mV
        t_ref = 2 ms

network Peer:
    populations:
        cells : Cell[500] { I_e = 250 pA }
        E = cells[0:400]
        I = cells[400:500]
    projections:
        E -> cells : ExpCurrent { tau = 2 ms } all_to_all { weight = 30 pA, delay = 1.5 ms }
        I -> cells : ExpCurrent { tau = 2 ms } all_to_all { weight = -150 pA, delay = 1.5 ms }
    record:
        spikes of cells
        V_m of cells[0:5] every 0.1 ms
    simulate: 50 ms, dt = 0.1 ms, seed = 1
"""
FILES = {"coba_brian.npz": COBA, "lif_nest.npz": LIF}
Data = dict[str, NDArray[np.float64]]


def wired(plan: NetworkPlan, data: Data) -> NetworkPlan:
    """Return the plan with the stored synapses and initial values."""
    sources, targets = data["sources"].astype(np.int64), data["targets"].astype(np.int64)
    projections = []
    for one in plan.projections:
        own = (sources >= one.source.first) & (sources < one.source.last)
        rule = RulePlan(
            kind="explicit", sources=sources[own] - one.source.first, targets=targets[own]
        )
        projections.append(replace(one, rule=rule))
    (population,) = plan.populations
    initial: dict[str, PlanValue] = {**population.initial, "V_m": data["V_m"]}
    receptors = tuple(
        replace(r, initial={**r.initial, "g": data[{"AMPA": "g_exc", "GABA_A": "g_inh"}[r.name]]})
        if r.name in {"AMPA", "GABA_A"}
        else r
        for r in population.receptors
    )
    cells = replace(population, initial=initial, receptors=receptors)
    return replace(plan, populations=(cells,), projections=tuple(projections))


@pytest.fixture(scope="module", params=FILES)
def peer(request: pytest.FixtureRequest) -> tuple[Run, Data]:
    """Return our run and the peer's spikes and traces."""
    with np.load(DATA / request.param) as file:
        data = dict(file)
    return run(FILES[request.param], edit=lambda plan: wired(plan, data)), data


def test_spikes_are_those_of_the_peer_while_rounding_cannot_move_them(
    peer: tuple[Run, Data],
) -> None:
    ours, data = peer
    firm = int(data["firm_steps"])
    assert firm > 100
    steps, ids = ours.spikes("cells")
    own = steps <= firm
    theirs = data["spike_steps"] <= firm
    np.testing.assert_array_equal(steps[own], data["spike_steps"][theirs])
    np.testing.assert_array_equal(ids[own], data["spike_ids"][theirs])


def test_potentials_are_those_of_the_peer(peer: tuple[Run, Data]) -> None:
    ours, data = peer
    firm = int(data["firm_steps"])
    np.testing.assert_allclose(
        ours.trace("cells", "V_m")[:firm], data["traces"][:firm], rtol=0, atol=1e-8
    )
