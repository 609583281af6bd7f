"""Files and texts to networks and models that Python can use."""

from __future__ import annotations

import keyword
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bnsyn_dsl import registry
from bnsyn_dsl.api.argument_syntax import value_node
from bnsyn_dsl.api.quantities import as_measured, value_text, wrong
from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile, Span
from bnsyn_dsl.resources import models_directory
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes, parse, read_source

__all__ = [
    "Origin",
    "blank_origin",
    "checked_name",
    "milliseconds",
    "open_network",
    "read_items",
    "whole_seed",
]

_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(slots=True, kw_only=True)
class Origin:
    """What a network is made of: blocks, the network's own block, what the caller changes."""

    file: nodes.File
    directory: Path | None
    network: nodes.Network
    settings: RunSettings = field(default_factory=RunSettings)
    model_dirs: tuple[Path, ...] = ()
    seconds: float = 0.0

    def library(self, log: DiagnosticLog) -> Library:
        """Return a library whose findings go into `log`."""
        dirs = (*self.model_dirs, models_directory(), *registry.model_directories())
        return Library(self.file, directory=self.directory, model_dirs=dirs, log=log)


def is_text(source: str | Path) -> bool:
    """Tell a text of the language from the name of a file."""
    return isinstance(source, str) and "\n" in source


def read_items(source: str | Path) -> tuple[nodes.File, Path | None]:
    """Parse a file or a text; imports of a text are not possible.

    Raises:
        BnsError: it cannot be read or parsed.
    """
    log = DiagnosticLog()
    if is_text(source):
        text = SourceFile(name="<text>", text=str(source))
        directory = None
    else:
        text, directory = read_source(source), Path(source).parent
    file = parse(text, log)
    log.stop_on_errors()
    return file, directory


def open_network(
    source: str | Path,
    network: str | None,
    values: Mapping[str, object],
    settings: RunSettings,
    model_dirs: Sequence[str | Path],
) -> Origin:
    """Parse a source and find its network: the one named, else the only one.

    A source with one neuron and no network stands for one neuron of this kind.
    """
    started = time.perf_counter()
    if not isinstance(source, str | Path):
        raise wrong(f"a network is loaded from a file name or text, found {source!r}")
    if network is not None and not isinstance(network, str):
        raise wrong(f"the name of a network must be text, found {network!r}")
    if not isinstance(values, Mapping) or not all(isinstance(n, str) for n in values):
        raise wrong("values must be given by name", help='`values={"g": 6, "E.I_e": "500 pA"}`')
    file, directory = read_items(source)
    texts = {name: value_text(value, f"the value of `{name}`") for name, value in values.items()}
    block = _chosen(file, network, "<text>" if is_text(source) else str(source))
    return Origin(
        file=file,
        directory=directory,
        network=block,
        settings=replace(settings, values=texts),
        model_dirs=tuple(Path(d) for d in model_dirs),
        seconds=time.perf_counter() - started,
    )


def _chosen(file: nodes.File, name: str | None, shown: str) -> nodes.Network:
    networks = {b.name: b for b in file.items if isinstance(b, nodes.Network)}
    neurons = [b for b in file.items if isinstance(b, nodes.Block) and b.kind == "neuron"]
    if name is not None:
        if name in networks:
            return networks[name]
        hint = suggestion(name, networks) or f"there are: {', '.join(networks) or 'none'}"
        raise wrong(f"`{shown}` has no network `{name}`", code="BN463", help=hint)
    if len(networks) > 1:
        names = ", ".join(f"`{n}`" for n in networks)
        hint = f'name the one that is meant: `bns.load(source, "{next(iter(networks))}")`'
        raise wrong(f"`{shown}` has several networks: {names}", code="BN610", help=hint)
    if networks:
        return next(iter(networks.values()))
    if len(neurons) == 1:
        return _alone(neurons[0])
    hint = "a `network` block, or one neuron alone"
    raise wrong(f"`{shown}` has no network to run", code="BN463", help=hint)


def _alone(neuron: nodes.Block) -> nodes.Network:
    span = neuron.name_span
    use = nodes.ModelUse(model=neuron.name, span=span)
    size = nodes.Number(text="1", span=span)
    population = nodes.Population(name="neurons", size=size, use=use, span=span)
    section = nodes.Populations(members=(population,), span=span)
    return nodes.Network(name=neuron.name, name_span=span, sections=(section,), span=span)


def blank_origin(name: str, dt: object, seed: int, model_dirs: Sequence[str | Path]) -> Origin:
    """Return an origin whose network has nothing yet."""
    checked_name(name, "a network")
    source = SourceFile(name="Python", text=f"network {name}:")
    span = Span(source=source, line=1, column=9, end_line=1, end_column=9 + len(name))
    settings = RunSettings(dt=milliseconds(dt, "dt"), seed=whole_seed(seed))
    second = nodes.Quantity(text="1", factors=(nodes.UnitFactor(name="s", span=span),), span=span)
    length = nodes.Simulate(duration=second, span=span)
    network = nodes.Network(name=name, name_span=span, sections=(length,), span=span)
    return Origin(
        file=nodes.File(items=(), span=span),
        directory=None,
        network=network,
        settings=settings,
        model_dirs=tuple(Path(d) for d in model_dirs),
    )


def whole_seed(seed: object) -> int:
    """Return a seed that is a whole number; its range is checked with the network."""
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise wrong(f"seed must be a whole number, found {seed!r}")
    return int(seed.__index__())


def milliseconds(value: object, what: str, where: str = "Python", joint: str = " = ") -> float:
    """Return a time in ms: `"0.1 ms"`, or any library's quantity; a bare number is refused.

    A finding shows it as `what`, `joint`, value, in `where`.

    Raises:
        BnsError: it is no time, or it has no unit.
    """
    from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
    from bnsyn_dsl.semantics.network_scope import TIME_UNIT, NetworkScope, Place

    node = value_node(value, what, where, joint)
    if not isinstance(value, str) and as_measured(value, what).dimension in {None, ONE}:
        help_text = f'"{value_text(value, what)} ms"'
        raise wrong(f"{what} is a time and needs a unit", code="BN462", help=help_text)
    log = DiagnosticLog()
    scope = NetworkScope(HOST_FUNCTIONS, {}, log)
    place = Place(random=f"{what} is one number", where=f"in {what}")
    found = scope.number(node, place, TIME_UNIT, what)
    log.stop_on_errors()
    assert found is not None
    return found


def checked_name(name: object, what: str) -> str:
    """Return a name that a file could have; it becomes part of the names of modules.

    Raises:
        BnsError: it is none.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise wrong(f"{what} needs a name such as `E`, found {name!r}")
    return name
