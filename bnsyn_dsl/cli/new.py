"""`bnsyn new`: a commented file to start from, which passes the check and runs."""

from __future__ import annotations

from pathlib import Path
from string import Template

import click

from bnsyn_dsl.cli.writing import write_atomically
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, SourceFile, error
from bnsyn_dsl.syntax import parse

__all__ = ["new_command"]

_STARTS = Path(__file__).resolve().parent / "starts"


@click.command("new")
@click.argument("kind", type=click.Choice(["neuron", "synapse", "network"]))
@click.argument("name")
@click.option(
    "-o", "--output", type=click.Path(), help="The file; NAME.bns in lower case if left out."
)
def new_command(kind: str, name: str, output: str | None) -> None:
    r"""Write a commented file with a new block NAME and a network that uses it.

    \b
    Examples:
      bnsyn new neuron MyCell           writes mycell.bns
      bnsyn new network Ring -o ring.bns
    """
    text = Template((_STARTS / f"{kind}.bns.template").read_text(encoding="utf-8")).substitute(
        name=name
    )
    if not _is_name(name):
        raise click.BadParameter(f"{name!r} cannot be the name of a block", param_hint="NAME")
    place = Path(output or f"{name.lower()}.bns")
    if place.exists():
        message = f"`{place}` exists, and is not overwritten"
        advice = "choose another file with `-o`"
        raise BnsError([error("BN611", message, None, help=advice)])
    write_atomically(place, text)
    click.echo(f"wrote {place}")


def _is_name(name: str) -> bool:
    """Return whether a block can have this name: one word of the language, not reserved."""
    if not name.isidentifier() or not name.isascii():
        return False
    log = DiagnosticLog()
    parse(SourceFile(name="", text=f"neuron {name}:\n    state:\n        x = 0\n"), log)
    return not log.has_errors
