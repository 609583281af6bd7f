"""x"""

from __future__ import annotations
from dataclasses import dataclass
from lark import UnexpectedToken
from bnsyn_dsl.diagnostics import Diagnostic, error
from bnsyn_dsl.syntax.tokens import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexpected:
    diagnostic: Diagnostic
    line: Line
    missing_colon: bool = False
    run: bool = False


def explain(reason, lines):
    t = reason.token
    place = (t.line, t.column)
    line = [n for n in lines if (n.first.span.line, n.first.span.column) <= place][-1]
    return Unexpected(
        diagnostic=error(
            "BN110", f"unexpected {t.type} {t.value!r} expected {sorted(reason.accepts)}", t.span
        ),
        line=line,
    )
