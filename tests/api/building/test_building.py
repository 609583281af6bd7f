"""Networks written in Python: the same plans as files, arrays in place, quantities of others."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import bnsyn_dsl as bns
from bnsyn_dsl.api.quantities import value_text

FILE = """
network Written:
    populations:
        E : LIF[20] { I_e = 500 pA, V_m = uniform(-70 mV, -55 mV) }
        F : LIF[5]
    projections:
        poisson(1 kHz) -> E : Delta one_to_one { weight = 1 mV, delay = 1 ms }
        E[0:10] -> F : Delta pairwise_bernoulli(0.5) { weight = normal(1 mV, 0.1 mV), delay = 1 ms }
    record:
        V_m of E[0:3] every 0.5 ms
    simulate: 1 s, dt = 0.1 ms, seed = 3
"""


def built(**settings: object) -> bns.Network:
    net = bns.Network(dt="0.1 ms", seed=3)
    given = {"I_e": "500 pA", "V_m": "uniform(-70 mV, -55 mV)", **settings}
    E = net.population("E", bns.models.LIF, 20, **given)
    F = net.population("F", "LIF", 5)
    net.connect(bns.poisson("1 kHz"), E, bns.models.Delta, weight="1 mV", delay="1 ms")
    net.connect(
        E[0:10], F, "Delta",
        rule="pairwise_bernoulli(0.5)", weight="normal(1 mV, 0.1 mV)", delay="1 ms",
    )  # fmt: skip
    net.record(E[:3], "V_m", every="0.5 ms")
    return net


def relay(*, weight: object = "60 mV", delay: object = "1 ms", **how: object) -> bns.Network:
    """Two sources of spikes and three neurons that a spike of 60 mV makes fire."""
    net = bns.Network(dt="0.1 ms")
    times = [bns.quantity([0, 10], "ms"), bns.quantity([5.0], "ms")]
    source = net.population("S", bns.models.SpikeSource, 2, times=times)
    target = net.population("F", "LIF", 3)
    given = how or {"sources": [0, 1, 1], "targets": [0, 1, 2]}
    net.connect(source, target, "Delta", weight=weight, delay=delay, **given)  # type: ignore[arg-type]
    return net


def number(value: object) -> NDArray[np.float64]:
    assert isinstance(value, np.ndarray)
    return value


def one(**settings: object) -> None:
    net = bns.Network()
    net.population("E", "LIF", 3, **settings)
    _ = net.plan


def test_a_built_network_is_the_network_of_the_file() -> None:
    file, python = bns.load(FILE).run("50 ms"), built().run("50 ms")
    assert len(file.spikes["E"]) > 20
    assert python.spikes_sha256 == file.spikes_sha256
    assert np.array_equal(python["E"].V_m.values, file["E"].V_m.values)


def test_an_array_gives_each_neuron_its_value() -> None:
    start = np.linspace(-70, -60, 20)
    plan = built(V_m=bns.quantity(start, "mV"), t_ref=bns.quantity(np.full(20, 3000.0), "us")).plan
    assert np.array_equal(number(plan.population("E").initial["V_m"]), start)
    assert np.allclose(number(plan.population("E").parameters["t_ref"]), 3.0)


def test_an_array_fills_the_state_of_a_receptor() -> None:
    net = bns.Network()
    start = bns.quantity([1.0, 2.0], "nS")
    cells = net.population("E", "LIF", 2, **{"AMPA.g": start})
    net.connect(bns.poisson("0.1 kHz"), cells, "AMPA", weight=bns.quantity([1, 2], "nS"))
    (receptor,) = net.plan.population("E").receptors
    assert number(receptor.initial["g"]).tolist() == [1.0, 2.0]
    assert number(net.plan.drives[0].weight).tolist() == [1.0, 2.0]


def test_what_depends_on_an_array_follows_it() -> None:
    text = "neuron Own is AdEx:\n    parameters:\n        V_reset = V_th + 5 mV\n"
    net = bns.Network()
    thresholds = np.array([-50.0, -45.0])
    net.population("E", bns.load_model(text), 2, V_th=bns.quantity(thresholds, "mV"))
    net.record("E", "V_m")
    column = next(
        c for c in net.build().systems[0].compiled.manifest.varying if c.source == "V_reset"
    )
    assert np.allclose(net.build().systems[0].arrays[f"{column.name}_all"], thresholds + 5)


@pytest.mark.parametrize("weight", ["inf*1 pA", "uniform(0 pA, inf)", "1e308 pA * 10"])
def test_a_weight_that_is_not_finite_is_refused(weight: str) -> None:
    net = bns.Network()
    E = net.population("E", bns.models.LIF, 2)
    net.connect(E, E, "ExpCurrent", rule="all_to_all", weight=weight, delay="1 ms")
    with pytest.raises(bns.BnsError, match="weight of `E->E:ExpCurrent` can become infinite") as no:
        net.build()
    (found,) = no.value.diagnostics
    assert found.code == "BN404"
    assert found.span is not None
    assert found.span.source.text == "E -> E : ExpCurrent all_to_all"


def test_listed_synapses_carry_their_own_weights_and_delays() -> None:
    net = relay(weight=bns.quantity([60, 60, 0.1], "mV"), delay=bns.quantity([1.0, 2.5, 1.0], "ms"))
    trains = net.run("30 ms").spikes["F"]
    arrival = {int(n): trains.of(n) for n in range(3)}
    assert np.allclose(arrival[0], [1.1, 11.1])
    assert np.allclose(arrival[1], [7.6])
    assert len(arrival[2]) == 0


def test_spike_sources_spike_at_their_times_and_zero_counts() -> None:
    trains = relay().run("30 ms").spikes["S"]
    assert trains.ids.tolist() == [0, 1, 0]
    assert np.allclose(trains.times_ms, [0.0, 5.0, 10.0])


def test_recordings_of_one_variable_are_joined() -> None:
    net = built()
    net.record("E[2:5]", "V_m", every="0.5 ms")
    recording = net.run("5 ms").traces["E", "V_m"]
    assert recording.ids.tolist() == [0, 1, 2, 3, 4]
    assert recording.values.shape == (10, 5)
    assert recording.unit == "mV"
    assert np.allclose(recording.times_ms, np.arange(1, 11) * 0.5)


def test_a_handle_tells_what_a_model_is() -> None:
    model = bns.models.AdEx
    assert "Brette" in model.docstring
    assert model.parameters["C_m"].default == "281 pF"
    assert model.parameters["C_m"].unit == "pF"
    assert model.states["V_m"].default == "E_L"
    assert "AdEx" in dir(bns.models)
    with pytest.raises(AttributeError, match="did you mean `AdEx`"):
        bns.models.AdExx  # noqa: B018


def test_a_generated_module_is_a_model() -> None:
    module = types.ModuleType("bnsyn_own")
    module.SOURCE = "neuron Own is LIF:\n    parameters:\n        tau_m = 5 ms"  # type: ignore[attr-defined]
    module.MODEL = "Own"  # type: ignore[attr-defined]
    net = bns.Network()
    net.population("E", module, 2)
    net.population("F", module, 3)
    assert net.plan.population("F").parameters["tau_m"] == 5.0
    part = types.ModuleType("net_own")
    part.RECEPTORS = ()  # type: ignore[attr-defined]
    with pytest.raises(bns.BnsError, match="`net_own` is a part of a network") as refused:
        net.population("P", part, 2)
    assert refused.value.diagnostics[0].help == (
        "`bnsyn compile FILE --model NAME -o DIR` makes the module of a neuron"
    )
    with pytest.raises(bns.BnsError, match="not made by `bnsyn compile`"):
        net.population("G", types.ModuleType("other"), 2)


# ------------------------------------------------------------------------ quantities


class Pint:
    """500 pA in the shape of pint."""

    dimensionality = {"[current]": 1}
    magnitude = 5e-10

    def to_base_units(self) -> Pint:
        return self


class Unit:
    scale = 1.0
    powers = [1]

    def __init__(self, name: str) -> None:
        self.bases = [types.SimpleNamespace(to_string=lambda: name)]


class Astropy:
    """500 pA in the shape of astropy."""

    unit = Unit("A")
    value = 5e-10

    @property
    def si(self) -> Astropy:
        return self

    def decompose(self) -> Astropy:
        return self


class Brian(float):
    """500 pA in the shape of brian2."""

    dim = types.SimpleNamespace(get_dimension=lambda base: 1.0 if base == "A" else 0.0)


@pytest.mark.parametrize("quantity", [Pint(), Astropy(), Brian(5e-10), bns.quantity(0.5, "nA")])
def test_a_quantity_of_any_library_is_read(quantity: object) -> None:
    assert value_text(quantity, "I_e") == "500 pA"


def test_quantities_of_pint_and_quantities_are_read() -> None:
    pint = pytest.importorskip("pint")
    units = pytest.importorskip("quantities")
    registry: Any = pint.UnitRegistry()
    assert value_text(registry.Quantity(500, "pA"), "x") == "500 pA"
    assert value_text(registry.Quantity(2, "nS/ms"), "x") == "2 nS/ms"
    assert value_text(-65 * units.mV, "x") == "-65 mV"
    net = built(V_m=np.full(20, -60.0) * units.mV, I_e=registry.Quantity(0.5, "nA"))
    assert np.allclose(number(net.plan.population("E").initial["V_m"]), -60.0)
    assert net.plan.population("E").inputs["I_e"] == 500.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(6, "6"), (0.25, "0.25"), (np.float64(1e-7), "1e-07"), (True, "true"), (-2.0, "-2"),
     ("5 mV", "5 mV"), (np.inf, "inf")],
)  # fmt: skip
def test_plain_values_become_text(value: object, text: str) -> None:
    assert value_text(value, "x") == text


# ------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"I_e": 500.0}, "`I_e` of population `E` is in `pA`, but this is a plain number"),
        ({"I_e": "500 pX"}, "`pX` is not a unit"),
        ({"I_e": "500 mV"}, "`I_e` of population `E` is in `pA`, but this is in `mV`"),
        ({"I_e": "500 pA +"}, "expected an expression"),
        ({"I_e": "500 pA\n"}, "must be one line"),
        ({"I_e": {}}, "`I_e` of population `E` must be a number, an array, a quantity or text"),
        ({"I_e": float("nan")}, "`I_e` of population `E` is not a number"),
        ({"Ie": "500 pA"}, "did you mean `I_e`"),
        ({"V_m": np.zeros(4)}, r"one value for each of 3 neurons, found an array of shape \(4,\)"),
        ({"V_m": np.array([1, 2, np.nan])}, "not a number at index 2"),
        ({"V_m": bns.quantity([1, np.inf, 2], "mV")}, "not finite at index 1"),
        ({"V_m": np.array([1.0, 2, 3])}, "`V_m` of population `E` is in `mV`"),
        ({"V_m": bns.quantity([1, 2, 3], "pA")}, "`V_m` of population `E` is in `mV`"),
        ({"tau_m": bns.quantity([1, 2, -3], "ms")}, "violated for element 2 of population `E`"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(bns.BnsError, match=message):
        one(**settings)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"delay": "-1 ms"}, "must be finite and not negative"),
        ({"delay": bns.quantity([1, -1, 1], "ms")}, "`delay` of .* is negative at index 1"),
        ({"weight": bns.quantity([1, 2], "mV")}, "one value for each of 3 synapses"),
        ({"weight": 1.0}, "the weight of .* is in `mV`"),
        ({"sources": [0, 2, 1], "targets": [0, 1, 2]}, "must lie in 0 to 1, found 2 at index 1"),
        ({"sources": [0, 1], "targets": [0, 1, 2]}, "must have one length, found 2 and 3"),
        ({"sources": [0.5], "targets": [0]}, "must be a list of whole numbers"),
        ({"sources": [0]}, "either a rule, or both sources and targets"),
        ({"rule": "al_to_all"}, "did you mean `all_to_all`"),
        ({"rule": "pairwise_bernoulli(2)"}, "BN447"),
        ({"rule": "all_to_all", "weight": bns.quantity([1, 2], "mV")}, "synapses are not listed"),
    ],
)
def test_wrong_connections_are_refused(how: dict[str, Any], message: str) -> None:
    with pytest.raises(bns.BnsError, match=message):
        _ = relay(**how).plan


def _call(method: str, /, *args: object, **named: object) -> Callable[[bns.Network], object]:
    return lambda net: getattr(net, method)(*args, **named)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (_call("population", "E", "LIF", 2), "`E` already"),
        (_call("population", "2", "LIF", 2), "needs a name such as `E`"),
        (_call("population", "a b", "LIF", 1), "needs a name such as `E`"),
        (_call("connect", "E", "F", "Delta", rule="all_to_all", weight="1 mV", delay="1 ms",
               name="a/b"), "needs a name such as `E`"),
        (_call("population", "G", "LIF", 0), "whole number of at least 1"),
        (_call("population", "G", "LIFF", 1), "did you mean `LIF`"),
        (_call("population", "G", 7, 1), "a model is a name"),
        (_call("population", "S", "SpikeSource", 1, times=[1, 2]), "times with a unit"),
        (_call("population", "S", "SpikeSource", 1, times=bns.quantity([-1], "ms")), "negative"),
        (_call("connect", "E", "X", "Delta", rule="all_to_all", weight="1 mV", delay="1 ms"),
         "there is no population `X`"),
        (_call("connect", "E", "F", "Deltaa", rule="all_to_all", weight="1 mV", delay="1 ms"),
         "did you mean `Delta`"),
        (_call("connect", "E", "F", "Delta", weight="1 mV", delay="1 ms"), "needs a rule"),
        (_call("record", "E", "V_x"), "did you mean `V_m`"),
        (_call("record", "E", "V_m", every="0.05 ms"), "multiple of dt"),
        (_call("record", 3, "V_m"), "needs populations or their names, found 3"),
    ],
)  # fmt: skip
def test_wrong_calls_are_refused(call: Callable[[bns.Network], object], message: str) -> None:
    net = built()

    def attempt() -> None:
        call(net)
        _ = net.plan

    with pytest.raises(bns.BnsError, match=message):
        attempt()


def test_units_that_are_not_there_are_refused() -> None:
    with pytest.raises(bns.BnsError, match="no unit `mX`"):
        bns.quantity(1, "mX")
    with pytest.raises(bns.BnsError, match="has a unit already"):
        bns.quantity(bns.quantity(1, "mV"), "mV")
    with pytest.raises(bns.BnsError, match="dt is a time and needs a unit"):
        bns.Network(dt=0.1)
    with pytest.raises(bns.BnsError, match="dt is one number"):
        bns.Network(dt="normal(1 ms, 1 ms)")
    with pytest.raises(bns.BnsError, match="a network needs a name"):
        bns.Network("../up")
    with pytest.raises(bns.BnsError, match="list of different quantities"):
        one(V_m=[bns.quantity(1, "mV"), bns.quantity(1, "pA"), bns.quantity(1, "mV")])


def test_a_part_without_neurons_says_which_there_are() -> None:
    cells = bns.Network(dt="0.1 ms").population("E", bns.models.LIF, 5)
    for part, shown in ((slice(5, 5), "5:5"), (slice(3, 1), "3:1"), (slice(None, 0), ":0")):
        with pytest.raises(IndexError, match=rf"`E\[{shown}\]` is empty: there are 0 to 4"):
            cells[part]
    with pytest.raises(IndexError, match="a slice without step"):
        cells[::2]
    with pytest.raises(
        IndexError, match=r"`E\[3:9\]` reaches beyond the last neuron: there are 0 to 4"
    ):
        cells[3:9]
