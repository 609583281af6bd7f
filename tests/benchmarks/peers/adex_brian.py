# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""`adex_bench.bns` in Brian2: explicit Euler, the parameters of Brette & Gerstner."""

import brian2 as b2
from brian_run import measure

EQUATIONS = """
dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_th)/Delta_T) - w + I)/(281*pF) : volt
dw/dt = (4*nS*(v - E_L) - w)/(144*ms) : amp
I : amp
"""
PARAMETERS = {
    "g_L": 30 * b2.nS,
    "E_L": -70.6 * b2.mV,
    "V_th": -50.4 * b2.mV,
    "Delta_T": 2 * b2.mV,
}


def build(neurons: int):
    """Return the cells, 600 to 1,200 pA, and the monitor."""
    cells = b2.NeuronGroup(
        neurons,
        EQUATIONS,
        threshold="v > 0*mV",
        reset="v = -70.6*mV; w += 80.5*pA",
        method="euler",
        namespace=PARAMETERS,
    )
    cells.v = -70.6 * b2.mV
    cells.I = "(600 + 600*i/N)*pA"
    return cells, b2.SpikeMonitor(cells)


if __name__ == "__main__":
    measure(build, settle_ms=1.0, neurons=4000)
