"""What `bnsyn check` and `bnsyn models` say of rules and modulators."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.small import Bnsyn

TEXT = """\
modulator Gate:
    parameters:
        window = 5 ms
    state:
        m = 0
    on spike:
        m += 1
    on signal(a, b):
        m = a + b
    every window:
        m = 0

plasticity Late:
    state:
        x = 0
    on pre:
        x += 1
    on post:
        weight += 0*x*weight*t/1 ms

network N:
    populations:
        S : PoissonSource[20] { rate = 20 Hz }
        E : LIF[10] { I_e = 1 pA*control.m }
        G : GIF[4]
    modulators:
        dopamine : Dopamine
        control : Gate from E, S[0:5]
        idle : Gate[2] from S
    projections:
        S -> E, G as plastic : ExpCurrent with DopamineSTDP {
            w_max = 2 pA, n = sum(n of dopamine)
        } all_to_all { weight = 1 pA, delay = 1 ms, gain = 1 + control.m }
        S -> G as bent : ExpCurrent with RMax { S = 1 Hz, w_max = 2 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
        S -> G as steep : ExpCurrent with WeightDependentSTDP { w_max = 2 pA } all_to_all {
            weight = 1 pA, delay = 1 ms }
        S -> E as late : ExpCurrent with Late all_to_all { weight = 1 pA, delay = 1 ms }
    simulate: 10 ms, dt = 0.1 ms
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.bns").write_text(TEXT)
    return tmp_path


def test_a_plastic_projection_shows_strategy_owners_and_memory(bnsyn: Bnsyn, net: Path) -> None:
    lines = bnsyn("check", "net.bns").stdout.splitlines()
    at = lines.index("  plastic[S->E], plastic[S->G]")
    assert lines[at + 1] == (
        "    rule      DopamineSTDP, accumulated: what a post spike adds is a presynaptic trace "
        "times what the target owns"
    )
    rows = [line.split(maxsplit=3) for line in lines[at + 3 : at + 7]]
    assert [(row[1], row[2]) for row in rows] == [
        ("weight", "[pA]"),
        ("x", "per"),
        ("y", "per"),
        ("c", "[pA]"),
    ]
    assert "x            per source neuron and delay  only presynaptic" in lines[at + 4]
    # target 4, weight and c 8 each; x; y, the sum of c and the one weighted with dopamine
    assert lines[at + 7] == (
        "    memory    20 bytes per synapse, 8 per source neuron and delay, 24 per target neuron"
    )


def test_each_strategy_says_what_it_costs(bnsyn: Bnsyn, net: Path) -> None:
    report = json.loads(bnsyn("check", "net.bns", "--format", "json").stdout)["files"][0]
    found = {p: r for r in report["networks"][0]["learning"] for p in r["projections"]}
    assert {name: r["strategy"] for name, r in found.items()} == {
        "plastic[S->E]": "accumulated",
        "plastic[S->G]": "accumulated",
        "bent": "swept",
        "steep": "replayed",
        "late": "swept",
    }
    assert found["bent"]["cost"] == "every synapse costs time in every step"
    assert "depends on `weight` of the synapse" in found["steep"]["reason"]
    assert found["steep"]["bytes_per_synapse"] == 12
    assert found["late"]["bytes_per_target"] == 0
    assert found["bent"]["states"][1] == {
        "name": "psp",
        "unit": "1",
        "owner": "source neuron and delay",
        "reason": "only presynaptic spikes change it",
    }


def test_a_swept_rule_is_noted_where_the_cause_stands(bnsyn: Bnsyn, net: Path) -> None:
    result = bnsyn("check", "net.bns", "--format", "json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)["files"][0]["diagnostics"]
    notes = [d for d in found if d["code"] == "BN483"]
    assert [n["severity"] for n in notes] == ["note", "note"]
    shown = bnsyn("check", "net.bns").stderr
    assert "de/dt = -e/tau_e - eta*w_max*psp*post.hazard" in shown
    assert "`Late` on `late` goes through every synapse in every step" in shown
    assert "weight += 0*x*weight*t/1 ms" in shown


def test_modulators_show_what_they_see_and_who_reads_them(bnsyn: Bnsyn, net: Path) -> None:
    lines = bnsyn("check", "net.bns").stdout.splitlines()
    at = lines.index("  dopamine (Dopamine, 1)")
    assert lines[at + 1 : at + 13] == [
        "    sources   none",
        "    signals   reward()",
        "    read by   n of plastic[S->E], n of plastic[S->G]",
        "  control (Gate, 1)",
        "    sources   E, S[0:5]",
        "    clocks    every window",
        "    signals   signal(a, b)",
        "    read by   I_e of E, gain of plastic[S->E], gain of plastic[S->G]",
        "  idle (Gate, 2)",
        "    sources   S",
        "    clocks    every window",
        "    signals   signal(a, b)",
    ]
    assert lines[at + 13] == "    read by   nothing"


@pytest.mark.parametrize(
    ("rule", "strategy", "last"),
    [
        ("PairSTDP", "accumulated", "12 bytes per synapse, 8 per source neuron and delay, 16 per"),
        ("WeightDependentSTDP", "replayed", "12 bytes per synapse, 8 per source neuron and delay"),
        ("BraderFusi", "swept", "12 bytes per synapse, 8 per target neuron"),
        ("DualWeight", "replayed", "28 bytes per synapse"),
    ],
)
def test_a_rule_of_the_library_shows_how_it_learns(
    rule: str, strategy: str, last: str, bnsyn: Bnsyn
) -> None:
    lines = bnsyn("models", rule).stdout.splitlines()
    at = lines.index("learning")
    assert lines[at + 1].startswith(f"    rule      {rule}, {strategy}: ")
    memory = next(line for line in lines[at:] if "memory" in line)
    assert last in memory
