"""Machine code made ahead of its use, by this process and others beside it.

Numba compiles one function at a time in a process, and a first run waits for little else. Machine
code goes into Numba's cache, where whoever calls the function finds it, so any process may make it:
a `Job` says how. Each process, this one included, takes a job that nobody has taken; what
another process could not do is done where it is needed, as ever.

Others begin at the first job that is certain to be needed, for they take half a second to start.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

__all__ = ["Ahead", "Job"]

_END = "end"
_LOOK = 0.005  # s between two looks at what there is to do
_PATIENCE = 60.0  # s without a job until a process ends, should nobody end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A call that leaves machine code in the cache; jobs of the lowest rank are taken first."""

    module: str
    function: str
    arguments: tuple[str, ...] = ()
    rank: int = 0

    def perform(self) -> None:
        """Make the call."""
        getattr(importlib.import_module(self.module), self.function)(*self.arguments)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A folder of jobs. An empty file claims a job: it is made by whoever is first."""

    folder: Path

    def lay(self, number: int, job: Job) -> None:
        """Lay a job down, as a whole."""
        new = self.folder / f"{number}.new"
        new.write_text(json.dumps(asdict(job)), encoding="utf-8")
        new.rename(self.folder / f"{job.rank}-{number:06}.job")

    def work(self) -> bool:
        """Do a job that nobody has taken; False where there is none."""
        for path in sorted(self.folder.glob("*.job")):
            try:
                path.with_suffix(".claim").touch(exist_ok=False)
            except FileExistsError:
                continue
            given = json.loads(path.read_text(encoding="utf-8"))
            Job(**{**given, "arguments": tuple(given["arguments"])}).perform()
            path.with_suffix(".done").touch()
            return True
        return False

    @property
    def pending(self) -> int:
        """How many jobs are not done."""
        jobs, done = (len(list(self.folder.glob(f"*.{state}"))) for state in ("job", "done"))
        return jobs - done


class Ahead:
    """Jobs, and processes that do them; leaving the context ends those.

    Args:
        processes: how many work, this one among them; with one, nothing is done ahead.
    """

    def __init__(self, processes: int) -> None:
        alone = not sys.executable or getattr(sys, "frozen", False)
        self._helpers = 0 if alone else max(processes - 1, 0)
        self._others: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()
        self._jobs: dict[Job, None] = {}
        self._desk: _Desk | None = None

    @property
    def pending(self) -> int:
        """How many jobs are neither done nor left to whoever calls what they compile."""
        return 0 if self._desk is None else self._desk.pending

    def add(self, *jobs: Job) -> None:
        """Add jobs; what was added before is not done again."""
        new = [job for job in jobs if job not in self._jobs]
        first = len(self._jobs)
        self._jobs |= dict.fromkeys(new)
        if self._desk is not None:
            for number, job in enumerate(new, first):
                self._desk.lay(number, job)

    def begin(self) -> None:
        """Start the other processes, once: something is new and will take long."""
        if self._helpers < 1 or self._desk is not None:
            return
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bnsyn-"))
        self._desk = _Desk(Path(folder))
        for number, job in enumerate(self._jobs):
            self._desk.lay(number, job)
        command = [sys.executable, "-m", __name__, folder]
        for _ in range(self._helpers):
            # what goes wrong there goes wrong here again, where it is shown
            quiet = subprocess.DEVNULL
            self._others.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))

    def finish(self) -> None:
        """Do what nobody has taken, and wait for what others do."""
        if self._desk is None:
            return
        (self._desk.folder / _END).touch()
        while self._desk.work():
            pass
        while self.pending:
            if all(other.poll() is not None for other in self._others):
                return  # they ended before their time: what is missing is made where it is called
            time.sleep(_LOOK)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for other in self._others:
            other.kill()
            other.wait()
        self._stack.close()


def _work(folder: Path) -> None:
    """Do jobs until there will be no more; what another process runs."""
    import numba  # noqa: F401  # takes long, and every job needs it

    desk, idle_since = _Desk(folder), time.monotonic()
    while time.monotonic() - idle_since < _PATIENCE:
        ended = (folder / _END).exists()
        if desk.work():
            idle_since = time.monotonic()
        elif ended:
            return
        else:
            time.sleep(_LOOK)


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
    os._exit(0)  # nothing is left to be cleaned up, and the parent may wait
