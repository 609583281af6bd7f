"""`bnsyn fmt`: the canonical text of files. Needs the syntax stage alone."""

from __future__ import annotations

import sys

import click

from bnsyn_dsl.cli.console import show
from bnsyn_dsl.cli.writing import write_atomically
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, SourceFile, error
from bnsyn_dsl.syntax import parse, read_source, unparse

__all__ = ["fmt_command"]


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a file would change.")
@click.pass_context
def fmt_command(ctx: click.Context, files: tuple[str, ...], check: bool) -> None:
    r"""Write files in the canonical form, in place; `-` reads stdin and writes stdout.

    Comments stay where they are. A file with syntax errors is left as it is.

    \b
    Examples:
      bnsyn fmt model.bns
      bnsyn fmt --check models/*.bns
    """
    failed = False
    for name in files:
        try:
            changed = _format(name, check=check)
        except BnsError as failure:
            show(failure.diagnostics)
            failed = True
            continue
        if changed and check:
            click.echo(f"would change {name}", err=name == "-")
            failed = True
        elif changed and name != "-":
            click.echo(f"changed {name}")
    if failed:
        ctx.exit(1)


def _format(name: str, *, check: bool) -> bool:
    """Format one file, unless `check`; return whether its text is not canonical."""
    source = _stdin() if name == "-" else read_source(name)
    log = DiagnosticLog()
    tree = parse(source, log)
    log.stop_on_errors()
    text = unparse(tree)
    changed = text != source.text
    if name == "-" and not check:
        click.echo(text, nl=False)
    elif changed and not check:
        write_atomically(name, text)
    return changed


def _stdin() -> SourceFile:
    data = sys.stdin.buffer.read()
    try:
        return SourceFile(name="<stdin>", text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as reason:
        message = f"the input is not UTF-8 text: {reason.reason} at position {reason.start}"
        raise BnsError([error("BN101", message, None, help="save it as UTF-8")]) from reason
