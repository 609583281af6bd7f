# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
import numpy as np
import pytest
from numba import njit

from bnsyn_dsl.abi.functions import (
    bn_cos,
    bn_exp,
    bn_expm1,
    bn_exprel,
    bn_log,
    bn_log1p,
    bn_sigmoid,
    bn_sin,
    bn_tanh,
)
from bnsyn_dsl.abi.intrinsics import bn_distinct_arrays
from bnsyn_dsl.abi.rounding import bn_floor, bn_rint

UNARY = (
    *("exp", "expm1", "exprel", "sigmoid", "tanh", "log"),
    *("log1p", "sin", "cos", "rint", "floor"),
)


@njit(error_model="numpy", nogil=True)
def apply_unary(x, out):
    bn_distinct_arrays()
    for i in range(x.shape[0]):
        out[0, i] = bn_exp(x[i])
    for i in range(x.shape[0]):
        out[1, i] = bn_expm1(x[i])
    for i in range(x.shape[0]):
        out[2, i] = bn_exprel(x[i])
    for i in range(x.shape[0]):
        out[3, i] = bn_sigmoid(x[i])
    for i in range(x.shape[0]):
        out[4, i] = bn_tanh(x[i])
    for i in range(x.shape[0]):
        out[5, i] = bn_log(x[i])
    for i in range(x.shape[0]):
        out[6, i] = bn_log1p(x[i])
    for i in range(x.shape[0]):
        out[7, i] = bn_sin(x[i])
    for i in range(x.shape[0]):
        out[8, i] = bn_cos(x[i])
    for i in range(x.shape[0]):
        out[9, i] = bn_rint(x[i])
    for i in range(x.shape[0]):
        out[10, i] = bn_floor(x[i])


@pytest.fixture(scope="session")
def unary_kernel():
    """The compiled kernel that writes each function of one argument to a row, and their names."""
    return apply_unary, UNARY


@pytest.fixture(scope="session")
def unary():
    """Evaluate a function of one argument, by name, on an array: vector loop and remainder."""

    def evaluate(name, values):
        x = np.ascontiguousarray(values, dtype=np.float64)
        out = np.empty((len(UNARY), x.size))
        apply_unary(x, out)
        return out[UNARY.index(name)]

    return evaluate
