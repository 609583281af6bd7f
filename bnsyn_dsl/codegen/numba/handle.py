"""The part of a neuron's module that makes it usable from Python with plain NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bnsyn_dsl.abi.manifest import SystemManifest
from bnsyn_dsl.abi.stream_ids import stream_id
from bnsyn_dsl.codegen.emit import emit
from bnsyn_dsl.resources import templates_directory

__all__ = ["HandleView", "print_handle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleView:
    """What the template `handle.py.j2` is given: literals as text."""

    model: str
    source: str
    defaults: tuple[tuple[str, str], ...]
    initial: tuple[tuple[str, str], ...]
    streams: str
    also: str
    prepare_arguments: str
    update_arguments: tuple[str, ...]


def print_handle(
    manifest: SystemManifest,
    model: str,
    source: str,
    values: Mapping[str, float],
    population: str,
) -> str:
    """Return the text that goes behind the module of a neuron alone.

    Args:
        manifest: of the module.
        model: name of the neuron.
        source: the .bns text it came from; `Network.population` compiles it anew.
        values: default of every parameter and initial value of every state, in internal units.
        population: what random streams are named after.
    """
    columns = (*manifest.parameters, *manifest.varying)
    view = HandleView(
        model=model,
        source=repr(source),
        defaults=tuple((c.name, repr(values[c.source])) for c in columns),
        initial=tuple((c.name, repr(values[c.source])) for c in manifest.states),
        streams=repr(tuple(stream_id(f"{population}.{label}") for label in manifest.streams)),
        also=f" and {', '.join(c.name for c in manifest.varying)}" if manifest.varying else "",
        prepare_arguments=repr(manifest.prepare_arguments),
        update_arguments=manifest.update_arguments,
    )
    return emit(templates_directory() / "numba", "handle.py.j2", handle=view)
