"""Options of a compilation, passed by argument and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CompileOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileOptions:
    """How to compile: the backend by name, and where generated modules are kept.

    `learning` asks for a strategy of plasticity more general than the cheapest that is right:
    `replayed` or `swept`; the weights are the same up to rounding.
    """

    backend: str = "numba"
    cache: Path | None = None
    learning: str | None = None
