"""Closed solutions of a leaky membrane under exponential and alpha currents, to 50 digits.

    V' = -(V - E_L)/tau_m + (i + I_e)/C_m
    ExpCurrent:   i' = -i/tau_syn;                    an arrival makes i jump by the weight
    AlphaCurrent: i' = y - i/tau_syn, y' = -y/tau_syn; an arrival makes y jump by weight*e/tau_syn

Linear with constant coefficients, so every arrival adds exp(A (t - s)) b (Rotter & Diesmann 1999,
doi:10.1007/s004220050570). The matrix exponential is mpmath's: equal time constants need no special
case, nothing is lost near them. A value at the time of an arrival is the one *before* it, as in our
recordings: arrivals belong to the step that begins there. Units: ms, mV, pF, pA.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

__all__ = ["TRAIN_MS", "Membrane", "alpha_current", "exp_current"]

TRAIN_MS = (10.0, 30.0, 35.0)  # when the spikes of the usual test train arrive
DIGITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """A passive membrane; it starts at V_m = E_L and I_e flows from t = 0."""

    C_m: float = 250.0
    tau_m: float = 10.0
    E_L: float = -70.0
    I_e: float = 0.0


def exp_current(
    membrane: Membrane,
    *,
    tau_syn: float,
    weight: float,
    times_ms: Sequence[float],
    arrivals_ms: Sequence[float] = TRAIN_MS,
) -> dict[str, list[float]]:
    """Return `V_m` (mV) and `i` (pA) at `times_ms`, correctly rounded to float64."""
    with mpmath.workdps(DIGITS):
        jump = mpmath.matrix([0, weight])
        A = mpmath.matrix([[-1 / _exact(membrane.tau_m), 1 / _exact(membrane.C_m)], [0, 0]])
        A[1, 1] = -1 / _exact(tau_syn)
        return _superposed(membrane, A, jump, ("V_m", "i"), times_ms, arrivals_ms)


def alpha_current(
    membrane: Membrane,
    *,
    tau_syn: float,
    weight: float,
    times_ms: Sequence[float],
    arrivals_ms: Sequence[float] = TRAIN_MS,
) -> dict[str, list[float]]:
    """Return `V_m` (mV), `i` (pA) and `y` (pA/ms) at `times_ms`, correctly rounded to float64."""
    with mpmath.workdps(DIGITS):
        decay = -1 / _exact(tau_syn)
        jump = mpmath.matrix([0, 0, -_exact(weight) * mpmath.e * decay])
        A = mpmath.matrix([[-1 / _exact(membrane.tau_m), 1 / _exact(membrane.C_m), 0]] * 3)
        A[1, :] = mpmath.matrix([[0, decay, 1]])
        A[2, :] = mpmath.matrix([[0, 0, decay]])
        return _superposed(membrane, A, jump, ("V_m", "i", "y"), times_ms, arrivals_ms)


def _exact(number: float) -> Any:
    """Return the decimal number a reader of the model sees: 0.1 is one tenth, not its float."""
    return mpmath.mpf(repr(float(number)))


def _superposed(
    membrane: Membrane,
    A: Any,
    jump: Any,
    names: tuple[str, ...],
    times_ms: Sequence[float],
    arrivals_ms: Sequence[float],
) -> dict[str, list[float]]:
    """Add up rest, the response to I_e and that to every arrival before each time."""
    values: dict[str, list[float]] = {name: [] for name in names}
    tau = _exact(membrane.tau_m)
    for time in map(_exact, times_ms):
        state = mpmath.matrix(len(names), 1)
        charged = _exact(membrane.I_e) * tau / _exact(membrane.C_m) * -mpmath.expm1(-time / tau)
        state[0] = _exact(membrane.E_L) + charged
        for arrival in map(_exact, arrivals_ms):
            if arrival < time:
                state += mpmath.expm(A * (time - arrival), method="taylor") * jump
        for name, value in zip(names, state, strict=True):
            values[name].append(float(value))
    return values
