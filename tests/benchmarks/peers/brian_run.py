# mypy: ignore-errors
# Runs in an environment of its own: Brian2 is untyped and is not installed beside the project.
"""Build a network in Brian2 as C++ standalone, let it settle, time the run, report."""

import tempfile
import time
from collections.abc import Callable

import brian2 as b2
import numpy as np
from report import options, report


def measure(build: Callable, *, settle_ms: float, **sizes: int) -> None:
    """Time `build(**sizes)`, which returns a list of objects, the spike monitor last.

    Building is code generation, compilation and, inside the program, the connections.
    """
    given = options(duration_ms=1000.0, threads=1, **sizes)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        b2.set_device("cpp_standalone", build_on_run=False)
        if given.threads > 1:
            b2.prefs.devices.cpp_standalone.openmp_threads = given.threads
        b2.defaultclock.dt = 0.1 * b2.ms
        b2.seed(1)
        objects = build(**{name: getattr(given, name) for name in sizes})
        network = b2.Network(*objects)
        network.run(settle_ms * b2.ms)
        network.run(given.duration_ms * b2.ms)
        b2.device.build(directory=directory, run=False, compile=True)
        b2.device.run()
        run_s = b2.device._last_run_time  # of the second `run`
        spikes = int(np.count_nonzero(objects[-1].t >= settle_ms * b2.ms))
    report(
        simulator=f"Brian2 {b2.__version__} C++",
        build_s=time.perf_counter() - began - run_s,
        run_s=run_s,
        spikes=spikes,
        rate_hz=spikes / given.neurons / given.duration_ms * 1000,
    )
