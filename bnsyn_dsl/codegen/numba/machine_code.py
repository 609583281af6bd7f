"""Machine code of systems and rules before anybody calls it.

The types of a system's arguments follow from its manifest, those of a rule from their names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.ahead import Job
from bnsyn_dsl.codegen.module_files import load_module

__all__ = [
    "compile_prepare",
    "compile_rule",
    "compile_update",
    "prepare_types",
    "rule_jobs",
    "rule_types",
    "system_jobs",
    "update_types",
]

_SCALARS = frozenset({"lo", "hi", "step", "seed_low", "seed_high", "n", "first_id"})
_TABLES = frozenset({"par", "derived", "varied", "scratch"})
_ITEMS = {"spiked": "int8", "spikes": "uint32", "refractory": "int32", "above": "int32"}

_PREPARE = ("par", "dt", "decay")  # of a rule
_RULE_SCALARS = frozenset({"step", "thread", "n_threads", "n", "log_first"})
_RULE_ITEMS = {
    **dict.fromkeys(("cell_groups", "targets", "log_ids"), "uint32"),
    **dict.fromkeys(("last_event", "events", "recent"), "int32"),
    **dict.fromkeys(
        ("own", "place", "base", "delays", "group_start", "log_ptr", "inbox", "status", "ports",
         "sent", "arrived", "event_count"),
        "int64",
    ),
    "fired": "int8",
}  # fmt: skip
_RULE_TABLES = frozenset({
    "log_ids", "log_ptr", "sent", "decay", "factors", "integrals", "synapse", "pre", "post", "sums",
    "events", "event_post", "recent", "out",
})  # fmt: skip


def system_jobs(module: str, path: Path, manifest: SystemManifest) -> tuple[Job, ...]:
    """Return what makes the machine code of a system; `update` takes longest by far."""
    given = (module, str(path), json.dumps(manifest.to_json()))
    return (
        Job(module=__name__, function="compile_update", arguments=given),
        Job(module=__name__, function="compile_prepare", arguments=given, rank=2),
    )


def rule_jobs(module: str, path: Path, arguments: Mapping[str, tuple[str, ...]]) -> tuple[Job, ...]:
    """Return what makes the machine code of a rule.

    `arrive` takes longest. What goes through all synapses calls `settle`, so one process has that.
    """
    first, last = ["arrive"], ["prepare", "fire"]
    shared = [function for function in arguments if function not in ("arrive", "fire", "settle")]
    jobs = []
    for rank, functions in enumerate((first, shared, last)):
        given = json.dumps({f: arguments.get(f, _PREPARE) for f in functions})
        named = (module, str(path), given)
        jobs.append(Job(module=__name__, function="compile_rule", arguments=named, rank=rank))
    return tuple(jobs)


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


def compile_rule(module: str, path: str, arguments: str) -> None:
    """Compile some functions of a rule, given with their arguments, into Numba's cache."""
    rule = load_module(module, Path(path))
    for function, names in json.loads(arguments).items():
        getattr(rule, function).compile(rule_types(names))


def rule_types(arguments: Sequence[str]) -> tuple[Any, ...]:
    """Return the Numba types of the arguments of a rule's function, as the time loop calls it."""
    from numba import types

    def type_of(name: str) -> Any:
        if name in _RULE_SCALARS or name == "dt":
            return types.float64 if name == "dt" else types.int64
        item = getattr(types, _RULE_ITEMS.get(name, "float64"))
        table = name in _RULE_TABLES or name.startswith("spike_factors")
        return types.Array(item, 2 if table else 1, "C")

    return tuple(map(type_of, arguments))


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
