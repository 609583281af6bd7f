"""The spike log: who spiked when, kept back to the longest delay and read by everybody.

One row per thread. `ids[q, pointers[q, j]:pointers[q, j + 1]]` are the spikes of time
`first + j` (in steps) of the neurons of thread q.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SpikeLog"]


class SpikeLog:
    """The log of one simulation; `factors` is float64[senders, threads, capacity]."""

    def __init__(self, n_threads: int, longest_delay: int, n_senders: int) -> None:
        self.n_threads = n_threads
        self.longest_delay = longest_delay
        self.n_senders = n_senders
        self.first = 0
        self.ids = np.zeros((n_threads, 1), np.uint32)
        self.factors = np.ones((n_senders, n_threads, 1))
        # the spikes of time 0 .. now; time 0 has none yet
        self.pointers = np.zeros((n_threads, 2), np.int64)
        self.now = 0

    def add_at_start(self, ids: NDArray[np.uint32]) -> None:
        """Log spikes of time 0 in the row of thread 0."""
        self._grow(len(ids))
        self.ids[0, : len(ids)] = ids
        self.pointers[0, 1:] = len(ids)

    def prepare(self, n_steps: int, room: int) -> None:
        """Forget what no delay reaches and make room for `n_steps` steps of `room` spikes each."""
        keep_from = max(0, self.now - self.longest_delay)
        shift = keep_from - self.first
        kept = self.now - keep_from + 2
        pointers = np.zeros((self.n_threads, kept + n_steps), np.int64)
        begins = self.pointers[:, shift].copy()
        held = self.pointers[:, shift : shift + kept] - begins[:, None]
        pointers[:, :kept] = held
        most = int(held[:, -1].max())
        ids = np.empty((self.n_threads, most + room), np.uint32)
        factors = np.empty((self.n_senders, self.n_threads, most + room))
        for q in range(self.n_threads):
            count = int(held[q, -1])
            ids[q, :count] = self.ids[q, begins[q] : begins[q] + count]
            factors[:, q, :count] = self.factors[:, q, begins[q] : begins[q] + count]
        self.ids, self.factors, self.pointers, self.first = ids, factors, pointers, keep_from

    def take(self, n_steps: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Advance by `n_steps` and return their spikes: steps and ids, ordered by both."""
        steps, ids = [], []
        at = self.now - self.first
        for q in range(self.n_threads):
            pointers = self.pointers[q, at + 1 : at + n_steps + 2]
            counts = np.diff(pointers)
            moments = np.arange(self.now + 1, self.now + n_steps + 1)
            steps.append(np.repeat(moments, counts))
            ids.append(self.ids[q, pointers[0] : pointers[-1]].astype(np.int64))
        self.now += n_steps
        self.pointers = self.pointers[:, : self.now - self.first + 2]
        all_steps, all_ids = np.concatenate(steps), np.concatenate(ids)
        if self.n_threads == 1:
            return all_steps, all_ids  # one thread writes in this order
        order = np.lexsort((all_ids, all_steps))
        return all_steps[order], all_ids[order]

    def wild_factor(
        self, n_steps: int, sender: int, first_id: int, size: int, most: float
    ) -> tuple[int, int, float] | None:
        """Return the first factor beyond +-`most`, or NaN, of the next `n_steps` steps.

        In: the steps that `take` will return, and those of time 0. `sender` transmits for the
        neurons from `first_id` on. Out: step, network-wide id and factor; None if all are inside.
        """
        at = self.now - self.first + (self.now > 0)
        for q in range(self.n_threads):
            pointers = self.pointers[q, at : self.now - self.first + n_steps + 2]
            spikes = slice(int(pointers[0]), int(pointers[-1]))
            ids, factors = self.ids[q, spikes], self.factors[sender, q, spikes]
            own = (ids >= first_id) & (ids < first_id + size)
            wild = np.flatnonzero(own & ~(np.abs(factors) <= most))
            if len(wild):
                row = int(np.searchsorted(pointers - pointers[0], wild[0], side="right")) - 1
                return self.first + at + row, int(ids[wild[0]]), float(factors[wild[0]])
        return None

    def _grow(self, room: int) -> None:
        if self.ids.shape[1] < room:
            self.ids = np.zeros((self.n_threads, room), np.uint32)
            self.factors = np.ones((self.n_senders, self.n_threads, room))
