"""`bnsyn run`: tables, JSON, files, settings, Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bnsyn_dsl.runtime.simulation import Simulation
from tests.cli.small import SMALL, Bnsyn, written

# a step of 0.1 ms, tau 10 ms, 12 mV: the threshold of 10 mV is reached in tau*ln 6 = 17.92 ms,
# in step 180; so five spikes of each of the three cells in 100 ms
SPIKES = {"E": 15, "silent": 0}


def outcome(bnsyn: Bnsyn, *arguments: str) -> dict[str, object]:
    """Return what a run writes as JSON."""
    result = bnsyn("run", "small.bns", "--no-plot", "--json", "-", *arguments)
    assert result.exit_code == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_tables_of_populations_and_timings(bnsyn: Bnsyn, small: Path) -> None:
    result = bnsyn("run", "small.bns", "--no-plot")
    assert result.exit_code == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["E", "3", "15", "50", "Hz"] in [line[:5] for line in lines]
    assert ["silent", "2", "0", "0", "Hz", "-"] in lines
    assert ["parse", "analyse", "generate", "compile", "build", "run", "total"] in lines


def test_json_has_exactly_these_keys(bnsyn: Bnsyn, small: Path) -> None:
    found = outcome(bnsyn)
    assert list(found) == [
        "network", "backend", "threads", "seed", "dt_ms", "duration_ms", "spikes", "rates_hz",
        "isi_cv", "spikes_sha256", "timing_s",
    ]  # fmt: skip
    assert found["network"] == "Small"
    assert found["backend"] == "numba"
    assert found["seed"] == 3
    assert found["dt_ms"] == 0.1
    assert found["duration_ms"] == pytest.approx(100)
    assert found["spikes"] == SPIKES
    assert found["rates_hz"] == {"E": pytest.approx(50), "silent": 0}
    assert found["isi_cv"] == {"E": pytest.approx(0), "silent": None}
    timing = found["timing_s"]
    assert isinstance(timing, dict)
    stages = ["parse", "analyse", "generate", "compile", "build", "run", "total"]
    assert list(timing) == stages
    assert timing["total"] >= timing["run"] > 0


def test_json_into_a_file_leaves_the_tables(bnsyn: Bnsyn, small: Path, tmp_path: Path) -> None:
    result = bnsyn("run", "small.bns", "--no-plot", "--json", "r.json")
    assert "population" in result.stdout
    assert json.loads((tmp_path / "r.json").read_text())["spikes"] == SPIKES


def test_threads_change_nothing(bnsyn: Bnsyn, small: Path) -> None:
    one, two = outcome(bnsyn, "--threads", "1"), outcome(bnsyn, "--threads", "2")
    assert (one["threads"], two["threads"]) == (1, 2)
    assert one["spikes_sha256"] == two["spikes_sha256"]


def test_settings_of_networks_and_populations(bnsyn: Bnsyn, small: Path) -> None:
    assert outcome(bnsyn, "--set", "drive=0 mV")["spikes"] == {"E": 0, "silent": 0}
    found = outcome(bnsyn, "--set", "silent.I=12 mV", "--set", "E.I=0 mV")
    assert found["spikes"] == {"E": 0, "silent": 10}


def test_duration_step_and_seed(bnsyn: Bnsyn, small: Path) -> None:
    found = outcome(bnsyn, "--duration", "20 ms", "--dt", "0.2 ms", "--seed", "7")
    assert (found["duration_ms"], found["dt_ms"], found["seed"]) == (pytest.approx(20), 0.2, 7)
    assert found["spikes"] == {"E": 3, "silent": 0}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--set", "driev=1 mV"], "did you mean `drive`?"),
        (["--set", "X.I=1 mV"], "no population or modulator `X`"),
        (["--set", "drive=1 pA"], "error[BN3"),
        (["--set", "drive=1 +"], "error[BN1"),
        (["--duration", "1 mV"], "error[BN310]"),
        (["--duration", "0 ms"], "the duration must be positive"),
        (["--duration", "-1 ms"], "the duration must be positive"),
        (["--duration", "soon"], "error[BN"),
        (["--dt", "0 ms"], "dt must be positive"),
        (["--network", "Smal"], "did you mean `Small`?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_values_are_explained(
    bnsyn: Bnsyn, small: Path, tmp_path: Path, arguments: list[str], text: str
) -> None:
    result = bnsyn("run", "small.bns", *arguments)
    assert result.exit_code == 1
    assert text in result.stderr
    assert result.stdout == ""
    assert written(tmp_path) == {"small.bns"}


@pytest.mark.parametrize(
    ("option", "value", "line", "marks"),
    [
        ("--set", "drive=1 pA", "--set drive=1 pA", "            ----"),
        ("--set", "E.I=5 nS", "--set E.I=5 nS", "          ^^^^"),
        ("--set", "drive=1 fooV", "--set drive=1 fooV", "              ^^^^"),
        ("--set", "drive=1 +", "--set drive=1 +", "               ^"),
        ("--set", "driev=1 mV", "--set driev=1 mV", "      ^^^^^"),
        ("--set", "X.I=1 mV", "--set X.I=1 mV", "      ^"),
        ("--set", "E.=1 mV", "--set E.=1 mV", "      ^^"),
        ("--set", ".I=1 mV", "--set .I=1 mV", "      ^^"),
        ("--duration", "5 mV", "--duration 5 mV", "           ^^^^"),
        ("--dt", "soon", "--dt soon", "     ^^^^"),
    ],
)
def test_a_wrong_option_is_shown_as_it_was_typed(
    bnsyn: Bnsyn, small: Path, option: str, value: str, line: str, marks: str
) -> None:
    result = bnsyn("run", "small.bns", option, value)
    assert result.exit_code == 1
    shown = result.stderr.splitlines()
    at = next(n for n, text in enumerate(shown) if text.partition(" | ")[2] == line)
    place = shown[at].index(line)
    first = len(marks) - len(marks.lstrip())
    assert shown[at + 1][place:].startswith(marks)
    assert set(shown[at + 1][place + len(marks) :]) <= set(" declaredhere")
    if "^" in marks:
        assert f"command line:1:{first + 1}" in result.stderr
    assert "value_" not in result.stderr


@pytest.mark.parametrize("option", ["--dt", "--duration"])
def test_an_impossible_time_points_at_no_line_of_the_file(
    bnsyn: Bnsyn, small: Path, option: str
) -> None:
    result = bnsyn("run", "small.bns", option, "-1 ms")
    assert "must be positive and finite, found -1 ms" in result.stderr
    assert "small.bns" not in result.stderr


def test_a_file_with_several_networks_needs_a_name(bnsyn: Bnsyn, tmp_path: Path) -> None:
    more = SMALL.partition("network")[2].replace("Small", "Other").replace("Cell[3]", "Cell[4]")
    (tmp_path / "small.bns").write_text(f"{SMALL}\nnetwork{more}")
    result = bnsyn("run", "small.bns")
    assert result.exit_code == 1
    assert "`small.bns` has several networks: `Small`, `Other`" in result.stderr
    assert outcome(bnsyn, "--network", "Other")["spikes"] == {"E": 20, "silent": 0}


def test_a_file_without_a_network_runs_nothing(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "cell.bns").write_text(SMALL.partition("network")[0])
    result = bnsyn("run", "cell.bns")
    assert result.exit_code == 1
    assert "`cell.bns` has no network to run" in result.stderr
    assert "bnsyn new" in result.stderr


def test_a_folder_gets_spikes_recordings_and_a_picture(
    bnsyn: Bnsyn, small: Path, tmp_path: Path
) -> None:
    result = bnsyn("run", "small.bns", "--out", "results")
    assert result.exit_code == 0, result.stderr
    files = {"results/spikes.npz", "results/recordings.npz", "results/Small.png"}
    assert written(tmp_path) == {"small.bns", *files}
    assert all(f"wrote {name}" in result.stdout for name in files)
    with np.load(tmp_path / "results" / "spikes.npz", allow_pickle=False) as spikes:
        assert spikes["E.ids"].tolist() == [0, 1, 2] * 5
        assert spikes["E.times_ms"][0] == pytest.approx(18.0)
        assert len(spikes["silent.ids"]) == 0
    with np.load(tmp_path / "results" / "recordings.npz", allow_pickle=False) as traces:
        assert traces["E.V_m"].shape == (100, 2)
        assert traces["E.V_m.times_ms"][[0, -1]] == pytest.approx([1, 100])
        assert str(traces["E.V_m.unit"]) == "mV"
        assert traces["E.V_m"][0, 0] == pytest.approx(12 * (1 - np.exp(-0.1)))


def test_the_picture_alone_goes_to_the_current_folder(
    bnsyn: Bnsyn, small: Path, tmp_path: Path
) -> None:
    result = bnsyn("run", "small.bns")
    assert written(tmp_path) == {"small.bns", "Small.png"}
    assert result.stdout.endswith("wrote Small.png\n")
    assert (tmp_path / "Small.png").read_bytes().startswith(b"\x89PNG")


def test_no_picture_writes_nothing(bnsyn: Bnsyn, small: Path, tmp_path: Path) -> None:
    bnsyn("run", "small.bns", "--no-plot")
    assert written(tmp_path) == {"small.bns"}


def test_a_folder_that_cannot_be_written_is_an_error(
    bnsyn: Bnsyn, small: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    result = bnsyn("run", "small.bns", "--out", "taken")
    assert result.exit_code == 1
    assert "error[BN612]: cannot write `taken`: not a directory" in result.stderr
    assert result.stdout == ""  # it was found before the run


def test_a_json_file_that_cannot_be_written_is_an_error(bnsyn: Bnsyn, small: Path) -> None:
    result = bnsyn("run", "small.bns", "--no-plot", "--json", "small.bns/r.json")
    assert result.exit_code == 1
    assert "error[BN612]: cannot write `small.bns/r.json`" in result.stderr


@pytest.mark.parametrize("option", ["--json", "--out"])
def test_an_empty_name_is_refused(bnsyn: Bnsyn, small: Path, tmp_path: Path, option: str) -> None:
    result = bnsyn("run", "small.bns", option, "")
    assert result.exit_code == 2
    assert f"Invalid value for {option}: the name is empty" in result.stderr
    assert written(tmp_path) == {"small.bns"}


def test_no_progress_bar_where_there_is_no_terminal(bnsyn: Bnsyn, small: Path) -> None:
    assert bnsyn("run", "small.bns", "--no-plot").stderr == ""


def test_ctrl_c_keeps_what_was_recorded(
    bnsyn: Bnsyn, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Simulation.run

    def half(self, n_steps, report=None):  # type: ignore[no-untyped-def]
        whole(self, n_steps // 2, report)
        return False  # as after Ctrl-C

    monkeypatch.setattr(Simulation, "run", half)
    result = bnsyn("run", "small.bns", "--out", "results")
    assert result.exit_code == 130
    assert "interrupted at 50 ms" in result.stderr
    assert "E                 3       6" in result.stdout
    with np.load(tmp_path / "results" / "spikes.npz", allow_pickle=False) as spikes:
        assert len(spikes["E.ids"]) == 6


def test_ctrl_c_before_the_run(bnsyn: Bnsyn, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bnsyn_dsl.cli.run.opened", interrupted)
    result = bnsyn("run", "small.bns")
    assert result.exit_code == 130
    assert "interrupted before the run began" in result.stderr


def test_a_state_that_explodes_is_reported_after_its_tables(bnsyn: Bnsyn, tmp_path: Path) -> None:
    text = SMALL.replace("(I - V_m)/tau", "V_m*V_m/(1 mV*tau)").replace(
        "V_m = 0 mV\n    eq", "V_m = 5 mV\n    eq"
    )
    text = text.replace("spike when V_m >= V_th", "spike when I >= V_th")
    (tmp_path / "bad.bns").write_text(text)
    result = bnsyn("run", "bad.bns", "--no-plot")
    assert result.exit_code == 1
    assert "error[BN490]" in result.stderr
    assert "`V_m` of neuron 0 of population `E`" in result.stderr or "silent" in result.stderr
    assert "population" in result.stdout
