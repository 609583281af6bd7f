"""`simulate: 1 s, dt = 0.1 ms, seed = 42` -> duration, dt and seed, with what the caller asks."""

from __future__ import annotations

from dataclasses import dataclass

from bnsyn_dsl.diagnostics import DiagnosticLog, Span, error, note
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.network_scope import DT, TIME_UNIT, NetworkScope, Place
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.run_settings import RunSettings
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = [
    "MOST_DELAY_STEPS",
    "MOST_STEPS",
    "RunLength",
    "run_length",
    "simulate_section",
    "step_of",
]

_PLACE = Place(random="the length of a run is one number", where="in `simulate`")
_DURATION = 1000.0
_DT = 0.1
MOST_DELAY_STEPS = 2**24  # how far back the log of spikes may reach
MOST_STEPS = 1e12  # days of computing for one neuron; far below 2^53, so steps are exact


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLength:
    """Duration and dt in ms, and the seed."""

    duration: float
    dt: float
    seed: int


def simulate_section(
    network: nodes.Network, log: DiagnosticLog, *, silent: bool
) -> nodes.Simulate | None:
    """Return the `simulate` of a network; notes where there is none, unless `silent`."""
    found = [s for s in network.sections if isinstance(s, nodes.Simulate)]
    for extra in found[1:]:
        log.add(error("BN222", "`simulate` stands twice", extra.span))
    if not found:
        if not silent:
            message = f"`{network.name}` has no `simulate`: 1 s, dt = 0.1 ms, seed = 1"
            log.add(note("BN491", message, network.name_span))
        return None
    seen: set[str] = set()
    for setting in found[0].settings:
        name = setting.name if setting.owner is None else f"{setting.owner}.{setting.name}"
        if name not in {"dt", "seed"} or name in seen:
            text = "is given twice" if name in seen else "is no setting of `simulate`"
            hint = None if name in seen else suggestion(name, ("dt", "seed"))
            log.add(error("BN249", f"`{name}` {text}", setting.span, help=hint))
        seen.add(name)
    return found[0]


def step_of(simulate: nodes.Simulate | None, settings: RunSettings) -> nodes.Expr | float:
    """Return dt as it is given: the caller's number (ms), the expression of the text, 0.1 ms."""
    if settings.dt is not None:
        return float(settings.dt)
    given = _setting(simulate, "dt")
    return _DT if given is None else given.value


def run_length(
    simulate: nodes.Simulate | None, settings: RunSettings, scope: NetworkScope, span: Span
) -> RunLength | None:
    """Return the settled run; None after reporting."""
    dt = scope.values[DT]
    given = _setting(simulate, "dt")
    place = None if settings.dt is not None else span if given is None else given.value.span
    if not 0 < dt < float("inf"):
        message = f"dt must be positive and finite, found {quantity_text(dt, TIME_UNIT)}"
        scope.log.add(error("BN454", message, place))
        scope.values[DT] = _DT  # so that what follows is checked
        return None
    duration = _duration(simulate, settings, scope, span, dt)
    seed = _seed(simulate, settings, scope, span)
    if duration is None or seed is None:
        return None
    return RunLength(duration=duration, dt=dt, seed=seed)


def _duration(
    simulate: nodes.Simulate | None,
    settings: RunSettings,
    scope: NetworkScope,
    span: Span,
    dt: float,
) -> float | None:
    value: float | None = _DURATION
    place: Span | None = span
    if simulate is not None:
        value = scope.number(simulate.duration, _PLACE, TIME_UNIT, "the duration")
        place = simulate.duration.span
    if settings.duration is not None:
        value, place = float(settings.duration), None  # no place of the text is to blame
    if value is None:
        return None
    if not 0 < value < float("inf"):
        shown = quantity_text(value, TIME_UNIT)
        scope.log.add(
            error("BN454", f"the duration must be positive and finite, found {shown}", place)
        )
        return None
    if value / dt > MOST_STEPS:
        shown = f"{quantity_text(value, TIME_UNIT)} in steps of {quantity_text(dt, TIME_UNIT)}"
        message = f"{shown} are {value / dt:.3g} steps, at most {MOST_STEPS:.0e} can be run"
        scope.log.add(error("BN454", message, place))
        return None
    steps = max(1, round(value / dt))
    if abs(value - steps * dt) > 1e-9 * value:
        message = (
            f"the duration is rounded to {steps} steps: {quantity_text(steps * dt, TIME_UNIT)}"
        )
        scope.log.add(note("BN492", message, place))
    return steps * dt


def _seed(
    simulate: nodes.Simulate | None, settings: RunSettings, scope: NetworkScope, span: Span
) -> int | None:
    given = _setting(simulate, "seed")
    seed: int | float | None = 1
    place: Span | None = span
    if settings.seed is not None:
        seed, place = settings.seed, None
    elif given is not None:
        place = given.value.span
        if isinstance(given.value, nodes.Number) and given.value.text.isdigit():
            seed = int(given.value.text)  # exact, also above 2^53
        else:
            seed = scope.number(given.value, _PLACE, ONE, "the seed")
    if seed is None:
        return None
    if not 0 <= seed < 2**64 or seed != int(seed):
        shown = f"{seed:.15g}" if isinstance(seed, float) else str(seed)
        message = f"a seed is a whole number from 0 to 2^64 - 1, found {shown}"
        scope.log.add(error("BN454", message, place))
        return None
    return int(seed)


def _setting(simulate: nodes.Simulate | None, name: str) -> nodes.Setting | None:
    settings = () if simulate is None else simulate.settings
    return next((s for s in settings if s.owner is None and s.name == name), None)
