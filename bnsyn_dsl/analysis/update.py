"""The product of the analysis: the update of one step as a straight-line program of expressions.

    UpdateSystem = system, method and its reason, propagators, functions, body, new values
    Let          = names = expression | call of a function

Symbols of kind `local` are names bound by a `Let` or by the arguments of a function; symbols of
kind `propagator` are entries of a matrix exponential, computed before the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.analysis.system import CoupledSystem
from bnsyn_dsl.semantics.expression import Expr, Ref, Symbol

__all__ = [
    "ACCEPTED",
    "EASY",
    "STEP_SIZE",
    "Call",
    "Function",
    "Let",
    "Pair",
    "Propagator",
    "Update",
    "UpdateSystem",
    "local",
]

# names of the generated code itself: the colon keeps them apart from every name of a model
STEP_SIZE = ":h"
ACCEPTED = ":accepted"
EASY = ":easy"


def local(name: str) -> Ref:
    """Return a use of a local name."""
    return Ref(symbol=Symbol(name, "local"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a generated function with several results."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """`names = value`; `comment` is the source equation where there is one."""

    names: tuple[str, ...]
    value: Expr | Call
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A pure function of several arguments and results; parameters of the system are visible."""

    name: str
    arguments: tuple[str, ...]
    body: tuple[Let, ...]
    results: tuple[Expr, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagator:
    """exp(A*fraction*dt) of the augmented matrix [[A, I_b], [0, 0]] of a linear subsystem.

    `matrix` maps (row, column) to the entries that are not zero, in units of 1/ms; columns from
    `size` on belong to the constant terms. `entries` names the results that are used.
    """

    name: str
    size: int
    columns: int
    matrix: Mapping[tuple[int, int], Expr]
    fraction: float
    entries: Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the error-controlled kernel needs beyond a plain body.

    `slopes(states) -> slopes` and `step(states, slopes, h) -> states, slopes, accepted, easy` are
    functions over all states; `solved` are the states the pair integrates, `exact` those that
    keep the exact values of the body.
    """

    slopes: str
    step: str
    solved: tuple[str, ...]
    exact: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an integrator makes: lets and the new value of every state that has an equation."""

    propagators: tuple[Propagator, ...] = ()
    functions: tuple[Function, ...] = ()
    body: tuple[Let, ...] = ()
    new: Mapping[str, Expr] = field(default_factory=dict)
    resting: Mapping[str, Expr] = field(default_factory=dict)
    accepted: Expr | None = None
    pair: Pair | None = None
    largest_dt: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSystem:
    """A coupled system with its chosen update. `reason` says why, for the user."""

    system: CoupledSystem
    method: str
    reason: str
    update: Update
