"""Two small networks stepped in plain NumPy, in the order of events of the language reference.

This is the bridge between the peers' conventions and ours: the scripts beside it
(`coba_brian.py`, `lif_nest.py`) run the same wiring in Brian2 and in NEST and store what they got
only after this stepper gave the same spikes. It needs nothing but NumPy and does not use the
package under test.

One step, from grid point k to k+1:

1. spikes of step k - delay arrive: conductances or currents jump by the weight;
2. states are integrated to k+1; V_m of refractory neurons is held;
3. neurons that are not refractory and reach V_th spike: the spike has step k+1 (time (k+1)*dt),
   V_m = V_reset and the t_ref/dt steps that begin at k+1, ..., k+t_ref/dt hold V_m."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Integrate = Callable[[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]
DT = 0.1  # ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Synapses by index, excitatory where the source is below `n_exc`."""

    sources: Integers
    targets: Integers
    n_exc: int
    neurons: int
    weight_exc: float
    weight_inh: float
    delay_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """What happens at the threshold, in mV and steps."""

    V_th: float
    V_reset: float
    refractory_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Spikes ordered by (step, id); V_m of the first neurons at steps 1, 2, ... after the reset."""

    steps: Integers
    ids: Integers
    traces: Floats


def coba(V_m: Floats, exc: Floats, inh: Floats) -> tuple[Floats, Floats, Floats]:
    """Integrate one step by exponential Euler, conductances as they are at the step's begin.

    C_m = 200 pF, g_L = 10 nS, E_L = -60, E_exc = 0, E_inh = -80 mV, tau 5 and 10 ms, I_e = 200 pA
    (Brette et al. 2007, doi:10.1007/s10827-007-0038-6).
    """
    total = 10.0 + exc + inh
    rest = (10.0 * -60.0 + inh * -80.0 + 200.0) / total
    V_next = rest + (V_m - rest) * np.exp(-total * DT / 200.0)
    return V_next, exc * np.exp(-DT / 5.0), inh * np.exp(-DT / 10.0)


def lif(V_m: Floats, exc: Floats, inh: Floats) -> tuple[Floats, Floats, Floats]:
    """Propagate (i, V_m, 1) by the matrix exponential.

    C_m = 250 pF, E_L = -70 mV, tau_m = 20 ms, tau_syn = 2 ms, I_e = 250 pA.
    """
    A = np.array([[-1 / 2.0, 0.0, 0.0], [1 / 250.0, -1 / 20.0, 250.0 / 250.0], [0.0, 0.0, 0.0]])
    P = term = np.eye(3)
    for order in range(1, 20):  # |A dt| < 0.2: the series is exact to the last bit long before
        term = term @ A * (DT / order)
        P = P + term
    V_next = -70.0 + P[1, 0] * (exc + inh) + P[1, 1] * (V_m + 70.0) + P[1, 2]
    return V_next, exc * P[0, 0], inh * P[0, 0]


def stepped(
    wiring: Wiring,
    membrane: Membrane,
    integrate: Integrate,
    start: tuple[Floats, Floats, Floats],
    *,
    steps: int,
    traced: int = 5,
) -> Run:
    """Step a network from (V_m, exc, inh) at step 0 and trace V_m of the first `traced` neurons."""
    V_m, exc, inh = (values.copy() for values in start)
    held_until = np.zeros(wiring.neurons, dtype=np.int64)
    fired: dict[int, Integers] = {}
    traces = np.empty((steps, traced))
    for step in range(steps):
        arriving = np.isin(wiring.sources, fired.get(step - wiring.delay_steps, []))
        positive = arriving & (wiring.sources < wiring.n_exc)
        np.add.at(exc, wiring.targets[positive], wiring.weight_exc)
        np.add.at(inh, wiring.targets[arriving & ~positive], wiring.weight_inh)
        free = held_until <= step
        V_next, exc, inh = integrate(V_m, exc, inh)
        V_m = np.where(free, V_next, V_m)
        spiking = np.flatnonzero(free & (V_m >= membrane.V_th))
        V_m[spiking] = membrane.V_reset
        held_until[spiking] = step + 1 + membrane.refractory_steps
        fired[step + 1] = spiking
        traces[step] = V_m[:traced]
    at = sorted(fired)
    counts = [len(fired[step]) for step in at]
    return Run(
        steps=np.repeat(np.array(at), counts),
        ids=np.concatenate([fired[step] for step in at]),
        traces=traces,
    )
