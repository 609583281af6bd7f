"""Reading files: what cannot be read is an error with a reason, never another exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.syntax import read_source
from bnsyn_dsl.syntax.limits import MAX_BYTES


def failure(path: Path) -> tuple[str, str]:
    with pytest.raises(BnsError) as caught:
        read_source(path)
    (found,) = caught.value.diagnostics
    return found.code, found.message


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.bns"
    path.write_bytes("neuron X is Y  # Güte\r\n".encode())
    source = read_source(str(path))
    assert source.name == str(path)
    assert source.text == "neuron X is Y  # Güte\r\n"


def test_a_byte_order_mark_at_the_start_of_a_file_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.bns"
    path.write_bytes(b"\xef\xbb\xbfneuron X is Y\n")
    assert read_source(path).text == "neuron X is Y\n"


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.bns"
    assert failure(path) == ("BN100", f"cannot read `{path}`: no such file or directory")


def test_a_directory(tmp_path: Path) -> None:
    assert failure(tmp_path) == ("BN100", f"cannot read `{tmp_path}`: it is a directory")


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.bns"
    path.write_bytes(b"neuron X:  # G\xfcte\n")
    code, message = failure(path)
    assert code == "BN101"
    assert message == f"`{path}` is not UTF-8 text: byte 0xfc at position 14"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.bns"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert failure(path) == (
        "BN102",
        f"`{path}` has {MAX_BYTES + 1} bytes, expected at most {MAX_BYTES}",
    )


def test_a_name_with_a_nul_character() -> None:
    assert failure(Path("a\x00b"))[0] == "BN100"
