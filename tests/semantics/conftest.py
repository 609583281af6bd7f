"""Ways from a text to what is checked, with the place of a finding marked as `<<here>>`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Severity, SourceFile
from bnsyn_dsl.semantics.evaluate import Value
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network import elaborate
from bnsyn_dsl.semantics.plan import NetworkPlan
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.syntax import nodes, parse

MODELS = Path(__file__).parents[2] / "models"


def _log(x: float) -> float:
    if x > 0:
        return math.log(x)
    return -math.inf if x == 0 else math.nan


# stand-ins for the project's own functions, which likewise never raise
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exp": math.exp,
    "log": _log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "pow": math.pow,
}


@dataclass(frozen=True)
class Checked:
    """What came of a text: models and plans by name (None where refused) and the findings."""

    models: dict[str, Model | None]
    plans: dict[str, NetworkPlan | None]
    found: tuple[Diagnostic, ...]
    marked: tuple[int, int, int, int] | None

    def codes(self, *, warnings: bool = True) -> list[str]:
        """Return the codes found, of errors alone where warnings are not asked for."""
        return [d.code for d in self.found if warnings or d.severity is Severity.ERROR]

    def one(self, code: str) -> Diagnostic:
        """Return the only finding of that code."""
        (finding,) = [d for d in self.found if d.code == code]
        return finding

    @property
    def plan(self) -> NetworkPlan:
        """Return the only plan."""
        assert self.codes(warnings=False) == []
        (plan,) = self.plans.values()
        assert plan is not None
        return plan

    @property
    def model(self) -> Model:
        """Return the first model."""
        assert self.codes(warnings=False) == []
        model = next(iter(self.models.values()))
        assert model is not None
        return model


Check = Callable[..., Checked]


def unmarked(text: str) -> tuple[str, tuple[int, int, int, int] | None]:
    """Take `<<` and `>>` out of a text and return the stretch between them as a span's numbers."""
    if "<<" not in text:
        return text, None
    before, _, rest = text.partition("<<")
    inside, _, after = rest.partition(">>")
    start, end = before, before + inside
    lines = [t.count("\n") + 1 for t in (start, end)]
    columns = [len(t) - (t.rfind("\n") + 1) + 1 for t in (start, end)]
    return before + inside + after, (lines[0], columns[0], lines[1], columns[1])


def place(diagnostic: Diagnostic) -> tuple[int, int, int, int] | None:
    """Return line, column, end line and end column of a finding."""
    span = diagnostic.span
    return None if span is None else (span.line, span.column, span.end_line, span.end_column)


@pytest.fixture
def check() -> Check:
    """Check every block and elaborate every network of a text."""

    def run(
        text: str,
        *,
        settings: RunSettings | None = None,
        directory: Path | None = None,
        model_dirs: Sequence[Path] = (MODELS,),
    ) -> Checked:
        clean, marked = unmarked(text)
        log = DiagnosticLog()
        file = parse(SourceFile(name="text.bns", text=clean), log)
        assert not log.has_errors, log.found
        library = Library(file, directory=directory, model_dirs=model_dirs, log=log)
        models: dict[str, Model | None] = {}
        plans: dict[str, NetworkPlan | None] = {}
        for block in library.blocks():
            if isinstance(block, nodes.Network):
                plans[block.name] = elaborate(
                    block, library, settings or RunSettings(), FUNCTIONS, log
                )
            else:
                models[block.name] = library.model(block.name, block.name_span)
        return Checked(models, plans, log.found, marked)

    return run


@pytest.fixture
def refuses(check: Check) -> Callable[..., Diagnostic]:
    """Check that a text is refused with one code at the marked place, and return the finding."""

    def run(code: str, text: str, **options: object) -> Diagnostic:
        checked = check(text, **options)
        finding = checked.one(code)
        assert checked.marked is not None
        assert place(finding) == checked.marked
        if finding.severity is Severity.ERROR:
            assert None in [*checked.models.values(), *checked.plans.values()]
        return finding

    return run
