"""The arrays of a coupled system: parameters and initial states drawn, the rest allocated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.abi.stream_ids import stream_id
from bnsyn_dsl.assembly.checked_values import require_valid
from bnsyn_dsl.assembly.connections import refuse
from bnsyn_dsl.assembly.values import evaluate_all
from bnsyn_dsl.compiler import CompiledNetwork, CompiledSystem
from bnsyn_dsl.runtime.aligned import aligned_zeros
from bnsyn_dsl.runtime.memory import NotEnoughMemory, require_memory
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Symbol

__all__ = ["SystemArrays", "require_arrays", "system_arrays"]


@dataclass(slots=True, kw_only=True)
class SystemArrays:
    """The arrays of one coupled system, by the names of the arguments of its `update`."""

    compiled: CompiledSystem
    n: int
    segments: NDArray[np.int64]
    arrays: dict[str, NDArray[Any]]


def require_arrays(compiled: CompiledNetwork) -> None:
    """Refuse a network whose neurons do not fit into memory (BN404)."""
    total = 0
    for system in compiled.systems:
        neurons = sum(p.size for p in system.group.populations)
        total += neurons * 8 * (len(system.manifest.array_arguments) + system.manifest.varied)
    try:
        require_memory(total, "the neurons")
    except NotEnoughMemory as problem:
        raise refuse(problem, None) from problem


def system_arrays(compiled: CompiledSystem, module: Any, network: CompiledNetwork) -> SystemArrays:
    """Draw parameters and initial states of a system's populations; let `prepare` fill the rest.

    Raises:
        BnsError: a value is impossible.
    """
    manifest, plan = compiled.manifest, network.plan
    populations = compiled.group.populations
    sizes = [p.size for p in populations]
    n, firsts = sum(sizes), np.cumsum([0, *sizes])
    segments = np.zeros((len(sizes), 2 + len(manifest.streams)), np.int64)
    par = np.zeros((len(sizes), max(len(manifest.parameters), 1)))
    arrays = _allocate(manifest, n)
    for k, population in enumerate(populations):
        segments[k, :2] = firsts[k], firsts[k + 1]
        for j, label in enumerate(manifest.streams):
            segments[k, 2 + j] = stream_id(f"{population.name}.{label}")
        member = compiled.group.members[k]
        known: dict[Symbol, Value] = {Symbol("size", "size"): float(population.size)}
        part = slice(firsts[k], firsts[k + 1])
        values = evaluate_all(
            member.parameters, "parameter", population.size, known, plan.seed, population.name
        )
        for j, column in enumerate(manifest.parameters):
            par[k, j] = values[column.source]
        for column in manifest.varying:
            arrays[f"{column.name}_all"][part] = values[column.source]
        initial = evaluate_all(
            member.initial, "state", population.size, known, plan.seed, population.name
        )
        require_valid(population, compiled, known, plan.dt)
        for column in manifest.states:
            arrays[f"{column.name}_all"][part] = initial[column.source]
    arrays["segments"], arrays["par"] = segments, par
    arrays["derived"] = np.zeros((len(sizes), max(manifest.derived, 1)))
    arrays["varied"] = np.zeros((max(manifest.varied, 1), n))
    given = {**arrays, "dt": plan.dt}
    module.prepare(*(given[a] for a in manifest.prepare_arguments))
    return SystemArrays(compiled=compiled, n=n, segments=segments, arrays=arrays)


def _allocate(manifest: SystemManifest, n: int) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for column in (*manifest.varying, *manifest.states, *manifest.gathered):
        arrays[f"{column.name}_all"] = aligned_zeros(n)
    if manifest.has_refractory:
        arrays["refractory"] = aligned_zeros(n, np.int32)
    if manifest.is_edge:
        arrays["above"] = aligned_zeros(n, np.int32)
        arrays["above"][:] = 1
    return arrays
