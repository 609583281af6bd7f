"""The outcome of a run: tables for the terminal, one object for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from rich.table import Table

from bnsyn_dsl.api.results import Results

__all__ = ["STAGES", "activity_json", "activity_table", "timing_table"]

STAGES: Final = ("parse", "analyse", "generate", "compile", "build", "run", "total")


def activity_table(results: Results) -> Table:
    """Return the table of populations: size, spikes, rate, irregularity."""
    table = _table()
    table.add_column("population")
    for title in ("neurons", "spikes", "rate", "ISI CV"):
        table.add_column(title, justify="right")
    rates, irregular = results.rates_hz, results.isi_cv
    for name, size in results.sizes.items():
        table.add_row(
            name,
            str(size),
            str(len(results.spikes[name])),
            _shown(rates[name], " Hz"),
            _shown(irregular[name], ""),
        )
    return table


def timing_table(results: Results) -> Table:
    """Return the table of timings, one column a stage."""
    table = _table()
    for stage in STAGES:
        table.add_column(stage, justify="right")
    table.add_row(*(f"{results.timing_s[stage]:.3f} s" for stage in STAGES))
    return table


def activity_json(results: Results, backend: str) -> dict[str, object]:
    """Return the outcome as plain values; what is not a number is None."""
    return {
        "network": results.network,
        "backend": backend,
        "threads": results.threads,
        "seed": results.seed,
        "dt_ms": results.dt_ms,
        "duration_ms": results.duration_ms,
        "spikes": {name: len(results.spikes[name]) for name in results.sizes},
        "rates_hz": _finite(results.rates_hz),
        "isi_cv": _finite(results.isi_cv),
        "spikes_sha256": results.spikes_sha256,
        "timing_s": {stage: results.timing_s[stage] for stage in STAGES},
    }


def _finite(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {n: None if v is None or not math.isfinite(v) else v for n, v in values.items()}


def _shown(value: float | None, unit: str) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.3g}{unit}"


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold")
