"""Names of models never collide with those of the generated code: any name that can be written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.lowering.names import _GENERATED, NameTable
from tests import systems

MADE = (
    *("a_all", "a_here", "a_old", "a_new", "a_before", "a_slope1", "a_slope4", "a_error"),
    *("inbox_S", "inbox_S_here", "quantum_0", "S_weight", "S_arrived", "S_quantum", "S_g"),
    *("refractory_here", "above_here", "tick1", "chosen", "chosen_2", "base", "c1", "inv_a"),
    *("I_syn_wired", "I_syn_held", "lambda", "yield", "async", "nonlocal", "match", "type"),
    *("METHOD", "STATES", "True_", "bool_", "float64", "print", "sum", "object", "self"),
    *("s0_V_m_all", "observe_V_m", "advance", "t_end", "np", "njit", "prepare", "status"),
)
MODEL = """
synapse S:
    parameters:
        {1} = 2 ms
    state:
        g = 0
        {2} = 0
    equations:
        dg/dt = 1/ms*{2} - g/{1}
        d{2}/dt = -{2}/{1}
        post.I_syn += g
    on pre:
        {2} += weight
neuron R:
    parameters:
{parameters}
    input:
        I_syn = 0
    state:
        {0} = 0.1
{states}
    equations:
        d{0}/dt = 1/ms*({bent} - {0} + I_syn{sum})
{equations}
    every 0.4 ms:
        {0} += 0.01*{3}
        if {3} > 0.2:
            {4} = 0.5*({4} + {3})
    spike when {0} > 0.6:
        {0} = {5}
        {3} += 0.1*({0} + 1)^2
    refractory 0.3 ms: hold {0}
"""


def text_of(names: list[str], method: str) -> str:
    """A network whose states and parameters have these names, alternately."""
    states, parameters = names[3::2], names[4::2]
    fields = {
        "parameters": "\n".join(
            f"        {p} = {0.1 + 0.01 * k}" for k, p in enumerate(parameters)
        ),
        "states": "\n".join(f"        {s} = {0.2 + 0.01 * k}" for k, s in enumerate(states)),
        "equations": "\n".join(
            f"        d{s}/dt = 1/ms*({parameters[k % len(parameters)]} - {s})"
            for k, s in enumerate(states)
        ),
        "sum": "".join(f" + 0.01*{s}" for s in (*states, *parameters)),
        "bent": f"exp(0.1*{names[0]})" if method == "adaptive" else "0.9",
    }
    first = [*names[:3], states[0], states[1], parameters[0]]
    head = MODEL.format(*first, **fields)
    return systems.network_text("R[5]", {"S": "1"}, head=head) + f"    solve: {method}\n"


def may_be_written(name: str) -> bool:
    """Whether the language takes the name for a state."""
    plain = [name, *(f"v{k}" for k in range(7))]
    try:
        systems.plan_of(text_of(plain, "euler"))
    except BnsError:
        return False
    return True


@cache
def writable() -> tuple[str, ...]:
    """Return all names of the generated code that a state may have."""
    return tuple(n for n in dict.fromkeys((*MADE, *sorted(_GENERATED))) if may_be_written(n))


def outcome(names: list[str], method: str, folder: Path) -> list[list[float]]:
    """Run twenty steps; return states in order of their declaration, and spikes."""
    module = systems.module_of(systems.kernel_of_text(text_of(names, method)), folder)
    arrays = module.arrays(5)
    for k in range(len(module.manifest.parameters)):
        arrays["par"][0, k] = 0.1 + 0.05 * k
    for k, column in enumerate(module.manifest.states):
        arrays[f"{column.name}_all"][:] = 0.05 * k + 0.02 * np.arange(5)
    module.prepare(arrays, 0.1)
    fired: list[float] = []
    for step in range(20):
        arrays["inbox_S"][:] = step % 2
        fired += map(float, module.step(arrays, 0.1, step))
    assert fired
    states = [arrays[f"{c.name}_all"].tolist() for c in module.manifest.states]
    return [*states, fired]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["exact", "euler", "adaptive"])
def test_no_name_of_a_model_collides_with_generated_code(method: str, tmp_path: Path) -> None:
    names = list(writable())
    assert len(names) > 120
    assert {"lambda", "h", "n", "accepted", "a_new", "np", "segments"} <= set(names)
    if method != "euler":
        keep = {"h", "accepted", "easy", "stepped", "elapsed", "fired", "slopes", "substep", "i"}
        names = [n for n in names if n in keep or n.startswith("a_") or n in ("n", "found")]
        names = ["a", *names]
    plain = [f"v{k}" for k in range(len(names))]
    assert outcome(names, method, tmp_path) == outcome(plain, method, tmp_path)


def test_keywords_and_generated_names_get_an_underscore() -> None:
    table = NameTable()
    assert [table.identifier(n) for n in ("lambda", "n", "double", "match")] == [
        "lambda_", "n_", "double_", "match_",
    ]  # fmt: skip
    assert table.identifier("V_m") == "V_m"
    assert table.identifier("bn_exp") != "bn_exp"


def test_identifiers_are_given_once_and_never_twice() -> None:
    table = NameTable()
    assert table.identifier("AMPA.g") == "AMPA_g"
    assert table.identifier("AMPA_g") == "AMPA_g_2"
    assert table.identifier("AMPA.g") == "AMPA_g"
    assert table.fresh("AMPA.g") == "AMPA_g_3"
    assert table.identifier("P[V_m,i]") == "P_V_m_i"


def test_declared_names_leave_those_that_the_code_makes_of_others() -> None:
    table = NameTable()
    for name in ("V", "V_new", "V_slope4", "inbox_A", "V_news"):
        table.declare(name)
    made = [table.identifier(n) for n in ("V", "V_new", "V_slope4", "inbox_A", "V_news")]
    assert made == ["V", "V_new_x", "V_slope4_x", "x_inbox_A", "V_news"]


def test_names_of_the_code_itself_are_kept() -> None:
    table = NameTable()
    table.declare("h")
    assert (table.identifier(":h"), table.identifier("h")) == ("h", "h_")
