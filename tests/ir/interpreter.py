"""One step of one neuron in plain Python: what the kernel language means, for every backend.

In: a kernel (`ir.nodes`), values by name. Out: the new values and whether the neuron spiked. The
project's own functions are called one number at a time; everything else is float arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit

from bnsyn_dsl.abi import functions, matrix_exponential, random_numbers
from bnsyn_dsl.abi.intrinsics import bn_fma
from bnsyn_dsl.ir.nodes import (
    Apply,
    Call,
    Expr,
    Kernel,
    Let,
    MatrixExponential,
    Name,
    Number,
)

__all__ = ["Neuron", "one_step"]

_COMPILED = ("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "exprel", "sin", "cos")


def _wrapped(function: Any) -> Callable[[float], float]:
    @njit(error_model="numpy")
    def one(x):  # type: ignore[no-untyped-def]
        return function(x)

    return lambda x: float(one(float(x)))


@njit(error_model="numpy")
def _power(x, y):  # type: ignore[no-untyped-def]
    return functions.bn_power(x, y)


@njit(error_model="numpy")
def _fma(a, b, c):  # type: ignore[no-untyped-def]
    return bn_fma(a, b, c)


@njit(error_model="numpy")
def _draw(kind, where, step, stream, draw, low, high):  # type: ignore[no-untyped-def]
    if kind == 0:
        return random_numbers.bn_uniform(where, step, stream, draw, low, high)
    if kind == 1:
        return random_numbers.bn_normal(where, step, stream, draw, low, high)
    return random_numbers.bn_exponential(where, step, stream, draw, low, high)


@njit(error_model="numpy")
def _exponential(a, step, size, p, m, t, q):  # type: ignore[no-untyped-def]
    matrix_exponential.bn_expm(a, step, size, p, m, t, q)


_DRAWS = {"uniform": 0, "normal": 1, "exponential": 2}


def _quotient(a: float, b: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def _root(x: float) -> float:
    return math.sqrt(x) if x >= 0.0 else (math.nan if x < 0.0 else x)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: _wrapped(getattr(functions, f"bn_{name}")) for name in _COMPILED},
    "pow": lambda a, b: float(_power(a, b)),
    "fma": lambda a, b, c: float(_fma(a, b, c)),
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _quotient,
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": _root,
    "floor": lambda a: float(math.floor(a)) if math.isfinite(a) else a,
    "rint": lambda a: float(np.rint(a)),
    "min": lambda a, b: b if b < a else a,
    "max": lambda a, b: b if b > a else a,
    "clip": lambda x, low, high: high if (y := low if x < low else x) > high else y,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
    "select": lambda c, x, y: x if c else y,
    "i2f": float,
}


@dataclass(kw_only=True)
class Neuron:
    """What one neuron has: values by name, counters, and what arrives, as whole numbers."""

    values: dict[str, float]
    arrived: dict[str, int] = field(default_factory=dict)
    quanta: dict[str, float] = field(default_factory=dict)
    refractory: int = 0
    above: int = 1
    element: int = 0
    streams: tuple[int, ...] = ()
    seed: tuple[int, int] = (7, 9)


class _Machine:
    def __init__(self, kernel: Kernel, neuron: Neuron, dt: float, step: int) -> None:
        self.kernel, self.neuron, self.step = kernel, neuron, step
        self.functions = {f.name: f for f in kernel.functions}
        self.names: dict[str, Any] = dict(neuron.values)
        self.names |= {"dt": dt, "t": step * dt, "t_end": (step + 1) * dt}
        self.names |= {"element": neuron.element, "resting": neuron.refractory > 0}

    def value(self, expr: Expr, names: dict[str, Any]) -> Any:
        match expr:
            case Number():
                return expr.value
            case Name():
                return names[expr.ident]
            case Apply() if expr.op in _DRAWS:
                stream, draw = (self.value(a, names) for a in expr.args)
                n, (low, high) = self.neuron, self.neuron.seed
                where = n.streams[int(stream)]
                return float(
                    _draw(_DRAWS[expr.op], n.element, self.step, where, int(draw), low, high)
                )
            case Apply():
                return _OPERATIONS[expr.op](*(self.value(a, names) for a in expr.args))

    def run(self, lets: Iterable[Let], names: dict[str, Any]) -> None:
        for let in lets:
            if isinstance(let.value, Call):
                results = self.call(let.value, names)
                names.update(zip(let.names, results, strict=True))
            else:
                names[let.names[0]] = self.value(let.value, names)

    def call(self, call: Call, names: dict[str, Any]) -> list[Any]:
        function = self.functions[call.function]
        given = [self.value(a, names) for a in call.arguments]
        inside: dict[str, Any] = dict(zip(function.arguments, given, strict=True))
        inside |= {n: names[n] for n in function.captured}
        self.run(function.body, inside)
        return [self.value(r, inside) for r in function.results]

    def matrix(self, one: MatrixExponential) -> None:
        a = np.zeros((one.size, one.size))
        for row, column, entry in one.entries:
            a[row, column] = self.value(entry, self.names)
        work = [np.zeros((one.size, one.size)) for _ in range(4)]
        step = self.names["dt"] if one.fraction == 1.0 else one.fraction * self.names["dt"]
        _exponential(a, step, one.size, *work)
        for row, column, name in one.results:
            self.names[name] = float(work[0][row, column])

    def prepare(self) -> None:
        for matrix in (*self.kernel.propagators, *self.kernel.varied_propagators):
            self.matrix(matrix)
        self.run(self.kernel.invariants, self.names)
        self.run(self.kernel.varied, self.names)
        self.run(self.kernel.per_step, self.names)
        for flag, period in self.kernel.periods:
            steps = int(self.value(period, self.names))
            self.names[flag] = (self.step + 1) % steps == 0


def one_step(kernel: Kernel, neuron: Neuron, dt: float, step: int = 0) -> bool:
    """Take a neuron through one step; kernels that sub-step are beyond this interpreter."""
    assert kernel.substep is None
    machine = _Machine(kernel, neuron, dt, step)
    names = machine.names
    machine.prepare()
    for receptor, (arrived, quantum) in zip(kernel.receptors, kernel.inboxes, strict=True):
        names[arrived] = neuron.arrived.get(receptor, 0)
        names[quantum] = neuron.quanta.get(receptor, 1.0)
    for section in (kernel.arrive, kernel.integrate, kernel.clock):
        machine.run(section, names)
    neuron.refractory = max(neuron.refractory - 1, 0)
    fired = False
    if kernel.condition is not None:
        before = dict(names)
        machine.run(kernel.before_condition, before)
        reached = bool(machine.value(kernel.condition, before))
        ready = kernel.refractory_steps is None or neuron.refractory == 0
        fired = reached and ready and not (kernel.is_edge and neuron.above)
        if kernel.is_edge:
            neuron.above = int(reached) if ready else neuron.above
    neuron.values.update({c.name: names[c.name] for c in kernel.states})
    if fired:
        _fire(kernel, machine)
    return fired


def _fire(kernel: Kernel, machine: _Machine) -> None:
    names, neuron = machine.names, machine.neuron
    machine.run(kernel.reset, names)
    neuron.values.update({c.name: names[c.name] for c in kernel.states})
    if kernel.refractory_steps is not None:
        neuron.refractory = int(machine.value(kernel.refractory_steps, names))
