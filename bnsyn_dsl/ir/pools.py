"""A modulator in the kernel language, ready to be printed for any backend."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.ir.nodes import Expr, Let

__all__ = ["PoolClock", "PoolKernel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolClock:
    """`every period`: steps, body, and whether it reads the spikes since its last tick."""

    steps: Expr
    body: tuple[Let, ...]
    reads_spikes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolKernel:
    """One modulator: names in the order of the model, and its code."""

    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    states: tuple[str, ...]
    drift: tuple[Let, ...]
    on_spike: tuple[Let, ...]
    clocks: tuple[PoolClock, ...]
    streams: tuple[str, ...]
    spikes: str
    size: str
