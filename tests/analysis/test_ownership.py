"""Who owns the states of a synapse, and which synapses are refused, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnsyn_dsl.analysis.couple import couple
from bnsyn_dsl.analysis.ownership import post_owned, sender_of
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import BnsError, Diagnostic, DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.semantics.model import Model
from tests import systems

LOOP = """    projections:
        A -> A : {} all_to_all {{ weight = {}, delay = 1 ms }}
    record:"""


def network(synapse: str, weight: str, neuron: str = "LIF[4]", head: str = "") -> str:
    text = systems.network_text(neuron, head=head)
    return text.replace("    record:", LOOP.format(synapse, weight))


def synapse_of(text: str) -> Model:
    plan = systems.plan_of(text)
    return plan.population("A").receptors[0].synapse


SYNAPSE = '''
synapse S:
    """A synapse."""
    parameters:
        tau = 2 ms
        U = 0.5
    state:
        {state}
    equations:
        {equations}
    on pre:
        {handler}
'''


def own(state: str, equations: str, handler: str) -> str:
    lines = [part.replace(" | ", "\n        ") for part in (state, equations, handler)]
    head = SYNAPSE.format(state=lines[0], equations=lines[1], handler=lines[2])
    return network("S", "1 pA", head=head)


def refusal(text: str) -> Diagnostic:
    """Return why the target cannot own the receptor."""
    plan = systems.plan_of(text)
    log = DiagnosticLog()
    assert couple(plan.population("A"), plan.parameters, log) is None
    (finding,) = log.found
    return finding


@pytest.mark.parametrize(
    ("synapse", "weight", "states", "arrivals"),
    [
        ("AMPA", "1 nS", ("g",), ("g",)),
        ("AlphaCurrent", "1 pA", ("i", "y"), ("y",)),
        ("NMDARise", "1 nS", ("g_r", "g_d"), ("g_r", "g_d")),
        ("Delta", "1 mV", (), ("V_m",)),
        ("TsodyksMarkram", "1 pA", ("i",), ("i",)),
    ],
)
def test_linear_receptors_belong_to_the_target(
    synapse: str, weight: str, states: tuple[str, ...], arrivals: tuple[str, ...]
) -> None:
    log = DiagnosticLog()
    owned = post_owned(synapse_of(network(synapse, weight)), log)
    assert log.found == ()
    assert owned is not None
    assert owned.states == states
    assert tuple(a.target.name for a in owned.arrivals) == arrivals


def test_short_term_plasticity_belongs_to_the_sender() -> None:
    log = DiagnosticLog()
    sender = sender_of(synapse_of(network("TsodyksMarkram", "1 pA")), log)
    assert log.found == ()
    assert sender is not None
    assert sender.states == ("u", "x")
    assert [d.state for d in sender.derivatives] == ["u", "x"]
    assert [state for state, _ in sender.updates] == ["u", "x"]
    levina = sender_of(synapse_of(network("LevinaHerrmannGeisel", "1 mV")), log)
    assert levina is not None
    assert levina.states == ("J",)


@pytest.mark.parametrize("synapse", ["AMPA", "AlphaConductance", "NMDA"])
def test_other_synapses_have_no_sender(synapse: str) -> None:
    log = DiagnosticLog()
    assert sender_of(synapse_of(network(synapse, "1 nS")), log) is None
    assert log.found == ()


@pytest.mark.parametrize(
    ("text", "code", "message", "line"),
    [
        (
            own("g = 0 pA", "dg/dt = -g/tau + 1 pA/ms | post.I_syn += g", "g += weight"),
            "BN501",
            "the sum of `g` over synapses does not obey its equation",
            "dg/dt",
        ),
        (
            own("g = 0 pA", "dg/dt = -g/tau | post.I_syn += g + 1 pA", "g += weight"),
            "BN501",
            "what `S` adds to `post.I_syn` is not linear in it",
            "post.I_syn",
        ),
        (
            own("g = 0 pA", "dg/dt = -g/tau | post.I_syn += g", "g += weight*(1 - g/1 pA)"),
            "BN502",
            "what arrives at `g` is no multiple of `weight`",
            "g += weight",
        ),
        (
            own("g = 0 pA", "dg/dt = -g/tau | post.I_syn += g", "g = weight"),
            "BN502",
            "what arrives at `g` is no multiple of `weight`",
            "g = weight",
        ),
        (
            own(
                "g = 0 pA",
                "dg/dt = -g/tau | post.I_syn += g",
                "if weight > 0 pA: |     g += weight",
            ),
            "BN501",
            "`if` in `on pre` needs a state per synapse",
            "if weight",
        ),
    ],
)
def test_synapses_that_need_their_own_states_are_refused(
    text: str, code: str, message: str, line: str
) -> None:
    finding = refusal(text)
    assert finding.code == code
    assert message in finding.message
    assert finding.span is not None
    assert finding.span.source.line(finding.span.line).strip().startswith(line)


def sender_refusal(text: str) -> Diagnostic:
    log = DiagnosticLog()
    assert sender_of(synapse_of(text), log) is None
    (finding,) = log.found
    return finding


def test_a_presynaptic_factor_reaches_one_state() -> None:
    text = own(
        "x = 1 | g = 0 pA | k = 0 pA",
        "dx/dt = (1 - x)/tau | dg/dt = -g/tau | dk/dt = -k/tau | post.I_syn += g - k",
        "g += weight*x | k += weight*x | x -= U*x",
    )
    assert sender_refusal(text).code == "BN503"


def test_a_presynaptic_state_decays_alone() -> None:
    text = own(
        "x = 1 | y = 1 | g = 0 pA",
        "dx/dt = (y - x)/tau | dy/dt = -y/tau | dg/dt = -g/tau | post.I_syn += g",
        "g += weight*x | x -= U*x | y += 1",
    )
    finding = sender_refusal(text)
    assert (finding.code, finding.message) == ("BN504", "`x` has no closed form between spikes")


def test_a_network_says_why_a_drive_has_no_short_term_plasticity(tmp_path: Path) -> None:
    text = systems.network_text("LIF[4]", {"TsodyksMarkram": "1 pA"})
    with pytest.raises(BnsError) as caught:
        compile_network(systems.plan_of(text), CompileOptions(cache=tmp_path), DiagnosticLog())
    assert [d.code for d in caught.value.diagnostics] == ["BN505"]


def test_a_receptor_that_reads_what_it_adds_to_is_refused() -> None:
    neuron = '''
neuron R:
    """A neuron that names its input."""
    input:
        I = 0
    state:
        v = 0
    equations:
        Q = I*0.5
        dv/dt = 1/ms*(Q - v)
    spike when v > 1
'''
    head = SYNAPSE.format(
        state="g = 0",
        equations="dg/dt = -g/tau\n        post.I += g*(1 - post.Q)",
        handler="g += weight*U",
    )
    finding = refusal(network("S", "1", "R[4]", head=head + neuron))
    assert finding.code == "BN506"
    assert "depends on itself: Q -> I -> Q" in finding.message or "I -> Q -> I" in finding.message
    assert finding.span is not None
