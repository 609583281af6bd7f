"""The closed list of unit names, needed here only to recognise divisions that read two ways."""

from __future__ import annotations

__all__ = ["is_unit_name"]

_BASE = frozenset({"V", "A", "S", "F", "Ohm", "s", "Hz", "m", "M", "mol", "K", "J", "W"})
_WITHOUT_PREFIX = frozenset({"min", "h"})
_PREFIXES = (*"qryzafpnumcdhkMGTPEZYRQ", "da")


def is_unit_name(name: str) -> bool:
    """Return whether `name` is a unit, alone or with an SI prefix."""
    if name in _BASE or name in _WITHOUT_PREFIX:
        return True
    return any(name.startswith(p) and name[len(p) :] in _BASE for p in _PREFIXES)
