"""Generated modules on disk: written once, found by content, loaded under one name for ever.

A module is registered in `sys.modules` before it is executed: Numba's cache records the name, and
a module that cannot be found by it would poison the cache for the next process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bnsyn_dsl.codegen.shared_functions import share_functions

__all__ = ["content_name", "load_module", "recall", "remember", "write_once"]


def content_name(stem: str, text: str) -> str:
    """Return the module name of a text: its stem and the hash of its content."""
    digest = _digest(text.encode())
    plain = "".join(c if c.isalnum() else "_" for c in stem).lower()
    return f"bnsyn_{plain[:60]}_{digest}"


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:12]


def write_once(path: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that no reader ever sees half of it.

    A file that is there already is left alone, unless something else than `text` is in it.
    """
    if path.exists() and path.read_bytes() == text.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    Path(name).replace(path)


def remember(directory: Path, key: str, entry: Mapping[str, Any]) -> None:
    """Note under `key` what was generated: `entry["module"]` is the name of the module."""
    write_once(directory / f"{key}.json", json.dumps(entry))


def recall(directory: Path, key: str) -> dict[str, Any] | None:
    """Return what was noted under `key`; None where it or its module is missing or damaged."""
    try:
        entry = json.loads((directory / f"{key}.json").read_bytes())
        name = entry["module"]
        text = (directory / f"{name}.py").read_bytes()
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = isinstance(entry, dict) and str(name).endswith(_digest(text))
    return entry if whole else None


def load_module(name: str, path: Path) -> ModuleType:
    """Import the module `name` from `path`, once per process."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    share_functions(module)
    return module
