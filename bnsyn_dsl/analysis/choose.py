"""Choose how a coupled system is integrated, and say why: `CoupledSystem` -> `UpdateSystem`."""

from __future__ import annotations

from collections.abc import Callable

from bnsyn_dsl.analysis.integrators.linear import linear_part
from bnsyn_dsl.analysis.integrators.programs import moving
from bnsyn_dsl.analysis.registration import Integrator, UnsuitableError
from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.analysis.update import Update, UpdateSystem
from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error
from bnsyn_dsl.semantics.expression import Symbol, references

__all__ = ["choose_update"]

_XI = Symbol("xi", "noise")


def choose_update(
    system: CoupledSystem,
    find: Callable[[str], Integrator | None],
    known: Callable[[], list[str]],
    log: DiagnosticLog,
    span: Span | None,
) -> UpdateSystem | None:
    """Return the system with its update, or None after reporting why the method is refused.

    `find` returns an integrator by name; a method named in the model overrides the choice.
    """
    if not system.derivatives:
        return UpdateSystem(
            system=system, method="map", reason="it has no differential equations", update=Update()
        )
    name, reason = _choice(system)
    if system.method is not None and system.method != "auto":
        name, reason = system.method, "asked for by `solve`"
    integrator = find(name)
    if integrator is None:
        import difflib

        close = difflib.get_close_matches(name, known(), n=1)
        hint = f"did you mean `{close[0]}`?" if close else "known: auto, " + ", ".join(known())
        log.add(error("BN401", f"unknown method `{name}`", span, help=hint))
        return None
    try:
        update = integrator.update(system)
    except UnsuitableError as problem:
        log.add(
            error(
                "BN402",
                f"`{name}` cannot integrate `{system.name}`: {problem}",
                span,
                help="leave the choice to the compiler: `solve: auto`",
            )
        )
        return None
    return UpdateSystem(system=system, method=name, reason=reason, update=update)


def _choice(system: CoupledSystem) -> tuple[str, str]:
    if any(_XI in references(d.value) for d in system.derivatives):
        return "euler_maruyama", "it contains white noise"
    states = moving(system)
    part = linear_part(system)
    if len(part.states) == len(states):
        return "exact", "all equations are linear with constant coefficients"
    bent = next(s for s in states if s not in part.states)
    return "adaptive", f"the equation of `{bent}` is not linear with constant coefficients"
