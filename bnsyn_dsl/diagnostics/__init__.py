"""Findings with a code and a place in the source. Imports nothing of ours."""

from bnsyn_dsl.diagnostics.diagnostic import (
    BnsError,
    Diagnostic,
    DiagnosticLog,
    Label,
    Severity,
    error,
    note,
    warning,
)
from bnsyn_dsl.diagnostics.source import SourceFile, Span

__all__ = [
    "BnsError",
    "Diagnostic",
    "DiagnosticLog",
    "Label",
    "Severity",
    "SourceFile",
    "Span",
    "error",
    "note",
    "warning",
]
