"""Files that are whole or not there: written beside their place, then renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from bnsyn_dsl.diagnostics import BnsError, error

__all__ = ["cannot_write", "require_folder", "write_atomically"]

_NEW_FILE_MODE = 0o666


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write or overwrite a file, text as UTF-8; links are followed, rights of an old file stay.

    Raises:
        BnsError: it cannot be written.
    """
    place = Path(path).resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = place.stat().st_mode & 0o777 if place.exists() else _NEW_FILE_MODE & ~_umask()
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            Path(name).chmod(mode)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as reason:
        raise cannot_write(path, reason) from reason


def require_folder(path: str | None) -> None:
    """Refuse a folder that could not be written to, before hours of a run are lost.

    Raises:
        BnsError: it exists, and is no folder or is protected.
    """
    if path is None or not Path(path).exists():
        return
    if not Path(path).is_dir():
        raise cannot_write(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if not os.access(path, os.W_OK):
        raise cannot_write(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def cannot_write(path: str | Path, reason: OSError) -> BnsError:
    """Return the error for a file that cannot be written."""
    why = (reason.strerror or str(reason)).lower()
    return BnsError([error("BN612", f"cannot write `{path}`: {why}", None)])


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
