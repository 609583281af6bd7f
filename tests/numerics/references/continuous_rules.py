"""Rules with equations between events, integrated to 1e-10 by SciPy from event to event.

Nothing of the project. Times are in ms, potentials in mV, rates in kHz, weights in units of
`w_max`. Bounds of the weight are not reached. Of events of one time: pre, post
(with the reset of V_m), kick, reward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.integrate import solve_ivp

from tests.numerics.references.stepped_networks import Floats

__all__ = ["bcm", "clopath", "dual_weight", "e_prop", "r_max"]

Values = Mapping[str, float]
Trains = Mapping[str, Sequence[float]]
_ORDER = ("pre", "post", "kick", "reward")


def _run(
    start: Sequence[float],
    derivative: Callable[[float, Floats], Sequence[float]],
    handlers: Mapping[str, Callable[[Floats], None]],
    trains: Trains,
    end: float,
) -> Floats:
    """Return the state at `end`."""
    events = sorted((t, _ORDER.index(kind)) for kind, train in trains.items() for t in train)
    state, now = np.array(start, float), 0.0
    for t, kind in [*events, (end, -1)]:
        if t > now:
            path = solve_ivp(
                derivative, (now, t), state, method="DOP853", rtol=1e-10, atol=1e-14, max_step=5.0
            )
            state, now = path.y[:, -1].copy(), t
        if kind >= 0:
            handlers[_ORDER[kind]](state)
    return state


def bcm(p: Values, trains: Trains, end: float, weight: float) -> float:
    """Integrate x, y, theta and the weight of the sliding-threshold rule."""

    def derivative(_: float, s: Floats) -> list[float]:
        x, y, theta, _w = s
        return [
            -x / p["tau"],
            -y / p["tau"],
            (y * y / p["y_0"] - theta) / p["tau_th"],
            p["eta"] * x * y * (y - theta) / p["y_0"],
        ]

    def pre(s: Floats) -> None:
        s[0] += 1 / p["tau"]

    def post(s: Floats) -> None:
        s[1] += 1 / p["tau"]

    start = [0.0, 0.0, p["y_0"], weight]
    return float(_run(start, derivative, {"pre": pre, "post": post}, trains, end)[3])


def dual_weight(p: Values, trains: Trains, end: float, weight: float) -> tuple[float, float, float]:
    """Return the fast part, the consolidated part and the tag."""

    def derivative(_: float, s: Floats) -> list[float]:
        x, y, fast, _slow, tag = s
        moved = p["k_c"] * p["protein"] * tag * fast
        return [
            -x / p["tau_plus"],
            -y / p["tau_minus"],
            -fast / p["tau_f"] - moved,
            moved,
            -tag / p["tau_tag"],
        ]

    def tagged(s: Floats) -> None:
        if abs(s[2]) > p["theta"]:
            s[4] = 1.0

    def pre(s: Floats) -> None:
        s[2] -= p["gate"] * p["A_minus"] * s[1]
        s[0] += 1
        tagged(s)

    def post(s: Floats) -> None:
        s[2] += p["gate"] * p["A_plus"] * s[0]
        s[1] += 1
        tagged(s)

    start = [0.0, 0.0, 0.0, weight, 0.0]
    _, _, fast, slow, tag = _run(start, derivative, {"pre": pre, "post": post}, trains, end)
    return float(fast), float(slow), float(tag)


def _with_potential(
    start: Sequence[float],
    derivative: Callable[[float, Floats], Sequence[float]],
    handlers: Mapping[str, Callable[[Floats], None]],
    trains: Trains,
    end: float,
    kick: float,
) -> Floats:
    """Integrate with V_m as the first state, so that it jumps with the others."""

    def kicked(s: Floats) -> None:
        s[0] += kick

    return _run([-70.0, *start], derivative, {"kick": kicked, **handlers}, trains, end)


def clopath(p: Values, trains: Trains, end: float, weight: float) -> float:
    """Integrate V_m, x, the three filters and the weight of the voltage-based rule."""

    def derivative(_: float, s: Floats) -> list[float]:
        v, x, u_m, u_p, u_h, _w = s
        return [
            -(v + 70.0) / 10.0,
            -x / p["tau_x"],
            (v - u_m) / p["tau_m"],
            (v - u_p) / p["tau_p"],
            (max(u_m - p["theta_m"], 0) ** 2 - u_h) / p["tau_homeo"],
            p["A_LTP"] * x * max(v - p["theta_p"], 0) * max(u_p - p["theta_m"], 0),
        ]

    def pre(s: Floats) -> None:
        s[5] -= p["A_LTD"] * s[4] / p["u_ref"] * max(s[2] - p["theta_m"], 0)
        s[1] += 1

    def post(s: Floats) -> None:
        s[0] = -70.0

    start = [0.0, p["theta_m"], p["theta_m"], p["u_ref"], weight]
    handlers = {"pre": pre, "post": post}
    return float(_with_potential(start, derivative, handlers, trains, end, p["kick"])[5])


def r_max(p: Values, trains: Trains, end: float, weight: float) -> float:
    """Integrate V_m, psp, eligibility, success signal and weight of the policy gradient."""

    def derivative(_: float, s: Floats) -> list[float]:
        v, psp, e, success, _w = s
        hazard = p["lambda_0"] * max((v - p["theta"]) / p["width"], 0)
        return [
            -(v + 70.0) / 10.0,
            -psp / p["tau_psp"],
            -e / p["tau_e"] - p["eta"] * psp * hazard,
            -success / p["tau_S"],
            success * e,
        ]

    def pre(s: Floats) -> None:
        s[1] += 1

    def post(s: Floats) -> None:
        s[2] += p["eta"] * s[1]
        s[0] = -70.0

    def reward(s: Floats) -> None:
        s[3] += p["release"]

    start = [0.0, 0.0, 0.0, weight]
    handlers = {"pre": pre, "post": post, "reward": reward}
    return float(_with_potential(start, derivative, handlers, trains, end, p["kick"])[4])


def e_prop(p: Values, trains: Trains, end: float, weight: float) -> float:
    """Integrate V_m, the filtered input, both eligibilities and the weight of online e-prop.

    Pseudo-derivative and learning signal are functions of V_m here.
    """

    def derivative(_: float, s: Floats) -> list[float]:
        v, zbar, eps_a, ebar, _w = s
        e = max((v - p["theta"]) / p["width"], 0) * (zbar - p["beta"] * eps_a)
        return [
            -(v + 70.0) / 10.0,
            -zbar / p["tau_m"],
            e / p["tau_step"] - eps_a / p["tau_a"],
            (e - ebar) / p["tau_kappa"],
            -p["eta"] * (v + 60.0) / p["width"] * ebar,
        ]

    def pre(s: Floats) -> None:
        s[1] += 1

    def post(s: Floats) -> None:
        s[0] = -70.0

    handlers = {"pre": pre, "post": post}
    start = [0.0, 0.0, 0.0, weight]
    return float(_with_potential(start, derivative, handlers, trains, end, p["kick"])[4])
