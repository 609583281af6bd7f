"""A neuron type that the library does not have: a quadratic neuron with an adapting threshold.

python examples/own_neuron.py [own_neuron.png]
"""

import sys

from matplotlib import pyplot as plt

import bnsyn_dsl as bns

TEXT = '''
neuron AdaptiveQuadratic:
    """Quadratic integrate-and-fire neuron whose critical voltage rises with each spike."""
    parameters:
        C_m    = 100 pF         # membrane capacitance
        k      = 2 nS/mV        # curvature
        E_L    = -65 mV         # resting potential
        V_0    = -45 mV         # critical voltage at rest
        V_peak = 20 mV          # spike detection
        tau_c  = 80 ms          # how fast the critical voltage returns
        jump   = 3 mV           # by how much a spike raises it
    require C_m > 0 pF, tau_c > 0 ms
    input:
        I_e = 0 pA
    state:
        V_m = E_L
        V_c = V_0
    equations:
        C_m * dV_m/dt = k*(V_m - E_L)*(V_m - V_c) + I_e
        tau_c * dV_c/dt = V_0 - V_c
    spike when V_m > V_peak:
        V_m = E_L
        V_c += jump
'''

model = bns.load_model(TEXT)
net = bns.Network(dt="0.05 ms")
cells = net.population("cells", model, 3, I_e=bns.quantity([300, 400, 600], "pA"))
net.record(cells, "V_m, V_c", every="0.1 ms")
results = net.run("300 ms")

figure, (above, below) = plt.subplots(2, sharex=True, layout="constrained")
results.plot_trace("V_m", above)
results.plot_trace("V_c", below)
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "own_neuron.png", dpi=150)
print(f"{results.rates_hz['cells']:.1f} Hz on average")
