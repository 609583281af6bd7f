"""Where the package keeps its models and templates, installed or in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = [
    "cache_directory",
    "compile_processes",
    "models_directory",
    "processors",
    "templates_directory",
]

_PACKAGE = Path(__file__).resolve().parent


def models_directory() -> Path:
    """Return the folder of the model library."""
    return _beside("models")


def templates_directory() -> Path:
    """Return the folder of the templates, one sub-folder per backend."""
    return _beside("templates")


def _beside(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def cache_directory() -> Path:
    """Return the folder of generated modules: `BNSYN_CACHE_DIR`, or the user's cache."""
    given = os.environ.get("BNSYN_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bnsyn"


def compile_processes() -> int:
    """Return in how many processes to compile: `BNSYN_COMPILE_PROCESSES`, or one for each core.

    Raises:
        ValueError: the variable is not a whole number of at least 1.
    """
    given = os.environ.get("BNSYN_COMPILE_PROCESSES")
    if not given:
        return processors()
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"is `{given}`, which is no number of processes")
    return int(given)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
