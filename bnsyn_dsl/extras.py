"""Packages that only some functions need: imported when one of these is called."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["extra_module"]


def extra_module(name: str, extra: str) -> Any:
    """Import the module `name`, which `bnsyn-dsl[extra]` brings.

    Raises:
        ImportError: it is not installed; the message says what to type.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as reason:
        message = f"this needs {name.partition('.')[0]}: pip install 'bnsyn-dsl[{extra}]'"
        raise ImportError(message) from reason
