"""Blocks by name: a file's own blocks first, then its imports, then the model directories.

In: a parsed file and the directories of models. Out: blocks, and checked models, on demand. A
name is looked up from the file in which it is written, so that a block of the user never changes
what a model of a directory is built on. Directories are indexed by a quick scan of header lines;
only files that are needed are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, Label, Span, error
from bnsyn_dsl.semantics.block import Neighbour, check_block
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.functions import CONSTANTS, DISTRIBUTIONS, FUNCTIONS
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.variants import full_block, full_network
from bnsyn_dsl.syntax import nodes, parse, read_source

__all__ = ["Library"]

_HEADER = re.compile(
    r"^(?:neuron|synapse|plasticity|modulator|network)[ \t]+(\w+)", re.MULTILINE | re.ASCII
)

_DEEPEST_IMPORT = 50


@dataclass(slots=True)
class _Scope:
    """One file: its blocks and functions, and the files it imports."""

    directory: Path | None
    blocks: dict[str, nodes.Block | nodes.Network] = field(default_factory=dict)
    functions: dict[str, nodes.Function] = field(default_factory=dict)
    imports: list[_Scope] = field(default_factory=list)


class Library:
    """Finds blocks and checks them; findings go into `log`.

    Args:
        file: the main file.
        directory: where its imports are looked for; None for text that came from nowhere.
        model_dirs: directories of models, the first ones first.
        log: where findings go.
    """

    def __init__(
        self,
        file: nodes.File,
        *,
        directory: Path | None,
        model_dirs: Sequence[Path],
        log: DiagnosticLog,
    ) -> None:
        self._log = log
        self._model_dirs = tuple(model_dirs)
        self._scopes: dict[str, _Scope] = {}
        self._files: dict[Path, _Scope] = {}
        self._index: dict[str, Path] | None = None
        self.failures = 0  # how often a name could not be served: a product made from it is void
        self._models: dict[tuple[str, str], Model | None] = {}
        name = Path(file.span.source.name)
        path = None if directory is None else (directory / name.name).resolve()
        self._main = self._load(file, directory, [] if path is None else [path])

    # ------------------------------------------------------------------------- look-up

    def find(self, name: str, span: Span) -> nodes.Block | nodes.Network | None:
        """Return the block `name` stands for at `span`, or None after reporting."""
        scope = self._scopes.get(span.source.name, self._main)
        found = _lookup(scope, name) or self._in_directories(name)
        if found is not None:
            return found
        self.failures += 1
        self._log.add(
            error(
                "BN233",
                f"there is no block `{name}`",
                span,
                help=suggestion(name, self.names(span))
                or "write it in this file, or import the file that has it",
            )
        )
        return None

    def names(self, span: Span | None = None) -> tuple[str, ...]:
        """Return every name that can be found, the file's own first."""
        scope = self._main if span is None else self._scopes.get(span.source.name, self._main)
        own = [name for one in _reach(scope) for name in one.blocks]
        return tuple(dict.fromkeys([*own, *self._directory_index()]))

    def networks(self) -> tuple[str, ...]:
        """Return the names of the networks of the main file, in order."""
        return tuple(n for n, b in self._main.blocks.items() if isinstance(b, nodes.Network))

    def neurons(self) -> tuple[str, ...]:
        """Return the names of the neurons of the main file, in order."""
        blocks = self._main.blocks.items()
        return tuple(n for n, b in blocks if isinstance(b, nodes.Block) and b.kind == "neuron")

    def blocks(self) -> tuple[nodes.Block | nodes.Network, ...]:
        """Return the blocks of the main file, in order."""
        return tuple(self._main.blocks.values())

    @property
    def functions(self) -> Mapping[str, nodes.Function]:
        """The user's functions of the main file and its imports."""
        return _functions(self._main)

    def functions_at(self, span: Span) -> Mapping[str, nodes.Function]:
        """Return the user's functions that can be called in the file of `span`."""
        return _functions(self._scopes.get(span.source.name, self._main))

    # ------------------------------------------------------------------------ products

    def full_network(self, network: nodes.Network) -> nodes.Network | None:
        """Return a network with everything its bases give, or None after reporting."""
        local = DiagnosticLog()
        full = full_network(network, self.find, local)
        self._log.add(*local.found)
        return None if local.has_errors else full

    def model(
        self, name: str, span: Span, neighbours: Mapping[str, Neighbour] | None = None
    ) -> Model | None:
        """Return the checked block `name`, or None after reporting.

        With `neighbours` it is checked as it stands in a projection; without, once.
        """
        block = self.find(name, span)
        if block is None:
            return None
        if isinstance(block, nodes.Network):
            message = f"`{name}` is a network, not a model"
            self._log.add(error("BN234", message, span, label=_declared(block)))
            self.failures += 1
            return None
        if neighbours is not None:
            model = self._check(block, self._log, neighbours)
            self.failures += model is None
            return model
        key = (block.name_span.source.name, block.name)
        if key not in self._models:
            self._models[key] = self._check(block, self._log, None)
        self.failures += self._models[key] is None
        return self._models[key]

    def model_of(self, kind: str, name: str, span: Span) -> Model | None:
        """Return the checked block `name`, which has to be a `kind`; None after reporting."""
        model = self.model(name, span)
        if model is None or model.kind == kind:
            return model
        message = f"`{name}` is a {model.kind}, but a {kind} is needed here"
        self._log.add(error("BN234", message, span, label=_declared(model.block)))
        self.failures += 1
        return None

    def check_between(
        self,
        name: str,
        span: Span,
        neighbours: Mapping[str, Neighbour],
        log: DiagnosticLog,
        weight: Dimension | None = None,
    ) -> Model | None:
        """Check the block `name` between two neurons; findings go into `log`.

        `weight` is the unit of the weight where the projection settles it.
        """
        block = self.find(name, span)
        assert isinstance(block, nodes.Block)
        return self._check(block, log, neighbours, weight)

    def _check(
        self,
        block: nodes.Block,
        log: DiagnosticLog,
        neighbours: Mapping[str, Neighbour] | None,
        weight: Dimension | None = None,
    ) -> Model | None:
        local = DiagnosticLog()
        full = full_block(block, self.find, local)
        log.add(*local.found)
        if full is None or local.has_errors:
            return None
        merged, root = full
        functions = self.functions_at(block.span)
        return check_block(merged, functions, log, neighbours=neighbours, root=root, weight=weight)

    # -------------------------------------------------------------------------- files

    def _load(self, file: nodes.File, directory: Path | None, path: list[Path]) -> _Scope:
        """Register a file and what it imports; `path` are the files that lead here."""
        scope = _Scope(directory)
        if path:
            self._files[path[-1]] = scope
        self._scopes.setdefault(file.span.source.name, scope)
        for item in file.items:
            match item:
                case nodes.Import():
                    self._import(item, scope, path)
                case nodes.Function():
                    self._declare_function(item, scope)
                case _:
                    self._declare(item, scope)
        return scope

    def _declare(self, block: nodes.Block | nodes.Network, scope: _Scope) -> None:
        first = scope.blocks.setdefault(block.name, block)
        if first is not block:
            message = f"`{block.name}` is declared twice in this file"
            self._log.add(error("BN232", message, block.name_span, label=_declared(first)))

    def _declare_function(self, function: nodes.Function, scope: _Scope) -> None:
        for at, argument in enumerate(function.arguments):
            if argument in function.arguments[:at]:
                message = f"`{function.name}` has two arguments `{argument.ident}`"
                self._log.add(error("BN236", message, function.span))
        first = scope.functions.setdefault(function.name, function)
        if first is not function:
            label = Label(span=first.span, text="first declared here")
            message = f"the function `{function.name}` is declared twice in this file"
            self._log.add(error("BN232", message, function.span, label=label))
        if function.name in {*FUNCTIONS, *DISTRIBUTIONS, *CONSTANTS}:
            message = f"`{function.name}` has a meaning of its own and cannot be declared"
            self._log.add(error("BN214", message, function.span))

    def _import(self, item: nodes.Import, scope: _Scope, path: list[Path]) -> None:
        if scope.directory is None:
            message = f"cannot import `{item.path}`: this text is not a file"
            self._log.add(error("BN230", message, item.span))
            return
        if len(path) > _DEEPEST_IMPORT:
            message = f"more than {_DEEPEST_IMPORT} files import one another in a row"
            self._log.add(error("BN231", message, item.span))
            return
        place = self._resolved(scope.directory / item.path, item.span)
        if place is None:
            return
        if place in path:
            ring = " -> ".join(f"`{p.name}`" for p in [*path[path.index(place) :], place])
            self._log.add(error("BN231", f"the files import each other: {ring}", item.span))
            return
        loaded = self._files.get(place) or self._read(place, item.span, path)
        if loaded is not None:
            scope.imports.append(loaded)

    def _resolved(self, place: Path, span: Span) -> Path | None:
        """Return the file behind links; None after reporting a ring of links."""
        try:
            return place.resolve()
        except (OSError, RuntimeError, ValueError) as reason:  # RuntimeError: a ring of links
            message = f"cannot read `{place}`: {str(reason).lower()}"
            if isinstance(reason, RuntimeError):
                message = f"cannot read `{place}`: its links lead back to it"
            self._log.add(error("BN230", message, span))
            return None

    def _read(self, place: Path, span: Span | None, path: list[Path]) -> _Scope | None:
        try:
            source = read_source(place)
        except BnsError as reason:
            why = reason.diagnostics[0]
            self._log.add(error("BN230", why.message, span, help=why.help))
            return None
        return self._load(parse(source, self._log), place.parent, [*path, place])

    def _in_directories(self, name: str) -> nodes.Block | nodes.Network | None:
        place = self._directory_index().get(name)
        if place is None:
            return None
        scope = self._files.get(place) or self._read(place, None, [])
        return None if scope is None else scope.blocks.get(name)

    def _directory_index(self) -> dict[str, Path]:
        if self._index is None:
            self._index = {}
            found = (p for d in self._model_dirs for p in sorted(d.rglob("*.bns")))
            for place in filter(Path.is_file, found):
                for name in _HEADER.findall(place.read_text(encoding="utf-8", errors="replace")):
                    self._index.setdefault(name, place.resolve())
        return self._index


def _reach(scope: _Scope) -> Iterator[_Scope]:
    """Yield the file and everything it imports, each once, nearest first."""
    seen: list[_Scope] = []
    pending = [scope]
    while pending:
        current = pending.pop(0)
        if not any(current is s for s in seen):
            seen.append(current)
            yield current
            pending.extend(current.imports)


def _lookup(scope: _Scope, name: str) -> nodes.Block | nodes.Network | None:
    return next((s.blocks[name] for s in _reach(scope) if name in s.blocks), None)


def _functions(scope: _Scope) -> dict[str, nodes.Function]:
    found: dict[str, nodes.Function] = {}
    for one in _reach(scope):
        for name, function in one.functions.items():
            found.setdefault(name, function)
    return found


def _declared(block: nodes.Block | nodes.Network) -> Label:
    return Label(span=block.name_span, text="declared here")
