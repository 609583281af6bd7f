"""Every code of a block: a text that is refused at a marked place, and one like it that is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bnsyn_dsl.diagnostics import Diagnostic
from bnsyn_dsl.diagnostics.codes import CODES

HEAD = """neuron N:
    parameters:
        tau = 10 ms
        E_L = -70 mV
        g_L = 10 nS
    input:
        I_e = 0 pA
    state:
        V_m = E_L
        w   = 0 pA
    equations:
        dw/dt = -w/tau
"""
SPIKE = HEAD + "        dV_m/dt = (E_L - V_m + (I_e - w)/g_L)/tau\n"


def equation(right: str) -> str:
    return f"{HEAD}        dV_m/dt = ({right})/tau\n"


def spike(line: str) -> str:
    return f"{SPIKE}    spike when V_m > 0 mV:\n        {line}\n"


def parameter(line: str) -> str:
    return SPIKE.replace("        E_L", f"        {line}\n        E_L", 1)


def synapse(handler: str, equations: str = "        dg/dt = -g/5 ms\n") -> str:
    return (
        f"synapse S:\n    state:\n        g = 0 nS\n    equations:\n{equations}"
        "        post.I_syn += g*(0 mV - post.V_m)\n"
        f"    on pre:\n        {handler}\n"
    )


def rule(line: str) -> str:
    return (
        "plasticity R:\n    state:\n        x = 0\n        k = uniform(0, 1)\n    equations:\n"
        f"        dx/dt = -x/10 ms\n    on pre:\n        x += k\n        {line}\n"
        "    on post:\n        k = 1 - k\n        weight += 0.1*x\n"
    )


# code, refused at the marked place, accepted
EXAMPLES: list[tuple[str, str, str]] = [
    ("BN201", equation("E_L - <<V_n>>"), equation("E_L - V_m - (w - I_e)/g_L")),
    ("BN202", equation("E_L - <<post.V_m>>"), equation("E_L - V_m - (w - I_e)/g_L")),
    ("BN204", equation("E_L*<<expp(1)>> - I_e/g_L"), equation("E_L*exp(1) - I_e/g_L")),
    ("BN205", equation("E_L - <<T[0]>> - I_e/g_L"), equation("E_L - V_m - I_e/g_L")),
    ("BN206", spike("V_m = E_L*<<xi>>"), spike("V_m = E_L")),
    ("BN207", equation("E_L*<<exp(1, 2)>> - I_e/g_L"), equation("E_L*exp(1) - I_e/g_L")),
    ("BN207", equation("E_L*exp(<<x = 1>>) - I_e/g_L"), equation("E_L*exp(1) - I_e/g_L")),
    (
        "BN208",
        equation("E_L*<<normal(0, 1)>> - I_e/g_L"),
        spike("V_m = E_L*normal(0, 1)"),
    ),
    (
        "BN209",
        "function f(x) = <<f(x)>>\n" + equation("E_L*f(1) - I_e/g_L"),
        "function f(x) = x\n" + equation("E_L*f(1) - I_e/g_L"),
    ),
    ("BN211", SPIKE + "\nsynapse M is <<N>>:\n    parameters:\n        tau = 1 ms\n",
     SPIKE + "\nneuron M is N:\n    parameters:\n        tau = 1 ms\n"),
    ("BN212", "neuron A is <<A>>\n", SPIKE + "\nneuron B is N\n"),
    ("BN213", SPIKE + "\nneuron M is N:\n    <<equations:\n        I = V_m>>\n",
     SPIKE + "\nneuron M is N:\n    parameters:\n        tau = 1 ms\n"),
    ("BN213", SPIKE + "\nneuron M is N:\n    state:\n        <<u = 1>>\n",
     SPIKE + "\nneuron M is N:\n    state:\n        w = 1 pA\n"),
    ("BN214", parameter("<<exp>> = 1"), parameter("expo = 1")),
    ("BN214", "modulator M:\n    state:\n        <<size>> = 1\n    on spike: size += 1\n",
     "modulator M:\n    state:\n        sizes = 1\n    on spike: sizes += 1\n"),
    ("BN215", parameter("<<tau>> = 1 ms"), parameter("tau_2 = 1 ms")),
    ("BN215",
     SPIKE + "\nneuron M is N:\n    parameters:\n        tau = 1 ms\n        <<tau>> = 2 ms\n",
     SPIKE + "\nneuron M is N:\n    parameters:\n        tau = 1 ms\n"),
    ("BN216", parameter("<<dV_m>> = 1 mV"), parameter("dV = 1 mV")),
    ("BN217", parameter("<<a>> = b\n        b = a"), parameter("a = b\n        b = 1")),
    ("BN218", spike("<<E_L = 0 mV>>"), spike("V_m = E_L")),
    ("BN218", spike("<<V_n = 0 mV>>"), spike("V_m = E_L")),
    ("BN218", synapse("<<post.V_m = weight>>"), synapse("g += weight")),
    ("BN219", SPIKE + "        <<dE_L/dt>> = 1 mV/ms\n", SPIKE),
    ("BN220", SPIKE + "        <<dw/dt>> = -2*w/tau\n", SPIKE),
    ("BN221", SPIKE + "        <<post.I_syn>> += w\n", synapse("g += weight")),
    ("BN222", spike("V_m = E_L") + "    <<spike when V_m > 1 mV>>\n", spike("V_m = E_L")),
    ("BN222", synapse("g += weight") + "    <<on pre: g += weight>>\n", synapse("g += weight")),
    ("BN223", synapse("g += weight") + "    <<refractory 1 ms>>\n", synapse("g += weight")),
    ("BN224", spike("V_m = E_L") + "    refractory 1 ms: hold <<E_L>>\n",
     spike("V_m = E_L") + "    refractory 1 ms: hold V_m\n"),
    ("BN225", synapse("g += weight") + "    <<on post: g += weight>>\n", synapse("g += weight")),
    ("BN226", SPIKE.replace("        w   =", "        <<u>> = 1\n        w   ="), SPIKE),
    ("BN227", equation("E_L*exp(<<xi*1 ms^0.5>>) - I_e/g_L").replace("1 ms^0.5", "sqrt(tau)"),
     equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN227", equation("<<V_m>>*sqrt(tau)*xi - I_e/g_L"), equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN227", equation("E_L*sqrt(tau)*xi/<<V_m>>*E_L - I_e/g_L"),
     equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN227", equation("E_L/<<(sqrt(tau)*xi)>> - I_e/g_L"),
     equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN227", equation("E_L*sqrt(tau)*xi*<<(sqrt(tau)*xi)>> - I_e/g_L"),
     equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN227", HEAD + "        dV_m/dt = (E_L - V_m - I_e/g_L)/tau\n        <<noise>> = xi\n",
     equation("E_L*sqrt(tau)*xi - I_e/g_L")),
    ("BN228", spike("V_m = E_L if <<refractory>> else 2*E_L"), spike("V_m = E_L")),
    ("BN228", SPIKE + "    <<refractory 1 ms>>\n", spike("V_m = E_L") + "    refractory 1 ms\n"),
    ("BN229", "synapse <<S>>:\n    state:\n        g = 0 nS\n    on pre: g += weight\n",
     "synapse S:\n    on pre: post.V_m += weight\n"),
    ("BN290", parameter("<<unused>> = 1"), SPIKE),
    ("BN301", parameter("a = 3 <<mVV>>").replace("mV\n        g_L", "mV + a\n        g_L"), SPIKE),
    ("BN302", equation("2 <<E_L>> - I_e/g_L"), equation("2*E_L - I_e/g_L")),
    ("BN303", parameter("h = 1").replace("-70 mV", "1/<<h>>*(-70 mV)"), SPIKE),
    ("BN310", spike("V_m = <<tau>>"), spike("V_m = E_L")),
    ("BN310", HEAD + "        dV_m/dt = <<(E_L - V_m + I_e/g_L)>>\n", SPIKE),
    ("BN311", equation("E_L*exp(<<V_m>>) - I_e/g_L"), equation("E_L*exp(V_m/E_L) - I_e/g_L")),
    ("BN311", SPIKE + "    spike when not <<V_m>>\n", SPIKE + "    spike when not V_m < 0 mV\n"),
    ("BN312", equation("E_L - V_m + <<I_e>>"), equation("E_L - V_m + I_e/g_L")),
    ("BN313", equation("max(E_L, <<w>>) - I_e/g_L"), equation("max(E_L, w/g_L) - I_e/g_L")),
    ("BN313", SPIKE + "    spike when V_m > <<1 pA>>\n", SPIKE + "    spike when V_m > 1 mV\n"),
    ("BN314", parameter("k = 2").replace("-70 mV", "-70 mV*(1 mV)^<<k>>"), SPIKE),
    ("BN546", rule("x += <<uniform(0, 1)>>"), rule("x += k")),
    ("BN546", rule("if <<uniform(0, 1)>> < 0.5: x += 1"), rule("if k < 0.5: x += 1")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "bad", "good"), EXAMPLES, ids=[f"{n}-{e[0]}" for n, e in enumerate(EXAMPLES)]
)
def test_each_code_has_a_place_and_a_way_out(
    code: str,
    bad: str,
    good: str,
    refuses: Callable[..., Diagnostic],
    check: Callable[..., object],
) -> None:
    finding = refuses(code, bad)
    assert finding.message[0] in "`abcdefghijklmnopqrstuvwxyz"
    assert not finding.message.endswith(".")
    assert code not in check(good).codes()  # type: ignore[attr-defined]
    assert check(good).codes(warnings=False) == []  # type: ignore[attr-defined]


def test_every_code_that_the_stage_uses_is_explained() -> None:
    folder = Path(__file__).parents[2] / "bnsyn_dsl" / "semantics"
    used = {c for p in folder.glob("*.py") for c in re.findall(r"\"(BN\d{3})\"", p.read_text())}
    assert used <= set(CODES)


def test_hints_name_the_close_word(refuses: Callable[..., Diagnostic]) -> None:
    assert refuses("BN201", equation("E_L - <<v_m>>")).help == "did you mean `V_m`?"
    assert "divide by a conductance" in str(refuses("BN312", equation("E_L + <<I_e>>")).help)
    finding = refuses("BN201", equation("E_L*<<mV>>"))
    assert finding.help == "a unit stands directly behind a number: `1 mV`"


def test_a_poisoned_name_is_reported_once(check: Callable[..., object]) -> None:
    checked = check(equation("V_n - V_n + V_n/g_L"))
    assert checked.codes(warnings=False) == ["BN201"] * 3  # type: ignore[attr-defined]
