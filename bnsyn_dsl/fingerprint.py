"""Keys of the cache: what is compiled, and the compiler itself."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from bnsyn_dsl import __version__
from bnsyn_dsl.resources import templates_directory

__all__ = ["fingerprint"]

_STAGES = ("abi", "analysis", "codegen", "ir", "lowering")


def fingerprint(*parts: str) -> str:
    """Return a key for `parts` that changes whenever the compiler's text does."""
    digest = hashlib.sha256(_compiler().encode())
    for part in parts:
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()[:24]


@cache
def _compiler() -> str:
    digest = hashlib.sha256(__version__.encode())
    package = Path(__file__).resolve().parent
    files = [f for stage in _STAGES for f in sorted((package / stage).rglob("*.py"))]
    files += sorted(templates_directory().rglob("*.j2"))
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
