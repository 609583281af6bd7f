"""`bnsyn fmt`: in place, on stdin, as a check."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.small import SMALL, Bnsyn, written

UNTIDY = "neuron  Cell :   # a cell\n  state:\n     x=1.0\n  equations:\n     dx/dt=-x/( 10 ms )\n"


@pytest.fixture
def canonical(bnsyn: Bnsyn) -> str:
    """The untidy text in its canonical form."""
    result = bnsyn("fmt", "-", text=UNTIDY)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_stdin_goes_to_stdout_and_keeps_comments(
    bnsyn: Bnsyn, tmp_path: Path, canonical: str
) -> None:
    assert canonical.startswith("neuron Cell:")
    assert "# a cell" in canonical
    assert "        dx/dt = -x/10 ms\n" in canonical
    assert bnsyn("fmt", "-", text=canonical).stdout == canonical
    assert written(tmp_path) == set()


def test_files_are_changed_in_place(bnsyn: Bnsyn, tmp_path: Path, canonical: str) -> None:
    place = tmp_path / "a.bns"
    place.write_text(UNTIDY)
    place.chmod(0o640)
    assert bnsyn("fmt", "a.bns").stdout == "changed a.bns\n"
    assert place.read_text() == canonical
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    assert bnsyn("fmt", "a.bns").stdout == ""
    assert written(tmp_path) == {"a.bns"}


def test_a_link_stays_a_link(bnsyn: Bnsyn, tmp_path: Path, canonical: str) -> None:
    (tmp_path / "real.bns").write_text(UNTIDY)
    (tmp_path / "link.bns").symlink_to("real.bns")
    bnsyn("fmt", "link.bns")
    assert (tmp_path / "link.bns").is_symlink()
    assert (tmp_path / "real.bns").read_text() == canonical


def test_check_writes_nothing_and_fails_where_a_file_would_change(
    bnsyn: Bnsyn, tmp_path: Path
) -> None:
    (tmp_path / "a.bns").write_text(UNTIDY)
    result = bnsyn("fmt", "--check", "a.bns")
    assert (result.exit_code, result.stdout) == (1, "would change a.bns\n")
    assert (tmp_path / "a.bns").read_text() == UNTIDY
    bnsyn("fmt", "a.bns")
    assert bnsyn("fmt", "--check", "a.bns").exit_code == 0
    assert bnsyn("fmt", "--check", "-", text=UNTIDY).exit_code == 1


def test_a_file_with_errors_stays_as_it_is_and_the_others_are_formatted(
    bnsyn: Bnsyn, tmp_path: Path
) -> None:
    (tmp_path / "bad.bns").write_text("neuron Cell\n")
    (tmp_path / "good.bns").write_text(UNTIDY)
    result = bnsyn("fmt", "bad.bns", "good.bns")
    assert result.exit_code == 1
    assert "error[BN111]" in result.stderr
    assert result.stdout == "changed good.bns\n"
    assert (tmp_path / "bad.bns").read_text() == "neuron Cell\n"


def test_stdin_that_is_no_text(bnsyn: Bnsyn) -> None:
    result = bnsyn("fmt", "-", text=b"neuron \xff:\n")
    assert result.exit_code == 1
    assert "error[BN101]" in result.stderr


def test_windows_line_ends_become_plain(bnsyn: Bnsyn, tmp_path: Path) -> None:
    (tmp_path / "a.bns").write_bytes(SMALL.replace("\n", "\r\n").encode())
    assert bnsyn("fmt", "a.bns").exit_code == 0
    assert b"\r" not in (tmp_path / "a.bns").read_bytes()
