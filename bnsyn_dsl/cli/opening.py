"""From a file's name to what commands work on: its tree, its library, plans of its networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bnsyn_dsl import registry
from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.cli.choosing import only_network
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, Span, error
from bnsyn_dsl.resources import models_directory
from bnsyn_dsl.semantics.expression import Apply, Const, Ref
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network import elaborate, trivial_network
from bnsyn_dsl.semantics.network_scope import DT
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes, parse, read_source

__all__ = ["Opened", "model_directories", "open_file"]

_Found = TypeVar("_Found", nodes.Block, nodes.Network)


def model_directories() -> tuple[Path, ...]:
    """Return the folders of models: the project's own, then those of installed packages."""
    return (models_directory(), *registry.model_directories())


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A parsed file with its library; findings go into `log`."""

    path: Path
    tree: nodes.File
    library: Library
    log: DiagnosticLog

    @property
    def networks(self) -> tuple[nodes.Network, ...]:
        """The networks of the file, in order."""
        return tuple(b for b in self.library.blocks() if isinstance(b, nodes.Network))

    @property
    def neurons(self) -> tuple[nodes.Block, ...]:
        """The neurons of the file, in order."""
        blocks = self.library.blocks()
        return tuple(b for b in blocks if isinstance(b, nodes.Block) and b.kind == "neuron")

    def network(self, name: str) -> nodes.Network:
        """Return the network `name` of the file.

        Raises:
            BnsError: there is none.
        """
        return self._named(name, self.networks, "network")

    def neuron(self, name: str) -> nodes.Block:
        """Return the neuron `name` of the file.

        Raises:
            BnsError: there is none.
        """
        return self._named(name, self.neurons, "neuron")

    def only_network(self) -> nodes.Network:
        """Return the network of a file that has one.

        Raises:
            BnsError: it has none or several.
        """
        neuron = f", or a neuron with `--model {self.neurons[0].name}`" if self.neurons else ""
        return only_network(self.path, self.networks, neuron)

    def _named(self, name: str, blocks: tuple[_Found, ...], kind: str) -> _Found:
        found = next((b for b in blocks if b.name == name), None)
        if found is not None:
            return found
        names = [b.name for b in blocks]
        known = f"it has: {', '.join(f'`{n}`' for n in names)}" if names else None
        message = f"`{self.path}` has no {kind} `{name}`"
        raise BnsError([error("BN610", message, None, help=suggestion(name, names) or known)])

    def plan(self, network: nodes.Network) -> NetworkPlan:
        """Return the plan of a network.

        Raises:
            BnsError: something is wrong with it; all findings are in the log.
        """
        plan = elaborate(network, self.library, RunSettings(), HOST_FUNCTIONS, self.log)
        if plan is None:  # also where what it needs was refused before
            raise BnsError(self.log.found)
        return plan

    def alone(self, model: str, span: Span, log: DiagnosticLog) -> NetworkPlan | None:
        """Return the network of one neuron, driven by its inputs; None after reporting.

        A neuron that requires one dt gets it.
        """
        block = self.library.model(model, span)
        settings = RunSettings(dt=None if block is None else _only_step(block))
        return trivial_network(model, self.library, settings, HOST_FUNCTIONS, log, span)


def _only_step(model: Model) -> float | None:
    """Return the dt in ms of `require dt == 1 ms`."""
    for requirement in model.requires:
        match requirement.condition:
            case Apply(op="eq", args=(Ref(symbol=symbol), Const(value=step))) if symbol == DT:
                return step
    return None


def open_file(path: str | Path, log: DiagnosticLog) -> Opened:
    """Read and parse a file and what it imports.

    Raises:
        BnsError: it cannot be read, or its text or an import is wrong.
    """
    place = Path(path)
    source = read_source(place)
    tree = parse(source, log)
    log.stop_on_errors()
    library = Library(tree, directory=place.parent, model_dirs=model_directories(), log=log)
    log.stop_on_errors()
    return Opened(path=place, tree=tree, library=library, log=log)
