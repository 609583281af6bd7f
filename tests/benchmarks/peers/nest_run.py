# mypy: ignore-errors
# Runs in an environment of its own: NEST is untyped and is not installed beside the project.
"""Build a network in NEST, let it settle, time the run, report."""

import time
from collections.abc import Callable

import nest
from report import options, report


def measure(build: Callable, *, settle_ms: float, **sizes: int) -> None:
    """Time `build(**sizes)`, which returns its spike recorder; sizes are command line options."""
    given = options(duration_ms=1000.0, threads=1, **sizes)
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1, "local_num_threads": given.threads})
    began = time.perf_counter()
    recorder = build(**{name: getattr(given, name) for name in sizes})
    nest.Simulate(settle_ms)
    built, before = time.perf_counter(), recorder.n_events
    nest.Simulate(given.duration_ms)
    ended = time.perf_counter()
    spikes = recorder.n_events - before
    report(
        simulator=f"NEST {nest.__version__}",
        build_s=built - began,
        run_s=ended - built,
        spikes=spikes,
        rate_hz=spikes / given.neurons / given.duration_ms * 1000,
    )
