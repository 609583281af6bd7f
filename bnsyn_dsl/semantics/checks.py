"""Checks of a whole block: a table of ten-line functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bnsyn_dsl.diagnostics import Diagnostic, error, warning
from bnsyn_dsl.semantics.expression import Expr, Random, Ref, Symbol, references, walk
from bnsyn_dsl.semantics.model import Bounds, Model
from bnsyn_dsl.semantics.statements import assigned, expressions

__all__ = ["model_expressions", "run_block_checks"]

_Check = Callable[[Model], Iterator[Diagnostic]]
_CHECKS: list[_Check] = []


def _check(function: _Check) -> _Check:
    _CHECKS.append(function)
    return function


def run_block_checks(model: Model) -> Iterable[Diagnostic]:
    """Yield what the checks find."""
    for check in _CHECKS:
        yield from check(model)


def _written(model: Model) -> set[str]:
    bodies = [h.body for h in model.handlers] + [c.body for c in model.clocks]
    if model.spike is not None:
        bodies.append(model.spike.body)
    return {s.name for body in bodies for s in assigned(body)}


def model_expressions(model: Model) -> Iterator[Expr]:
    """Yield every expression of a model, of declarations first."""
    for declared in (*model.parameters, *model.inputs, *model.states):
        if declared.value is not None:
            yield declared.value
        yield from _bound_expressions(declared.bounds)
    for derivative in model.derivatives:
        yield derivative.value
    for auxiliary in model.auxiliaries:
        yield auxiliary.value
    for contribution in model.contributions:
        yield contribution.value
    if model.spike is not None:
        yield model.spike.condition
        yield from expressions(model.spike.body)
    if model.refractory is not None:
        yield model.refractory.duration
    for requirement in model.requires:
        yield requirement.condition
    for _, bounds in model.bounds:
        yield from _bound_expressions(bounds)
    for handler in model.handlers:
        yield from expressions(handler.body)
    for clock in model.clocks:
        yield clock.period
        yield from expressions(clock.body)


def _bound_expressions(bounds: Bounds | None) -> Iterator[Expr]:
    if bounds is not None:
        yield bounds.low
        yield bounds.high


@_check
def _state_changes(model: Model) -> Iterator[Diagnostic]:
    """BN226: a state has an equation or is written somewhere."""
    moving = {d.state for d in model.derivatives} | _written(model)
    for state in model.states:
        if state.name not in moving:
            yield error(
                "BN226",
                f"the state `{state.name}` has no equation and nothing writes it",
                state.span,
                help=f"give it an equation `d{state.name}/dt = ...`, or make it a parameter",
            )


@_check
def _names_are_used(model: Model) -> Iterator[Diagnostic]:
    """BN290: a declared parameter that nothing reads is a warning."""
    used = {s.name for e in model_expressions(model) for s in references(e) if not s.owner}
    for parameter in model.parameters:
        if parameter.name not in used:
            yield warning("BN290", f"`{parameter.name}` is not used", parameter.span)


@_check
def _noise_is_additive(model: Model) -> Iterator[Diagnostic]:
    """BN227: white noise enters an equation linearly, with a coefficient free of states."""
    changing = _changing(model)
    for derivative in model.derivatives:
        for node in walk(derivative.value):
            for part, sentence in _noise_within(node, changing):
                yield error(
                    "BN227",
                    sentence,
                    part.span or derivative.span,
                    help="white noise is added: `dI/dt = ... + sigma*sqrt(2/tau)*xi`",
                )
    for auxiliary in model.auxiliaries:
        if _NOISE in references(auxiliary.value):
            yield error(
                "BN227",
                f"`xi` stands in the auxiliary `{auxiliary.name}`",
                auxiliary.span,
                help="write it in the equation itself",
            )


_NOISE = Symbol("xi", "noise")


def _changing(model: Model) -> set[str]:
    """Return the names of the states, and of the auxiliaries that follow from them."""
    names = {s.name for s in model.states}
    reads = {a.name: {s.name for s in references(a.value)} for a in model.auxiliaries}
    before = -1
    while len(names) != before:
        before = len(names)
        names |= {name for name, used in reads.items() if used & names}
    return names


def _noise_within(node: Expr, changing: set[str]) -> Iterator[tuple[Expr, str]]:
    """Yield what stands between `xi` and the sum, for one node of an equation."""
    args: tuple[Expr, ...] = getattr(node, "args", ())
    noisy = [a for a in args if _NOISE in references(a)]
    if not noisy:
        return
    op = getattr(node, "op", None)
    if op not in {"add", "sub", "neg", "mul", "div"}:
        yield noisy[0], "`xi` stands inside a function"
    elif op == "div" and noisy[-1] is args[1]:
        yield noisy[-1], "`xi` stands in a denominator"
    elif op == "mul" and len(noisy) > 1:
        yield noisy[1], "`xi` is multiplied by itself"
    elif op in {"mul", "div"}:
        for part in (p for factor in args if factor is not noisy[0] for p in walk(factor)):
            if isinstance(part, Ref) and not part.symbol.owner and part.symbol.name in changing:
                yield part, f"`xi` is multiplied by `{part.symbol.name}`, which changes"
                return


@_check
def _rules_draw_nothing(model: Model) -> Iterator[Diagnostic]:
    """BN546: a rule may be run later than its events, when a draw would have other numbers."""
    if model.kind != "plasticity":
        return
    for body in (*(h.body for h in model.handlers), *(c.body for c in model.clocks)):
        for part in (p for e in expressions(body) for p in walk(e)):
            if isinstance(part, Random):
                yield error(
                    "BN546",
                    f"`{part.distribution}` draws in an event of a rule, not yet supported",
                    part.span,
                    help="draw into a state of each synapse, or read a modulator that draws",
                )


@_check
def _rules_and_modulators_have_no_noise(model: Model) -> Iterator[Diagnostic]:
    """BN546: noise is integrated with neurons and their receptors alone."""
    if model.kind not in {"plasticity", "modulator"}:
        return
    what, advice = "a rule", "read a modulator that draws, or a neuron that has the noise"
    if model.kind == "modulator":
        what, advice = "a modulator", "draw in a clock: `every 1 ms: x += normal(0, 1)`"
    for derivative in model.derivatives:
        for part in walk(derivative.value):
            if isinstance(part, Ref) and part.symbol.kind == "noise":
                place = part.span or derivative.span
                message = f"`xi` draws in an equation of {what}, not yet supported"
                yield error("BN546", message, place, help=advice)


@_check
def _neuron_spikes_once(model: Model) -> Iterator[Diagnostic]:
    """BN228: refractoriness needs a spike condition, its flag needs refractoriness."""
    if model.refractory is not None and model.spike is None:
        yield error("BN228", "`refractory` without `spike when`", model.refractory.span)
    if model.kind != "neuron" or model.refractory is not None:
        return
    for part in (p for e in model_expressions(model) for p in walk(e)):
        if isinstance(part, Ref) and part.symbol.kind == "refractory":
            message = f"`refractory` is read, but `{model.name}` never rests"
            yield error("BN228", message, part.span, help="a line `refractory t_ref`")


@_check
def _synapse_does_something(model: Model) -> Iterator[Diagnostic]:
    """BN229: a synapse contributes to its target or changes a state of it."""
    if model.kind != "synapse" or model.contributions:
        return
    writes = [s for h in model.handlers for s in assigned(h.body) if s.owner == "post"]
    if not writes:
        yield error(
            "BN229",
            f"`{model.name}` never reaches its target",
            model.span,
            help="add `post.I_syn += ...` to its equations or `post.V_m += weight` to `on pre`",
        )
