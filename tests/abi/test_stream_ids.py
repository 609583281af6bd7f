import hashlib

import pytest

from bnsyn_dsl.abi.stream_ids import split_seed, stream_id


def test_a_stream_is_the_first_four_bytes_of_the_hash_of_its_name() -> None:
    digest = hashlib.sha256(b"E.V_m").digest()
    expected = digest[0] | digest[1] << 8 | digest[2] << 16 | digest[3] << 24
    assert stream_id("E.V_m") == expected


def test_frozen_values() -> None:
    assert stream_id("") == 0x42C4B0E3  # sha256 of nothing begins with e3 b0 c4 42
    assert stream_id("abc") == 0xBF1678BA  # and of abc with ba 78 16 bf


def test_names_are_hashed_as_utf8() -> None:
    digest = hashlib.sha256(b"\xcf\x84").digest()
    assert stream_id("τ") == int.from_bytes(digest[:4], "little")


@pytest.mark.parametrize(
    ("seed", "words"),
    [(0, (0, 0)), (42, (42, 0)), (2**32, (0, 1)), (2**64 - 1, (0xFFFFFFFF, 0xFFFFFFFF))],
)
def test_a_seed_is_split_low_word_first(seed: int, words: tuple[int, int]) -> None:
    assert split_seed(seed) == words


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 2\\^64 - 1"):
        split_seed(seed)
