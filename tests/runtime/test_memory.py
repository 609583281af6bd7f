"""Memory is asked for before it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnsyn_dsl.runtime import memory
from bnsyn_dsl.runtime.memory import NotEnoughMemory, available_bytes, require_memory


def test_free_memory_lies_within_the_machine() -> None:
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert 10**7 < available_bytes() < total


def test_what_fits_passes() -> None:
    require_memory(1000, "a small array")


def test_what_does_not_fit_is_refused_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 2 * 10**9)
    sentence = "not enough memory for the connectivity: 3 GB needed, 2 GB free"
    with pytest.raises(NotEnoughMemory, match=sentence):
        require_memory(3 * 10**9, "the connectivity")
    assert issubclass(NotEnoughMemory, ValueError)


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "max").write_text("5000\n")
    (tmp_path / "used").write_text("3000\n")
    monkeypatch.setattr(memory, "_CGROUPS", ((tmp_path / "max", tmp_path / "used"),))
    assert available_bytes() == 2000
    (tmp_path / "max").write_text("max\n")
    assert available_bytes() > 10**7


def test_without_an_account_of_free_memory_all_of_it_is_the_bound(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "absent")
    monkeypatch.setattr(memory, "_CGROUPS", ())
    assert available_bytes() > 10**8
