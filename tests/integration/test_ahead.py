"""Jobs are done once, by this process or another, and no process that fails is waited for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bnsyn_dsl import resources
from bnsyn_dsl.ahead import Ahead, Job


def making(folder: Path, rank: int = 0) -> Job:
    """Make a folder: a second time, or before the one around it, that fails."""
    return Job(module="os", function="mkdir", arguments=(str(folder),), rank=rank)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every other process end at once."""
    monkeypatch.setattr(sys, "executable", "/bin/false")


def test_another_process_does_a_job(tmp_path: Path) -> None:
    with Ahead(processes=2) as ahead:
        ahead.begin()
        ahead.add(making(tmp_path / "a"))
        until = time.monotonic() + 60
        while ahead.pending:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert (tmp_path / "a").is_dir()


def test_each_job_is_done_once(tmp_path: Path) -> None:
    jobs = [making(tmp_path / str(i)) for i in range(200)]
    with Ahead(processes=3) as ahead:
        ahead.add(*jobs[:100], *jobs[:3])
        ahead.begin()
        ahead.begin()
        ahead.add(*jobs[50:])
        ahead.finish()
        assert ahead.pending == 0
    assert len(list(tmp_path.iterdir())) == 200


@pytest.mark.usefixtures("alone")
def test_what_nobody_takes_is_done_here_the_lowest_rank_first(tmp_path: Path) -> None:
    with Ahead(processes=2) as ahead:
        ahead.add(making(tmp_path / "a" / "b", rank=1))
        ahead.begin()
        ahead.add(making(tmp_path / "a"))
        ahead.finish()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_job_that_fails_elsewhere_is_not_waited_for(tmp_path: Path) -> None:
    with Ahead(processes=2) as ahead:
        ahead.add(making(tmp_path))  # it exists
        ahead.begin()
        (other,) = ahead._others
        assert other.wait(timeout=60) == 1
        ahead.finish()
        assert ahead.pending == 1


def test_a_job_that_fails_here_says_so(tmp_path: Path, alone: None) -> None:
    with Ahead(processes=2) as ahead:
        ahead.add(making(tmp_path))
        ahead.begin()
        with pytest.raises(FileExistsError):
            ahead.finish()


def test_leaving_ends_the_others(tmp_path: Path) -> None:
    with Ahead(processes=3) as ahead:
        ahead.begin()
        others = ahead._others
        assert len(others) == 2
    assert all(other.poll() is not None for other in others)


def test_others_end_when_there_will_be_no_more(tmp_path: Path) -> None:
    with Ahead(processes=2) as ahead:
        ahead.add(making(tmp_path / "a"))
        ahead.begin()
        ahead.finish()
        (other,) = ahead._others
        assert other.wait(timeout=60) == 0


def test_one_process_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    with Ahead(processes=1) as ahead:
        ahead.add(making(tmp_path / "a"))
        ahead.begin()
        ahead.finish()
    assert not (tmp_path / "a").exists()


def test_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNSYN_COMPILE_PROCESSES", "3")
    assert resources.compile_processes() == 3
    monkeypatch.delenv("BNSYN_COMPILE_PROCESSES")
    assert resources.compile_processes() >= 1
