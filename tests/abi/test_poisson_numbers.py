# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from bnsyn_dsl.abi.random_numbers import (
    bn_log_factorial,
    bn_poisson,
    bn_poisson_count,
    bn_poisson_table,
    bn_word,
)

CAPACITY = 1280
COUNT = 40_000


@njit(error_model="numpy")
def tabulate(mean, guide, cdf):
    return bn_poisson_table(mean, guide, cdf)


@njit(error_model="numpy")
def look_up(words, guide, cdf, out):
    for i in range(words.shape[0]):
        out[i] = bn_poisson_count(words[i], guide, cdf)


@njit(error_model="numpy")
def look_up_drawn(guide, cdf, out):
    for i in range(out.shape[0]):
        out[i] = bn_poisson_count(bn_word(i, 1, 2, 0, 3, 4), guide, cdf)


@njit(error_model="numpy")
def draw(means, stream, out):
    for i in range(out.shape[0]):
        out[i] = bn_poisson(means[i], i, 1, stream, 0, 3, 4)


@njit(error_model="numpy")
def log_factorial(k):
    return bn_log_factorial(k)


def table(mean, capacity=CAPACITY):
    guide, cdf = np.full(1024, -1, np.int32), np.zeros(capacity, np.uint32)
    return tabulate(mean, guide, cdf), guide, cdf


def chi_square(values, mean):
    """Return the p value of a sample, counts of an expectation below ten put together."""
    low, high = (int(stats.poisson.ppf(p, mean)) for p in (5e-4, 1 - 5e-4))
    held = np.clip(values.astype(np.int64), low, high)
    observed = np.bincount(held - low, minlength=high - low + 1)
    inner = stats.poisson.cdf(np.arange(low, high), mean)
    expected = np.diff(np.concatenate([[0.0], inner, [1.0]])) * values.size
    return stats.chisquare(observed, expected).pvalue


@pytest.mark.parametrize("mean", [0.01, 1.2, 30.0, 300.0, 1000.0])
def test_every_entry_of_the_table_is_within_two_words_of_the_distribution(mean):
    length, _, cdf = table(mean)
    exact = stats.poisson.cdf(np.arange(length), mean) * 2.0**32
    assert np.abs(cdf[:length] + 1.0 - np.maximum(exact, 1.0)).max() < 2
    assert cdf[length - 1] == 0xFFFFFFFF
    assert stats.poisson.sf(length - 1, mean) < 2.0**-32 < stats.poisson.sf(length - 3, mean)


@pytest.mark.parametrize("mean", [0.0, 0.3, 25.0, 999.5])
def test_the_guide_finds_the_first_count_whose_bound_holds_the_word(mean):
    length, guide, cdf = table(mean)
    edges = cdf[:length].astype(np.int64)
    words = np.concatenate([edges, edges + 1, np.arange(0, 2**32, 2**22), [2**32 - 1]])
    words = np.clip(words, 1, 2**32 - 1).astype(np.uint32)
    out = np.zeros(words.size, np.int64)
    look_up(words, guide, cdf, out)
    np.testing.assert_array_equal(out, np.searchsorted(cdf[:length], words))


def test_the_smallest_word_does_not_give_an_impossible_count():
    _, guide, cdf = table(300.0)
    out = np.zeros(1, np.int64)
    look_up(np.zeros(1, np.uint32), guide, cdf, out)
    assert 180 < out[0] < 200
    assert stats.poisson.cdf(out[0] - 1, 300.0) < 2.0**-32


def test_the_logarithm_of_a_factorial_is_right_from_zero_on():
    k = np.arange(1300.0)
    computed = [log_factorial(value) for value in k]
    np.testing.assert_allclose(computed, special.gammaln(k + 1), rtol=1e-15, atol=1e-13)


def test_a_mean_of_zero_gives_zero():
    length, guide, cdf = table(0.0)
    assert (length, cdf[0], guide.any()) == (1, 0xFFFFFFFF, False)


@pytest.mark.parametrize("mean", [-1.0, 1000.5, np.nan, np.inf])
def test_a_mean_out_of_range_is_refused(mean):
    assert table(mean)[0] == 0


@pytest.mark.parametrize(("mean", "capacity"), [(5.0, 10), (500.0, 20), (0.0, 0)])
def test_a_table_that_is_too_short_is_refused(mean, capacity):
    assert table(mean, capacity)[0] == 0


@pytest.mark.parametrize("mean", [0.3, 4.0, 80.0])
def test_numbers_of_a_table_follow_the_distribution(mean):
    _, guide, cdf = table(mean)
    out = np.zeros(COUNT, np.int64)
    look_up_drawn(guide, cdf, out)
    assert chi_square(out, mean) > 1e-3


@pytest.mark.parametrize("mean", [0.3, 4.0, 9.99, 10.0, 80.0, 2000.0])
def test_numbers_of_any_mean_follow_the_distribution(mean):
    out = np.zeros(COUNT)
    draw(np.full(COUNT, mean), 2, out)
    assert chi_square(out, mean) > 1e-3


def test_a_very_large_mean_keeps_its_mean_and_variance():
    out = np.zeros(COUNT)
    draw(np.full(COUNT, 1e9), 2, out)
    assert (out == np.floor(out)).all()
    assert out.mean() == pytest.approx(1e9, abs=4 * np.sqrt(1e9 / COUNT))
    assert out.var() == pytest.approx(1e9, rel=0.03)


def test_means_without_a_distribution():
    out = np.zeros(5)
    draw(np.array([0.0, -3.0, np.nan, np.inf, 1e300]), 2, out)
    np.testing.assert_array_equal(out, [0.0, 0.0, np.nan, np.inf, 1e300])


def test_frozen_values():
    out = np.zeros(12)
    draw(np.array([0.5, 3.0, 9.0, 12.0, 50.0, 400.0] * 2), 77, out)
    assert out.astype(int).tolist() == [2, 6, 9, 13, 40, 398, 2, 1, 10, 11, 48, 379]
