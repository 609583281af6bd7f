"""The comparison program: commands, parsing and table, with stand-ins for the simulators."""

from __future__ import annotations

import shlex
import shutil
import stat
import sys
from pathlib import Path

import pytest

from tests.benchmarks import versus

BNSYN = """
import json, os, sys
given = sys.argv
log = open({log!r}, "a")
cache = os.environ["BNSYN_CACHE_DIR"]
print("warm" if os.path.exists(cache) else "cold", *given[1:], file=log)
timing = {{"parse": 0.1, "build": 0.2, "run": 0.5, "total": 1.25}}
result = {{"spikes": {{"E": 3, "I": 4}}, "timing_s": timing}}
open(given[given.index("--json") + 1], "w").write(json.dumps(result))
"""
PEER = """#!/bin/sh
echo 'a banner with {braces}'
echo '{"simulator": "x", "build_s": 9, "run_s": 2.0, "spikes": 1234, "rate_hz": 5}'
"""


@pytest.fixture
def bnsyn(tmp_path: Path) -> str:
    program = tmp_path / "bnsyn.py"
    program.write_text(BNSYN.format(log=str(tmp_path / "log")))
    return shlex.join([sys.executable, str(program)])


@pytest.fixture
def peers(tmp_path: Path) -> Path:
    python = tmp_path / "peers" / "nest" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PEER)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "peers"


def compare(capsys: pytest.CaptureFixture[str], *given: str) -> list[str]:
    versus.main(given)
    return capsys.readouterr().out.splitlines()


def test_the_table_has_medians_and_ratios_against_ours(
    bnsyn: str, peers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--bnsyn", bnsyn, "--peers", str(peers), "--runs", "2", "--only", "coba")
    lines = compare(capsys, *given)
    work = "COBA, 4,000 cells, 1 s"
    assert lines[2] == f"| {work} | bnsyn | 0.500 | 0.500 to 0.500 | 0.75 | 7 | 1.00 |"
    assert lines[3] == f"| {work} | NEST | 2.000 | 2.000 to 2.000 | 9.00 | 1,234 | 4.00 |"
    assert lines[-1] == f"Brian2 is not installed in {peers / 'brian'}."


def test_our_commands_name_network_threads_and_no_plot(
    bnsyn: str, peers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(capsys, "--bnsyn", bnsyn, "--peers", str(peers), "--runs", "1", "--only", "brunel")
    calls = (tmp_path / "log").read_text().splitlines()
    assert len(calls) == 4  # one to fill the cache and one timed, for one and for two threads
    assert " --network BrunelBench --no-plot --threads 1 --json " in calls[0]
    assert " --threads 2 --json " in calls[3]


def test_the_row_of_systems_starts_cold_with_one_two_and_four(
    bnsyn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--bnsyn", bnsyn, "--peers", str(tmp_path), "--runs", "1", "--only", "systems")
    lines = compare(capsys, *given)
    calls = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert [call[0] for call in calls] == ["cold"] * 3
    networks = [call[call.index("--network") + 1] for call in calls]
    assert networks == ["OneSystem", "TwoSystems", "FourSystems"]
    contenders = [line.split(" | ")[1] for line in lines[2:5]]
    assert contenders == [f"bnsyn, {network}" for network in networks]


def test_a_cold_start_has_an_empty_cache_and_a_warm_one_has_not(
    bnsyn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = compare(
        capsys, "--bnsyn", bnsyn, "--peers", str(tmp_path), "--runs", "1", "--only", "start"
    )
    caches = [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()]
    assert caches == ["warm", "warm", "cold"]
    names = [line.split(" | ")[1] for line in lines[2:4]]
    assert names == ["bnsyn, warm cache", "bnsyn, empty cache"]


def test_a_program_that_fails_ends_the_comparison_with_its_message(
    tmp_path: Path, peers: Path
) -> None:
    program = tmp_path / "broken.py"
    program.write_text("raise SystemExit('no such model')")
    bnsyn = shlex.join([sys.executable, str(program)])
    with pytest.raises(SystemExit, match="no such model"):
        versus.main(["--bnsyn", bnsyn, "--peers", str(peers), "--only", "coba"])


def test_a_peer_without_a_result_is_an_error() -> None:
    with pytest.raises(SystemExit, match="only a banner"):
        versus.parse_peer("only a banner\n")


def test_an_unknown_row_is_an_error() -> None:
    with pytest.raises(SystemExit, match="no such row: cuba"):
        versus.main(["--only", "cuba"])


def test_the_large_row_is_refused_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versus, "available_gb", lambda: 4.0)
    with pytest.raises(SystemExit, match=r"needs 10 GB; 4\.0 GB are free"):
        versus.main(["--only", "coba", "--large"])


def test_available_memory_is_a_plausible_number_of_gigabytes() -> None:
    assert 0.05 < versus.available_gb() < 1e5


def test_every_row_starts_files_that_exist(tmp_path: Path, peers: Path) -> None:
    shutil.copytree(peers / "nest", peers / "brian")
    everyone = versus.Entrants(bnsyn=("bnsyn",), peers=peers)
    for row in versus.all_rows(everyone):
        rivals = [contender for contender in row.contenders if not contender.ours]
        assert rivals or row.key in {"systems", "learning"}
        for contender in rivals:
            assert all(Path(part).exists() for part in contender.command[:2])
    assert (versus.HERE / "adex_bench.bns").exists()
    assert (versus.HERE / "systems_bench.bns").exists()
    assert (versus.HERE / "learning_bench.bns").exists()


def test_a_peer_that_is_not_installed_takes_no_part(tmp_path: Path) -> None:
    everyone = versus.Entrants(bnsyn=("bnsyn",), peers=tmp_path)
    assert everyone.peer("NEST", "coba_nest.py") == []
