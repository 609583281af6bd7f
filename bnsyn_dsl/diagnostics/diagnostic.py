"""An error is a value: code, sentence, span, help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bnsyn_dsl.diagnostics.source import Span

__all__ = [
    "BnsError",
    "Diagnostic",
    "DiagnosticLog",
    "Label",
    "Severity",
    "error",
    "note",
    "warning",
]


class Severity(StrEnum):
    """How bad it is: only errors stop a compilation."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A second place with a word about it, such as `declared here`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. The message is lower case, without full stop, names in backticks."""

    severity: Severity
    code: str
    message: str
    span: Span | None = None
    help: str | None = None
    label: Label | None = None


def error(
    code: str,
    message: str,
    span: Span | None,
    *,
    help: str | None = None,
    label: Label | None = None,
) -> Diagnostic:
    """Make an error."""
    return Diagnostic(
        severity=Severity.ERROR, code=code, message=message, span=span, help=help, label=label
    )


def warning(
    code: str,
    message: str,
    span: Span | None,
    *,
    help: str | None = None,
    label: Label | None = None,
) -> Diagnostic:
    """Make a warning."""
    return Diagnostic(
        severity=Severity.WARNING, code=code, message=message, span=span, help=help, label=label
    )


def note(code: str, message: str, span: Span | None, *, help: str | None = None) -> Diagnostic:
    """Make a note."""
    return Diagnostic(severity=Severity.NOTE, code=code, message=message, span=span, help=help)


class BnsError(Exception):
    """Raised when a stage ends with errors, and by the Python API for wrong input.

    `diagnostics` holds all findings of the stage, errors and others.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self._text())

    def _text(self) -> str:
        from bnsyn_dsl.diagnostics.render import render_plain

        return "\n".join(render_plain(d) for d in self.diagnostics if d.severity is Severity.ERROR)


class DiagnosticLog:
    """Collects findings through the stages of one compilation."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}  # in order, and quick to find repetitions in

    def add(self, *found: Diagnostic) -> None:
        """Append findings; an exact repetition is dropped."""
        for diagnostic in found:
            self._found.setdefault(diagnostic)

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """All findings so far, in the order in which they were found."""
        return tuple(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether an error is among the findings."""
        return any(d.severity is Severity.ERROR for d in self._found)

    def stop_on_errors(self) -> None:
        """Raise `BnsError` if an error was found: a stage never returns a half-valid product."""
        if self.has_errors:
            raise BnsError(self._found)
