"""How close to critical: three strengths of coupling, and a controller that finds the edge again.

python examples/criticality.py FOLDER [--seconds 60] [--seed 42]

Runs the cells of bnsyn.bns without learning, prints the branching ratio of their activity in bins
of 4 ms (Wilting & Priesemann 2018, doi:10.1038/s41467-018-04725-4), and saves two pictures in
FOLDER: `regimes.png`, where the controller is off or on, and `recovery.png`, where the coupling
changes by 30 % after a third of the run, with the controller and without. Takes some minutes.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import bnsyn_dsl as bns
from bnsyn_dsl import criticality

TEXT = Path(__file__).with_name("bnsyn.bns")
BIN = 4.0  # ms, about what passes from a spike to those it causes: delay, rise, spike
CELLS = 1000
REGIMES = {
    "subcritical": {"eta": 0},
    "near critical": {"w_E": "10 nS", "eta": 0},
    "supercritical": {"w_E": "11.7 nS", "eta": 0},
    "controlled": {},
}
CHANGES = {
    "weaker, controlled": {"change": 0.7},
    "stronger, controlled": {"change": 1.3},
    "weaker, no controller": {"change": 0.7, "eta": 0},
    "stronger, no controller": {"change": 1.3, "eta": 0},
}


def simulated(seconds, seed, settings):
    """Run the network and return its results and spikes per bin."""
    results = bns.load(TEXT, "BNSynFixed", values=settings, seed=seed).run(
        f"{seconds} s", threads=1
    )
    trains = [results.spikes[name] for name in ("E", "I")]
    return results, sum(criticality.spike_counts(t, BIN, results.duration_ms) for t in trains)


def estimated(counts):
    """Return the branching ratio, or why there is none."""
    try:
        return criticality.branching_ratio(counts, dt_ms=BIN), ""
    except criticality.Undefined as reason:
        return None, str(reason)


def report(name, counts):
    """Print one line of figures; rates are those of all cells."""
    found, reason = estimated(counts)
    rate = counts.mean() / CELLS / BIN * 1000
    values = reason
    if found is not None:
        values = f"m {found.m:.3f}  b {found.b:.2f}  residual {found.residual:.3f}"
    print(f"{name:32} {rate:7.2f} Hz  {values}", flush=True)
    return found


def draw_regimes(seconds, seed, folder):
    """Compare strengths of coupling; the first sixth of a run is left out."""
    figure, rows = plt.subplots(len(REGIMES), 2, layout="constrained", figsize=(9, 9))
    for (name, settings), (left, right) in zip(REGIMES.items(), rows, strict=True):
        _, counts = simulated(seconds, seed, settings)
        counts = counts[len(counts) // 6 :]
        found = report(name, counts)
        shown = counts[-min(len(counts), round(2000 / BIN)) :]
        left.plot(np.arange(len(shown)) * BIN, shown, linewidth=0.7)
        left.set(title=name, xlabel="time (ms)", ylabel="spikes in 4 ms")
        right.set(xlabel="lag (ms)", ylabel="slope")
        if found is None:
            right.text(0.1, 0.5, "no branching ratio", transform=right.transAxes)
            continue
        lags = np.arange(1, len(found.slopes) + 1)
        right.plot(lags * BIN, found.slopes, ".", markersize=3)
        right.plot(lags * BIN, found.b * found.m**lags, label=f"m = {found.m:.3f}")
        right.legend()
    figure.savefig(folder / "regimes.png", dpi=150)


def draw_recovery(seconds, seed, folder):
    """Change the coupling after `seconds` and go on for twice as long."""
    figure, (above, middle, below) = plt.subplots(
        3, sharex=True, layout="constrained", figsize=(8, 8)
    )
    window = round(seconds / 4 * 1000 / BIN)  # bins
    for name, settings in CHANGES.items():
        results, counts = simulated(3 * seconds, seed, {**settings, "t_change": f"{seconds} s"})
        third = len(counts) // 3
        report(f"{name}: before", counts[third // 6 : third])
        report(f"{name}: right after", counts[third : third + window])
        report(f"{name}: at last", counts[2 * third :])
        starts = range(0, len(counts) - window + 1, window // 2)
        pieces = [estimated(counts[s : s + window])[0] for s in starts]
        middles = [(s + window / 2) * BIN / 1000 for s in starts]
        ratios = [np.nan if p is None else p.m for p in pieces]
        gain = results["control"]["gain"]
        above.plot(gain.times_ms / 1000, gain.values[:, 0], label=name)
        middle.plot(middles, ratios, "o-", markersize=3)
        rates = [counts[s : s + window].mean() / CELLS / BIN * 1000 for s in starts]
        below.semilogy(middles, rates, "o-", markersize=3)
    above.set_ylabel("gain")
    above.legend()
    middle.axhspan(0.95, 1.05, alpha=0.15)
    middle.set_ylabel("branching ratio")
    below.set(xlabel="time (s)", ylabel="rate (Hz)")
    figure.savefig(folder / "recovery.png", dpi=150)


def main():
    """Run everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=42)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    draw_regimes(given.seconds, given.seed, given.folder)
    draw_recovery(given.seconds, given.seed, given.folder)


main()
