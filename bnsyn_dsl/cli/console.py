"""Where text goes: results to stdout, findings to stderr, in colour on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bnsyn_dsl.diagnostics import Diagnostic

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["errors", "results", "show"]


def results() -> Console:
    """Return the console of stdout; long lines are left as they are where it is no terminal."""
    return _console(sys.stdout)


def errors() -> Console:
    """Return the console of stderr."""
    return _console(sys.stderr)


def _console(stream) -> Console:  # type: ignore[no-untyped-def]
    from rich.console import Console  # here, so that `--help` does not wait for it

    width = None if stream.isatty() else 200
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def show(found: Iterable[Diagnostic]) -> None:
    """Print findings on stderr, each followed by an empty line."""
    from bnsyn_dsl.diagnostics.render import render_rich

    console = errors()
    for diagnostic in found:
        console.print(render_rich(diagnostic), soft_wrap=True)
        console.print()
