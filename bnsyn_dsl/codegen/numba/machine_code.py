"""Machine code of a system before anybody calls it: the types follow from its manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ahead import Job
from bnsyn_dsl.codegen.module_files import load_module

__all__ = ["compile_prepare", "compile_update", "prepare_types", "system_jobs", "update_types"]

_SCALARS = frozenset({"lo", "hi", "step", "seed_low", "seed_high", "n", "first_id"})
_TABLES = frozenset({"par", "derived", "varied", "scratch"})
_ITEMS = {"spiked": "int8", "spikes": "uint32", "refractory": "int32", "above": "int32"}


def system_jobs(module: str, path: Path, manifest: SystemManifest) -> tuple[Job, ...]:
    """Return what makes the machine code of a system; `update` takes longest by far."""
    given = (module, str(path), json.dumps(manifest.to_json()))
    return (
        Job(module=__name__, function="compile_update", arguments=given),
        Job(module=__name__, function="compile_prepare", arguments=given, rank=2),
    )


def update_types(manifest: SystemManifest) -> tuple[Any, ...]:
    """Return the Numba types of the arguments of `update`, as the time loop calls it."""
    return _types(manifest, manifest.update_arguments)


def prepare_types(manifest: SystemManifest) -> tuple[Any, ...]:
    """Return the Numba types of the arguments of `prepare`."""
    return _types(manifest, manifest.prepare_arguments)


def compile_update(module: str, path: str, manifest: str) -> None:
    """Compile `update` into Numba's cache."""
    types = update_types(SystemManifest.from_json(json.loads(manifest)))
    load_module(module, Path(path)).update.compile(types)


def compile_prepare(module: str, path: str, manifest: str) -> None:
    """Compile `prepare` into Numba's cache."""
    types = prepare_types(SystemManifest.from_json(json.loads(manifest)))
    load_module(module, Path(path)).prepare.compile(types)


def _types(manifest: SystemManifest, arguments: Sequence[str]) -> tuple[Any, ...]:
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

    return tuple(map(type_of, arguments))
