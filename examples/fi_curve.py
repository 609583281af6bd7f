"""Firing rate against input current, for two neuron types: one population per type.

python examples/fi_curve.py [fi_curve.png]
"""

import sys

import numpy as np
from matplotlib import pyplot as plt

import bnsyn_dsl as bns

currents = np.linspace(0.0, 1000.0, 41)  # pA
net = bns.Network(dt="0.1 ms", seed=1)
for model in (bns.models.LIF, bns.models.AdEx):
    net.population(model.name, model, len(currents), I_e=bns.quantity(currents, "pA"))
results = net.run("1 s")

figure, axes = plt.subplots(layout="constrained")
for name, trains in results.spikes.items():
    rates = np.bincount(trains.ids, minlength=trains.size) / (results.duration_ms / 1000.0)
    axes.plot(currents, rates, "o-", markersize=3, label=name)
axes.set_xlabel("input current (pA)")
axes.set_ylabel("firing rate (Hz)")
axes.legend()
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "fi_curve.png", dpi=150)
