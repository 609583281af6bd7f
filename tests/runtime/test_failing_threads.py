"""A thread that raises: the others do not wait for it for ever, and the caller gets what it raised.

One thread runs the machine code of the time loop, the other a stand-in that raises.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bnsyn_dsl.assembly.assemble import assemble
from bnsyn_dsl.compiler import compile_network
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.runtime.simulation import Simulation
from tests import systems

ALONE = systems.network_text("LIF[40] { I_e = 500 pA }")
WIRED = systems.network_text("LIF[40] { I_e = ou.I }\n        ou : OUSource[40]")
SECONDS = 60.0  # far more than a run needs that ends
Shared = dict[str, Any]


class BrokenError(Exception):
    """What the stand-in raises."""


def raise_at_once(_shared: Shared) -> None:
    raise BrokenError


def raise_after_the_votes(shared: Shared) -> None:
    """Come to the first meeting of a step, but not to the second."""
    while shared["barrier"][0] < 1:
        time.sleep(0.001)
    shared["barrier"][0] += 1
    raise BrokenError


def raise_once_the_other_waits(shared: Shared) -> None:
    while shared["barrier"][0] < 1:
        time.sleep(0.001)
    time.sleep(0.1)
    raise BrokenError


def broken(text: str, stand_in: Callable[[Shared], None], cache: Path) -> Simulation:
    """Return a simulation on two threads, of which the second runs the stand-in."""
    log = DiagnosticLog()
    made = compile_network(systems.plan_of(text), CompileOptions(cache=cache), log)
    run = assemble(made, 2, log).simulation
    run.warm_up()
    compiled = run._advance

    def advance(*values: object) -> int:
        arguments = dict(zip(made.arguments, values, strict=True))
        if arguments["thread"] == 1:
            stand_in(arguments)
        return compiled(*values)

    run._advance = advance
    return run


def outcome(run: Simulation, steps: int) -> BaseException | None:
    """Return what the run raises; one that does not end is released after a while and fails."""
    barriers: list[NDArray[np.int64]] = []
    inner = run._advance

    def advance(*values: object) -> int:
        barriers.append(values[run._arguments.index("barrier")])  # type: ignore[arg-type]
        return inner(*values)

    run._advance = advance
    late = threading.Event()

    def release() -> None:
        late.set()
        for barrier in barriers:
            barrier[0] = 10**9

    watch = threading.Timer(SECONDS, release)
    watch.start()
    try:
        run.run(steps)
    except (BrokenError, RuntimeError) as problem:
        return problem
    finally:
        watch.cancel()
        assert not late.is_set(), "a thread waited for one that had failed"
    return None


@pytest.mark.parametrize(
    ("text", "stand_in"),
    [
        (ALONE, raise_at_once),
        (ALONE, raise_once_the_other_waits),
        (WIRED, raise_at_once),
        (WIRED, raise_after_the_votes),
    ],
)
def test_the_run_ends_with_what_the_thread_raised(
    text: str, stand_in: Callable[[Shared], None], tmp_path: Path
) -> None:
    run = broken(text, stand_in, tmp_path)
    assert isinstance(outcome(run, 100), BrokenError)
    assert run.step == 0


def test_a_thread_that_cannot_be_started_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = broken(ALONE, lambda _: None, tmp_path)
    start, started = threading.Thread.start, []

    def second_fails(thread: threading.Thread) -> None:
        if not isinstance(thread, threading.Timer):
            started.append(thread)
            if len(started) == 2:
                raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", second_fails)
    assert "can't start" in str(outcome(run, 100))
    assert not started[0].is_alive()


def test_a_run_that_failed_is_not_continued(tmp_path: Path) -> None:
    run = broken(ALONE, raise_at_once, tmp_path)
    assert isinstance(outcome(run, 100), BrokenError)
    with pytest.raises(RuntimeError, match="cannot be continued"):
        run.run(1)


def test_an_interrupt_does_not_hide_a_failure(tmp_path: Path) -> None:
    run = broken(ALONE, raise_at_once, tmp_path)
    work = run._call

    def interrupted(shared: Shared, q: int) -> int:
        if q == 0:
            while run._stop[0] != 2:
                time.sleep(0.001)
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
            time.sleep(0.1)  # the main thread handles it meanwhile
        return work(shared, q)

    run._call = interrupted  # type: ignore[method-assign,assignment]
    assert isinstance(outcome(run, 100), BrokenError)
    assert run._stop[0] == 2
