"""Inputs that are arrays in time: what holds when, for whom, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import bnsyn_dsl as bns
from bnsyn_dsl.options import CompileOptions

STEPS = "600 pA if t < 5 ms else 2500 pA if t < 10 ms else 0 pA if t < 15 ms else 1200 pA"
VALUES = np.array([600.0, 2500.0, 0.0, 1200.0])
# LIF by its exact propagator, AdEx by an error-controlled method, both by one of fixed steps
MODELS = {
    "linear": (bns.models.LIF, ""),
    "error-controlled": (bns.models.AdEx, ""),
    "rk4": ("Own", "neuron Own is AdEx:\n    solve: rk4\n"),
}


def timed(values: object = VALUES, every: object = "5 ms", unit: str = "pA") -> bns.TimedArray:
    return bns.TimedArray(values, every=every, unit=unit)


def cells(
    model: object, current: object, size: int = 40, dt: object = "0.125 ms", **more: Any
) -> bns.Network:
    """Return cells that start in different places and excite one another."""
    net = bns.Network(dt=dt, seed=2, **more)
    start = bns.quantity(np.linspace(-70, -60, size), "mV")
    E = net.population("E", model, size, I_e=current, V_m=start)
    net.connect(E, E, "AMPA", rule="pairwise_bernoulli(0.2)", weight="2 nS", delay="1 ms")
    net.record(E, "V_m, I_e")
    return net


def same(one: bns.Results, other: bns.Results) -> bool:
    assert len(one.spikes["E"]) > 20
    values = (np.array_equal(one["E"][v].values, other["E"][v].values) for v in ("V_m", "I_e"))
    return one.spikes_sha256 == other.spikes_sha256 and all(values)


@pytest.mark.parametrize("method", MODELS)
def test_an_array_in_time_is_the_expression_with_the_same_values(method: str) -> None:
    model, text = MODELS[method]
    model = bns.load_model(text) if text else model
    expected = cells(model, STEPS).run("30 ms", threads=1)
    assert same(cells(model, timed()).run("30 ms", threads=1), expected)
    assert same(cells(model, timed()).run("30 ms", threads=2), expected)
    pieces = cells(model, timed())
    for duration in ("4.875 ms", "0.125 ms", "0.25 ms", "14.75 ms", "10 ms"):
        results = pieces.run(duration, threads=2)
    assert same(results, expected)
    pieces.reset()
    assert same(pieces.run("30 ms", threads=1), expected)


def test_rows_hold_from_the_first_step_of_their_interval_and_the_last_one_stays() -> None:
    net = bns.Network(dt="0.1 ms")
    net.population("E", bns.models.LIF, 1, I_e=timed([1.0, 2.0, 3.0], "0.3 ms"))
    net.record("E", "I_e")
    # recorded behind each step, at 0.1 ms, 0.2 ms ...: what the next step uses
    found = net.run("1 ms")["E"].I_e.values[:, 0]
    assert found.tolist() == [1, 1, 2, 2, 2, 3, 3, 3, 3, 3]


def test_the_membrane_follows_its_closed_form_in_every_neuron() -> None:
    """V(t + T) = V_inf + (V(t) - V_inf) exp(-T/tau_m), V_inf = E_L + I tau_m/C_m."""
    rows = np.random.default_rng(5).uniform(-200, 200, (7, 33))
    net = bns.Network(dt="0.1 ms")
    net.population("E", bns.models.LIF, 33, I_e=bns.TimedArray(rows, unit="pA", every="1.5 ms"))
    net.record("E", "V_m", every="1.5 ms")
    found = net.run("15 ms", threads=2)["E"].V_m.values
    v = np.full(33, -70.0)
    for k in range(10):
        v_inf = -70.0 + rows[min(k, 6)] * 10.0 / 250.0
        v = v_inf + (v - v_inf) * np.exp(-1.5 / 10.0)
        assert np.allclose(found[k], v, rtol=0, atol=1e-11)


def test_populations_with_arrays_share_a_kernel_and_keep_their_own_values() -> None:
    net = bns.Network(dt="0.1 ms")
    columns = np.arange(12.0).reshape(2, 6)
    net.population("A", bns.models.LIF, 5, I_e=timed([7.0, 8.0], "1 ms"))
    net.population("B", bns.models.LIF, 6, I_e=timed(columns, "2 ms"))
    net.population("C", bns.models.LIF, 1, I_e=timed([[5.0], [6.0]], "1 ms"))
    net.record(["A", "B", "C"], "I_e", every="1 ms")
    results = net.run("3 ms", threads=2)
    assert len(net.compile().systems) == 1
    assert results["A"].I_e.values.tolist() == [[8.0] * 5] * 3
    assert results["B"].I_e.values.tolist() == [columns[0].tolist()] + [columns[1].tolist()] * 2
    assert results["C"].I_e.values.tolist() == [[6.0]] * 3


def test_what_receptors_add_comes_on_top() -> None:
    net = bns.Network(dt="0.1 ms")
    net.population("E", bns.models.LIF, 2, I_syn=timed([100.0], "1 ms"))
    net.connect(bns.poisson("0 Hz"), "E", "ExpCurrent", weight="1 pA")
    net.population("F", bns.models.LIF, 2, I_e="100 pA")
    net.record(["E", "F"], "V_m")
    results = net.run("5 ms")
    assert np.allclose(results["E"].V_m.values, results["F"].V_m.values, rtol=0, atol=1e-12)
    assert results["E"].V_m.values[-1, 0] > -70.0


def test_a_row_for_every_step_and_threads_that_own_nothing() -> None:
    rows = np.linspace(0, 1, 20)
    net = bns.Network(dt="0.1 ms")
    net.population("E", bns.models.LIF, 3, I_e=timed(rows, "0.1 ms"))
    net.record("E", "I_e")
    found = net.run("2 ms", threads=2)["E"].I_e.values
    assert np.array_equal(found, np.repeat(rows[[*range(1, 20), 19], None], 3, axis=1))


def test_the_values_are_copied_and_are_no_part_of_what_is_compiled(tmp_path: Path) -> None:
    options = CompileOptions(cache=tmp_path)
    values = np.array([100.0, 200.0])
    current = timed(values, "1 ms")
    values[:] = 5.0
    first = cells(bns.models.LIF, current, options=options)
    assert first.plan.series[next(iter(first.plan.series))].values[:, 0].tolist() == [100.0, 200.0]
    other = timed(np.zeros((50, 30)), "2 ms")
    second = cells(bns.models.LIF, other, size=30, options=options)
    assert first.compile().module == second.compile().module
    names = [[s.module for s in net.compile().systems] for net in (first, second)]
    assert names[0] == names[1]


def test_units_come_as_elsewhere() -> None:
    nano = bns.TimedArray(bns.quantity([0.1, 0.25], "nA"), every=bns.quantity(1000, "us"))
    net = bns.Network()
    net.population("E", bns.models.LIF, 1, I_e=nano)
    (series,) = net.plan.series.values()
    assert np.allclose(series.values[:, 0], [100.0, 250.0], rtol=1e-15)
    assert series.steps == 10
    assert repr(nano) == "<TimedArray of shape (2,), every 1 ms>"


def test_an_interval_between_two_steps_is_rounded_and_noted() -> None:
    net = cells(bns.models.LIF, timed(every="0.26 ms"), dt="0.1 ms")
    net.compile()
    (found,) = [d for d in net.diagnostics if d.code == "BN494"]
    expected = "`every` of `I_e` of population `E` is rounded from 0.26 ms to 3 steps of 0.1 ms"
    assert found.message == expected
    for current in (timed(every="0.3 ms"), timed([1.0], "0.26 ms"), timed([1.0], "1e300 s")):
        net = cells(bns.models.LIF, current, dt="0.1 ms")
        net.compile()
        assert [d for d in net.diagnostics if d.code == "BN494"] == []


def test_rows_closer_than_half_a_step_are_refused() -> None:
    with pytest.raises(bns.BnsError, match="shorter than a step") as caught:
        _ = cells(bns.models.LIF, timed(every="0.04 ms"), dt="0.1 ms").plan
    assert caught.value.diagnostics[0].code == "BN453"


def make(*values: object, **how: Any) -> Callable[[], object]:
    return lambda: bns.TimedArray(*values, **{"every": "1 ms", **how})


TENSOR: NDArray[np.float64] = np.zeros((2, 2, 2))


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (make([]), "BN461", r"need one row or more.*shape \(0,\)"),
        (make(np.zeros((3, 0))), "BN461", r"shape \(3, 0\)"),
        (make(3.0), "BN461", r"shape \(\)"),
        (make(TENSOR), "BN461", r"shape \(2, 2, 2\)"),
        (make([1.0, np.nan]), "BN461", "`values` of bns.TimedArray is not a number at index 1"),
        (make([[1, 2], [np.nan, 1]]), "BN461", "is not a number at index 1, 0"),
        (make([[1, 2], [np.inf, 1]]), "BN461", "are not finite at index 1, 0"),
        (make("300 pA"), "BN460", "`values` of bns.TimedArray must be a number"),
        (make([1.0], unit="pB"), "BN462", "there is no unit `pB`"),
        (make(bns.quantity([1.0], "pA"), unit="pA"), "BN462|BN460", "has a unit already"),
        (make([1.0], every="0 ms"), "BN460", "must be positive and finite, found 0 ms"),
        (make([1.0], every="-1 ms"), "BN460", "must be positive and finite, found -1 ms"),
        (make([1.0], every=1.0), "BN462", "every is a time and needs a unit"),
        (make([1.0], every="1 mV"), "BN310", "every"),
    ],
)
def test_an_impossible_array_is_refused(
    call: Callable[[], object], code: str, message: str
) -> None:
    with pytest.raises(bns.BnsError, match=message) as caught:
        call()
    assert caught.value.diagnostics[0].code in code.split("|")


def plan_with(settings: dict[str, object]) -> None:
    net = bns.Network()
    E = net.population("E", bns.models.LIF, 4, **settings)
    net.connect(bns.poisson("1 Hz"), E, "AMPA", weight="1 nS")
    _ = net.plan


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"I_e": timed(np.zeros((2, 3)))}, "BN461", r"one column for each of 4.*\(2, 3\)"),
        ({"I_e": timed(np.zeros((2, 1)))}, "BN461", r"one column for each of 4.*\(2, 1\)"),
        ({"I_e": timed(unit="mV")}, "BN310", "pA"),
        ({"I_e": bns.TimedArray([1.0], every="1 ms")}, "BN310", "pA"),
        ({"C_m": timed(unit="pF")}, "BN240", "`C_m` of population `E` is fixed before the run"),
        ({"V_m": timed(unit="mV")}, "BN240", "`V_m` of population `E` is fixed before the run"),
        ({"AMPA.g": timed(unit="nS")}, "BN240", "`AMPA.g` of population `E` is fixed"),
        ({"I_x": timed()}, "BN237", "no parameter, state or input `I_x`"),
    ],
)
def test_an_array_in_the_wrong_place_is_refused(
    settings: dict[str, object], code: str, message: str
) -> None:
    with pytest.raises(bns.BnsError, match=message) as caught:
        plan_with(settings)
    assert caught.value.diagnostics[0].code == code


def test_weights_and_rates_are_no_arrays_in_time() -> None:
    net = bns.Network()
    E = net.population("E", bns.models.LIF, 4)
    with pytest.raises(bns.BnsError, match=r"`weight` of .* found TimedArray"):
        net.connect(bns.poisson("1 Hz"), E, "AMPA", weight=timed(unit="nS"))
    with pytest.raises(bns.BnsError, match=r"`rate` of .* found TimedArray"):
        net.connect(bns.poisson(timed(unit="kHz")), E, "AMPA", weight="1 nS")
