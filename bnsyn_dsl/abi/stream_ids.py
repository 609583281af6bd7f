"""Names of random streams and seeds as the words that the generator takes."""

import hashlib

__all__ = ["split_seed", "stream_id"]


def stream_id(name: str) -> int:
    """Return the 32-bit id of a stream: the first bytes, little endian, of its name's SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:4], "little")


def split_seed(seed: int) -> tuple[int, int]:
    """Return the low and the high word of a seed in [0, 2^64): the key of the generator."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is a whole number from 0 to 2^64 - 1, not {seed}")
    return seed & 0xFFFFFFFF, seed >> 32
