"""Generated kernels compute what the interpreter of the kernel language computes, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bnsyn_dsl.abi.stream_ids import stream_id
from tests import systems
from tests.ir.interpreter import Neuron, one_step

STATES = ("x", "y", "h")
PARAMETERS = ("p", "q", "lambda_")
FUNCTIONS = (
    *("exp({})", "log({})", "sin({})", "cos({})", "tanh({})", "sigmoid({})", "exprel({})"),
    *("sqrt({})", "abs({})", "floor({})", "round({})", "-({})", "({})^2", "({})^3", "({})^-2"),
)
BINARY = (
    *("({} + {})", "({} - {})", "({}*{})", "({}/(0 + {}))", "min({}, {})", "max({}, {})"),
    *("(abs({}) + 0.5)^({})", "clip({}, -2, {})"),
)
NUMBERS = ("0.3", "1", "2", "-1.7", "0", "1e-3", "40")
TRACE = """synapse S:
    \"\"\"An exponential trace.\"\"\"
    parameters:
        tau = 2 ms
    state:
        g = 0
    equations:
        dg/dt = -g/tau
        post.I_syn += g
    on pre:
        g += weight"""


def expressions(names: tuple[str, ...], depth: int = 3) -> st.SearchStrategy[str]:
    """Texts of expressions over `names`."""
    leaves = st.sampled_from((*names, *NUMBERS))

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.builds(lambda f, a, b: f.format(a, b), st.sampled_from(BINARY), inner, inner)
        chosen = st.builds(
            lambda a, b, c, d: f"({a} if {b} < {c} else {d})", inner, inner, inner, inner
        )
        single = st.builds(lambda f, a: f.format(a), st.sampled_from(FUNCTIONS), inner)
        return st.one_of(single, pairs, chosen)

    return st.recursive(leaves, larger, max_leaves=2 * depth)


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A network of one random neuron with a random method and at most one receptor."""
    method = draw(st.sampled_from(("euler", "rk2", "rk4", "exponential_euler", "exact")))
    every = (*STATES, *PARAMETERS)
    equations = []
    for state in STATES:
        others = tuple(n for n in every if n != state)
        if method == "exact":
            rates = draw(st.lists(st.sampled_from((*PARAMETERS, *NUMBERS)), min_size=4, max_size=4))
            terms = [f"({r})*{s}" for r, s in zip(rates, (*STATES, "I_syn"), strict=True)]
            text = f"{' + '.join(terms)} - {draw(expressions(PARAMETERS, 2))}"
        elif method == "exponential_euler":
            text = f"{draw(expressions(others))} - {state}*{draw(expressions(others))}"
        else:
            text = draw(expressions((*every, "I_syn")))
        equations.append(f"        d{state}/dt = 1/ms*({text})")
    lines = [
        TRACE,
        "neuron R:",
        '    """A neuron of no meaning."""',
        "    parameters:",
        *(f"        {p} = 1" for p in PARAMETERS),
        "    input:",
        "        I_syn = 0",
        "    state:",
        *(f"        {s} = 0" for s in STATES),
        "    equations:",
        *equations,
        "        unused = x",
    ]
    if draw(st.booleans()):
        lines += [
            "    every 0.4 ms:",
            f"        y = {draw(expressions(every, 2))}",
            f"        if {draw(expressions(every, 1))} > 0.5:",
            f"            x -= {draw(expressions(every, 1))}",
            "        else:",
            "            x += 0.25",
        ]
    kind = draw(st.sampled_from(("x > {}", "x crosses {}", "uniform(0, 1) < {}")))
    lines += [
        f"    spike when {kind.format(draw(st.sampled_from(('p', '0.5', '0'))))}:",
        f"        x = {draw(expressions(every, 2))}",
        f"        y += {draw(expressions(every, 1))}",
    ]
    if draw(st.booleans()):
        lines.append(f"    refractory {draw(st.sampled_from(('0', '0.3')))} ms: hold x")
    text = systems.network_text("R[5]", {"S": "1"}, head="\n".join(lines))
    return f"{text}    solve: {method}\n"


NUMBER = st.one_of(
    st.floats(-3, 3),
    st.sampled_from((0.0, -0.0, 1e-300, -1e-8, 1e8, -1e300, 1e150, float("inf"))),
)


def bits(value: float) -> int:
    """Return the bits of a number, the same for every NaN."""
    return -1 if np.isnan(value) else int(np.float64(value).view(np.int64))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("modules")


@pytest.mark.slow
@settings(
    derandomize=True,
    max_examples=16,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a kernel takes a second to compile: nothing is shrunk
    suppress_health_check=list(HealthCheck),
)
@given(
    text=networks(),
    n=st.sampled_from((1, 3, 256, 300)),
    dt=st.sampled_from((0.1, 0.25, 0.01, 1e-6)),
    values=st.lists(NUMBER, min_size=9, max_size=9),
)
def test_kernels_compute_what_the_interpreter_computes(
    folder: Path, text: str, n: int, dt: float, values: list[float]
) -> None:
    agree(systems.module_of(systems.kernel_of_text(text), folder), n, dt, values)


SPIKES = {
    "level": "    spike when x > 0.5:\n        x = q\n        y += 0.1",
    "edge": "    spike when x crosses 0.5:\n        y -= 0.1",
    "chance": "    spike when uniform(0, 1) < 0.2*abs(x):\n        x = 0",
    "none": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPIKES)
@pytest.mark.parametrize("more", ["", "clock", "refractory"])
def test_short_and_long_decays_side_by_side(folder: Path, kind: str, more: str) -> None:
    # y is spread over -6 .. 6: neighbours decay by 0.1 and by more than the polynomial holds for
    lines = [
        "neuron R:",
        '    """One decay that depends on a neighbour state, one on its size."""',
        "    parameters:",
        *(f"        {p} = 1" for p in PARAMETERS),
        "    input:",
        "        I_syn = 0",
        "    state:",
        *(f"        {s} = 0" for s in STATES),
        "    equations:",
        "        dx/dt = 1/ms*(q + I_syn - x*(p + y^2))",
        "        dy/dt = -y/(1 ms)",
        "        dh/dt = 1/ms*(x - h*abs(y))",
        *(["    every 0.2 ms:", "        x += 0.01*h"] if more == "clock" else []),
        SPIKES[kind],
        *(["    refractory 0.3 ms: hold x"] if more == "refractory" and SPIKES[kind] else []),
    ]
    text = systems.network_text("R[5]", {"S": "1"}, head="\n".join([TRACE, *lines]))
    module = systems.module_of(
        systems.kernel_of_text(f"{text}    solve: exponential_euler\n"), folder
    )
    assert "if found > 1:" in module.text
    agree(module, 300, 0.1, [0.9, 1.3, 0.0, 0.4, 4.0, 0.2, 0.1, 0.0, 0.7])
    agree(module, 300, 0.1, [0.9, 1.3, 0.0, 0.4, float("inf"), 0.2, 0.1, 0.0, 0.7])


def agree(module: systems.Module, n: int, dt: float, values: list[float]) -> None:
    """Compare five steps of a population with the interpreter, to the bit."""
    kernel = module.kernel
    arrays = module.arrays(n)
    manifest = module.manifest
    for k, column in enumerate(manifest.parameters):
        arrays["par"][0, k] = 2.0 if column.source == "S.tau" else values[k % 3]
    spread = np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1)
    with np.errstate(all="ignore"):
        for k, column in enumerate(manifest.states):
            arrays[f"{column.name}_all"][:] = values[3 + k % 6] * (1.0 + 0.5 * spread)
    arrays["segments"][0, 2:] = [stream_id(f"A.{label}") for label in manifest.streams]
    arrays["quanta"][:] = 2.0**-20
    watched = sorted({0, 1, 2, 60, 100, 120, 150, 200, 254, 255, 256, n - 2, n - 1} & set(range(n)))
    neurons = {i: neuron_of(module, arrays, i) for i in watched}
    module.prepare(arrays, dt)
    for step in range(5):
        arrived = int(values[8] * 1e6) if abs(values[8]) < 1e6 else 12345
        arrays["inbox_S"][:] = arrived
        fired = module.step(arrays, dt, step)
        for i, neuron in neurons.items():
            neuron.arrived = {"S": arrived}
            expected = one_step(kernel, neuron, dt, step)
            assert (i in fired) == expected, (step, i)
            for column in manifest.states:
                got, wanted = arrays[f"{column.name}_all"][i], neuron.values[column.name]
                assert bits(got) == bits(wanted), (step, i, column.name, got, wanted)
            if manifest.has_refractory:
                assert arrays["refractory"][i] == neuron.refractory
            if manifest.is_edge:
                assert arrays["above"][i] == neuron.above


def neuron_of(module: systems.Module, arrays: dict[str, np.ndarray], i: int) -> Neuron:
    """Return what neuron `i` has, for the interpreter."""
    manifest = module.manifest
    values = {c.name: float(arrays["par"][0, k]) for k, c in enumerate(manifest.parameters)}
    values |= {c.name: float(arrays[f"{c.name}_all"][i]) for c in manifest.states}
    above = int(arrays["above"][i]) if manifest.is_edge else 1
    return Neuron(
        values=values,
        quanta={"S": 2.0**-20},
        element=i,
        above=above,
        streams=tuple(int(s) for s in arrays["segments"][0, 2:]),
    )
