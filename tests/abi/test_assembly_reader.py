# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import math

import numpy as np
import pytest
from numba import njit


@njit(error_model="numpy")
def library_call(x, out):
    for i in range(x.shape[0]):
        out[i] = math.lgamma(x[i])


@njit(error_model="numpy")
def dependent(x, out):
    for i in range(1, x.shape[0]):
        out[i] = out[i - 1] * x[i] + 1.0


@njit(error_model="numpy")
def absolute_of_dependent(x, out):
    for i in range(1, x.shape[0]):
        out[i] = abs(out[i - 1] - x[i])


@njit(error_model="numpy")
def independent(x, out):
    for i in range(x.shape[0]):
        out[i] = x[i] * 3.0 + 1.0


def text_of(kernel):
    kernel(np.ones(8), np.ones(8))
    return next(iter(kernel.inspect_asm().values()))


def test_a_library_function_in_a_loop_is_found(assembly):
    assert assembly.hot_loop_calls(text_of(library_call))


@pytest.mark.parametrize(
    ("kernel", "vectorised"),
    [(dependent, 0), (absolute_of_dependent, 0), (independent, 1)],
)
def test_a_vectorised_loop_is_told_from_one_that_is_not(kernel, vectorised, assembly):
    text = text_of(kernel)
    assert assembly.innermost_loops(text)
    assert assembly.hot_loop_calls(text) == []
    assert bool(assembly.packed_loops(text)) == bool(vectorised)
    assert assembly.vectorised_loops(next(iter(kernel.inspect_llvm().values()))) == vectorised
