"""`bnsyn doctor`: what a run on this machine depends on."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import click
import llvmlite.binding as llvm

from bnsyn_dsl import __version__, registry
from bnsyn_dsl.cli.writing import cannot_write
from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.resources import cache_directory, models_directory, processors
from bnsyn_dsl.runtime.memory import available_bytes

__all__ = ["doctor_command"]

_REQUIRED = ("numba", "llvmlite", "numpy", "sympy", "lark", "jinja2", "click", "rich", "matplotlib")
_EXTRAS = {"xarray": "xarray", "neo": "neo", "cupy": "cuda12 or cuda13"}
_FEATURES = ("fma", "avx2", "avx512f", "neon", "sve")
_MODULES = "modules"


@click.command("doctor")
@click.option("--clear-cache", is_flag=True, help="Remove the modules that were generated so far.")
def doctor_command(clear_cache: bool) -> None:
    """Show versions, processor, memory, threads, cache, backends and optional packages."""
    if clear_cache:
        n_bytes = _clear()
        click.echo(f"removed {_megabytes(n_bytes)} of generated modules")
        return
    for title, rows in _report():
        click.echo(title)
        for name, text in rows:
            click.echo(f"    {name.ljust(14)} {text}")


def _report() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield (
        "bnsyn",
        [
            ("version", __version__),
            ("models", str(models_directory())),
            ("Python", f"{platform.python_version()} ({sys.executable})"),
            *((name, _version(name) or "missing") for name in _REQUIRED),
        ],
    )
    yield (
        "machine",
        [
            ("system", f"{platform.system()} {platform.machine()}"),
            ("processor", llvm.get_host_cpu_name()),
            ("instructions", _instructions()),
            ("threads", str(processors())),
            ("free memory", f"{available_bytes() / 1e9:.1f} GB"),
        ],
    )
    yield (
        "cache",
        [
            ("folder", str(cache_directory())),
            ("state", _cache_state()),
            ("size", _megabytes(sum(f.stat().st_size for f in _cached()))),
        ],
    )
    yield (
        "backends",
        [(name, _backend(name)) for name in sorted({*registry.backend_names(), "cupy"})],
    )
    yield (
        "optional",
        [
            (name, _version(name) or f"not installed (extra: {extra})")
            for name, extra in _EXTRAS.items()
        ],
    )


def _version(package: str) -> str | None:
    names = (package, "cupy-cuda12x", "cupy-cuda13x") if package == "cupy" else (package,)
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def _instructions() -> str:
    """Return the vector instructions of the processor; without `fma` runs are much slower."""
    present = llvm.get_host_cpu_features()
    found = [name for name in _FEATURES if present.get(name)]
    if "fma" in found or platform.machine() in {"arm64", "aarch64"}:
        return ", ".join(found) or "fma"
    return f"{', '.join(found) or 'none'}; no fma: runs are slow"


def _backend(name: str) -> str:
    """Return whether a backend can be used here, and why not."""
    if name == "cupy":
        if find_spec("cupy") is None:
            return "cannot be used: cupy is not installed"
        problem = _no_device()
        if problem is not None:
            return f"cannot be used: {problem}"
    if name not in registry.backend_names():
        return "cannot be used: no installed package offers it"
    try:
        registry.find(registry.BACKENDS, name)
    except (BnsError, ImportError) as problem:
        return f"cannot be used: {problem}"
    return "ready"


def _no_device() -> str | None:
    import cupy  # imported where it is known to be installed

    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as problem:
        return str(problem)
    return None if count else "no device"


# ------------------------------------------------------------------------------- cache


def _cached() -> Iterator[Path]:
    folder = cache_directory() / _MODULES
    return (f for f in folder.rglob("*") if f.is_file())


def _cache_state() -> str:
    """Return whether generated modules can be written; the folder itself may not be there yet."""
    place = cache_directory() / _MODULES
    while not os.path.lexists(place) and place.parent != place:
        place = place.parent
    if not place.is_dir():
        return f"cannot be used: `{place}` is no folder"
    if not os.access(place, os.W_OK | os.X_OK):
        return f"cannot be used: `{place}` cannot be written to"
    return "ready"


def _clear() -> int:
    """Remove generated modules, and nothing else that may be in the folder."""
    n_bytes = sum(f.stat().st_size for f in _cached())
    folder = cache_directory() / _MODULES
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as reason:
        raise cannot_write(folder, reason) from reason
    return n_bytes


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"
