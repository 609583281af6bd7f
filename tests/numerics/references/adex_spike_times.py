"""Make `tests/numerics/data/adex_spike_times.json`: converged spike times of AdEx neurons.

    C V' = -g_L (V - E_L) + g_L Delta_T exp((V - V_th)/Delta_T) - w + I
    tau_w w' = a (V - E_L) - w

from V = E_L, w = 0; at the located crossing of V_peak: V = V_reset, w += b; no refractory period
(Brette & Gerstner 2005, doi:10.1152/jn.00686.2005; patterns of Naud et al. 2008,
doi:10.1007/s00422-008-0264-7). Every case is solved twice, by two unlike methods:

- `by_time`: DOP853 in t, the crossing located on the dense output;
- `by_voltage`: Radau in t up to a few slope factors above V_th, then DOP853 with V as the
  independent variable (dt/dV = 1/V', dw/dV = w'/V'): smooth there, and its end is exactly V_peak.

What the two agree on is stored, in ms to 1e-6; `agreement_ms` is their largest difference. The
spikes of a chaotic pattern (irregular spiking) are cut where the two part: not `complete`.
Nothing here uses the package under test. Run this file to make the data again.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

DATA = Path(__file__).resolve().parents[1] / "data" / "adex_spike_times.json"
UPSWING = 3.0  # slope factors above V_th where `by_voltage` changes variables
AGREEMENT_MS = 1e-6  # spikes are stored while the two methods agree to this
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdEx:
    """Parameters in pF, nS, mV, ms, pA; defaults of Brette & Gerstner (2005)."""

    C_m: float = 281.0
    g_L: float = 30.0  # noqa: N815 (the symbol of the equation)
    E_L: float = -70.6
    V_th: float = -50.4
    Delta_T: float = 2.0
    a: float = 4.0
    b: float = 80.5
    tau_w: float = 144.0
    V_reset: float = -70.6
    V_peak: float = 0.0
    I_e: float = 0.0

    def slope(self, V: float, w: float) -> tuple[float, float]:
        """Return (V', w') in mV/ms and pA/ms; the exponent of a wild trial stage is clamped."""
        exponent = min((V - self.V_th) / self.Delta_T, (self.V_peak - self.V_th) / self.Delta_T + 5)
        current = -self.g_L * (V - self.E_L) + self.g_L * self.Delta_T * math.exp(exponent)
        return (current - w + self.I_e) / self.C_m, (self.a * (V - self.E_L) - w) / self.tau_w


NAUD = AdEx(C_m=200, g_L=10, E_L=-70, V_th=-50, a=2, tau_w=30, b=0, V_reset=-58)
DELAYED = replace(NAUD, C_m=100, E_L=-65, a=-10, tau_w=90, b=30, V_reset=-47)
CASES: dict[str, tuple[AdEx, float]] = {
    **{
        f"BretteGerstner_{current}pA": (AdEx(I_e=current), 500.0)
        for current in (700, 800, 900, 1000)
    },
    "TonicSpiking": (replace(NAUD, I_e=500), 600.0),
    "Adapting": (replace(NAUD, g_L=12, tau_w=300, b=60, I_e=500), 600.0),
    "InitialBurst": (
        replace(NAUD, C_m=130, g_L=18, E_L=-58, a=4, tau_w=150, b=120, V_reset=-50, I_e=400),
        600.0,
    ),
    "RegularBursting": (replace(NAUD, E_L=-58, tau_w=120, b=100, V_reset=-46, I_e=210), 600.0),
    "DelayedAccelerating": (replace(NAUD, g_L=12, a=-10, tau_w=300, I_e=300), 600.0),
    "DelayedBursting": (replace(DELAYED, I_e=110), 600.0),
    "TransientSpiking": (replace(DELAYED, a=10, b=100, I_e=180), 600.0),
    "IrregularSpiking": (
        replace(DELAYED, g_L=12, E_L=-60, a=-11, tau_w=130, V_reset=-48, I_e=160),
        600.0,
    ),
}


def until(
    neuron: AdEx, level: float, start: Floats, t: float, end: float, method: str, tolerance: float
) -> tuple[float, Floats]:
    """Integrate (V, w) until V rises through `level` or time is `end`; return time and state."""

    def slope(_: float, state: Floats) -> tuple[float, float]:
        return neuron.slope(float(state[0]), float(state[1]))

    def rises(_: float, state: Floats) -> float:
        return float(state[0]) - level

    rises.terminal, rises.direction = True, 1.0  # type: ignore[attr-defined]
    found = solve_ivp(
        slope, (t, end), start, method=method, events=rises, rtol=tolerance, atol=tolerance
    )
    if not found.success:
        raise ArithmeticError(found.message)
    if found.status == 0:
        return end, found.y[:, -1]
    return float(found.t_events[0][0]), found.y_events[0][0]


def by_time(neuron: AdEx, duration: float, tolerance: float) -> list[float]:
    """Return the spike times in ms within `duration`, integrated in t throughout."""
    spikes: list[float] = []
    t, state = 0.0, np.array([neuron.E_L, 0.0])
    while True:
        t, state = until(neuron, neuron.V_peak, state, t, duration, "DOP853", tolerance)
        if t >= duration:
            return spikes
        spikes.append(t)
        state = np.array([neuron.V_reset, state[1] + neuron.b])


def by_voltage(neuron: AdEx, duration: float, tolerance: float) -> list[float]:
    """Return the spike times in ms within `duration`, the upswing integrated in V."""

    def per_voltage(V: float, state: Floats) -> tuple[float, float]:
        V_slope, w_slope = neuron.slope(V, float(state[1]))
        return 1 / V_slope, w_slope / V_slope

    level = neuron.V_th + UPSWING * neuron.Delta_T
    spikes: list[float] = []
    t, state = 0.0, np.array([neuron.E_L, 0.0])
    while True:
        if state[0] < level:
            t, state = until(neuron, level, state, t, duration, "Radau", tolerance)
        if t >= duration:
            return spikes
        swing = solve_ivp(
            per_voltage,
            (state[0], neuron.V_peak),
            [t, state[1]],
            method="DOP853",
            rtol=tolerance / 10,
            atol=tolerance / 10,
        )
        t, w = float(swing.y[0, -1]), float(swing.y[1, -1])
        if t >= duration:
            return spikes
        spikes.append(t)
        state = np.array([neuron.V_reset, w + neuron.b])


def reference(neuron: AdEx, duration: float) -> dict[str, object]:
    """Return one case of the file: parameters and the spike times both methods agree on."""
    spikes, check = by_time(neuron, duration, 1e-12), by_voltage(neuron, duration, 1e-11)
    apart = [abs(one - other) for one, other in zip(spikes, check, strict=False)]
    trusted = next((i for i, gap in enumerate(apart) if gap > AGREEMENT_MS), len(apart))
    if trusted < 6 and trusted < len(spikes):
        raise ArithmeticError(f"the methods part after {trusted} spikes")
    return {
        "parameters": asdict(neuron),
        "duration_ms": duration,
        "complete": trusted == len(spikes) == len(check),
        "agreement_ms": float(f"{max(apart[:trusted]):.1e}"),
        "spike_times_ms": [round(spike, 6) for spike in spikes[:trusted]],
    }


def main() -> None:
    """Write the file."""
    cases = {name: reference(neuron, duration) for name, (neuron, duration) in CASES.items()}
    about = (
        "converged AdEx spike times; made by references/adex_spike_times.py; units pF nS mV ms pA"
    )
    entries = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    DATA.write_text(f'{{"about": {json.dumps(about)},\n"cases": {{\n{entries}\n}}}}\n')
    for name, case in cases.items():
        print(name, case["complete"], case["agreement_ms"], len(case["spike_times_ms"]))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
