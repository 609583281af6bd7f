# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""The network of `examples/coba.bns` in Brian2, as C++ standalone (Brette et al. 2007).

`refractory` is one step longer than t_ref: Brian2 counts it from the begin of the spike's step.
"""

import brian2 as b2
from brian_run import measure

EQUATIONS = """
dv/dt = (10*nS*(-60*mV - v) + I_syn + 200*pA)/(200*pF) : volt (unless refractory)
I_syn = g_exc*(0*mV - v) + g_inh*(-80*mV - v) : amp
dg_exc/dt = -g_exc/(5*ms) : siemens
dg_inh/dt = -g_inh/(10*ms) : siemens
"""


def build(neurons: int):
    """Return the objects of the network; 80 % of the cells excite, 80 synapses arrive at each."""
    cells = b2.NeuronGroup(
        neurons,
        EQUATIONS,
        threshold="v >= -50*mV",
        reset="v = -60*mV",
        refractory=5.1 * b2.ms,
        method="exponential_euler",
    )
    cells.v = "(-65 + 5*randn())*mV"
    cells.g_exc = "(40 + 15*randn())*nS"
    cells.g_inh = "(200 + 120*randn())*nS"
    n_exc = neurons * 4 // 5
    exciting = b2.Synapses(cells[:n_exc], cells, on_pre="g_exc_post += 6*nS")
    exciting.connect(p=80 / neurons)
    inhibiting = b2.Synapses(cells[n_exc:], cells, on_pre="g_inh_post += 67*nS")
    inhibiting.connect(p=80 / neurons)
    return cells, exciting, inhibiting, b2.SpikeMonitor(cells)


if __name__ == "__main__":
    measure(build, settle_ms=1.0, neurons=4000)
