"""`bnsyn check`: reports, findings, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.small import SMALL, Bnsyn

BROKEN = SMALL.replace("(I - V_m)/tau", "(I - V_m)*tau")


def test_the_report_names_method_reason_and_units(bnsyn: Bnsyn, small: Path) -> None:
    result = bnsyn("check", "small.bns")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "network Small: 100 ms, dt = 0.1 ms, seed = 3",
        "  0 projections, 0 drives",
        "  E (Cell, 3), silent (Cell, 2)",
        "    method    exact: all equations are linear with constant coefficients",
        "    states    V_m [mV]",
        "",
        "small.bns: nothing found",
    ]


def test_receptors_say_where_their_states_are_kept(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "net.bns").write_text(
        "network N:\n"
        "    populations:\n"
        "        E : LIF[2]\n"
        "    projections:\n"
        "        E -> E : Delta all_to_all { weight = 1 mV, delay = 1 ms }\n"
        "        E -> E : TsodyksMarkram all_to_all { weight = 1 pA, delay = 1 ms }\n"
        "    simulate: 10 ms, dt = 0.1 ms\n"
    )
    lines = bnsyn("check", "net.bns").stdout.splitlines()
    assert "    receptor  Delta: no states of its own, its spikes act at once" in lines
    wanted = "TsodyksMarkram: i kept once per target neuron; u, x kept once per source neuron"
    assert f"    receptor  {wanted}" in lines


def test_continuous_synapses_say_what_is_summed_and_how_often(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "net.bns").write_text(
        "network N:\n"
        "    populations:\n"
        "        E : LIF[2]\n"
        "    projections:\n"
        "        E -> E : GapJunction + AMPA all_to_all { weight = 1 nS, delay = 1 ms }\n"
        "        E -> E : SaturatingNMDA all_to_all { weight = 1 nS, delay = 1 ms }\n"
        "    simulate: 10 ms, dt = 0.1 ms\n"
    )
    lines = bnsyn("check", "net.bns").stdout.splitlines()
    assert "  2 projections, 0 drives" in lines
    gap = "weight*pre.V_m summed over synapses in every step; weight summed over synapses once"
    assert f"    receptor  GapJunction: {gap}" in lines
    kept = "x, s kept once per source neuron; weight*s summed over synapses in every step"
    assert f"    receptor  SaturatingNMDA: {kept}" in lines
    (found,) = json.loads(bnsyn("check", "net.bns", "--format", "json").stdout)["files"]
    (system,) = found["networks"][0]["systems"]
    assert [(r["summed"], r["summed_once"]) for r in system["receptors"]] == [
        (["weight*pre.V_m"], ["weight"]),
        ([], []),
        (["weight*s"], []),
    ]


def test_neurons_that_no_network_uses_are_solved_alone(bnsyn: Bnsyn, tmp_path: Path) -> None:
    neuron, _, network = SMALL.partition("network")
    other = neuron.replace("Cell", "Bent").replace("(I - V_m)/tau", "(I - V_m^2/(1 mV))/tau")
    (tmp_path / "two.bns").write_text(f"{neuron}\n{other}\nnetwork{network}")
    found = json.loads(bnsyn("check", "two.bns", "--format", "json").stdout)["files"][0]
    assert [(n["name"], n["alone"]) for n in found["networks"]] == [
        ("Small", False),
        ("Bent", True),
    ]
    assert found["networks"][1]["systems"][0]["method"] == "adaptive"


def test_neurons_that_are_solved_alike_share_a_report(bnsyn: Bnsyn, tmp_path: Path) -> None:
    neuron = SMALL.partition("network")[0]
    bent = neuron.replace("Cell", "Bent").replace("(I - V_m)/tau", "(I - V_m^2/(1 mV))/tau")
    fast = "neuron Fast is Cell:\n    parameters:\n        tau = 5 ms\n"
    (tmp_path / "cells.bns").write_text(f"{neuron}\n{bent}\n{fast}")
    assert bnsyn("check", "cells.bns").stdout.splitlines() == [
        "neurons Cell, Fast, each alone",
        "    method    exact: all equations are linear with constant coefficients",
        "    states    V_m [mV]",
        "",
        "neuron Bent, alone",
        "    method    adaptive: the equation of `V_m` is not linear with constant coefficients",
        "    states    V_m [mV]",
        "",
        "cells.bns: nothing found",
    ]


def test_errors_go_to_stderr_with_their_place(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "broken.bns").write_text(BROKEN)
    result = bnsyn("check", "broken.bns")
    assert result.exit_code == 1
    assert "error[BN310]" in result.stderr
    assert "--> broken.bns:10:19" in result.stderr
    assert result.stdout.splitlines()[-1].startswith("broken.bns: 1 error")


def test_several_files_are_all_checked_after_an_error(
    bnsyn: Bnsyn, tmp_path: Path, small: Path
) -> None:
    (tmp_path / "broken.bns").write_text(BROKEN)
    result = bnsyn("check", "nowhere.bns", "broken.bns", "small.bns")
    assert result.exit_code == 1
    assert "nowhere.bns: 1 error" in result.stdout
    assert "broken.bns: 1 error" in result.stdout
    assert "small.bns: nothing found" in result.stdout


def test_warnings_do_not_fail(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "w.bns").write_text(SMALL.replace("V_th = 10 mV", "V_th = 10 mV\n        idle = 1"))
    result = bnsyn("check", "w.bns")
    assert result.exit_code == 0
    assert "warning[BN290]" in result.stderr
    assert result.stdout.endswith("w.bns: 1 warning\n")


def test_json_has_diagnostics_and_networks(bnsyn: Bnsyn, tmp_path: Path, small: Path) -> None:
    (tmp_path / "broken.bns").write_text(BROKEN)
    result = bnsyn("check", "--format", "json", "small.bns", "broken.bns")
    assert result.exit_code == 1
    assert result.stderr == ""
    good, bad = json.loads(result.stdout)["files"]
    assert good["file"] == "small.bns"
    assert good["diagnostics"] == []
    (system,) = good["networks"][0]["systems"]
    assert system["states"] == [{"name": "V_m", "unit": "mV"}]
    assert system["populations"][0] == {"name": "E", "model": "Cell", "size": 3}
    assert bad["networks"] == []
    finding = bad["diagnostics"][0]
    assert (finding["code"], finding["severity"], finding["line"]) == ("BN310", "error", 10)


def test_the_next_network_is_reported_after_one_with_errors(bnsyn: Bnsyn, tmp_path: Path) -> None:
    wrong = SMALL.partition("network")[2].replace("Small", "Wrong").replace("Cell[3]", "Cell[0]")
    (tmp_path / "n.bns").write_text(f"{SMALL}\nnetwork{wrong}")
    result = bnsyn("check", "n.bns")
    assert result.exit_code == 1
    assert "network Small: 100 ms" in result.stdout
    assert "network Wrong" not in result.stdout
    assert "error[BN446]" in result.stderr


def test_the_library_passes(bnsyn: Bnsyn) -> None:
    models = Path(__file__).parents[2] / "models" / "neurons"
    result = bnsyn("check", *map(str, sorted(models.glob("*.bns"))))
    assert result.exit_code == 0, result.stderr
