"""Modulators as arguments of the time loop: states, parameters, inputs of every pool."""

from __future__ import annotations

from typing import Any

import numpy as np

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.abi.stream_ids import stream_id
from bnsyn_dsl.analysis.step_multiples import drawn_periods
from bnsyn_dsl.assembly.values import evaluate_all
from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan, PlanValue, PoolPlan

__all__ = ["pool_arguments"]


def pool_arguments(builder: Any, shared: dict[str, Any]) -> None:
    """Add the arguments of all modulators.

    Raises:
        BnsError: the period of a clock that was drawn is no whole number of steps (BN408).
    """
    plan: NetworkPlan = builder.plan
    for number, (pool, shape) in enumerate(
        zip(plan.pools, builder.compiled.shape.pools, strict=True)
    ):
        prefix = f"pool{number}_"
        known: dict[Symbol, Value] = {Symbol("size", "size"): float(pool.size)}
        par = _rows(pool, pool.parameters, "parameter", known, plan)
        found = list(drawn_periods(pool, known, plan.dt, HOST_FUNCTIONS))
        if found:
            raise BnsError(found)
        inputs = np.zeros((max(len(pool.model.inputs), 1), pool.size))
        for row, given in enumerate(pool.model.inputs):
            if given.name not in pool.wires:
                values = {given.name: pool.inputs[given.name]}
                inputs[row] = _rows(pool, values, "input", known, plan)[0]
        states = _rows(pool, pool.initial, "state", known, plan)
        ids = [builder.numbering.first_id[p.population] for p in pool.sources]
        sources = [
            (first + p.first, first + p.last) for first, p in zip(ids, pool.sources, strict=True)
        ]
        streams = [stream_id(f"{pool.name}.{label}") for label in shape.pool.streams]
        shared.update({
            f"{prefix}states": states,
            f"{prefix}par": par,
            f"{prefix}inputs": inputs,
            f"{prefix}counts": np.zeros(max(len(pool.model.clocks), 1), np.int64),
            f"{prefix}sources": np.array(sources, np.int64).reshape(-1, 2),
            f"{prefix}streams": np.array([[0, 0, *streams]], np.int64),
            f"{prefix}size": float(sum(p.size for p in pool.sources)),
        })  # fmt: skip
        for k, wire in enumerate(shape.wires):
            if wire is not None:
                values_of = [plan.parameters[source] for _, source in wire.parameters]
                shared[f"{prefix}wire{k}"] = np.array([*values_of, 0.0])


def _rows(
    pool: PoolPlan,
    values: dict[str, PlanValue] | Any,
    kind: str,
    known: dict[Symbol, Value],
    plan: NetworkPlan,
) -> Any:
    found = evaluate_all(values, kind, pool.size, known, plan.seed, pool.name)
    rows = np.zeros((max(len(found), 1), pool.size))
    for row, name in enumerate(values):  # `found` is in the order of what depends on what
        rows[row] = found[name]
    return rows
