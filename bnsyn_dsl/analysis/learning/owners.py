"""Who owns each state of a plasticity rule, and its handlers split between the owners.

A state that presynaptic spikes alone change, by values that presynaptic spikes alone change, is
the same for all synapses of a presynaptic neuron that have the same delay; likewise for the
postsynaptic side, where it may also follow the neuron (`post.V_m`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bnsyn_dsl.semantics.expression import (
    Apply,
    Expr,
    Random,
    Symbol,
    references,
    substitute,
    walk,
)
from bnsyn_dsl.semantics.model import Bounds, Branch, Model, Set, Statement
from bnsyn_dsl.semantics.plan import PlanValue

__all__ = ["Split", "changed", "inlined", "owners", "split", "statements_within", "with_values"]

_SIDES = ("pre", "post")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A handler's body: what it does to the synapse, and what to states of the event's side."""

    synapse: tuple[Statement, ...]
    own: tuple[Set, ...]


def statements_within(body: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements and what stands in their branches."""
    for statement in body:
        yield statement
        if isinstance(statement, Branch):
            yield from statements_within((*statement.then, *statement.otherwise))


def inlined(rule: Model) -> Model:
    """Return the rule with auxiliary names replaced by what they stand for."""
    values: dict[Symbol, Expr] = {}
    for auxiliary in rule.auxiliaries:
        kind = "weight" if auxiliary.name == "weight" else "auxiliary"
        values[Symbol(auxiliary.name, kind)] = substitute(auxiliary.value, values)
    kept = replace(rule, auxiliaries=tuple(a for a in rule.auxiliaries if a.name == "weight"))
    return with_values(kept, values)


def with_values(rule: Model, values: Mapping[Symbol, Expr]) -> Model:
    """Return the rule with symbols replaced in all equations and handlers."""
    return changed(rule, lambda e: substitute(e, values)) if values else rule


def changed(rule: Model, change: Callable[[Expr], Expr]) -> Model:
    """Return the rule with every expression of its equations and handlers changed."""
    return replace(
        rule,
        auxiliaries=tuple(replace(a, value=change(a.value)) for a in rule.auxiliaries),
        derivatives=tuple(replace(d, value=change(d.value)) for d in rule.derivatives),
        handlers=tuple(replace(h, body=_changed(h.body, change)) for h in rule.handlers),
        clocks=tuple(replace(c, body=_changed(c.body, change)) for c in rule.clocks),
    )


def _changed(body: Iterable[Statement], change: Callable[[Expr], Expr]) -> tuple[Statement, ...]:
    made: list[Statement] = []
    for statement in body:
        match statement:
            case Set():
                made.append(replace(statement, value=change(statement.value)))
            case Branch():
                made.append(
                    replace(
                        statement,
                        condition=change(statement.condition),
                        then=_changed(statement.then, change),
                        otherwise=_changed(statement.otherwise, change),
                    )
                )
    return tuple(made)


def owners(rule: Model, initial: dict[str, PlanValue]) -> dict[str, str]:
    """Return for each state of an inlined rule `pre`, `post` or `synapse`."""
    found = dict.fromkeys((s.name for s in rule.states), "synapse")
    for side in _SIDES:
        for name in _owned_by(rule, side, initial):
            if found[name] == "synapse":
                found[name] = side
    return found


def _owned_by(rule: Model, side: str, initial: dict[str, PlanValue]) -> set[str]:
    """Return the largest set of states that one side can own."""
    other_events = {n for e, n in _writes(rule) if e != side}
    own_events = {n for e, n in _writes(rule) if e == side}
    candidates = {
        s.name
        for s in rule.states
        if s.name not in other_events and _is_uniform(initial.get(s.name))
    }
    if side == "pre":  # without an event of its own a state belongs to the target, if to any
        candidates &= own_events
    while True:
        bad = {n for n in candidates if not _stays(rule, n, side, candidates)}
        if not bad:
            return candidates
        candidates -= bad


def _writes(rule: Model) -> set[tuple[str, str]]:
    bodies = [(h.event, h.body) for h in rule.handlers]
    bodies += [("every", c.body) for c in rule.clocks]
    return {
        (event, s.target.name)
        for event, body in bodies
        for s in statements_within(body)
        if isinstance(s, Set)
    }


def _stays(rule: Model, name: str, side: str, candidates: set[str]) -> bool:
    """Tell whether everything that changes a state is known to its owner."""
    values = [d.value for d in rule.derivatives if d.state == name]
    for handler in rule.handlers:
        for statement in handler.body:
            match statement:
                case Set() if statement.target.name == name:
                    values.append(statement.value)
                case Branch():
                    inside = statements_within((statement,))
                    if any(isinstance(s, Set) and s.target.name == name for s in inside):
                        return False
    return all(_is_known(s, side, candidates) for v in values for s in references(v)) and not any(
        isinstance(e, Random) for v in values for e in walk(v)
    )


def _is_known(symbol: Symbol, side: str, candidates: set[str]) -> bool:
    if symbol.owner:
        return side == "post" and symbol.owner == "post"
    match symbol.kind:
        case "state":
            return symbol.name in candidates
        case "parameter" | "dt":
            return True
        case "input":
            return side == "post"
        case _:
            return False


def _is_uniform(value: PlanValue | None) -> bool:
    """Tell whether an initial value is the same at all synapses."""
    return isinstance(value, float)


def split(
    body: Iterable[Statement], mine: frozenset[str], bounds: Mapping[str, Bounds] | None = None
) -> Split:
    """Split a handler; in the products, states of `mine` have their values before the event.

    `bounds` are those of states; they hold after each statement.
    """
    now: dict[Symbol, Expr] = {}
    own: dict[str, Set] = {}
    rest: list[Statement] = []
    for statement in body:
        (seen,) = _changed((statement,), lambda e: substitute(e, now))
        if isinstance(seen, Set) and seen.target.name in mine:
            limits = (bounds or {}).get(seen.target.name)
            if limits is not None:
                args = (seen.value, limits.low, limits.high)
                seen = replace(seen, value=Apply(op="clip", args=args, span=seen.value.span))
            now[seen.target] = seen.value
            own[seen.target.name] = seen
        else:
            rest.append(seen)
    return Split(synapse=tuple(rest), own=tuple(own.values()))
