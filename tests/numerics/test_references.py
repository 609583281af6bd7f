"""The stored references say the same as plain stepping and closed forms; no simulator is needed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.numerics.references.adex_spike_times import CASES, by_time
from tests.numerics.references.reference_file import DATA
from tests.numerics.references.stepped_networks import (
    Integrate,
    Membrane,
    Run,
    Wiring,
    coba,
    lif,
    stepped,
)


def rerun(name: str, integrate: Integrate, refractory_steps: int) -> tuple[Run, Run]:
    """Return the stored run of the file `name` and the same network stepped now."""
    with np.load(DATA / name) as file:
        data = dict(file)
    is_coba = integrate is coba
    neurons = len(data["V_m"])
    wiring = Wiring(
        sources=data["sources"].astype(np.int64),
        targets=data["targets"].astype(np.int64),
        n_exc=neurons * 4 // 5,
        neurons=neurons,
        weight_exc=6.0 if is_coba else 30.0,
        weight_inh=67.0 if is_coba else -150.0,
        delay_steps=0 if is_coba else 15,
    )
    membrane = Membrane(
        V_th=-50.0 if is_coba else -55.0,
        V_reset=-60.0 if is_coba else -70.0,
        refractory_steps=refractory_steps,
    )
    silent = np.zeros(neurons)
    start = (data["V_m"], data.get("g_exc", silent), data.get("g_inh", silent))
    stored = Run(steps=data["spike_steps"], ids=data["spike_ids"], traces=data["traces"])
    return stored, stepped(wiring, membrane, integrate, start, steps=500)


@pytest.mark.parametrize(
    ("name", "integrate", "refractory_steps"),
    [("coba_brian.npz", coba, 50), ("lif_nest.npz", lif, 20)],
)
def test_peers_agree_with_plain_stepping(
    name: str, integrate: Integrate, refractory_steps: int
) -> None:
    stored, again = rerun(name, integrate, refractory_steps)
    np.testing.assert_array_equal(stored.steps, again.steps)
    np.testing.assert_array_equal(stored.ids, again.ids)
    np.testing.assert_allclose(stored.traces, again.traces, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "integrate", "wrong"), [("coba_brian.npz", coba, 49), ("lif_nest.npz", lif, 19)]
)
def test_one_held_step_less_is_seen(name: str, integrate: Integrate, wrong: int) -> None:
    stored, again = rerun(name, integrate, wrong)
    assert not np.array_equal(stored.steps, again.steps)


@pytest.mark.parametrize("name", ["BretteGerstner_800pA", "InitialBurst"])
def test_stored_adex_spike_times_are_what_the_equations_give(name: str) -> None:
    stored = json.loads((DATA / "adex_spike_times.json").read_text())["cases"][name]
    neuron, duration = CASES[name]
    assert by_time(neuron, duration, 1e-10) == pytest.approx(stored["spike_times_ms"], abs=2e-6)
