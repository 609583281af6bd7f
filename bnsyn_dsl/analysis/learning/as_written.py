"""The lines of a rule that say what it does, as they were written: for the head of its module."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from bnsyn_dsl.analysis.learning.owners import statements_within
from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.model import Model

__all__ = ["as_written"]


def as_written(rule: Model) -> tuple[str, ...]:
    """Return auxiliary names, equations, handlers and clocks without comments, in this order."""
    equations = [*(a.span for a in rule.auxiliaries), *(d.span for d in rule.derivatives)]
    lines = [line for span in equations for line in _lines(span, span.end_line)]
    events = [*((h.span, h.body) for h in rule.handlers), *((c.span, c.body) for c in rule.clocks)]
    for span, body in events:
        last = max((s.span.end_line for s in statements_within(body)), default=span.line)
        lines += _lines(span, last)
    return tuple(lines)


def _lines(span: Span, last: int) -> Iterator[str]:
    """Yield whole lines of a source from that of `span` on, as far left as they go."""
    kept = (span.source.line(n).split("#")[0].rstrip() for n in range(span.line, last + 1))
    yield from textwrap.dedent("\n".join(line for line in kept if line)).splitlines()
