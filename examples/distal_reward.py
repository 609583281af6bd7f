"""One hour of a network that finds out which of its 80,000 synapses brings a late reward.

python examples/distal_reward.py [distal_reward.png] [--seed 1] [--duration "3600 s"]
                                 [--release "50 Hz"]

Izhikevich (2007, doi:10.1093/cercor/bhl152): the synapse from neuron 0 to one of its targets starts
at 0. Whenever the target spikes within 20 ms after neuron 0, dopamine comes 1 to 3 s later. With
`--release "0 Hz"` it does not come, and the synapse stays where it was.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import bnsyn_dsl as bns

TEXT = Path(__file__).with_name("distal_reward.bns")
PIECES = 60  # in so many pieces the run is cut, to look at the weight between them

parser = argparse.ArgumentParser()
parser.add_argument("picture", nargs="?", default="distal_reward.png")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--duration", default="3600 s")
parser.add_argument("--release", default="50 Hz")
given = parser.parse_args()

# the connections depend on the seed, not on who is rewarded: look first, then name the pair
drawn = bns.load(TEXT, seed=given.seed).synapses["plastic"]
chosen = int(np.flatnonzero((drawn.source == 0) & (drawn.target < 800))[0])
values = {"partner": int(drawn.target[chosen]), "release": given.release}

net = bns.load(TEXT, seed=given.seed, values=values)
net.build(threads=1)  # a step of 1,000 neurons is shorter than a meeting of two threads
plastic = net.synapses["plastic"]
weights = plastic.weight
weights[chosen] = 0.0
plastic.weight = weights

piece = bns.quantity(float(given.duration.removesuffix("s")) / PIECES, "s")
trace = [0.0]
for _ in range(PIECES):
    results = net.run(piece)
    trace.append(float(plastic.weight[chosen]))

rewards = results["dopamine"]["rewards"].values[-1, 0]
seconds = results.duration_ms / 1000.0
print(f"seed {given.seed}: synapse 0 -> {values['partner']} ends at {trace[-1]:.2f} of 4")
print(f"{rewards:.0f} coincidences, mean weight {plastic.weight.mean():.2f},", end=" ")
print(f"{results.rates_hz['cells']:.2f} Hz, {results.timing_s['run']:.1f} s for {seconds:.0f} s")

figure, (above, below) = plt.subplots(2, layout="constrained")
above.plot(np.linspace(0.0, seconds / 60.0, PIECES + 1), trace)
above.set_xlabel("time (min)")
above.set_ylabel("rewarded weight")
plastic.plot_histogram(below)
below.set_yscale("log")
figure.savefig(given.picture, dpi=150)
