"""`bnsyn models`: the library as a table, or one model with its equations and values."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.table import Table

from bnsyn_dsl.cli.console import results
from bnsyn_dsl.cli.learning_report import learning_lines, learning_of, rule_alone
from bnsyn_dsl.cli.opening import model_directories
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, SourceFile, Span, error
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Declared, Model
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.spike_source import SPIKE_SOURCE
from bnsyn_dsl.semantics.units import format_dimension
from bnsyn_dsl.syntax import nodes, parse, read_source, unparse_expr

__all__ = ["models_command"]

_KINDS = ("neuron", "synapse", "plasticity", "modulator", "network")
_SHOWN = (
    nodes.Equations, nodes.Every, nodes.Handler, nodes.Spike, nodes.Refractory, nodes.Bound,
)  # fmt: skip

_SPIKE_SOURCE_PAGE = (
    f"neuron {SPIKE_SOURCE}",
    "built in",
    "",
    "Spikes at given times.",
    "",
    "inputs",
    "    times  must be given  ms  of every neuron, ascending, rounded to whole steps",
    "",
    f"train : {SPIKE_SOURCE}[1] {{ times = [10 ms, 30 ms, 35 ms] }}",
)


@click.command("models")
@click.argument("name", required=False)
def models_command(name: str | None) -> None:
    r"""List the model library by kind, or show the model NAME.

    \b
    Examples:
      bnsyn models
      bnsyn models AdEx
    """
    log = DiagnosticLog()
    blocks = list(_library_blocks(log))
    log.stop_on_errors()
    if name is None:
        for kind in _KINDS:
            _table(kind, [b for b in blocks if _kind(b) == kind])
        return
    if name == SPIKE_SOURCE:
        for line in _SPIKE_SOURCE_PAGE:
            click.echo(line)
        return
    found = next((b for b in blocks if b.name == name), None)
    if found is None:
        message = f"the library has no model `{name}`"
        advice = (
            suggestion(name, [SPIKE_SOURCE, *(b.name for b in blocks)])
            or "`bnsyn models` lists them"
        )
        raise BnsError([error("BN233", message, None, help=advice)])
    for line in _page(found, log):
        click.echo(line)


def _library_blocks(log: DiagnosticLog) -> Iterator[nodes.Block | nodes.Network]:
    for directory in model_directories():
        for path in sorted(directory.rglob("*.bns")):
            for item in parse(read_source(path), log).items:
                if isinstance(item, nodes.Block | nodes.Network):
                    yield item


def _kind(block: nodes.Block | nodes.Network) -> str:
    return block.kind if isinstance(block, nodes.Block) else "network"


def _docstring(block: nodes.Block | nodes.Network) -> str:
    return next((s.text for s in block.sections if isinstance(s, nodes.Docstring)), "")


def _table(kind: str, blocks: Iterable[nodes.Block | nodes.Network]) -> None:
    table = Table(title=kind, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("is", no_wrap=True)
    table.add_column("description")
    rows = [
        (b.name, "" if b.base is None else b.base.ident, _docstring(b).strip().partition("\n")[0])
        for b in blocks
    ]
    if kind == "neuron":
        rows.append((SPIKE_SOURCE, "", _SPIKE_SOURCE_PAGE[3]))
    for row in sorted(rows, key=lambda r: r[0].lower()):
        table.add_row(*row)
    console = results()
    console.print(table)
    console.print()


# ---------------------------------------------------------------------------- one model


def _page(block: nodes.Block | nodes.Network, log: DiagnosticLog) -> Iterator[str]:
    base = "" if block.base is None else f" is {block.base.ident}"
    yield f"{_kind(block)} {block.name}{base}"
    yield f"{_where(block)}"
    if isinstance(block, nodes.Network):
        yield ""
        yield from _source_lines(block.span)
        return
    docstring = inspect.cleandoc(_docstring(block))
    if docstring:
        yield ""
        yield docstring
    model = _checked(block, log)
    yield from _values("parameters", model.parameters, model.block)
    yield from _values("inputs", model.inputs, model.block)
    yield from _values("states", model.states, model.block)
    if model.kind == "plasticity":
        yield ""
        yield "learning"
        yield from learning_lines(learning_of(rule_alone(model), model, ()))
    shown = [s for s in model.block.sections if isinstance(s, _SHOWN)]
    for section in shown:
        yield ""
        yield from _source_lines(section.span)


def _where(block: nodes.Block | nodes.Network) -> str:
    path = Path(block.span.source.name)
    inside = next((d for d in model_directories() if path.is_relative_to(d)), None)
    return str(path if inside is None else path.relative_to(inside.parent))


def _checked(block: nodes.Block, log: DiagnosticLog) -> Model:
    source = SourceFile(name="<models>", text="")
    place = Span(source=source, line=1, column=1, end_line=1, end_column=1)
    nothing = nodes.File(items=(), span=place)
    library = Library(nothing, directory=None, model_dirs=model_directories(), log=log)
    model = library.model(block.name, place)
    if model is None:
        raise BnsError(log.found)
    return model


def _values(title: str, declared: Iterable[Declared], block: nodes.Block) -> Iterator[str]:
    """Yield a section: name, value as it is written, unit where the value does not show it."""
    rows = []
    for one in declared:
        value = _written(one.name, block)
        unit = format_dimension(one.dimension)
        shown = "must be given" if value is None else value
        rows.append((one.name, shown, "" if unit == "1" else unit, one.description or ""))
    if not rows:
        return
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    yield ""
    yield title
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)]
        yield f"    {'  '.join([*cells, row[3]])}".rstrip()


def _written(name: str, block: nodes.Block) -> str | None:
    sections = (
        s for s in block.sections if isinstance(s, nodes.Parameters | nodes.Inputs | nodes.States)
    )
    for section in sections:
        for declaration in section.declarations:
            if declaration.name == name:
                return None if declaration.value is None else unparse_expr(declaration.value)
    return None


def _source_lines(span: Span) -> Iterator[str]:
    """Yield the lines of the source as they are, moved to the left."""
    lines = [span.source.line(k) for k in range(span.line, span.end_line + 1)]
    yield from textwrap.dedent("\n".join(lines)).rstrip().split("\n")
