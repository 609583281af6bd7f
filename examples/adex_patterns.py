"""Eight firing patterns of the adaptive exponential neuron, one set of parameters each.

    python examples/adex_patterns.py [adex_patterns.png]

Parameters after Naud, Marcille, Clopath & Gerstner (2008), doi:10.1007/s00422-008-0264-7.
"""

import sys
from pathlib import Path

from matplotlib import pyplot as plt

import bnsyn_dsl as bns

net = bns.load(Path(__file__).parents[1] / "models" / "networks" / "firing_patterns.bns")
results = net.run("400 ms")

figure, panels = plt.subplots(4, 2, figsize=(9, 8), sharex=True, sharey=True, layout="constrained")
for panel, name in zip(panels.flat, results.sizes, strict=True):
    trace = results[name].V_m
    panel.plot(trace.times_ms, trace.values[:, 0], linewidth=0.7)
    panel.plot(results[name].spikes.times_ms, [10] * len(results[name].spikes), "k|")
    panel.set_title(name, fontsize="medium")
for panel in panels[-1]:
    panel.set_xlabel("time (ms)")
for panel in panels[:, 0]:
    panel.set_ylabel("V_m (mV)")
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "adex_patterns.png", dpi=150)
