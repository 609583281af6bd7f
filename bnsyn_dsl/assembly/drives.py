"""Poisson drives as arguments of the time loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.abi.stream_ids import stream_id
from bnsyn_dsl.diagnostics import BnsError, error
from bnsyn_dsl.runtime.draws import Draw, draw_array
from bnsyn_dsl.runtime.fixed_point import encode

if TYPE_CHECKING:
    from bnsyn_dsl.assembly.connections import Inboxes
    from bnsyn_dsl.assembly.numbering import Numbering
    from bnsyn_dsl.semantics.plan import NetworkPlan

__all__ = ["drive_arguments"]

_LARGEST_MEAN = 1000.0
_TABLE = 1280


def drive_arguments(
    plan: NetworkPlan,
    numbering: Numbering,
    inboxes: Inboxes,
    weights: Mapping[str, Draw | NDArray[np.float64]],
    bounds: Sequence[tuple[tuple[int, int], ...]],
    own: list[dict[str, object]],
) -> None:
    """Add the drives to the arguments of each thread; a port of a drive is an entry of its own."""
    rows: list[tuple[int, int, int, int, int, int]] = []
    masses: list[NDArray[np.int64]] = []
    systems: list[int] = []
    at = 0
    for number, drive in enumerate(plan.drives):
        system, first = numbering.place[drive.target.population]
        weight = weights[drive.name]
        size = drive.target.size
        values = (
            draw_array(weight, size, plan.seed, f"{drive.name}.weight")
            if isinstance(weight, Draw)
            else weight
        )
        delay = int(np.floor(drive.delay / plan.dt + 0.5))
        for port in drive.ports:
            base = inboxes.base[system, port.receptor] + first + drive.target.first
            bits = inboxes.bits[system, port.receptor]
            stream = stream_id(f"{drive.name}.arrivals")
            rows.append((base, first + drive.target.first, size, stream, delay, number))
            masses.append(encode(values * port.share, bits))
            systems.append(system)
            at += size
    table = np.array(rows, np.int64).reshape(-1, 6)
    starts = np.concatenate([[0], np.cumsum(table[:, 2])])[:-1]
    for q, arguments in enumerate(own):
        ranges = np.zeros((len(rows), 2), np.int64)
        for k, row in enumerate(rows):
            lo, hi = bounds[systems[k]][q]
            ranges[k] = max(lo - row[1], 0), min(hi - row[1], row[2])
        ranges[:, 1] = np.maximum(ranges[:, 0], ranges[:, 1])
        arguments.update(
            drive_inbox=table[:, 0].copy(),
            drive_range=ranges,
            drive_stream=table[:, 3].copy(),
            drive_delay=table[:, 4].copy(),
            drive_weight_at=starts.astype(np.int64),
            drive_weights=np.concatenate(masses) if masses else np.zeros(0, np.int64),
            drive_table=table[:, 5].copy(),
            counts=np.zeros((64, 4), np.uint32),
        )
        arguments.update(_tables(plan))


def _tables(plan: NetworkPlan) -> dict[str, object]:
    from bnsyn_dsl.runtime.compiled.poisson_tables import fill_table

    guide = np.zeros((len(plan.drives), 1024), np.int32)
    cdf = np.zeros((len(plan.drives), _TABLE), np.uint32)
    means = np.full(len(plan.drives), -1.0)
    for k, drive in enumerate(plan.drives):
        if not isinstance(drive.rate, float):
            continue
        mean = drive.rate * plan.dt
        if not 0.0 <= mean <= _LARGEST_MEAN:
            raise BnsError(
                [
                    error(
                        "BN405",
                        f"`poisson` sends {mean:g} spikes per step; at most {_LARGEST_MEAN:g}",
                        drive.span,
                        help="use a smaller rate and a larger weight, or a smaller dt",
                    )
                ]
            )
        fill_table(mean, guide[k], cdf[k])
        means[k] = mean
    return {"table_guide": guide, "table_cdf": cdf, "table_mean": means}
