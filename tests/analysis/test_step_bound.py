"""dt against what methods and equations allow: found before the run, at the right place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog, Severity
from bnsyn_dsl.options import CompileOptions
from tests.systems import plan_of

CELL = """\
neuron Cell:
    parameters:
        tau = 20 ms
        period = 1 ms
        t_ref = 2 ms
    state:
        V_m = 0 mV
        x = 0 mV
    equations:
        dV_m/dt = -V_m/tau
        dx/dt = (V_m - x)/(0.4 ms)
    spike when V_m >= 10 mV:
        V_m = 0 mV
    refractory t_ref
    every period:
        x = 0 mV
    solve: euler

network Net:
    populations:
        A : Cell[3]
        B : Cell[2]
    projections:
        A -> B : Delta all_to_all { weight = 1 mV, delay = 1 ms }
    simulate: 10 ms, dt = 0.1 ms
"""

Find = Callable[..., list[Diagnostic]]


@pytest.fixture
def find(tmp_path: object) -> Find:
    """Compile a text and return its findings with one of these codes."""

    def run(text: str, *codes: str) -> list[Diagnostic]:
        plan, log = plan_of(text), DiagnosticLog()
        try:
            compile_network(plan, CompileOptions(), log)
            log.stop_on_errors()
        except BnsError as failure:
            log.add(*failure.diagnostics)
        return [d for d in log.found if d.code in codes]

    return run


def changed(old: str, new: str, text: str = CELL) -> str:
    assert old in text
    return text.replace(old, new)


def place(found: Diagnostic) -> str:
    """Return the stretch of text that a finding points at."""
    assert found.span is not None
    line = found.span.source.line(found.span.line)
    return line[found.span.column - 1 : found.span.end_column - 1]


def test_nothing_is_said_of_a_short_dt(find: Find) -> None:
    codes = ("BN406", "BN407", "BN408", "BN481", "BN482")
    assert find(CELL, *codes) == []


def test_dt_beyond_the_bound_is_an_error_at_the_equation(find: Find) -> None:
    (found,) = find(changed("dt = 0.1 ms", "dt = 1 ms"), "BN406")
    assert found.severity is Severity.ERROR
    assert found.message == (
        "dt = 1 ms is too long for `euler`: `x` decays with 0.4 ms and needs dt < 0.8 ms"
    )
    assert place(found).startswith("dx/dt")
    assert found.help == "use a dt below 0.8 ms, or leave the method open: `solve: auto`"
    assert found.label is not None
    assert found.label.text == "used here"
    assert found.label.span.source.line(found.label.span.line).strip() == "A : Cell[3]"


@pytest.mark.parametrize(
    ("method", "bound"), [("euler", 2.0), ("rk2", 2.0), ("rk4", 2.785), ("euler_maruyama", 2.0)]
)
def test_the_bound_is_that_of_the_method(find: Find, method: str, bound: float) -> None:
    fixed = changed("solve: euler", f"solve: {method}")
    text = changed("(0.4 ms)", "(1 ms)", changed("period = 1 ms", "period = {dt} ms", fixed))
    if method == "euler_maruyama":
        text = changed("-V_m/tau", "-V_m/tau + (1 mV)*sqrt(2/tau)*xi", text)
    for factor, codes in ((1.001, ["BN406"]), (0.999, ["BN407"]), (0.499, [])):
        dt = f"{bound * factor:.6f}"
        at_dt = text.replace("{dt}", dt).replace("dt = 0.1 ms", f"dt = {dt} ms")
        found = find(at_dt, "BN406", "BN407")
        assert [d.code for d in found if "`x`" in d.message] == codes


@pytest.mark.parametrize("method", ["auto", "exact", "exponential_euler"])
def test_methods_without_a_bound_take_any_dt(find: Find, method: str) -> None:
    text = changed("solve: euler", f"solve: {method}", changed("dt = 0.1 ms", "dt = 1 ms"))
    assert find(text, "BN406", "BN407") == []


def test_the_close_side_of_the_bound_is_a_warning(find: Find) -> None:
    (found,) = find(changed("dt = 0.1 ms", "dt = 0.5 ms"), "BN407", "BN406")
    assert found.severity is Severity.WARNING
    assert found.message == (
        "dt = 0.5 ms is inaccurate for `euler`: `x` decays with 0.4 ms, "
        "from dt = 0.8 ms on it diverges"
    )


def test_the_population_with_the_fastest_decay_is_named(find: Find) -> None:
    text = changed("B : Cell[2]", "B : Cell[2] { tau = 0.04 ms + index*(1 ms) }")
    (found,) = find(text, "BN406")
    assert "`V_m` decays with 0.04 ms and needs dt < 0.08 ms" in found.message
    assert found.label is not None
    assert found.label.span.source.line(found.label.span.line).strip().startswith("B : Cell")


def test_receptors_are_judged_too(find: Find) -> None:
    text = (
        "neuron Cell:\n"
        "    input:\n        I_syn = 0 pA\n"
        "    state:\n        V_m = 0 mV\n"
        "    equations:\n        dV_m/dt = -V_m/(20 ms) + I_syn/(100 pF)\n"
        "    solve: euler\n"
        "network Net:\n"
        "    populations:\n        A : Cell[1]\n"
        "    projections:\n"
        "        poisson(10 Hz) -> A : ExpCurrent one_to_one { weight = 1 pA }\n"
        "    simulate: 10 ms, dt = 5 ms\n"
    )
    (found,) = find(text, "BN406", "BN407")
    assert "`ExpCurrent.i` decays with 2 ms and needs dt < 4 ms" in found.message
    assert place(found) == "di/dt"


def test_coefficients_that_change_in_time_are_not_judged(find: Find) -> None:
    text = changed("-V_m/tau", "-V_m^3/(1 mV^2)/(0.01 ms)")
    assert find(text, "BN406", "BN407") == []


@pytest.mark.parametrize("period", ["0.25 ms", "0.01 ms", "0 ms"])
def test_a_period_must_be_whole_steps(find: Find, period: str) -> None:
    (found,) = find(changed("period = 1 ms", f"period = {period}"), "BN408")[:1]
    assert found.message == (
        f"the period {period} of `every` must be a whole multiple of dt = 0.1 ms"
    )
    assert place(found) == "period"


@pytest.mark.parametrize("period", ["uniform(1 ms, 2 ms)", "1 ms + 0.1 ms*index"])
def test_a_period_is_one_number_for_all_neurons(find: Find, period: str) -> None:
    text = changed("B : Cell[2]", f"B : Cell[2] {{ period = {period} }}")
    (found,) = find(text, "BN409")
    assert found.message == "the period of `every` must be one number, the same for all neurons"
    assert place(found) == "period"
    assert found.label is not None
    assert found.label.span.line == 22
    good = changed("B : Cell[2]", "B : Cell[2] { period = 2 ms }")
    assert find(good, "BN408", "BN409") == []


def test_a_period_cannot_depend_on_a_state(find: Find) -> None:
    (found,) = find(changed("every period:", "every period*(x/(1 mV)):"), "BN409")[:1]
    assert place(found) == "period*(x/(1 mV))"


def test_a_refractory_time_is_rounded_with_a_note(find: Find) -> None:
    (found,) = find(changed("B : Cell[2]", "B : Cell[2] { t_ref = 1.07 ms }"), "BN481")
    assert found.severity is Severity.NOTE
    assert found.message == "the refractory time 1.07 ms of `B` is rounded to 1.1 ms"
    assert place(found) == "t_ref"


def test_delays_of_zero_are_mentioned_once(find: Find) -> None:
    instant = changed("delay = 1 ms", "delay = 0 ms")
    line = "        A -> B : Delta all_to_all { weight = 1 mV, delay = 0 ms }\n"
    (found,) = find(changed(line, line + line.replace("A -> B", "B -> A"), instant), "BN482")
    assert found.severity is Severity.NOTE
    assert "has a delay of 0, so threads must meet in every step" in found.message
    assert place(found).startswith("A -> B")


CLOCKS = """\
modulator Slow:
    parameters:
        window = 1 ms
    input:
        v = 0
    state:
        n = 0
    every window: n += 1

plasticity Fades:
    parameters:
        window = 1 ms
        w_max : weight
    state:
        x = 0
    weight in [0, w_max]
    equations:
        dx/dt = -x/(20 ms)
    on pre: x += 1
    every window: weight *= 0.99

network Net:
    populations:
        A : LIF[2]
    modulators:
        slow : Slow[2] { v = 1 }
    projections:
        A -> A : Delta with Fades { w_max = 2 mV } all_to_all { weight = 1 mV, delay = 1 ms }
    simulate: 10 ms, dt = 0.1 ms
"""


@pytest.mark.parametrize("period", ["0.25 ms", "0 ms", "-1 ms"])
@pytest.mark.parametrize("braces", ["Slow[2] { ", "Fades { "])
def test_clocks_of_modulators_and_rules_are_whole_steps(
    find: Find, braces: str, period: str
) -> None:
    assert find(CLOCKS, "BN408", "BN409") == []
    (found,) = find(CLOCKS.replace(braces, f"{braces}window = {period}, "), "BN408")
    assert found.message == (
        f"the period {period} of `every` must be a whole multiple of dt = 0.1 ms"
    )
    assert place(found) == "window"
    assert found.label is not None


def test_a_period_of_more_steps_than_a_run_can_have(find: Find) -> None:
    (found,) = find(CLOCKS.replace("Slow[2] { ", "Slow[2] { window = 1e30 ms, "), "BN408")
    assert found.message == "the period 1e+30 ms of `every` is more than 1e+12 steps of 0.1 ms"


@pytest.mark.parametrize("period", ["uniform(1 ms, 2 ms)", "t", "n*1 ms", "v*1 ms"])
def test_a_clock_of_a_modulator_is_known_before_the_run(find: Find, period: str) -> None:
    text = CLOCKS.replace("every window: n += 1", f"every {period}: n += 1")
    (found,) = find(text.replace("v = 1", "v = t/(1 ms)"), "BN409")
    assert found.message == "the period of `every` must be known before the run"
    assert place(found) == period


def test_pools_may_tick_at_periods_of_their_own(find: Find) -> None:
    text = CLOCKS.replace("Slow[2] { ", "Slow[2] { window = 1 ms + 0.1 ms*index, ")
    assert find(text, "BN408", "BN409") == []
