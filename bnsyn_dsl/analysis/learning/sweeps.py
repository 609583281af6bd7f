"""Notes on rules for which every synapse is gone through in every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bnsyn_dsl.analysis.learning.system import LearningSystem
from bnsyn_dsl.diagnostics import Diagnostic, Span, note

__all__ = ["sweep_notes"]


def sweep_notes(systems: Iterable[tuple[str, LearningSystem]]) -> Iterator[Diagnostic]:
    """Yield a note for each rule that is swept because of what it says; names of projections."""
    seen: set[tuple[str, Span | None, str]] = set()
    for projection, system in systems:
        if system.strategy != "swept" or system.cause is None:
            continue  # what was asked for needs no note
        key = (system.name, system.cause, system.why)
        if key in seen:
            continue
        seen.add(key)
        message = (
            f"`{system.name}` on `{projection}` goes through every synapse in every step: "
            f"{system.why}"
        )
        advice = "what changes at events, decays, or is wired for all synapses costs nothing there"
        yield note("BN483", message, system.cause, help=advice)
