# mypy: allow-untyped-defs, allow-untyped-calls
import mpmath as mp
import numpy as np
import pytest
from numba import njit

from bnsyn_dsl.abi.matrix_exponential import bn_expm


@njit(error_model="numpy")
def expm(A, dt, n, P, M, T, Q):
    bn_expm(A, dt, n, P, M, T, Q)


def exponential(matrix, dt, room=0):
    n = matrix.shape[0]
    A = np.full((n + room, n + room), np.nan)
    A[:n, :n] = matrix
    P, M, T, Q = (np.zeros((n + room, n + room)) for _ in range(4))
    expm(A, dt, n, P, M, T, Q)
    return P[:n, :n]


def largest_relative_error(matrix, dt):
    """Return the largest error of an entry relative to that entry; zeros must be zeros."""
    computed = exponential(matrix, dt)
    worst = 0.0
    with mp.workdps(50):
        exact = mp.expm(mp.matrix(matrix.tolist()) * mp.mpf(dt))
        for (i, j), value in np.ndenumerate(computed):
            if exact[i, j] == 0:
                assert value == 0.0
            else:
                worst = max(worst, float(abs(mp.mpf(float(value)) / exact[i, j] - 1)))
    return worst


def chain(tau, generator):
    """Return a random lower triangular system with decays of the given time constants."""
    n = tau.size
    A = np.tril(generator.uniform(0.01, 2, (n, n)), -1)
    A *= generator.random((n, n)) < 0.7
    return A - np.diag(1 / tau)


@pytest.mark.parametrize("kind", ["apart", "equal", "nearly equal"])
def test_every_entry_of_random_chains_is_right_to_1e_14(kind):
    generator = np.random.default_rng(3)
    for _ in range(25):
        n = int(generator.integers(2, 7))
        tau = 10 ** generator.uniform(-1, 3, n)
        if kind == "equal":
            tau = np.full(n, tau[0])
        if kind == "nearly equal":
            tau = tau[0] * (1 + 10.0 ** -generator.integers(1, 16) * np.arange(n))
        dt = float(generator.choice([0.01, 0.1, 1.0]))
        assert largest_relative_error(chain(tau, generator), dt) < 1e-14


def test_a_decay_far_beyond_one_step_keeps_its_digits():
    assert largest_relative_error(np.array([[-100.0, 0.0], [3.0, -0.01]]), 0.1) < 1e-14


def test_a_coupled_system_that_is_not_triangular():
    adaptive = np.array([[-1 / 9.4, -1 / 281.0, 0.03], [4 / 144.0, -1 / 144.0, 0], [0, 0, -0.2]])
    assert largest_relative_error(adaptive, 0.1) < 1e-14


def test_a_constant_input_gives_the_integral_of_the_decay():
    tau, drive, dt = 20.0, 3.5, 0.1
    P = exponential(np.array([[-1 / tau, drive], [0.0, 0.0]]), dt)
    exact = -drive * tau * np.expm1(-dt / tau)
    np.testing.assert_allclose(P, [[np.exp(-dt / tau), exact], [0, 1]], rtol=1e-15)


def test_twelve_states():
    generator = np.random.default_rng(4)
    assert largest_relative_error(chain(10 ** generator.uniform(0, 2, 12), generator), 0.1) < 1e-14


def test_only_the_upper_left_part_of_larger_arrays_is_used():
    matrix = np.array([[-0.5, 0.0], [1.0, -0.1]])
    np.testing.assert_array_equal(exponential(matrix, 0.1, room=3), exponential(matrix, 0.1))


def test_the_exponential_of_zero_is_one():
    np.testing.assert_array_equal(exponential(np.zeros((3, 3)), 0.1), np.eye(3))


def test_what_is_not_finite_stays_visible():
    assert np.isnan(exponential(np.array([[np.nan, 0.0], [0.0, -1.0]]), 0.1)).any()
    assert np.isnan(exponential(np.array([[-np.inf, 0.0], [0.0, -1.0]]), 0.1)).any()
