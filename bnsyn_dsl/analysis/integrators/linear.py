"""The linear subsystem of a coupled system and its exact update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bnsyn_dsl.analysis.decide import hidden_affine
from bnsyn_dsl.analysis.derive import Affine, affine, is_zero
from bnsyn_dsl.analysis.integrators.programs import moving, ref
from bnsyn_dsl.analysis.system import CoupledSystem, expanded
from bnsyn_dsl.analysis.update import Propagator
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol, constant, references

__all__ = ["LinearPart", "exact_values", "linear_part", "propagator"]

_CHANGING = frozenset({"time", "noise", "gathered", "element"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearPart:
    """States with `dx/dt = A x + b`: affine forms in the states of the part, A constant.

    `b` may contain what is held during a step (wires) and what is constant.
    """

    states: tuple[str, ...]
    forms: Mapping[str, Affine]

    @property
    def driven(self) -> tuple[str, ...]:
        """States whose constant term is not zero."""
        return tuple(s for s in self.states if not is_zero(self.forms[s].constant))


def linear_part(system: CoupledSystem) -> LinearPart:
    """Return the largest set of states that form a closed linear system with constant A."""
    states = list(moving(system))
    while True:
        symbols = frozenset(Symbol(s, "state") for s in states)
        forms: dict[str, Affine] = {}
        for state in states:
            rhs = system.rhs(state)
            assert rhs is not None
            full = expanded(rhs, system)
            form = affine(full, symbols) or hidden_affine(full, symbols)
            if form is not None and _is_constant(form, system, symbols):
                forms[state] = form
        if len(forms) == len(states):
            return LinearPart(states=tuple(states), forms=forms)
        states = [s for s in states if s in forms]


def _is_constant(form: Affine, system: CoupledSystem, inside: frozenset[Symbol]) -> bool:
    held = {Symbol(d.name, "auxiliary") for d in system.definitions if d.held}
    for coefficient in form.coefficients.values():
        used = set(references(coefficient))
        if used & held or any(s.kind in _CHANGING | {"state", "refractory"} for s in used):
            return False
    used = set(references(form.constant))
    return not any(
        s.kind in {"state", "time", "noise", "refractory"} and s not in inside for s in used
    )


def propagator(
    part: LinearPart, fraction: float, name: str, resting: tuple[str, ...] = ()
) -> Propagator:
    """Return the propagator of the part over `fraction` of dt; `resting` states stand still."""
    index = {s: k for k, s in enumerate(part.states)}
    size = len(part.states)
    matrix: dict[tuple[int, int], Expr] = {}
    for state in part.states:
        if state in resting:
            continue
        for symbol, coefficient in part.forms[state].coefficients.items():
            if not is_zero(coefficient):
                matrix[index[state], index[symbol.name]] = coefficient
    driven = [s for s in part.driven if s not in resting]
    for k, state in enumerate(driven):
        matrix[index[state], size + k] = constant(1.0)
    columns = [*part.states, *(f"{s}.drive" for s in driven)]
    reach = _reachable(matrix, size, len(columns))
    entries = {
        (i, j): f"{name}[{part.states[i]},{columns[j]}]"
        for i in range(size)
        for j in range(len(columns))
        if j in reach[i] and part.states[i] not in resting
    }
    return Propagator(
        name=name,
        size=size,
        columns=len(columns),
        matrix=matrix,
        fraction=fraction,
        entries=entries,
    )


def _reachable(matrix: Mapping[tuple[int, int], Expr], size: int, columns: int) -> list[set[int]]:
    """Return for each row the columns of the exponential that can be non-zero."""
    reach = [{i} for i in range(size)]
    changed = True
    while changed:
        changed = False
        for i, j in matrix:
            new = {j} | (reach[j] if j < size else set())
            if not new <= reach[i]:
                reach[i] |= new
                changed = True
    return reach


def exact_values(
    part: LinearPart, made: Propagator, resting: tuple[str, ...] = ()
) -> dict[str, Expr]:
    """Return the new value of each state: sums of propagator entries times states and drives.

    The sum is a chain of fused multiply-adds that starts with the drives.
    """
    columns: list[Expr] = [ref(s) for s in part.states]
    columns += [part.forms[s].constant for s in part.driven if s not in resting]
    values: dict[str, Expr] = {}
    for i, state in enumerate(part.states):
        if state in resting:
            continue
        total: Expr | None = None
        for (row, column), entry in sorted(made.entries.items(), reverse=True):
            if row != i:
                continue
            factor = Ref(symbol=Symbol(entry, "propagator"))
            if total is None:
                total = Apply(op="mul", args=(factor, columns[column]))
            elif column >= made.size:
                product = Apply(op="mul", args=(factor, columns[column]))
                total = Apply(op="add", args=(product, total))
            else:
                total = Apply(op="fma", args=(factor, columns[column], total))
        assert total is not None
        values[state] = total
    return values
