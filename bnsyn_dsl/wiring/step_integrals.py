"""Integrals of third factors over one step: exact where they are linear in states that decay."""

from __future__ import annotations

from bnsyn_dsl.abi.host_functions import HOST_FUNCTIONS
from bnsyn_dsl.analysis.derive import affine
from bnsyn_dsl.analysis.learning.moves import moves
from bnsyn_dsl.analysis.learning.owners import inlined
from bnsyn_dsl.analysis.learning.system import Decay
from bnsyn_dsl.lowering.learning import DT
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Ref,
    Symbol,
    rebuild,
    references,
    substitute,
)
from bnsyn_dsl.semantics.plan import NetworkPlan

__all__ = ["mean_over_step"]

_ZERO = Const(value=0.0)


def mean_over_step(factor: Expr, rate: float, plan: NetworkPlan) -> Expr:
    """Return the integral of exp(rate*s)*factor over one step, s from 0 to dt.

    `factor` is a wire in terms of states of pools; those that decay move within the step, and
    sums of them do.
    """
    decays = _decaying_members(factor, plan)
    plain, sums = _sums_as_symbols(factor, decays, plan)
    form = affine(plain, frozenset(decays))
    if form is None:
        return _times(factor, _span(rate))
    total = _times(form.constant, _span(rate))
    for symbol, coefficient in form.coefficients.items():
        own, rest = decays[symbol]
        here: Expr = Ref(symbol=symbol)
        above = here if rest == _ZERO else Apply(op="sub", args=(here, rest))
        part = _plus(_times(above, _span(rate + own)), _times(rest, _span(rate)))
        total = _plus(total, _times(coefficient, part))
    return substitute(total, sums)


def _sums_as_symbols(
    factor: Expr, decays: dict[Symbol, tuple[float, Expr]], plan: NetworkPlan
) -> tuple[Expr, dict[Symbol, Expr]]:
    """Replace sums and means of one decaying state of a modulator by symbols; return what each is.

    Such a sum decays as its terms do: it is added to `decays`.
    """
    sizes = {p.name: p.size for p in plan.pools}
    sums: dict[Symbol, Expr] = {}

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Apply) or e.op not in {"sum_of", "mean_of"}:
            return None
        value, place = e.args
        moving = [s for s in references(value) if s.kind == "member"]
        if len(moving) != 1 or moving[0] not in decays or affine(value, frozenset(moving)) is None:
            return e
        assert isinstance(place, Ref)
        own, rest = decays[moving[0]]
        ends = substitute(value, {moving[0]: rest})
        if e.op == "sum_of":
            ends = _times(Const(value=float(sizes[place.symbol.name])), ends)
        symbol = Symbol(f"sum.{len(sums)}", "state")
        sums[symbol], decays[symbol] = e, (own, ends)
        return Ref(symbol=symbol)

    return rebuild(factor, change), sums


def _span(rate: float) -> Expr:
    """Return the integral of exp(rate*s) over one step."""
    if rate == 0.0:
        return DT
    product = Apply(op="mul", args=(Const(value=rate), DT))
    return Apply(op="mul", args=(DT, Apply(op="exprel", args=(product,))))


def _decaying_members(factor: Expr, plan: NetworkPlan) -> dict[Symbol, tuple[float, Expr]]:
    """Return rate and resting value of every pool state in `factor` that decays."""
    pools = {p.name: p for p in plan.pools}
    found: dict[Symbol, tuple[float, Expr]] = {}
    for symbol in references(factor):
        pool = pools.get(symbol.owner)
        if symbol.kind != "member" or pool is None:
            continue
        move = moves(inlined(pool.model))[symbol.name]
        known: dict[Symbol, float] = {
            Symbol(n, "parameter"): v for n, v in pool.parameters.items() if isinstance(v, float)
        }
        if not isinstance(move, Decay):
            continue
        if not all(s in known for s in references(move.rate)):
            continue
        environment = Environment(symbols=known, functions=HOST_FUNCTIONS)
        rate = float(evaluate(move.rate, environment))
        rest = 0.0
        if move.rest is not None:
            if not all(s in known for s in references(move.rest)):
                continue
            rest = float(evaluate(move.rest, environment))
        found[symbol] = (rate, Const(value=rest))
    return found


def _times(a: Expr, b: Expr) -> Expr:
    if _ZERO in (a, b):
        return _ZERO
    return b if a == Const(value=1.0) else Apply(op="mul", args=(a, b))


def _plus(a: Expr, b: Expr) -> Expr:
    if _ZERO in (a, b):
        return b if a == _ZERO else a
    return Apply(op="add", args=(a, b))
