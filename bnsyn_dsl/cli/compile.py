"""`bnsyn compile`: the kernels of a network or neuron as modules to read and import."""

from __future__ import annotations

from pathlib import Path

import click

from bnsyn_dsl.cli.console import show
from bnsyn_dsl.cli.modules import GeneratedModule, kernels, modules, units
from bnsyn_dsl.cli.opening import open_file
from bnsyn_dsl.cli.tree_text import tree_text
from bnsyn_dsl.cli.writing import write_atomically
from bnsyn_dsl.compiler import find_backend
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.ir.dump import dump

__all__ = ["compile_command"]


@click.command("compile")
@click.argument("file", type=click.Path())
@click.option("-o", "--output", "directory", type=click.Path(), default=".", show_default=True,
              help="Folder of the modules; made if missing.")  # fmt: skip
@click.option("--network", help="The network, where the file has several.")
@click.option("--model", help="A neuron of the file, compiled alone.")
@click.option("--target", default="numba", show_default=True, help="Backend of the modules.")
@click.option("--emit", type=click.Choice(["tree", "ir", "source"]),
              help="Print the syntax tree, kernels or modules; write nothing.")  # fmt: skip
def compile_command(
    file: str,
    directory: str,
    network: str | None,
    model: str | None,
    target: str,
    emit: str | None,
) -> None:
    r"""Write the kernels of FILE as Python modules that can be read and imported.

    For a network: one module for the time loop, named after the network, and one for each set of
    populations that are solved together. For a file of neurons: one module named after the file.
    Nothing is written when there are errors.

    \b
    Examples:
      bnsyn compile adex.bns -o build
      bnsyn compile brunel.bns --network BrunelAI -o build
      bnsyn compile adex.bns --emit ir
    """
    if network is not None and model is not None:
        raise click.UsageError("--network and --model exclude each other")
    log = DiagnosticLog()
    backend = find_backend(target)
    opened = open_file(file, log)
    if emit == "tree":
        click.echo(tree_text(opened.tree), nl=False)
        return
    chosen = units(opened, network, model)
    if emit == "ir":
        texts = [dump(kernel) for unit in chosen for kernel in kernels(unit, log)]
        show(log.found)
        click.echo("\n".join(texts), nl=False)
        return
    made = [module for unit in chosen for module in modules(unit, backend, log)]
    show(log.found)
    if emit == "source":
        _print(made)
        return
    for module in made:
        place = Path(directory) / f"{module.name}.py"
        write_atomically(place, module.text)
        click.echo(f"wrote {place}")


def _print(made: list[GeneratedModule]) -> None:
    for number, module in enumerate(made):
        if len(made) > 1:
            click.echo(f"{chr(10) if number else ''}# ---- {module.name}.py")
        click.echo(module.text, nl=False)
