# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import math

import numpy as np
import pytest
from numba import njit

from bnsyn_dsl.abi import functions
from bnsyn_dsl.abi.functions import bn_power
from bnsyn_dsl.abi.intrinsics import bn_distinct_arrays
from bnsyn_dsl.abi.rounding import (
    bn_absolute,
    bn_clip,
    bn_from_fixed,
    bn_maximum,
    bn_minimum,
    bn_modulo,
    bn_to_fixed,
)

NAN, INF = math.nan, math.inf
TOP = 1.0142320547350045e304  # exp(700)

SPECIAL = {
    "exp": {0.0: 1.0, INF: TOP, 800.0: TOP, -INF: 0.0, -800.0: 0.0},
    "expm1": {0.0: 0.0, INF: TOP, -INF: -1.0, -800.0: -1.0},
    "exprel": {0.0: 1.0, 5e-324: 1.0, INF: TOP / 700.0, -INF: 0.0, -800.0: 1 / 800.0},
    "sigmoid": {0.0: 0.5, INF: 1.0, 800.0: 1.0, -INF: 1 / TOP},
    "tanh": {0.0: 0.0, INF: 1.0, -INF: -1.0, 800.0: 1.0, -800.0: -1.0},
    "log": {0.0: -INF, 1.0: 0.0, INF: INF, -1.0: NAN, -INF: NAN, -5e-324: NAN},
    "log1p": {0.0: 0.0, -1.0: -INF, INF: INF, -1.5: NAN, -INF: NAN, 5e-324: 5e-324},
    "sin": {0.0: 0.0, INF: NAN, -INF: NAN, 9e12: NAN, -9e12: NAN},
    "cos": {0.0: 1.0, INF: NAN, -INF: NAN, 9e12: NAN},
    "rint": {0.5: 0.0, 1.5: 2.0, 2.5: 2.0, -2.5: -2.0, INF: INF, -INF: -INF, 1e300: 1e300},
    "floor": {-0.5: -1.0, 2.5: 2.0, -3.0: -3.0, INF: INF, -INF: -INF, 1e300: 1e300},
}


@njit(error_model="numpy")
def select_all(a, b, out):
    bn_distinct_arrays()
    for i in range(a.shape[0]):
        out[0, i] = bn_minimum(a[i], b[i])
    for i in range(a.shape[0]):
        out[1, i] = bn_maximum(a[i], b[i])
    for i in range(a.shape[0]):
        out[2, i] = bn_clip(a[i], -1.0, b[i])
    for i in range(a.shape[0]):
        out[3, i] = bn_absolute(a[i])
    for i in range(a.shape[0]):
        out[4, i] = bn_modulo(a[i], b[i])
    for i in range(a.shape[0]):
        out[5, i] = bn_power(a[i], b[i])


@njit(error_model="numpy")
def fix_all(x, scale, fixed, back):
    bn_distinct_arrays()
    for i in range(x.shape[0]):
        fixed[i] = bn_to_fixed(x[i], scale)
    for i in range(x.shape[0]):
        back[i] = bn_from_fixed(fixed[i], 1.0 / scale)


def select(a, b):
    out = np.empty((6, 9))
    select_all(np.full(9, a), np.full(9, b), out)
    np.testing.assert_array_equal(out[:, 0], out[:, -1])  # vector loop and remainder
    return out[:, 0].tolist()


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values_in_the_vector_loop_and_in_the_remainder(name, unary):
    for x, expected in SPECIAL[name].items():
        values = unary(name, np.full(19, x))
        np.testing.assert_allclose(values, np.full(19, expected), rtol=3e-16, atol=0)


def test_negative_zero_is_zero(unary):
    minus = np.full(19, -0.0)
    assert set(unary("log", minus)) == {-INF}
    assert set(unary("exp", minus)) == set(unary("exprel", minus)) == {1.0}


def test_nan_passes_through_every_function(unary_kernel):
    kernel, names = unary_kernel
    out = np.zeros((len(names), 19))
    kernel(np.full(19, NAN), out)
    assert np.isnan(out).all()


def test_every_length_gives_the_bits_of_the_longest(unary_kernel):
    kernel, names = unary_kernel
    x = np.random.default_rng(1).uniform(-40, 40, 70)
    whole = np.empty((len(names), 70))
    kernel(x, whole)
    for length in range(1, 70):
        part = np.empty((len(names), length))
        kernel(x[:length].copy(), part)
        np.testing.assert_array_equal(
            part.view(np.int64), whole[:, :length].copy().view(np.int64), str(length)
        )


def test_every_function_is_vectorised_and_calls_nothing(unary_kernel, assembly):
    kernel, names = unary_kernel
    kernel(np.zeros(3), np.zeros((len(names), 3)))
    llvm, text = (next(iter(d.values())) for d in (kernel.inspect_llvm(), kernel.inspect_asm()))
    assert assembly.vectorised_loops(llvm) == len(names)
    assert assembly.hot_loop_calls(text) == []
    assert len(assembly.packed_loops(text)) >= len(names)


def test_selects_power_and_fixed_point_are_vectorised_and_call_nothing(assembly):
    select(1.0, 2.0)
    fix_all(np.zeros(9), 1.0, np.zeros(9, np.int64), np.zeros(9))
    for kernel, loops in ((select_all, 6), (fix_all, 2)):
        assert assembly.vectorised_loops(next(iter(kernel.inspect_llvm().values()))) == loops
        assert assembly.hot_loop_calls(next(iter(kernel.inspect_asm().values()))) == []


def test_minimum_and_maximum_keep_nan_of_the_first_and_ignore_it_in_the_second():
    assert select(1.0, 2.0)[:2] == [1.0, 2.0]
    assert select(2.0, 1.0)[:2] == [1.0, 2.0]
    assert np.isnan(select(NAN, 1.0)[:2]).all()
    assert select(1.0, NAN)[:2] == [1.0, 1.0]


@pytest.mark.parametrize("first", [0.0, -0.0])
def test_of_equal_zeros_the_first_is_returned(first):
    smaller, larger = select(first, -first)[:2]
    assert math.copysign(1, smaller) == math.copysign(1, larger) == math.copysign(1, first)


def test_clip_passes_nan_and_holds_the_rest():
    assert [select(x, 3.0)[2] for x in (-2.0, 0.5, 4.0)] == [-1.0, 0.5, 3.0]
    assert math.isnan(select(NAN, 3.0)[2])
    assert select(0.0, -2.0)[2] == -2.0  # the lower bound is -1


def test_absolute_and_modulo():
    assert [select(x, 3.0)[3] for x in (-2.0, 2.0, -INF)] == [2.0, 2.0, INF]
    assert [select(x, 3.0)[4] for x in (-1.0, 7.0, 3.0)] == [2.0, 1.0, 0.0]
    assert select(7.0, -3.0)[4] == -2.0


def test_fixed_point_rounds_half_to_even_and_comes_back_exactly():
    x = np.array([0.5, 1.5, -0.5, -2.5, 1.25, 2.0**50, -(2.0**50) + 0.5, 3.0, -7.0])
    fixed, back = np.zeros(9, np.int64), np.zeros(9)
    fix_all(x, 1.0, fixed, back)
    assert fixed.tolist() == [0, 2, 0, -2, 1, 2**50, -(2**50), 3, -7]
    fix_all(x[:5], 1024.0, fixed[:5], back[:5])
    assert fixed[:5].tolist() == [512, 1536, -512, -2560, 1280]
    assert back[:5].tolist() == x[:5].tolist()


@pytest.mark.parametrize("name", ["exp", "log", "expm1", "sin", "tanh"])
def test_whole_numbers_are_taken_as_doubles(name, unary):
    function = getattr(functions, f"bn_{name}")

    @njit(error_model="numpy")
    def of(x):
        return function(x)

    assert of(3) == unary(name, [3.0])[0]
