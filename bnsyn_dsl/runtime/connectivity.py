"""Builds delivery tables from projections: the same network whatever the number of threads.

Input: requests, the inbox ranges of each thread, a seed. Output: one `DeliveryTable` per thread,
which holds exactly the synapses whose inbox index lies in its ranges. Two passes: synapses are
enumerated and counted, then enumerated again and written in place; nothing larger than the result
is ever held. Within a pass the projections follow one another and all threads share each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.runtime.connection_classes import form_classes
from bnsyn_dsl.runtime.connection_passes import Counters, count_pass, fill_pass
from bnsyn_dsl.runtime.connection_requests import (
    DelayRounding,
    Port,
    ProjectionRequest,
    check_lengths,
    plan,
)
from bnsyn_dsl.runtime.connection_rules import Rule
from bnsyn_dsl.runtime.connection_survey import Crew, survey
from bnsyn_dsl.runtime.delivery_tables import DeliveryTable, lay_out
from bnsyn_dsl.runtime.memory import require_memory

__all__ = [
    "BuiltTables",
    "DelayRounding",
    "DeliveryTable",
    "Port",
    "ProjectionRequest",
    "Rule",
    "build_tables",
    "estimate_bytes",
    "synapses",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltTables:
    """One table per thread, and what rounding did to the delays of each projection."""

    tables: list[DeliveryTable]
    roundings: list[DelayRounding]


def build_tables(
    requests: Sequence[ProjectionRequest],
    n_rows: int,
    owned: Sequence[Sequence[tuple[int, int]]],
    seed: int,
    *,
    encode: bool = True,
) -> BuiltTables:
    """Build the tables of all threads.

    Args:
        requests: the projections.
        n_rows: number of neurons in the network-wide numbering of sources.
        owned: for each thread its inbox ranges [lo, hi); together they hold every target.
        seed: of the run, 0 to 2^64 - 1.
        encode: weights as int64 in fixed point; else float64, share and scale multiplied in.

    Raises:
        ValueError: if a projection cannot be built as asked; its name is in the sentence.
        NotEnoughMemory: before anything large is allocated.
    """
    require_memory(estimate_bytes(requests, n_rows, len(owned)), "the connectivity")
    with ThreadPoolExecutor(max(len(owned), 1)) as pool:
        crew = Crew(pool=pool, threads=len(owned))
        plans = crew.run(lambda request: plan(request, seed), requests)
        surveys = [survey(each, crew) for each in plans]
        classes, cells, weight_cells = form_classes(surveys, owned, n_rows, encoded=encode)
        require_memory(8 * (cells + weight_cells), "counting the synapses")
        counters = Counters(
            synapses=np.zeros(cells, np.int64), weights=np.zeros(weight_cells, np.int64)
        )
        count_pass(classes, counters, crew)
        delays = np.unique(np.concatenate([np.empty(0, np.int64), *(s.steps for s in surveys)]))
        layout = lay_out(classes, counters, delays, n_rows, crew)
        fill_pass(classes, counters, crew, layout.targets, layout.bits, encoded=encode)
        if any(each.enumeration.outer == "draw" for each in plans):
            crew.run(layout.sort, range(crew.threads))
    return BuiltTables(
        tables=[layout.table(t, encoded=encode) for t in range(len(owned))],
        roundings=[each.rounding() for each in surveys],
    )


def synapses(
    request: ProjectionRequest, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return source element, target element, weight and delay (ms) in canonical order.

    Weights are neither multiplied by a share nor rounded, delays not rounded.
    """
    made = plan(request, seed)
    found = [np.empty((2, 0), np.int64)]
    for pairs in made.enumeration.chunks(0, made.enumeration.outer_size):
        found.append(np.array(pairs, np.int64))  # a copy: the next chunk reuses the buffers
    sources, targets = np.concatenate(found, axis=1)
    check_lengths(made, len(sources))
    return sources, targets, made.weights(0, len(sources)), made.delays(0, len(sources))


def estimate_bytes(
    requests: Iterable[ProjectionRequest], n_rows: int, n_threads: int, n_delays: int = 1
) -> int:
    """Return about how many bytes the tables of all threads take.

    `n_delays` is the number of distinct delays in steps, where it is known.
    """
    total = 4 * n_rows * n_delays * n_threads
    for request in requests:
        number = expected_synapses(request)
        equal = _is_constant(request.weight)
        groups = min(request.source_size * n_delays * n_threads, number)
        total += len(request.ports) * (number * (4 if equal else 12) + 32 * groups)
        if request.rule.kind == "explicit":
            total += 8 * number
    return total


def expected_synapses(request: ProjectionRequest) -> int:
    """Return the number of synapses of a projection, for Bernoulli with 6 standard deviations."""
    rule = request.rule
    pairs = request.source_size * request.target_size
    match rule.kind:
        case "one_to_one":
            return request.source_size
        case "all_to_all":
            return pairs
        case "pairwise_bernoulli":
            p = min(1.0, max(0.0, rule.p))
            return int(pairs * p + 6.0 * (pairs * p * (1.0 - p)) ** 0.5)
        case "fixed_indegree":
            return rule.count * request.target_size
        case "fixed_outdegree":
            return rule.count * request.source_size
        case "fixed_total_number":
            return rule.count
        case "explicit":
            return 0 if rule.sources is None else len(rule.sources)


def _is_constant(values: object) -> bool:
    return getattr(values, "kind", None) == "constant"
