# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls
"""The project's functions for values that are formed before a run, on floats and arrays.

NumPy's exp, log and power give other bits on other processors; these give the bits of the kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bnsyn_dsl.abi.functions import (
    bn_cos,
    bn_exp,
    bn_exprel,
    bn_log,
    bn_power,
    bn_sigmoid,
    bn_sin,
    bn_tanh,
)

__all__ = ["HOST_FUNCTIONS"]

Value: TypeAlias = float | NDArray[np.float64]


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _exp(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_exp(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _log(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_log(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _sin(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_sin(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _cos(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_cos(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _tanh(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_tanh(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _sigmoid(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_sigmoid(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _exprel(x, out):
    for i in range(x.shape[0]):
        out[i] = bn_exprel(x[i])


@njit(error_model="numpy", cache=True, no_cfunc_wrapper=True)
def _power(x, y, out):
    for i in range(x.shape[0]):
        out[i] = bn_power(x[i], y[i])


def _unary(kernel: Callable[..., None]) -> Callable[[Value], Value]:
    def function(x: Value) -> Value:
        values = np.ascontiguousarray(np.atleast_1d(np.asarray(x, np.float64)))
        out = np.empty_like(values)
        kernel(values, out)
        return out if isinstance(x, np.ndarray) and x.ndim else float(out[0])

    return function


def _pow(base: Value, exponent: Value) -> Value:
    x, y = np.broadcast_arrays(np.atleast_1d(base), np.atleast_1d(exponent))
    out = np.empty(x.shape)
    _power(np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64), out)
    scalar = not np.ndim(base) and not np.ndim(exponent)
    return float(out[0]) if scalar else out


# by the name of the operation
HOST_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exp": _unary(_exp),
    "log": _unary(_log),
    "sin": _unary(_sin),
    "cos": _unary(_cos),
    "tanh": _unary(_tanh),
    "sigmoid": _unary(_sigmoid),
    "exprel": _unary(_exprel),
    "pow": _pow,
}
