"""The kernel language: what one coupled system computes, ready to be printed for any backend.

    Expr      = Number | Name | Apply
    Statement = Let(names = value)
    Function  = name(arguments) -> results, straight-line
    Kernel    = parameters, invariants, propagators, functions, and the sections of one step

All numbers are binary64, conditions are booleans; the meaning of each operation is fixed in
`ir/operations.py`. Everything is straight-line: choices are `select`. A section works on one
neuron `i`; names of arrays are bound to the neuron's value before a section and stored after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Apply",
    "Call",
    "Column",
    "Expr",
    "Function",
    "Kernel",
    "Let",
    "MatrixExponential",
    "Name",
    "Number",
    "Substep",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A literal."""

    value: float | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A local value, parameter or state of the neuron at hand."""

    ident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """An operation of `ir.operations` on operands."""

    op: str
    args: tuple[Expr, ...]


Expr: TypeAlias = Number | Name | Apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a function of the same kernel."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """`names = value`, with the source equation as comment where there is one."""

    names: tuple[str, ...]
    value: Expr | Call
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A straight-line function; `captured` are values of the kernel it needs besides."""

    name: str
    arguments: tuple[str, ...]
    captured: tuple[str, ...]
    body: tuple[Let, ...]
    results: tuple[Expr, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixExponential:
    """exp(M*fraction*dt) for the `size` x `size` matrix M; `results` are (row, column, name)."""

    name: str
    size: int
    entries: tuple[tuple[int, int, Expr], ...]
    fraction: float
    results: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A named value with its unit and what it is, for the manifest and for readers."""

    name: str
    source: str
    unit: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Substep:
    """What the sub-stepping second pass needs.

    `slopes` and `step` are function names; `states` all moving states in the order of their
    arguments, `still` the others; `exact` keep the value of the first pass unless a reset moves
    them. `limits` keep states inside their bounds after every sub-step.
    """

    slopes: str
    step: str
    states: tuple[str, ...]
    still: tuple[str, ...]
    exact: tuple[str, ...]
    limits: tuple[Let, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The update of one coupled system over one step.

    Attributes:
        name: of the system.
        method: of integration, with `reason`.
        parameters: one value per segment, in the order of the columns of `par`.
        varying: one value per neuron, an array each.
        states: arrays, one value per neuron.
        gathered: arrays filled from other populations, or from arrays in time, for each step.
        receptors: names of the receptors; each has an inbox of whole numbers.
        inboxes: for each receptor the name of the number that arrived and of its quantum.
        invariants: computed per segment by `prepare` (`propagators` first), columns of `derived`.
        varied: computed per neuron by `prepare` (`varied_propagators` first), rows of `varied`.
        per_step: computed once per segment and step.
        functions: of the kernel, in an order in which each calls only earlier ones.
        arrive: arrivals; integrate: continuous states; clock: handlers of `every`.
        condition: threshold; is_edge: whether it must be newly reached.
        reset: what a spike does.
        refractory_steps: length of refractoriness, or None without.
        periods: period in steps of each clock, as (name of the flag, expression).
        streams: labels of the random streams in use.
    """

    name: str
    method: str
    reason: str
    parameters: tuple[Column, ...]
    varying: tuple[Column, ...]
    states: tuple[Column, ...]
    gathered: tuple[Column, ...]
    receptors: tuple[str, ...]
    inboxes: tuple[tuple[str, str], ...]
    propagators: tuple[MatrixExponential, ...]
    invariants: tuple[Let, ...]
    varied_propagators: tuple[MatrixExponential, ...]
    varied: tuple[Let, ...]
    per_step: tuple[Let, ...]
    functions: tuple[Function, ...]
    arrive: tuple[Let, ...]
    integrate: tuple[Let, ...]
    clock: tuple[Let, ...]
    condition: Expr | None
    before_condition: tuple[Let, ...]
    is_edge: bool
    reset: tuple[Let, ...]
    refractory_steps: Expr | None
    periods: tuple[tuple[str, Expr], ...]
    accepted: Expr | None
    substep: Substep | None
    streams: tuple[str, ...]
    observables: tuple[tuple[str, tuple[Let, ...], Expr], ...]
