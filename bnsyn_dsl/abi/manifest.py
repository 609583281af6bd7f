"""What a generated module says of itself, and the arrays it is called with.

A manifest is plain data (JSON): the runtime allocates from it and calls, and knows nothing of any
particular neuron.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ColumnInfo", "SystemManifest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """A parameter or state: identifier in the module, name in the model, unit, description."""

    name: str
    source: str
    unit: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemManifest:
    """One coupled system.

    `update_arguments` are the arguments of `update` in order; arrays among them are named after
    their value with `_all` behind it. `derived` and `varied` count the columns and rows that
    `prepare` fills. `streams` label the random streams, `<population>.<label>`. `clocks` says
    whether periods must be whole steps.
    """

    name: str
    method: str
    reason: str
    parameters: tuple[ColumnInfo, ...]
    varying: tuple[ColumnInfo, ...]
    states: tuple[ColumnInfo, ...]
    gathered: tuple[ColumnInfo, ...]
    receptors: tuple[str, ...]
    derived: int
    varied: int
    streams: tuple[str, ...]
    has_refractory: bool
    is_edge: bool
    spikes: bool
    observers: tuple[tuple[str, str], ...]
    array_arguments: tuple[str, ...]
    update_arguments: tuple[str, ...]
    prepare_arguments: tuple[str, ...]
    observe_arguments: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SystemManifest:
        """Make a manifest of what `to_json` returned."""
        known = dict(data)
        for key in ("parameters", "varying", "states", "gathered"):
            known[key] = tuple(ColumnInfo(**c) for c in known[key])
        for key in ("receptors", "streams", "array_arguments", "update_arguments",
                    "prepare_arguments", "observe_arguments"):  # fmt: skip
            known[key] = tuple(known[key])
        known["observers"] = tuple((a, b) for a, b in known["observers"])
        return cls(**known)
