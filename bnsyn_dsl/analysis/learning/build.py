"""`LearningPlan` -> `LearningSystem`: owners, moves, and the cheapest strategy that is right.

accumulated   what post spikes add is collected per target: nothing per synapse and post spike
replayed      a synapse goes through the post spikes since its last arrival when it is read
swept         every synapse in every step
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bnsyn_dsl.analysis.learning.as_written import as_written
from bnsyn_dsl.analysis.learning.increments import increments, one_sign, sign
from bnsyn_dsl.analysis.learning.moves import moves
from bnsyn_dsl.analysis.learning.owners import (
    changed,
    inlined,
    owners,
    split,
    statements_within,
    with_values,
)
from bnsyn_dsl.analysis.learning.system import (
    WEIGHT,
    Decay,
    Driven,
    Increment,
    LearnedState,
    LearningSystem,
    Move,
    Owner,
    Rest,
    Stepped,
)
from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Symbol, rebuild, references
from bnsyn_dsl.semantics.expression import Ref as RefExpr
from bnsyn_dsl.semantics.model import Bounds, Model, Set, Statement
from bnsyn_dsl.semantics.plan import LearningPlan
from bnsyn_dsl.semantics.statements import expressions

__all__ = ["learning_system", "neuron_symbols"]

_REASONS = {
    "pre": "only presynaptic spikes change it",
    "post": "only postsynaptic spikes and the target change it",
    "synapse": "pre and post spikes, a pool or the weight itself change it",
}


def learning_system(
    plan: LearningPlan,
    members: Mapping[Symbol, Expr] | None = None,
    wanted: str | None = None,
) -> LearningSystem:
    """Take a rule apart.

    `members` says what names of neurons stand for where they are no states; `wanted` asks for a
    more general strategy than the cheapest.
    """
    fixed: dict[Symbol, Expr] = {
        Symbol(n, "input"): RefExpr(symbol=Symbol(n, "parameter")) for n in plan.inputs
    }
    rule = with_values(inlined(plan.rule), {**fixed, **(members or {})})
    rule = changed(rule, lambda e: _with_whole_exponents(e, plan))
    who = owners(rule, dict(plan.initial))
    how = moves(rule)
    states = _states(rule, who, how)
    bounds = {s.name: s.bounds for s in states if s.bounds is not None}
    on_pre = split(_body(rule, "pre"), _owned(who, "pre"), bounds)
    on_post = split(_body(rule, "post"), _owned(who, "post"), bounds)
    weight = next((a.value for a in rule.auxiliaries if a.name == "weight"), None)
    system = LearningSystem(
        name=rule.name,
        parameters=(
            *(p.name for p in rule.parameters),
            *(i.name for i in rule.inputs if i.name in plan.inputs),
        ),
        factors=tuple(i.name for i in rule.inputs if i.name in plan.wires),
        states=states,
        weight_value=weight,
        weight_bounds=next((b for name, b in rule.bounds if name == "weight"), None),
        on_pre=on_pre.synapse,
        on_post=on_post.synapse,
        row_updates=on_pre.own,
        target_updates=on_post.own,
        increments=(),
        clocks=rule.clocks,
        members=tuple(neuron_symbols(rule)),
        strategy="swept",
        why="",
        source=as_written(plan.rule),
        span=plan.span,
    )
    return _with_strategy(system, plan, wanted)


def _with_whole_exponents(expr: Expr, plan: LearningPlan) -> Expr:
    """Put small whole exponents in: a power becomes a product, which is what a rule can afford."""

    def change(e: Expr) -> Expr | None:
        if not (isinstance(e, Apply) and e.op == "pow"):
            return None
        base, exponent = e.args
        if not (isinstance(exponent, RefExpr) and exponent.symbol.kind == "parameter"):
            return None
        value = plan.constants.get(exponent.symbol)
        if value is None or value not in {0.0, 1.0, 2.0, 3.0}:
            return None
        if value == 0.0:
            return Const(value=1.0, span=e.span)
        base = _with_whole_exponents(base, plan)
        if value == 1.0:
            return base
        return Apply(op="pow", args=(base, Const(value=value)), span=e.span)

    return rebuild(expr, change)


def _body(rule: Model, event: str) -> tuple[Statement, ...]:
    return next((h.body for h in rule.handlers if h.event == event), ())


def _owned(who: dict[str, str], owner: str) -> frozenset[str]:
    return frozenset(n for n, o in who.items() if o == owner)


def _states(rule: Model, who: dict[str, str], how: dict[str, Move]) -> tuple[LearnedState, ...]:
    bounds: dict[str, Bounds | None] = {s.name: s.bounds for s in rule.states}
    bounds.update({name: b for name, b in rule.bounds if name != "weight"})
    found = []
    if "weight" in how:
        reason = "transmitted at every arrival"
        found.append(
            LearnedState(name="weight", owner="synapse", reason=reason, move=how["weight"])
        )
    for state in rule.states:
        owner: Owner = who[state.name]  # type: ignore[assignment]
        found.append(
            LearnedState(
                name=state.name,
                owner=owner,
                reason=_REASONS[owner],
                move=how[state.name],
                bounds=bounds[state.name],
            )
        )
    return tuple(found)


def neuron_symbols(rule: Model) -> Iterator[Symbol]:
    """Yield what the rule reads of the neurons, each once."""
    seen: dict[Symbol, None] = {}
    exprs = [d.value for d in rule.derivatives]
    for body in (*(h.body for h in rule.handlers), *(c.body for c in rule.clocks)):
        exprs += expressions(body)
    for expr in exprs:
        for symbol in references(expr):
            if symbol.owner in {"pre", "post"}:
                seen.setdefault(symbol)
    yield from seen


# --------------------------------------------------------------------------- strategy


def _with_strategy(
    system: LearningSystem, plan: LearningPlan, wanted: str | None
) -> LearningSystem:
    stepped = _not_closed(system, plan.constants)
    if stepped is not None:
        state, why = stepped
        equation = next((d.span for d in plan.rule.derivatives if d.state == state), None)
        return replace(system, strategy="swept", why=why, cause=equation)
    if wanted == "swept":
        return replace(system, strategy="swept", why="asked for")
    sums = _sums(system, plan)
    if not isinstance(sums, str) and wanted is None:
        return replace(
            system,
            strategy="accumulated",
            increments=sums,
            why="what a post spike adds is a presynaptic trace times what the target owns",
        )
    why = sums if isinstance(sums, str) else "asked for"
    unread = _not_replayable(system)
    if unread is not None:
        late, place = unread
        return replace(system, strategy="swept", why=f"{why}; {late}", cause=place)
    return replace(system, strategy="replayed", why=why)


def _not_closed(system: LearningSystem, known: Mapping[Symbol, float]) -> tuple[str, str] | None:
    """Return which state has no closed form between events and why, None where all have one."""
    stepped = {s.symbol: s.move for s in system.states if isinstance(s.move, Stepped)}
    # one that follows another is not the cause
    causes = [
        s for s, m in stepped.items() if not (stepped.keys() - {s}) & set(references(m.value))
    ]
    if stepped:
        cause = (*causes, *stepped)[0]
        why = f"d{cause.name}/dt has no closed form between events: {stepped[cause].term}"
        return cause.name, why
    for state in system.states:
        if isinstance(state.move, Driven) and not _lies_beside(state, system):
            why = f"d{state.name}/dt has no closed form between events: it is driven"
            return state.name, why
        if state.bounds is not None and not _keeps_within(state.move, state.bounds, known):
            return state.name, f"`{state.name}` is bounded while it moves"
    return None


def _lies_beside(state: LearnedState, system: LearningSystem) -> bool:
    """Tell whether a driven state lies at the synapse, and what drives it too."""
    assert isinstance(state.move, Driven)
    source = state.move.source
    beside = source is None or system.state(source).owner == "synapse"
    return state.owner == "synapse" and beside


def _keeps_within(move: Move, bounds: Bounds, known: Mapping[Symbol, float]) -> bool:
    """Tell whether a state within its bounds stays there: it rests, or decays to a value inside."""
    if not isinstance(move, Decay):
        return isinstance(move, Rest)
    rest = move.rest or Const(value=0.0)
    nowhere: frozenset[Symbol] = frozenset()
    above = sign(Apply(op="sub", args=(rest, bounds.low)), known, nowhere)
    below = sign(Apply(op="sub", args=(bounds.high, rest)), known, nowhere)
    return sign(move.rate, known, nowhere) in {-1, 0} and above in {0, 1} and below in {0, 1}


def _sums(system: LearningSystem, plan: LearningPlan) -> tuple[Increment, ...] | str:
    """Return the increments of the post handler, or why there are none."""
    traces = frozenset(
        s.name
        for s in system.owned("pre")
        if isinstance(s.move, Rest) or (isinstance(s.move, Decay) and s.move.rest is None)
    )
    synapse = frozenset(s.symbol for s in system.owned("synapse")) | {WEIGHT}
    others = {s.symbol for s in system.owned("pre") if s.name not in traces}
    found = increments(system.on_post, traces, synapse | others)
    if isinstance(found, str):
        return found
    for part in found:
        state = system.state(part.state)
        if state.bounds is not None:
            return f"`{state.name}` is bounded after every post spike"
        if isinstance(state.move, Decay) and state.move.rest is not None:
            return f"`{state.name}` does not decay to 0"
        if isinstance(state.move, Driven):
            return f"`{state.name}` is driven by a pool and moved by post spikes"
    if system.weight_bounds is not None and not one_sign(
        found, plan.constants, _never_negative(system, plan)
    ):
        return "post spikes may raise and lower the weight, so the order of clipping matters"
    driven = system.weight_bounds is not None and isinstance(_weight_move(system), Driven)
    if driven and any(p.state == "weight" for p in found):
        return "the weight is driven by a pool and moved by post spikes"
    return found


def _weight_move(system: LearningSystem) -> Move | None:
    return next((s.move for s in system.states if s.name == "weight"), None)


def _never_negative(system: LearningSystem, plan: LearningPlan) -> frozenset[Symbol]:
    """Return the pre- and post-owned states that begin at 0 or above and never fall below."""
    known = plan.constants
    owned = (*system.owned("pre"), *system.owned("post"))
    found = set()
    for s in owned:
        start = plan.initial[s.name]
        rests = isinstance(s.move, Rest) or (isinstance(s.move, Decay) and s.move.rest is None)
        if isinstance(start, float) and start >= 0.0 and rests:
            found.add(s.symbol)
    while True:
        bad = {
            u.target
            for u in (*system.row_updates, *system.target_updates)
            if u.target in found and sign(u.value, known, frozenset(found)) not in {0, 1}
        }
        if not bad:
            return frozenset(found)
        found -= bad


def _not_replayable(system: LearningSystem) -> tuple[str, Span] | None:
    """Return what the post handler reads that is gone when it is replayed, and where."""
    for statement in statements_within(system.on_post):
        expr = statement.value if isinstance(statement, Set) else statement.condition
        for symbol in references(expr):
            if symbol.owner:
                what = f"`on post` reads `{symbol.text}` at the moment of the spike"
                return what, statement.span
            if symbol.kind == "time":
                return "`on post` reads `t`", statement.span
    return None
