"""`bnsyn`: the group of commands. A command's module is imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from bnsyn_dsl import __version__
from bnsyn_dsl.cli.console import show
from bnsyn_dsl.diagnostics import BnsError

__all__ = ["COMMANDS", "main"]

# name -> one line about it; the command `check` is `bnsyn_dsl.cli.check:check`
COMMANDS: Final[Mapping[str, str]] = {
    "check": "Check files: names, units, values; say how each network is solved.",
    "compile": "Write the kernels of a network or neuron as Python modules.",
    "run": "Run a network and show its activity.",
    "models": "List the model library, or show one model.",
    "fmt": "Format files in place.",
    "new": "Write a file to start from.",
    "doctor": "Show versions, processor, cache and backends.",
}

_EPILOG = """\b
Examples:
  bnsyn new network demo            write demo.bns, a small network
  bnsyn check demo.bns              units, names, methods
  bnsyn run demo.bns                run it; a raster goes to demo.png
  bnsyn run brunel.bns --network BrunelAI --set g=6 --threads 4
  bnsyn models AdEx                 equations and parameters of a model
  bnsyn compile adex.bns -o build   the kernel as a readable module
"""


class CommandGroup(click.Group):
    """Commands that are imported when they are needed; wrong input is shown, not raised."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"bnsyn_dsl.cli.{cmd_name}")
        found = getattr(module, f"{cmd_name}_command")
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for; errors in the input end it with code 1."""
        try:
            return super().invoke(ctx)
        except BnsError as failure:
            show(failure.diagnostics)
            ctx.exit(1)


@click.group(
    cls=CommandGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="bnsyn")
def main() -> None:
    """Neuron, synapse and plasticity equations as in the paper, compiled to fast kernels."""
