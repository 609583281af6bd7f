# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import threading
from fractions import Fraction

import numpy as np
from numba import njit

from bnsyn_dsl.abi.intrinsics import (
    bn_atomic_add,
    bn_atomic_load,
    bn_atomic_store,
    bn_bits,
    bn_distinct_arrays,
    bn_double,
    bn_eight_bytes,
    bn_fma,
    bn_prefetch,
    bn_sched_yield,
    bn_trailing_zeros,
)


@njit(error_model="numpy")
def fuse(x, y, z, out):
    for i in range(x.shape[0]):
        out[i] = bn_fma(x[i], y[i], z[i])


@njit(error_model="numpy")
def sum_ahead(x):
    total = 0.0
    for i in range(x.shape[0]):
        bn_prefetch(x, i + 1_000_000)
        total += x[i]
    return total


@njit(nogil=True)
def count_up(shared, times):
    for _ in range(times):
        bn_atomic_add(shared, 0, 1)


@njit(nogil=True)
def add_at(shared, index, value):
    return bn_atomic_add(shared, index, value)


@njit(nogil=True)
def send(shared, rounds):
    """Write a round into [1], announce it in [0], wait for the answer in [2]."""
    for value in range(1, rounds + 1):
        shared[1] = value * value
        bn_atomic_store(shared, 0, value)
        while bn_atomic_load(shared, 2) != value:
            bn_sched_yield()


@njit(nogil=True)
def receive(shared, rounds):
    wrong = 0
    for value in range(1, rounds + 1):
        while bn_atomic_load(shared, 0) != value:
            bn_sched_yield()
        if shared[1] != value * value:
            wrong += 1
        bn_atomic_store(shared, 2, value)
    return wrong


@njit(error_model="numpy")
def many_arrays(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t):  # noqa: E741
    bn_distinct_arrays()
    for x in range(a.shape[0]):
        a[x] += 1.0
        b[x] += a[x]
        c[x] += b[x]
        d[x] += c[x]
        e[x] += d[x]
        f[x] += e[x]
        g[x] += f[x]
        h[x] += g[x]
        i[x] += h[x]
        j[x] += i[x]
        k[x] += j[x]
        l[x] += k[x]
        m[x] += l[x]
        n[x] += m[x]
        o[x] += n[x]
        p[x] += o[x]
        q[x] += p[x]
        r[x] += q[x]
        s[x] += r[x]
        t[x] += s[x]


def test_fma_rounds_once():
    generator = np.random.default_rng(1)
    x, y = generator.uniform(1, 2, (2, 50))
    z = -x * y
    out = np.zeros(50)
    fuse(x, y, z, out)
    exact = [Fraction(a) * Fraction(b) + Fraction(c) for a, b, c in zip(x, y, z, strict=True)]
    assert out.tolist() == [float(value) for value in exact]
    assert np.count_nonzero(out) > 40  # with two roundings all would be zero


def test_prefetch_changes_nothing_even_beyond_the_end(assembly):
    assert sum_ahead(np.arange(5.0)) == 10.0
    assert "prefetch" in next(iter(sum_ahead.inspect_asm().values()))


def test_atomic_add_returns_what_was_there_before():
    shared = np.array([0, 7, 0], np.int64)
    assert add_at(shared, 1, -3) == 7
    assert shared.tolist() == [0, 4, 0]


def test_atomic_additions_of_two_threads_are_all_counted():
    shared = np.zeros(1, np.int64)
    count_up(shared, 0)
    threads = [threading.Thread(target=count_up, args=(shared, 200_000)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared[0] == 400_000


def test_what_was_written_before_a_store_is_seen_after_the_load():
    shared = np.zeros(3, np.int64)
    send(shared, 0)
    receive(shared, 0)
    sender = threading.Thread(target=send, args=(shared, 2000))
    sender.start()
    wrong = receive(shared, 2000)
    sender.join()
    assert wrong == 0


def test_twenty_distinct_arrays_are_vectorised(assembly):
    many_arrays(*np.zeros((20, 16)))
    assert assembly.vectorised_loops(next(iter(many_arrays.inspect_llvm().values()))) == 1


@njit(error_model="numpy")
def convert(x, bits, back):
    for i in range(x.shape[0]):
        bits[i] = bn_bits(x[i])
        back[i] = bn_double(bits[i])


@njit(error_model="numpy")
def eight(array, index):
    return bn_eight_bytes(array, index)


def test_the_bits_of_a_double_are_those_of_numpy_and_come_back():
    x = np.array([0.0, -0.0, 1.0, -2.5, np.inf, np.nan, 5e-324, 1e308])
    bits, back = np.zeros(8, np.int64), np.zeros(8)
    convert(x, bits, back)
    assert bits.tolist() == x.view(np.int64).tolist()
    assert back.tobytes() == x.tobytes()


def test_eight_bytes_are_read_from_any_place_of_an_array():
    marks = np.arange(1, 25, dtype=np.int8)
    for index in (0, 3, 16):
        assert eight(marks, index) == marks[index : index + 8].copy().view(np.int64)[0]
    assert eight(marks.view(np.int64), 2) == marks.view(np.int64)[2]


@njit(error_model="numpy")
def zeros_below(word):
    return bn_trailing_zeros(word)


def test_the_zeros_below_the_lowest_bit_are_counted():
    for bit in range(63):
        assert zeros_below(np.int64(1 << bit)) == bit
        assert zeros_below(np.int64(-(1 << bit))) == bit
    assert zeros_below(np.int64(-(2**63))) == 63
