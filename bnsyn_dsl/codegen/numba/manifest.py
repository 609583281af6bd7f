"""The manifest of a kernel, and the tables a generated module shows of it."""

from __future__ import annotations

from bnsyn_dsl.abi.manifest import ColumnInfo, SystemManifest
from bnsyn_dsl.codegen.numba.layout import Layout
from bnsyn_dsl.ir.nodes import Column, Kernel

__all__ = ["manifest_lines", "manifest_of"]


def manifest_of(kernel: Kernel) -> SystemManifest:
    """Return what the runtime needs to know of a kernel."""
    layout = Layout(kernel)
    return SystemManifest(
        name=kernel.name,
        method=kernel.method,
        reason=kernel.reason,
        parameters=tuple(map(_info, kernel.parameters)),
        varying=tuple(map(_info, kernel.varying)),
        states=tuple(map(_info, kernel.states)),
        gathered=tuple(map(_info, kernel.gathered)),
        receptors=kernel.receptors,
        derived=len(layout.derived),
        varied=len(layout.varied),
        streams=kernel.streams,
        has_refractory=layout.has_refractory,
        is_edge=kernel.is_edge,
        spikes=kernel.condition is not None,
        observers=tuple(
            ("".join(c if c.isalnum() else "_" for c in name), name)
            for name, _, _ in kernel.observables
        ),
        array_arguments=layout.array_arguments(),
        update_arguments=layout.update_arguments(),
        prepare_arguments=layout.prepare_arguments(),
        observe_arguments=layout.observe_arguments(),
    )


def _info(column: Column) -> ColumnInfo:
    return ColumnInfo(
        name=column.name,
        source=column.source,
        unit=column.unit,
        description=column.description,
    )


def manifest_lines(manifest: SystemManifest) -> tuple[str, ...]:
    """Return lines that assign the tables of a module: name and unit of every value."""

    def table(name: str, columns: tuple[ColumnInfo, ...]) -> list[str]:
        if not columns:
            return [f"{name} = {{}}"]
        rows = [f'    "{c.name}": "{c.unit}",' for c in columns]
        return [f"{name} = {{", *rows, "}"]

    return (
        f'METHOD = "{manifest.method}"',
        *table("PARAMETERS", manifest.parameters),
        *table("VARYING", manifest.varying),
        *table("STATES", manifest.states),
        f"RECEPTORS = {manifest.receptors!r}",
        f"DERIVED = {manifest.derived}",
        f"VARIED = {manifest.varied}",
    )
