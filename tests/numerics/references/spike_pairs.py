"""What STDP rules do to one weight, written down pair by pair and event by event.

Plain NumPy, nothing of the project. Times are in ms: `pre` when a spike has come to the synapse,
`post` when the rule hears of it. Of a pre and a post event of one time, pre is first: they count
as pre before post. Weights are fractions of `w_max`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.numerics.references.stepped_networks import Floats

__all__ = ["Pair", "Trace", "all_pairs", "in_order", "nearest_pairs", "triplets", "weights_after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Amplitudes and windows of pair STDP."""

    A_plus: float
    A_minus: float
    tau_plus: float = 20.0
    tau_minus: float = 20.0


def in_order(pre: Iterable[float], post: Iterable[float]) -> list[tuple[float, str]]:
    """Return all events, pre before post where they have one time."""
    return sorted([(t, "a pre") for t in pre] + [(t, "b post") for t in post])


def all_pairs(pre: Sequence[float], post: Sequence[float], rule: Pair) -> float:
    """Return the change of the weight: the sum over all pairs of the STDP window."""
    lag = np.subtract.outer(np.asarray(post, float), np.asarray(pre, float))
    causal = lag >= 0
    up = np.exp(-lag[causal] / rule.tau_plus).sum()
    down = np.exp(lag[~causal] / rule.tau_minus).sum()
    return float(rule.A_plus * up - rule.A_minus * down)


def nearest_pairs(pre: Sequence[float], post: Sequence[float], rule: Pair) -> float:
    """Return the change when each spike sees only the last one of the other side."""
    total = 0.0
    for t in post:
        before = [s for s in pre if s <= t]
        if before:
            total += rule.A_plus * np.exp(-(t - max(before)) / rule.tau_plus)
    for t in pre:
        before = [s for s in post if s < t]
        if before:
            total -= rule.A_minus * np.exp(-(t - max(before)) / rule.tau_minus)
    return float(total)


def triplets(
    pre: Sequence[float], post: Sequence[float], A: dict[str, float], tau: dict[str, float]
) -> float:
    """Return the change of triplet STDP as sums of exponentials over pairs and triplets.

    Pfister & Gerstner (2006), equations 3 and 4, all to all: `A` has `2+ 3+ 2- 3-`, `tau` has
    `+ - x y`.
    """
    first, last = np.asarray(pre, float), np.asarray(post, float)

    def sum_of(times: Floats, before: Floats, time_constant: float, *, too: bool) -> Floats:
        """Sum over the events before each time, with those of the same time where `too`."""
        lag = np.subtract.outer(times, before)
        counted = lag >= 0 if too else lag > 0
        each = np.where(counted, np.exp(-np.where(counted, lag, 0) / time_constant), 0.0)
        return np.asarray(each.sum(axis=1))

    r1 = sum_of(last, first, tau["+"], too=True)  # at post spikes
    o2 = sum_of(last, last, tau["y"], too=False)
    o1 = sum_of(first, last, tau["-"], too=False)  # at pre spikes
    r2 = sum_of(first, first, tau["x"], too=False)
    up = (r1 * (A["2+"] + A["3+"] * o2)).sum()
    down = (o1 * (A["2-"] + A["3-"] * r2)).sum()
    return float(up - down)


class Trace:
    """A trace that decays: `read` at a time, `raise_` or `put` at an event."""

    def __init__(self, tau: float, value: float = 0.0) -> None:
        self.tau, self.value, self.time = tau, value, 0.0

    def read(self, t: float) -> float:
        """Return its value at t."""
        return self.value * float(np.exp(-(t - self.time) / self.tau))

    def put(self, t: float, value: float) -> None:
        """Set it at t."""
        self.value, self.time = value, t

    def raise_(self, t: float, by: float = 1.0) -> None:
        """Add to it at t."""
        self.put(t, self.read(t) + by)


def weights_after(
    events: Iterable[tuple[float, str]],
    weight: float,
    *,
    on_pre: Callable[[float, float, float], float],
    on_post: Callable[[float, float, float], float],
    tau_plus: float = 20.0,
    tau_minus: float = 20.0,
    nearest: bool = False,
) -> list[tuple[float, float]]:
    """Return (time, weight) after each event, clipped to [0, 1] at each.

    `on_pre(weight, y, x)` and `on_post(weight, x, y)` return the new weight from the traces before
    their own increment: first that of the other side.
    """
    x, y = Trace(tau_plus), Trace(tau_minus)
    found = []
    for t, kind in events:
        if kind == "a pre":
            weight, own = on_pre(weight, y.read(t), x.read(t)), x
        else:
            weight, own = on_post(weight, x.read(t), y.read(t)), y
        weight = min(max(weight, 0.0), 1.0)
        own.put(t, 1.0 if nearest else own.read(t) + 1.0)
        found.append((t, weight))
    return found
