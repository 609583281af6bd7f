"""`bnsyn run`: run a network and show its activity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from bnsyn_dsl.api.loading import milliseconds
from bnsyn_dsl.api.network import NumericalError, opened
from bnsyn_dsl.api.results import Results
from bnsyn_dsl.cli.activity import activity_json, activity_table, timing_table
from bnsyn_dsl.cli.choosing import network_name
from bnsyn_dsl.cli.console import results as stdout
from bnsyn_dsl.cli.console import show
from bnsyn_dsl.cli.run_progress import progress_bar
from bnsyn_dsl.cli.saving import save_arrays, save_raster
from bnsyn_dsl.cli.writing import require_folder, write_atomically
from bnsyn_dsl.options import CompileOptions
from bnsyn_dsl.semantics.run_settings import RunSettings

__all__ = ["run_command"]

_INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


@click.command("run")
@click.argument("file", type=click.Path())
@click.option("--network", help="The network, where the file has several.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help='Replace a value: g=6, or E.I_e="500 pA". May be repeated.')  # fmt: skip
@click.option("--duration", help='How long, as in "1 s".')
@click.option("--dt", help='The step, as in "0.1 ms".')
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Seed of all random numbers.")
@click.option("--threads", type=click.IntRange(1, 1024), default=None,
              help="Threads; one for 500 neurons if left out.")  # fmt: skip
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
    duration: str | None,
    dt: str | None,
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
    _require_names({"--out": out, "--json": json_file})
    path, values, options = Path(file), _values(settings), CompileOptions()
    require_folder(out)
    failure: NumericalError | None = None
    try:
        asked = RunSettings(
            dt=_time(dt, "--dt"), duration=_time(duration, "--duration"), seed=seed, shown="--set "
        )
        loaded = opened(path, network or network_name(path), values, asked, options)
        with progress_bar(loaded) as progress:
            results = loaded.run(threads=threads, progress=progress)
    except NumericalError as problem:
        failure, results = problem, problem.results
    except KeyboardInterrupt:
        click.echo("interrupted before the run began", err=True)
        ctx.exit(_INTERRUPTED)
    show(loaded.diagnostics)
    _report(results, options.backend, json_file)
    _save(results, out, quiet=json_file == "-", plot=not no_plot)
    if failure is not None:
        raise failure
    if results.interrupted:
        click.echo(f"interrupted at {results.duration_ms:g} ms", err=True)
        ctx.exit(_INTERRUPTED)


def _require_names(given: Mapping[str, str | None]) -> None:
    """Refuse files and folders without a name; an empty one would mean the current folder."""
    for option, name in given.items():
        if name is not None and not name.strip():
            raise click.BadParameter("the name is empty", param_hint=option)


def _time(text: str | None, option: str) -> float | None:
    """Return a time in ms, or None where the option is not given."""
    return None if text is None else milliseconds(text, option, "command line", " ")


def _values(settings: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in settings:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--set")
        values[name.strip()] = value.strip()
    return values


def _report(results: Results, backend: str, json_file: str | None) -> None:
    """Show tables; or JSON alone, where that goes to stdout."""
    if json_file is not None:
        text = json.dumps(activity_json(results, backend), indent=2, allow_nan=False)
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
