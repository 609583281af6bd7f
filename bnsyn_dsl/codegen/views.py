"""What the templates are given: frozen views whose fields are lines of text."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FunctionView", "MatrixView", "ObserverView", "SubstepView", "SystemView"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionView:
    """A generated function: signature, body, results."""

    name: str
    comment: str
    arguments: str
    body: tuple[str, ...]
    results: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixView:
    """A matrix exponential: how M is filled and where the results go."""

    size: int
    fraction: str
    entries: tuple[str, ...]
    results: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstepView:
    """The second pass of the error-controlled kernel."""

    load: tuple[str, ...]
    before: tuple[str, ...]
    first_slopes: str
    attempt: str
    forced: tuple[str, ...]
    finite: str
    lost: tuple[str, ...]
    keep: tuple[str, ...]
    back: tuple[str, ...]
    follow: tuple[str, ...]
    threshold: tuple[str, ...]
    condition: str
    reset: tuple[str, ...]
    store: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverView:
    """A recorded auxiliary name."""

    name: str
    source: str
    load: tuple[str, ...]
    body: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemView:
    """One coupled system, ready for the template `system.py.j2`."""

    title: str
    header: tuple[str, ...]
    functions_text: str
    manifest: tuple[str, ...]
    prepare_arguments: str
    prepare_shared: tuple[str, ...]
    matrices: tuple[MatrixView, ...]
    matrix_size: int
    derived: tuple[str, ...]
    varied_load: tuple[str, ...]
    varied_matrices: tuple[MatrixView, ...]
    varied: tuple[str, ...]
    functions: tuple[FunctionView, ...]
    arguments: str
    scalars: tuple[str, ...]
    observer_scalars: tuple[str, ...]
    blocks: tuple[str, ...]
    near_pass: tuple[str, ...]
    first_pass: tuple[str, ...]
    substep: SubstepView | None
    second_pass: tuple[str, ...]
    spikes: tuple[str, ...]
    health: tuple[str, ...]
    observers: tuple[ObserverView, ...]
    observer_arguments: str
