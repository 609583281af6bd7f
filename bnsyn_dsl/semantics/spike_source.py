"""`SpikeSource[n] { times = [...] }`: a neuron without equations that spikes at given times."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.diagnostics import SourceFile, Span, error
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network_parameters import list_values
from bnsyn_dsl.semantics.network_scope import TIME_UNIT, NetworkScope
from bnsyn_dsl.syntax import nodes

__all__ = ["SPIKE_SOURCE", "spike_source_model", "spike_times"]

SPIKE_SOURCE = "SpikeSource"
_TEXT = SourceFile(name="<built in>", text="neuron SpikeSource:\n")


def spike_source_model() -> Model:
    """Return the model of a spike source: no states, no parameters."""
    header = Span(source=_TEXT, line=1, column=8, end_line=1, end_column=19)
    block = nodes.Block(kind="neuron", name=SPIKE_SOURCE, name_span=header, span=header)
    return Model(
        kind="neuron",
        name=SPIKE_SOURCE,
        root=SPIKE_SOURCE,
        docstring="Spikes at given times.",
        parameters=(),
        inputs=(),
        states=(),
        derivatives=(),
        auxiliaries=(),
        contributions=(),
        spike=None,
        refractory=None,
        requires=(),
        bounds=(),
        handlers=(),
        clocks=(),
        solve=None,
        weight=Dimension(),
        block=block,
    )


def spike_times(
    node: nodes.Population, size: int, scope: NetworkScope
) -> tuple[NDArray[np.float64], ...] | None:
    """Return the times (ms, ascending) of each element; None after reporting."""
    for setting in node.use.settings:
        if setting.name != "times" or setting.owner is not None:
            message = f"`{SPIKE_SOURCE}` has no `{setting.name}`, only `times`"
            scope.log.add(error("BN237", message, setting.span))
            return None
    if len(node.use.settings) != 1:
        message = f"the population `{node.name}` needs `times`, once"
        help_text = "`{ times = [10 ms, 30 ms] }`; nested lists are one for each element"
        scope.log.add(error("BN239", message, node.use.span, help=help_text))
        return None
    setting = node.use.settings[0]
    what = f"`times` of population `{node.name}`"
    values = list_values(setting.value, TIME_UNIT, what, scope)
    if values is None:
        return None
    rows = values if values and all(isinstance(v, list) for v in values) else [values] * size
    problem = _problem(rows, size)
    if problem is not None:
        scope.log.add(error("BN445", f"{what}: {problem}", setting.span))
        return None
    return tuple(np.sort(np.asarray(row, dtype=np.float64)) for row in rows)


def _problem(rows: list[Any], size: int) -> str | None:
    if len(rows) != size:
        return f"found {len(rows)} lists for {size} elements"
    for row in rows:
        if any(not isinstance(time, float) for time in row):
            return "lists of numbers and of lists are mixed"
        if not all(0 <= time < float("inf") for time in row):
            return "a time must be finite and not negative"
    return None
