"""What an integrator is, and where integrators are found by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Update

__all__ = ["Integrator", "UnsuitableError"]


class UnsuitableError(Exception):
    """An integrator cannot handle a system; the message says which equation and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrator:
    """A named way to turn equations into the update of one step.

    `update(system)` raises `UnsuitableError` for systems it cannot handle. `order` is the order of
    convergence, None for exact. `stability_interval` is the largest |lambda*dt| on the negative
    real axis for which a linear decay stays stable, None where there is no such bound.
    """

    name: str
    update: Callable[[CoupledSystem], Update]
    order: float | None = None
    stability_interval: float | None = None
