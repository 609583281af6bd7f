"""What is replaceable is found by name among entry points and loaded when it is used."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from bnsyn_dsl.diagnostics import BnsError, error

__all__ = [
    "backend_names",
    "entry_points_of",
    "find",
    "integrator_names",
    "model_directories",
    "origin",
]

BACKENDS = "bnsyn_dsl.backends"
INTEGRATORS = "bnsyn_dsl.integrators"
MODELS = "bnsyn_dsl.models"


@cache
def entry_points_of(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group; asked once, since every package is read for it."""
    return tuple(entry_points(group=group))


def find(group: str, name: str) -> Any | None:
    """Return the object registered under `name`, None where there is none.

    Raises:
        BnsError: two packages register the name.
    """
    points = [point for point in entry_points_of(group) if point.name == name]
    match points:
        case []:
            return None
        case [only]:
            return only.load()
        case clash:
            owners = sorted({p.dist.name for p in clash if p.dist is not None})
            if len(owners) <= 1:
                return clash[0].load()
            message = f"`{name}` is registered by several packages: {', '.join(owners)}"
            raise BnsError([error("BN601", message, None)])


def origin(group: str, name: str) -> str:
    """Return which packages in which version register `name`: part of the key of what it made."""
    points = [point for point in entry_points_of(group) if point.name == name]
    owners = ((p.value, *((p.dist.name, p.dist.version) if p.dist else ())) for p in points)
    return repr(sorted(owners))


def _names(group: str) -> list[str]:
    return sorted({point.name for point in entry_points_of(group)})


def integrator_names() -> list[str]:
    """Return the names of all methods of integration."""
    return _names(INTEGRATORS)


def backend_names() -> list[str]:
    """Return the names of all backends."""
    return _names(BACKENDS)


@cache
def model_directories() -> tuple[Path, ...]:
    """Return the folders of models that installed packages offer.

    Such an entry point names a function or object that gives a path.
    """
    found = []
    for point in sorted(entry_points_of(MODELS), key=lambda p: p.name):
        value = point.load()
        found.append(Path(value() if callable(value) else value))
    return tuple(found)
