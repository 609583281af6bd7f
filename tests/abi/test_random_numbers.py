# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The layout of the random numbers is a format: these values may never change."""

import numpy as np
import pytest
from numba import njit

from bnsyn_dsl.abi.intrinsics import bn_distinct_arrays
from bnsyn_dsl.abi.random_numbers import (
    bn_below,
    bn_exponential,
    bn_normal,
    bn_normal_pair,
    bn_philox,
    bn_uniform,
    bn_word,
)

MASK = 0xFFFFFFFF


def philox(counter, key):
    """Philox 4x32-10 in whole numbers of Python, from the paper."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


@njit(error_model="numpy")
def raw(counter, key):
    return bn_philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


@njit(error_model="numpy")
def draw_all(first, step, stream, draw, k0, k1, words, out):
    bn_distinct_arrays()
    for i in range(words.shape[0]):
        words[i] = bn_word(first + i, step, stream, draw, k0, k1)
    for i in range(words.shape[0]):
        out[0, i] = bn_uniform(first + i, step, stream, draw, k0, k1)
    for i in range(words.shape[0]):
        out[1, i] = bn_normal(first + i, step, stream, draw, k0, k1)
    for i in range(words.shape[0]):
        out[2, i] = bn_exponential(first + i, step, stream, draw, k0, k1)


@njit(error_model="numpy")
def pairs(stream, out):
    for i in range(out.shape[0] // 2):
        out[2 * i], out[2 * i + 1] = bn_normal_pair(i, 3, stream, 0, 1, 2)


@njit(error_model="numpy")
def below_all(n, stream, draw, out):
    for i in range(out.shape[0]):
        out[i] = bn_below(n, i, 0, stream, draw, 11, 12)


def draws(count, first=0, step=3, stream=7, draw=0, seed=(1, 2)):
    """Return words, uniform, normal and exponential numbers of consecutive elements."""
    words, out = np.zeros(count, np.uint32), np.zeros((3, count))
    draw_all(first, step, stream, draw, seed[0], seed[1], words, out)
    return words, *out


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (MASK, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ],
)
def test_philox_gives_the_known_answers_of_random123(fill, expected):
    assert " ".join(f"{word:08x}" for word in raw(np.full(4, fill), np.full(2, fill))) == expected


def test_the_counter_is_laid_out_as_documented():
    step, stream, draw, key = (5 << 32) + 9, 0xDEADBEEF, 6, (0x12345678, 0xFEDCBA98)
    words, uniform, _, _ = draws(70, 1000, step, stream, draw, key)
    fourth = draw | 5 << 16
    for i, element in enumerate(range(1000, 1070)):
        block = philox((element >> 2, 9, stream, fourth), key)
        assert words[i] == block[element & 3]
        wide = philox((element >> 1, 9, stream, fourth), key)
        high, low = wide[2:] if element & 1 else wide[:2]
        assert uniform[i] == ((high << 32 | low) >> 11) * 2.0**-53


def test_normal_and_exponential_numbers_follow_from_the_documented_words():
    _, uniform, normal, exponential = draws(64)
    radius = np.sqrt(-2 * np.log(1 - uniform[0::2]))
    angle = 2 * np.pi * uniform[1::2]
    np.testing.assert_allclose(normal[0::2], radius * np.cos(angle), atol=1e-14)
    np.testing.assert_allclose(normal[1::2], radius * np.sin(angle), atol=1e-14)
    np.testing.assert_allclose(exponential, -np.log(1 - uniform), rtol=1e-14)


def test_a_pair_of_normal_numbers_is_that_of_its_two_elements():
    both = np.zeros(64)
    pairs(7, both)
    np.testing.assert_array_equal(both, draws(64)[2])


def test_frozen_values():
    words, uniform, normal, exponential = draws(4, 123456, 10**10, 0xCAFEF00D, 3, (42, 43))
    assert [f"{word:08x}" for word in words] == ["c7a76ed2", "4281832a", "b58a50cf", "646bdb11"]
    assert [value.hex() for value in uniform[:2].tolist()] == [
        "0x1.197fe6ce317ecp-1",
        "0x1.45827dc80db78p-2",
    ]
    assert [value.hex() for value in normal[:2].tolist()] == [
        "-0x1.0b993e931dc7dp-1",
        "0x1.267400f59ad42p+0",
    ]
    assert [value.hex() for value in exponential[:2].tolist()] == [
        "0x1.989ce7d5ad058p-1",
        "0x1.87bb557689652p-2",
    ]


def test_every_length_and_start_gives_the_numbers_of_the_whole():
    whole = draws(140)
    for length in range(1, 71):
        part = draws(length, first=length)
        for some, everything in zip(part, whole, strict=True):
            np.testing.assert_array_equal(some, everything[length : 2 * length])


@pytest.mark.parametrize("change", [{"step": 4}, {"stream": 8}, {"draw": 1}, {"seed": (1, 3)}])
def test_every_coordinate_gives_other_numbers(change):
    assert not np.isin(draws(64, **change)[0], draws(64)[0]).any()


def test_steps_beyond_32_bits_and_draws_do_not_meet():
    seen = [draws(8, step=step, draw=draw)[0] for step in (3, 3 + 2**32) for draw in (0, 1)]
    assert np.unique(np.concatenate(seen)).size == 32


def test_distributions():
    count = 200_000
    words, uniform, normal, exponential = draws(count)
    assert uniform.min() >= 0
    assert uniform.max() < 1
    for values, mean, variance in (
        (words / 2.0**32, 1 / 2, 1 / 12),
        (uniform, 1 / 2, 1 / 12),
        (normal, 0, 1),
        (exponential, 1, 1),
    ):
        assert values.mean() == pytest.approx(mean, abs=4 * np.sqrt(variance / count))
        assert values.var() == pytest.approx(variance, rel=0.02)
        assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 4 / np.sqrt(count)
    assert (normal**4).mean() == pytest.approx(3, rel=0.03)
    assert (normal**3).mean() == pytest.approx(0, abs=0.04)


def test_words_uniform_normal_and_exponential_numbers_are_vectorised(assembly):
    draws(8)
    assert assembly.vectorised_loops(next(iter(draw_all.inspect_llvm().values()))) == 4
    assert assembly.hot_loop_calls(next(iter(draw_all.inspect_asm().values()))) == []


def test_below_takes_the_upper_word_of_a_product():
    out = np.zeros(100, np.int64)
    below_all(10, 5, 0, out)
    words = [philox((i >> 2, 0, 5, 0), (11, 12))[i & 3] for i in range(100)]
    assert out.tolist() == [word * 10 >> 32 for word in words]


def test_below_draws_again_where_the_last_interval_is_incomplete():
    n = 3 << 30  # a quarter of all words must be drawn again
    out = np.zeros(2000, np.int64)
    below_all(n, 5, 2, out)
    again = 0
    for i, value in enumerate(out.tolist()):
        draw = 2
        while (product := n * philox((i >> 2, 0, 5, draw), (11, 12))[i & 3]) & MASK < 2**32 % n:
            draw += 1
            again += 1
        assert value == product >> 32
    assert again > 400


def test_below_is_uniform_and_stays_below():
    out = np.zeros(70_000, np.int64)
    below_all(7, 6, 0, out)
    counts = np.bincount(out, minlength=7)
    assert counts.size == 7
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 22.5  # chi square, 6 degrees, p = 0.001
    below_all(1, 6, 0, out)
    assert not out.any()
    below_all(2**32, 6, 0, out)
    assert out.max() > 2**32 - 2**20
