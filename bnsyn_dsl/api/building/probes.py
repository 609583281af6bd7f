"""Probes in Python: what is recorded, of whom, how often."""

from __future__ import annotations

from bnsyn_dsl.api.argument_syntax import span_of, value_node, values_of
from bnsyn_dsl.api.building.places import Side, append_section, places_of, shown_side
from bnsyn_dsl.api.live.modulators import Modulator
from bnsyn_dsl.api.live.synapses import Synapses
from bnsyn_dsl.api.loading import Origin
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.syntax import nodes

__all__ = [
    "add_probe",
]


def add_probe(
    origin: Origin, place: Side | Modulator | Synapses, values: str, every: object
) -> None:
    """Write a probe; see `Network.record`."""
    where = f"record({shown_side(place)})"
    if not isinstance(values, str):
        raise wrong(f"what to record must be text such as `V_m`, found {values!r}")
    span: Span = span_of(f"{values} of {shown_side(place)}", where)
    probe = nodes.Probe(
        values=values_of(values, where),
        places=places_of(place, where),
        every=None if every is None else value_node(every, "every", where),
        span=span,
    )
    append_section(origin, nodes.Record(probes=(probe,), span=span))
