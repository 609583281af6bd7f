"""Compile new systems in other processes while this one builds the network.

Numba compiles one function at a time in a process. Most of what a first run waits for is the
`update` of each system, whose types follow from its manifest; machine code goes into Numba's cache,
where the time loop finds it. Each process, this one included, takes a module that nobody has
taken yet; what another process could not compile is compiled where it is called, as ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.codegen.backend import NewSystem
from bnsyn_dsl.codegen.module_files import load_module

__all__ = ["NumbaAhead", "compile_system", "update_types"]

_JOBS = "jobs.json"
_SCALARS = frozenset({"lo", "hi", "step", "seed_low", "seed_high", "n", "first_id"})
_TABLES = frozenset({"par", "derived", "varied", "scratch"})
_ITEMS = {"spiked": "int8", "spikes": "uint32", "refractory": "int32", "above": "int32"}
_LOOK = 0.005  # s between two looks at what the others do


def update_types(manifest: SystemManifest) -> tuple[Any, ...]:
    """Return the Numba types of the arguments of `update`, as the time loop calls it."""
    from numba import types

    floats = {"quanta"} | {
        a for a in manifest.array_arguments if not a.startswith("inbox_") and a not in _ITEMS
    }

    def type_of(name: str) -> Any:
        if name == "dt":
            return types.float64
        if name in _SCALARS:
            return types.int64
        if name in _TABLES or name == "segments":
            return types.Array(types.float64 if name in _TABLES else types.int64, 2, "C")
        item = types.float64 if name in floats else getattr(types, _ITEMS.get(name, "int64"))
        return types.Array(item, 1, "C")

    return tuple(map(type_of, manifest.update_arguments))


def compile_system(system: NewSystem) -> None:
    """Compile the `update` of a system, into Numba's cache."""
    module = load_module(system.module, system.path)
    module.update.compile(update_types(system.manifest))


@dataclass(frozen=True, slots=True)
class _Claims:
    """Files that say who does what: an empty one is made by whoever is first."""

    folder: Path

    def take(self, system: NewSystem) -> bool:
        """Claim a system; False where somebody else did."""
        try:
            (self.folder / system.module).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def done(self, system: NewSystem) -> Path:
        """Return the file that says that a system is compiled."""
        return self.folder / f"{system.module}.done"


class NumbaAhead:
    """Other processes at work; leaving the context ends them."""

    def __init__(self, systems: Sequence[NewSystem], processes: int) -> None:
        self._systems = tuple({s.module: s for s in systems}.values())
        self._others: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()
        count = min(processes - 1, len(self._systems))
        if count < 1 or not sys.executable or getattr(sys, "frozen", False):
            self._systems = ()
            return
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bnsyn-")))
        self._claims = _Claims(folder)
        jobs = [
            {"module": s.module, "path": str(s.path), "manifest": s.manifest.to_json()}
            for s in self._systems
        ]
        (folder / _JOBS).write_text(json.dumps(jobs), encoding="utf-8")
        command = [sys.executable, "-m", __name__, str(folder)]
        for _ in range(count):
            # what goes wrong there goes wrong here again, where it is shown
            quiet = subprocess.DEVNULL
            self._others.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))

    def finish(self) -> None:
        """Compile what nobody has begun, the last first, and wait for what others have."""
        waiting = [s for s in reversed(self._systems) if not self._compiled_here(s)]
        while any(not self._claims.done(s).exists() for s in waiting):
            if all(other.poll() is not None for other in self._others):
                return  # they ended before their time: the time loop compiles what it calls
            time.sleep(_LOOK)

    def _compiled_here(self, system: NewSystem) -> bool:
        if not self._claims.take(system):
            return False
        compile_system(system)
        return True

    def __enter__(self) -> NumbaAhead:
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
    """Compile systems until all are taken; what another process runs."""
    import numba  # noqa: F401  # takes long: whoever is ready first claims first

    claims = _Claims(folder)
    for job in json.loads((folder / _JOBS).read_text(encoding="utf-8")):
        manifest = SystemManifest.from_json(job["manifest"])
        system = NewSystem(module=job["module"], path=Path(job["path"]), manifest=manifest)
        if claims.take(system):
            compile_system(system)
            claims.done(system).touch()


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
    os._exit(0)  # nothing is left to be cleaned up, and the parent may wait
