"""Run a network: call the generated time loop in chunks, on threads, and keep what is recorded.

In: generated functions, arrays by the names of their arguments, what is recorded. Out: spikes and
recordings. Knows nothing of neurons; what it allocates and calls, the manifest says.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.memory import require_memory
from bnsyn_dsl.runtime.spike_log import SpikeLog
from bnsyn_dsl.runtime.stops import (
    FactorOutOfRange,
    NotFinite,
    RateOutOfRange,
    RunStopped,
    WeightOutOfRange,
)

__all__ = [
    "MOST_FACTOR",
    "EventRoom",
    "Probe",
    "Progress",
    "Simulation",
    "Snapshot",
    "SystemRange",
]

MOST_FACTOR = 2.0**10  # by this much a factor of short-term plasticity may enlarge a weight
_CHUNK_STEPS = 5000
_LOG_SPIKES = 20_000_000
_RATE, _WEIGHT = 2, 3  # the status of a thread that met an impossible rate, or weight
_CHUNKS_BETWEEN_CHECKS = 2  # of the synapses, which may be many
_ASKED, _FAILED = 1, 2  # why a run stops: Ctrl-C, or a thread that raised and never comes to meet


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRange:
    """The neurons of one coupled system that each thread owns, and its state arrays."""

    n: int
    bounds: tuple[tuple[int, int], ...]
    states: Mapping[str, NDArray[np.float64]]


@dataclass(slots=True, kw_only=True)
class Probe:
    """A recorder: `chosen` neurons of a system every `every` steps; rows are appended."""

    number: int
    chosen: NDArray[np.int64]
    ranges: tuple[tuple[int, int], ...]
    every: int
    rows: list[NDArray[np.float64]] = field(default_factory=list)

    def due(self, first: int, n_steps: int) -> int:
        """Return how many rows fall into the steps first+1 .. first+n_steps."""
        return (first + n_steps) // self.every - first // self.every


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """A recorder of synapses: `read(step)` every `every` steps, between calls of the time loop."""

    number: int
    size: int
    every: int
    read: Callable[[int], NDArray[np.float64]]
    rows: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRoom:
    """Arguments of a rule that notes post spikes; they get room for those of a call."""

    prefix: str

    def make(self, arguments: dict[str, Any], room: int) -> None:
        """Give the arrays of one thread room for `room` more events."""
        count = int(arguments[f"{self.prefix}event_count"][0])
        for name in ("events", "event_post"):
            old = arguments[f"{self.prefix}{name}"]
            if len(old) < count + room:
                new = np.zeros((2 * (count + room), old.shape[1]), old.dtype)
                new[:count] = old[:count]
                arguments[f"{self.prefix}{name}"] = new


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: steps done of those asked for, and seconds since it began."""

    done: int
    total: int
    seconds: float


@contextmanager
def _interrupts_set(stop: NDArray[np.int64]) -> Iterator[None]:
    """Let Ctrl-C set a flag meanwhile: an exception anywhere else would tear the spike log."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: object) -> None:
        # in one call: no thread can fail between the look and the change and be overwritten
        np.maximum(stop, _ASKED, out=stop)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        # None: the handler was set outside of Python and cannot be put back
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


class Simulation:
    """Arrays and a clock. `shared` are arguments that all threads see, `own` one set each."""

    def __init__(
        self,
        *,
        advance: Callable[..., int],
        arguments: Sequence[str],
        shared: Mapping[str, object],
        own: Sequence[dict[str, Any]],
        systems: Sequence[SystemRange],
        probes: Sequence[Probe],
        longest_delay: int,
        window: int,
        n_senders: int = 0,
        spikes_at_start: NDArray[np.uint32] | None = None,
        growing: Sequence[EventRoom] = (),
    ) -> None:
        self._advance = advance
        self._arguments = tuple(arguments)
        self._shared = dict(shared)
        self._own = list(own)
        self._growing = tuple(growing)
        self.snapshots: list[Snapshot] = []
        self.learning: dict[str, Any] = {}
        self.checks: list[Callable[[int], RunStopped | None]] = []
        self.systems = tuple(systems)
        self.probes = tuple(probes)
        self.n_threads = len(own)
        self.log = SpikeLog(self.n_threads, longest_delay, n_senders)
        if spikes_at_start is not None and len(spikes_at_start):
            self.log.add_at_start(spikes_at_start)
        self._window = window
        self._stop = np.zeros(1, np.int64)
        self._status = [np.zeros(2, np.int64) for _ in own]
        self.spike_steps: list[NDArray[np.int64]] = []
        self.spike_ids: list[NDArray[np.int64]] = []
        if spikes_at_start is not None and len(spikes_at_start):
            self.spike_steps.append(np.zeros(len(spikes_at_start), np.int64))
            self.spike_ids.append(np.sort(spikes_at_start).astype(np.int64))
        self.seconds = 0.0

    @property
    def step(self) -> int:
        """The number of steps done since the beginning."""
        return self.log.now

    def run(self, n_steps: int, report: Callable[[Progress], None] | None = None) -> bool:
        """Run `n_steps` more steps; False when interrupted by Ctrl-C, what was recorded is kept.

        Raises:
            RunStopped: a number became impossible (see `stops.py`); what was recorded is kept.
            RuntimeError: an earlier run failed on one of its threads.
            BaseException: what a thread raised; the neurons are at different times afterwards.
        """
        if self._stop[0] == _FAILED:
            raise RuntimeError("a thread failed in an earlier run, which cannot be continued")
        began, target = time.perf_counter(), self.step + n_steps
        self._stop[0] = 0
        neurons = sum(s.n for s in self.systems) + 1
        with _interrupts_set(self._stop):
            self._run_chunks(target, neurons, began, report)
        self.seconds += time.perf_counter() - began
        return self.step >= target

    def _run_chunks(
        self,
        target: int,
        neurons: int,
        began: float,
        report: Callable[[Progress], None] | None,
    ) -> None:
        first, chunks = self.step, 0
        while self.step < target and self._stop[0] == 0:
            chunk = min(target - self.step, max(_CHUNK_STEPS, 2 * self._window))
            chunk = max(min(chunk, max(_LOG_SPIKES // neurons, 1) + 4 * self._window), 1)
            for snapshot in self.snapshots:
                chunk = min(chunk, snapshot.every - self.step % snapshot.every)
            self._run_chunk(chunk, self._room(neurons, chunk))
            chunks += 1
            if chunks % _CHUNKS_BETWEEN_CHECKS == 0 or self.step >= target:
                self._check_synapses()
            for snapshot in self.snapshots:
                if self.step % snapshot.every == 0:
                    snapshot.rows.append(snapshot.read(self.step))
            if report is not None:
                seconds = time.perf_counter() - began
                report(Progress(done=self.step - first, total=target - first, seconds=seconds))

    def warm_up(self) -> None:
        """Call the time loop for no step, so that it is compiled before time is measured.

        Raises:
            NotEnoughMemory: the spikes of a chunk of steps have no place.
        """
        neurons = sum(s.n for s in self.systems) + 1
        each = 4 + 8 * self.log.factors.shape[0]
        require_memory(self._room(neurons, 1) * self.n_threads * each, "the log of spikes")
        self._run_chunk(0, 1)

    def _room(self, neurons: int, chunk: int) -> int:
        """Return room for spikes: a tenth of all neurons in every step, one window at least.

        Spikes that are given in advance all have a place.
        """
        sources = max(len(own.get("source_ids", ())) for own in self._own)
        tenth = neurons * chunk // 10
        return max(tenth, 2 * neurons * self._window) + sources + 1024

    # -------------------------------------------------------------------------- chunks

    def _run_chunk(self, n_steps: int, room: int) -> None:
        """Run up to `n_steps` steps, fewer when asked to stop."""
        self.log.prepare(n_steps, room)
        for growing in self._growing:
            for arguments in self._own:
                growing.make(arguments, self.log.ids.shape[1])
        rows = {
            p.number: np.full((max(p.due(self.step, n_steps), 1), len(p.chosen)), np.nan)
            for p in self.probes
        }
        shared = self._chunk_arguments(n_steps, rows)
        done = [0] * self.n_threads
        self._on_threads(shared, done)
        steps = min(done)
        for probe in self.probes:
            probe.rows.append(rows[probe.number][: probe.due(self.step, steps)])
        wild = self._wild_factor(steps)
        found_steps, found_ids = self.log.take(steps)
        self.spike_steps.append(found_steps)
        self.spike_ids.append(found_ids)
        if wild is not None:
            raise wild
        self._check_finite()

    def _wild_factor(self, n_steps: int) -> FactorOutOfRange | None:
        """Return what is wrong with the factors of the steps that were just done.

        They are checked here and not where they are made: one comparison of arrays for each chunk
        instead of a branch in the time loop.
        """
        for sender in range(self.log.n_senders):
            first, size = (int(n) for n in self._shared[f"sender{sender}_range"])  # type: ignore[attr-defined]
            found = self.log.wild_factor(n_steps, sender, first, size, MOST_FACTOR)
            if found is not None:
                step, spiking, value = found
                return FactorOutOfRange(sender, spiking - first, step, value)
        return None

    def _chunk_arguments(
        self, n_steps: int, rows: Mapping[int, NDArray[np.float64]]
    ) -> dict[str, object]:
        rounds = n_steps // self._window + 3
        shared = dict(self._shared)
        shared.update(
            n_threads=self.n_threads,
            step_first=self.step,
            n_steps=n_steps,
            window=self._window,
            barrier=np.zeros(1, np.int64),
            votes=np.zeros(rounds, np.int64),
            stop=self._stop,
            log_first=self.log.first,
            log_ids=self.log.ids,
            log_ptr=self.log.pointers,
            log_factor=self.log.factors,
        )
        shared.update({f"probe{number}_out": out for number, out in rows.items()})
        return shared

    def _on_threads(self, shared: Mapping[str, object], done: list[int]) -> None:
        """Call the time loop on every thread; the main thread waits, so that Ctrl-C reaches it.

        Raises:
            BaseException: what the first thread that failed raised, after all threads have ended.
        """
        errors: list[BaseException] = []

        def work(q: int) -> None:
            try:
                done[q] = self._call(shared, q)
            except BaseException as problem:
                errors.append(problem)
                self._stop[0] = _FAILED

        crew: list[threading.Thread] = []
        try:
            for q in range(self.n_threads):
                thread = threading.Thread(target=work, args=(q,))
                thread.start()
                crew.append(thread)
        except BaseException:
            self._stop[0] = _FAILED  # the others would wait for the one that did not start
            raise
        finally:
            for thread in crew:
                thread.join()
        if errors:
            raise errors[0]

    def _call(self, shared: Mapping[str, object], q: int) -> int:
        own = self._own[q]
        fixed = {"thread": q, "status": self._status[q]}
        values = [
            fixed[a] if a in fixed else own[a] if a in own else shared[a] for a in self._arguments
        ]
        return int(self._advance(*values))

    def _check_synapses(self) -> None:
        for check in self.checks:
            found = check(self.step)
            if found is not None:
                raise found

    def _check_finite(self) -> None:
        for status in self._status:
            if status[0] == 0:
                continue
            if status[0] == _RATE:
                raise RateOutOfRange(int(status[1]))
            self._check_synapses()  # a weight that is no number may be behind it
            if status[0] == _WEIGHT:
                raise WeightOutOfRange(int(status[1]))
            for number, system in enumerate(self.systems):
                for name, values in system.states.items():
                    bad = np.nonzero(~np.isfinite(values))[0]
                    if len(bad):
                        index = int(bad[0])
                        raise NotFinite(number, name, index, int(status[1]), float(values[index]))
            status[:] = 0

    # ------------------------------------------------------------------------- results

    def spikes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return all spikes so far: steps and network-wide ids, ordered by step, then id."""
        if not self.spike_steps:
            empty = np.zeros(0, np.int64)
            return empty, empty.copy()
        return np.concatenate(self.spike_steps), np.concatenate(self.spike_ids)

    def recorded(self, number: int) -> NDArray[np.float64]:
        """Return the rows of a probe so far: float64[times, neurons]."""
        probe = next(p for p in self.probes if p.number == number)
        if not probe.rows:
            return np.zeros((0, len(probe.chosen)))
        return np.concatenate(probe.rows)
