"""Generated modules on disk: written once, found by content, loaded under one name for ever.

A module is registered in `sys.modules` before it is executed: Numba's cache records the name, and
a module that cannot be found by it would poison the cache for the next process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

__all__ = ["content_name", "load_module", "write_once"]


def content_name(stem: str, text: str) -> str:
    """Return the module name of a text: its stem and the hash of its content."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    plain = "".join(c if c.isalnum() else "_" for c in stem).lower()
    return f"bnsyn_{plain[:60]}_{digest}"


def write_once(path: Path, text: str) -> None:
    """Write a file beside its place and rename it, so that no reader ever sees half of it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


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
    return module
