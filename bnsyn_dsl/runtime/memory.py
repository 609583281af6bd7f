"""Asks for memory before it is taken: a run that cannot fit says so instead of being killed."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["NotEnoughMemory", "available_bytes", "require_memory"]

_MEMINFO = Path("/proc/meminfo")
# the limit of a container and what it uses, version 2 and version 1 of the interface
_CGROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


class NotEnoughMemory(ValueError):  # noqa: N818  the name is the sentence
    """What was asked for does not fit; raised before anything is allocated."""


def available_bytes() -> int:
    """Return the bytes that are free for new arrays, in the machine and in its container."""
    free = _free_of_machine()
    for limit_file, used_file in _CGROUPS:
        if limit_file.is_file() and used_file.is_file():
            limit = limit_file.read_text().strip()
            if limit != "max":
                free = min(free, int(limit) - int(used_file.read_text()))
    return max(free, 0)


def require_memory(n_bytes: int, what: str) -> None:
    """Raise `NotEnoughMemory` if `what` needs more than is free."""
    free = available_bytes()
    if n_bytes > free:
        raise NotEnoughMemory(
            f"not enough memory for {what}: {n_bytes / 1e9:.3g} GB needed, {free / 1e9:.3g} GB free"
        )


def _free_of_machine() -> int:
    if _MEMINFO.is_file():
        for line in _MEMINFO.read_text().splitlines():
            name, _, rest = line.partition(":")
            if name == "MemAvailable":
                return int(rest.split()[0]) * 1024
    # no account of what is free: take all physical memory as the bound
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
