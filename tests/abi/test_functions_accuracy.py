# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import mpmath as mp
import numpy as np
import pytest
from numba import njit

from bnsyn_dsl.abi.functions import bn_power

COUNT = 600


def uniform(low, high, seed):
    return np.random.default_rng(seed).uniform(low, high, COUNT)


def log_uniform(low, high, seed):
    return np.exp(uniform(low, high, seed))


def near_zeros(limit, seed):
    """Doubles next to multiples of pi/2, where the reduction of the argument decides."""
    return np.round(uniform(1, limit, seed)) * (np.pi / 2)


BOTH = np.concatenate([log_uniform(-40, 0, 1), -log_uniform(-40, 0, 2)])
ANGLES = [
    uniform(-10, 10, 3),
    uniform(-8e12, 8e12, 4),
    near_zeros(1e4, 5),
    near_zeros(1e12, 6),
    BOTH,
]
POSITIVE = [log_uniform(-740, 709, 7), uniform(0.5, 2, 8), 1 + uniform(-1e-3, 1e-3, 9)]

CASES = {
    "exp": (0.85, mp.exp, [uniform(-700, 700, 10), uniform(-2, 2, 11), BOTH]),
    "expm1": (2.0, mp.expm1, [uniform(-700, 700, 12), uniform(-2, 2, 13), BOTH]),
    "exprel": (
        1.5,
        lambda x: mp.expm1(x) / x,
        [uniform(-700, 700, 14), uniform(-2, 2, 15), BOTH],
    ),
    "sigmoid": (2.0, lambda x: 1 / (1 + mp.exp(-x)), [uniform(-700, 700, 16), BOTH]),
    "tanh": (2.5, mp.tanh, [uniform(-30, 30, 17), uniform(-1, 1, 18), BOTH]),
    "log": (0.8, mp.log, [*POSITIVE, np.array([5e-324, 1e-310, 1.7e308])]),
    "log1p": (
        1.0,
        mp.log1p,
        [*POSITIVE, uniform(-0.5, 1, 19), BOTH, np.array([1.7e308]), log_uniform(-36, 0, 20) - 1],
    ),
    "sin": (1.5, mp.sin, ANGLES),
    "cos": (1.5, mp.cos, ANGLES),
}


def largest_error(values, exact):
    """Return the largest error in units of the last place of the exact result."""
    errors = []
    for value, reference in zip(values, exact, strict=True):
        ulp = mp.mpf(float(np.spacing(abs(float(reference)))))
        errors.append(float(abs(mp.mpf(float(value)) - reference) / ulp))
    return max(errors)


@pytest.mark.parametrize("name", CASES)
def test_error_is_within_the_documented_bound(name, unary):
    bound, reference, parts = CASES[name]
    x = np.concatenate(parts)
    if name == "log1p":
        x = x[x > -1]
    with mp.workdps(60):
        exact = [reference(mp.mpf(float(value))) for value in x]
        assert largest_error(unary(name, x), exact) <= bound


@njit(error_model="numpy")
def power_all(x, y, out):
    for i in range(x.shape[0]):
        out[i] = bn_power(x[i], y[i])


def test_power_is_right_to_one_and_a_half_units_in_the_last_place():
    x = np.concatenate(
        [log_uniform(-700, 700, 21), uniform(0.5, 2, 22), 1 + log_uniform(-9, 0, 23)]
    )
    y = np.concatenate([uniform(-1, 1, 24), uniform(-1000, 1000, 25), uniform(-900, 900, 26)])
    usable = np.abs(y * np.log(x)) < 707
    x, y = x[usable], y[usable]
    assert x.size > 1500
    out = np.empty_like(x)
    power_all(x, y, out)
    with mp.workdps(60):
        exact = [mp.mpf(float(a)) ** mp.mpf(float(b)) for a, b in zip(x, y, strict=True)]
        assert largest_error(out, exact) <= 1.5


@pytest.mark.parametrize(("low", "high"), [(0.708, 1.413), (0.36, 2.8)])
def test_power_of_a_base_near_one_is_right_where_the_exponent_magnifies_the_logarithm(low, high):
    x = np.concatenate([uniform(low, high, seed) for seed in range(27, 37)])
    y = np.concatenate([uniform(600, 707, seed) for seed in range(37, 47)]) / np.log(x)
    out = np.empty_like(x)
    power_all(x, y, out)
    with mp.workdps(50):
        exact = [mp.mpf(float(a)) ** mp.mpf(float(b)) for a, b in zip(x, y, strict=True)]
        assert largest_error(out, exact) <= 1.5


def test_power_at_the_ends_of_its_range():
    ends = [np.nan, np.inf, 0.0, 1.0, 2.0, 0.5, 1e-320, 1e308]
    exponents = [np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, 0.5, -0.5, 3.0, 1e300, -1e300]
    x, y = (np.ravel(grid) for grid in np.meshgrid(ends, exponents))
    out = np.empty_like(x)
    power_all(x, y, out)
    with np.errstate(all="ignore"):
        expected = np.power(x, y)
    np.testing.assert_allclose(out, expected, rtol=3e-16, atol=5e-324)


def test_power_of_a_negative_base_is_not_a_number():
    out = np.empty(2)
    power_all(np.array([-2.0, -0.5]), np.array([2.0, 0.5]), out)
    assert np.isnan(out).all()


def test_power_overflows_to_infinity_and_underflows_through_subnormals():
    out = np.empty(4)
    power_all(np.full(4, 2.0), np.array([1023.5, 1024.0, -1074.0, -1080.0]), out)
    assert out[0] == pytest.approx(2.0**1023 * np.sqrt(2.0), rel=1e-15)
    assert out[1:].tolist() == [np.inf, 5e-324, 0.0]
