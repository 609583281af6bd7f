"""A progress bar on the terminal: model time, wall time, model seconds a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bnsyn_dsl.api.network import Network
from bnsyn_dsl.cli.console import errors
from bnsyn_dsl.runtime.simulation import Progress as Report

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(network: Network) -> Iterator[Callable[[Report], None] | None]:
    """Give a function that shows how far the run is; None where stderr is no terminal."""
    console = errors()
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[model]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("compiling", total=None, model="", rate="")

        def show(report: Report) -> None:
            step = network.compile().plan.dt / 1000.0
            seconds = report.done * step
            rate = seconds / report.seconds if report.seconds > 0 else 0.0
            bar.update(
                task,
                description="running",
                total=report.total,
                completed=report.done,
                model=f"{seconds:.3g} s of {report.total * step:.3g} s",
                rate=f"{rate:.2g} model s / s",
            )

        yield show
