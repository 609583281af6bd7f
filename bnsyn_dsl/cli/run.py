"""`bnsyn run`: run a network and show its activity."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from bnsyn_dsl.cli.activity import activity_json, activity_table, timing_table
from bnsyn_dsl.cli.console import results as stdout
from bnsyn_dsl.cli.console import show
from bnsyn_dsl.cli.quantities import TIME
from bnsyn_dsl.cli.run_progress import progress_bar
from bnsyn_dsl.cli.running import Run
from bnsyn_dsl.cli.saving import save_arrays, save_raster
from bnsyn_dsl.cli.writing import write_atomically
from bnsyn_dsl.results import Results
from bnsyn_dsl.semantics.run_settings import RunSettings

__all__ = ["run_command"]

_INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


@click.command("run")
@click.argument("file", type=click.Path())
@click.option("--network", help="The network, where the file has several.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help='Replace a value: g=6, or E.I_e="500 pA". May be repeated.')  # fmt: skip
@click.option("--duration", type=TIME, help='How long, as in "1 s".')
@click.option("--dt", type=TIME, help='The step, as in "0.1 ms".')
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Seed of all random numbers.")
@click.option("--threads", type=click.IntRange(1, 1024), default=None,
              help="Threads; all processors if left out. Spikes do not depend on it.")  # fmt: skip
@click.option("--out", type=click.Path(), help="Folder for spikes, recordings and the raster.")
@click.option("--json", "json_file", type=click.Path(allow_dash=True), metavar="FILE",
              help="Write the outcome as JSON; `-` for stdout, then without tables.")  # fmt: skip
@click.option("--no-plot", is_flag=True, help="Draw no raster.")
@click.pass_context
def run_command(
    ctx: click.Context,
    file: str,
    network: str | None,
    settings: tuple[str, ...],
    duration: float | None,
    dt: float | None,
    seed: int | None,
    threads: int | None,
    out: str | None,
    json_file: str | None,
    no_plot: bool,
) -> None:
    r"""Run a network of FILE and show spikes, rates and timings.

    Writes a raster of the spikes to <network>.png, or everything into the folder --out. Ctrl-C
    ends the run early; what was recorded is shown and kept.

    \b
    Examples:
      bnsyn run brunel.bns --network BrunelAI --threads 4
      bnsyn run brunel.bns --network Brunel --set g=6 --set E.t_ref="1 ms" --duration "300 ms"
      bnsyn run net.bns --out results --json -
    """
    asked = RunSettings(duration=duration, dt=dt, seed=seed, values=_values(settings))
    try:
        run = Run(file, network, asked, threads or _processors())
        with progress_bar(run.plan.dt) as report:
            results = run.run(report)
    except KeyboardInterrupt:
        click.echo("interrupted before the run began", err=True)
        ctx.exit(_INTERRUPTED)
    _report(run, results, json_file)
    _save(results, out, quiet=json_file == "-", plot=not no_plot)
    if results.interrupted:
        click.echo(f"interrupted at {results.duration_ms:g} ms", err=True)
        ctx.exit(_INTERRUPTED)


def _values(settings: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in settings:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--set")
        values[name.strip()] = value.strip()
    return values


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _report(run: Run, results: Results, json_file: str | None) -> None:
    """Show findings and tables; or JSON alone, where that goes to stdout."""
    show(run.log.found)
    if json_file is not None:
        text = json.dumps(activity_json(results, run.options.backend), indent=2, allow_nan=False)
        if json_file == "-":
            click.echo(text)
            return
        write_atomically(json_file, text + "\n")
    console = stdout()
    console.print(f"network {results.network}: {results.duration_ms:g} ms, seed {results.seed}")
    console.print()
    console.print(activity_table(results))
    console.print()
    console.print(timing_table(results))


def _save(results: Results, out: str | None, *, quiet: bool, plot: bool) -> None:
    files = [] if out is None else save_arrays(results, Path(out))
    if plot:
        files.append(save_raster(results, Path(out or ".") / f"{results.network}.png"))
    for file in files:
        click.echo(f"wrote {file}", err=quiet)
