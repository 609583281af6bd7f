"""What is compiled to modules with names that a reader chooses, outside of the cache."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

import numpy as np

from bnsyn_dsl import __version__
from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.analysis.grouping import CoupledGroup
from bnsyn_dsl.assembly.values import evaluate_all
from bnsyn_dsl.cli.opening import Opened
from bnsyn_dsl.codegen.backend import Backend
from bnsyn_dsl.compiler import analyse, kernel_of
from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, error
from bnsyn_dsl.ir.nodes import Kernel
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.wiring.network import network_shape

__all__ = ["GeneratedModule", "Unit", "kernels", "modules", "units"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A network, or a neuron `alone`, with the name of its module."""

    module: str
    plan: NetworkPlan
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedModule:
    """A module: its name and text."""

    name: str
    text: str


def units(opened: Opened, network: str | None, model: str | None) -> list[Unit]:
    """Return what is to be compiled of a file.

    Raises:
        BnsError: the file does not have it, has nothing to compile, or it is not clear what.
    """
    if model is not None:
        return [_neuron(opened, opened.neuron(model), model)]
    if network is not None or opened.networks:
        found = opened.network(network) if network is not None else opened.only_network()
        return [Unit(module=_module_name(found.name), plan=opened.plan(found), alone=False)]
    names = {b.name for b in opened.neurons}
    bases = [b for b in opened.neurons if b.base is None or b.base.ident not in names]
    if not bases:
        message = f"`{opened.path}` has neither a network nor a neuron to compile"
        advice = "a synapse or a rule is compiled in the network that uses it"
        raise BnsError([error("BN610", message, None, help=advice)])
    if len(bases) == 1:
        return [_neuron(opened, bases[0], opened.path.stem)]
    return [_neuron(opened, b, b.name) for b in bases]


def _neuron(opened: Opened, block: nodes.Block, name: str) -> Unit:
    plan = opened.alone(block.name, block.name_span, opened.log)
    if plan is None:
        raise BnsError(opened.log.found)
    return Unit(module=_module_name(name), plan=plan, alone=True)


def _module_name(name: str) -> str:
    """Return a name that can be imported: in lower case, other characters as underscores."""
    plain = "".join(c if c.isalnum() and c.isascii() else "_" for c in name.lower())
    return f"{plain}_" if keyword.iskeyword(plain) or plain[:1].isdigit() else plain


def kernels(unit: Unit, log: DiagnosticLog) -> list[Kernel]:
    """Return the kernels of a unit.

    Raises:
        BnsError: a system cannot be compiled as it is written.
    """
    return [kernel_of(g.members[0], g.observed, log) for g in analyse(unit.plan, None, log).groups]


def modules(unit: Unit, backend: Backend, log: DiagnosticLog) -> list[GeneratedModule]:
    """Return the modules of a unit: that of a neuron alone, or the time loop and its systems.

    Raises:
        BnsError: a system cannot be compiled as it is written.
    """
    network = analyse(unit.plan, None, log)
    groups = network.groups
    made = [
        backend.system_text(kernel_of(g.members[0], g.observed, log), __version__) for g in groups
    ]
    if unit.alone:
        return [
            GeneratedModule(
                name=unit.module, text=f"{text}\n\n{_handle(unit, group, manifest, backend)}"
            )
            for group, (text, manifest) in zip(groups, made, strict=True)
        ]
    names = _system_names(unit.module, [manifest.name for _, manifest in made])
    rules = [(one, f"{unit.module}_rule_{k}") for k, one in enumerate(network.learned)]
    shape = network_shape(
        network.plan, groups, [manifest for _, manifest in made], names, rules, log
    )
    log.stop_on_errors()
    loop = GeneratedModule(name=unit.module, text=backend.network_text(shape, __version__))
    systems = [GeneratedModule(name=n, text=t) for n, (t, _) in zip(names, made, strict=True)]
    systems += [
        GeneratedModule(
            name=name, text=backend.learning_text(one.kernel, one.system.why, __version__)
        )
        for one, name in rules
    ]
    return [loop, *systems]


def _handle(unit: Unit, group: CoupledGroup, manifest: SystemManifest, backend: Backend) -> str:
    """Return what makes the module of a neuron alone usable from Python."""
    (member,), (population,) = group.members, group.populations
    seed, name, known = unit.plan.seed, population.name, {Symbol("size", "size"): 1.0}
    symbols: dict[Symbol, Value] = {**known}
    values = evaluate_all(member.parameters, "parameter", 1, symbols, seed, name)
    values |= evaluate_all(member.initial, "state", 1, symbols, seed, name)
    numbers = {k: float(np.ravel(v)[0]) for k, v in values.items()}
    block = population.model.block
    return backend.handle_text(manifest, block.name, block.span.source.text, numbers, name)


def _system_names(network: str, systems: list[str]) -> list[str]:
    """Return a module name for each system; a number tells equal ones apart."""
    names: list[str] = []
    for system in systems:
        wish = _module_name(f"{network}_{system}")
        count = sum(n == wish or n.rpartition("_")[0] == wish for n in names)
        names.append(f"{wish}_{count + 1}" if count else wish)
    return names
