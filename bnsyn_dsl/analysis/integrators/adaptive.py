"""The error-controlled embedded pair of Bogacki & Shampine 3(2) (Appl. Math. Lett. 2, 1989).

Everybody takes one step of dt, vectorised, with a local error estimate; only neurons whose error
exceeds the tolerance, or that reached threshold, are integrated again in sub-steps, with the reset
where it falls. Linear states of the system are exact at every stage.

The error is measured in time as well as in value: an error is accepted while it is below
`atol + ttol*|slope|`. In the upswing of a spike a control of the voltage alone would spend
hundreds of sub-steps on a spike whose time is long known.
"""

from __future__ import annotations

from collections.abc import Sequence

from bnsyn_dsl.analysis.derive import affine
from bnsyn_dsl.analysis.integrators.linear import LinearPart, exact_values, linear_part, propagator
from bnsyn_dsl.analysis.integrators.programs import DT, call, moving, ref, slopes_function
from bnsyn_dsl.analysis.integrators.runge_kutta import refuse_noise, stepped
from bnsyn_dsl.analysis.registration import Integrator
from bnsyn_dsl.analysis.system import CoupledSystem, State, expanded
from bnsyn_dsl.analysis.update import (
    ACCEPTED,
    EASY,
    STEP_SIZE,
    Function,
    Let,
    Pair,
    Propagator,
    Update,
    local,
)
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.expression import Apply, Expr, constant

__all__ = ["INTEGRATOR", "TIME_TOLERANCE"]

# ms; an error that moves the trajectory by less than this in time is accepted: with 3e-5 a first
# spike of the published firing patterns of AdEx comes a step late, with 1e-5 a run takes 8 % longer
TIME_TOLERANCE = 2e-5
# no slope counts for more than this many units per ms, so that overflow is never accepted
_STEEPEST = 1e7
# accepted errors in internal units: of a plain number (gates, fractions), of everything else
_TOLERANCE_PLAIN = 1e-5
_TOLERANCE = 1e-4
_STAGES = ((), (0.5,), (0.0, 0.75))
_WEIGHTS = (2 / 9, 1 / 3, 4 / 9)
_ERROR = (-5 / 72, 1 / 12, 1 / 9, -1 / 8)
_FRACTIONS = {"half": 0.5, "late": 0.75, "new": 1.0}


def _update(system: CoupledSystem) -> Update:
    refuse_noise(system)
    part = _unheld(linear_part(system), system)
    solved = tuple(s for s in moving(system) if s not in part.states)
    still = tuple(s.name for s in system.states if system.rhs(s.name) is None)
    checked = _checked(system, solved)
    joint_states = (*solved, *part.states)
    joint_slopes = slopes_function(system, joint_states, still)
    joint = _pair_function("substep", system, joint_slopes, joint_states, (), still, checked)
    if not part.states:
        return _without_linear(system, joint_slopes, joint, solved, still)
    return _with_linear(system, part, joint_slopes, joint, solved, still, checked)


def _unheld(part: LinearPart, system: CoupledSystem) -> LinearPart:
    """Leave held states to the pair, and systems that are linear throughout.

    The exact part must not depend on who is refractory, and the pair needs something to do.
    """
    if set(part.states) & set(system.held) or len(part.states) == len(moving(system)):
        return LinearPart(states=(), forms={})
    return part


def _without_linear(
    system: CoupledSystem,
    slopes: Function,
    pair: Function,
    solved: Sequence[str],
    still: Sequence[str],
) -> Update:
    body = [
        call(
            [f"{s}:slope1" for s in solved],
            slopes,
            [ref(s) for s in (*solved, *still)],
        ),
        call(
            _results(solved),
            pair,
            [*map(ref, solved), *(local(f"{s}:slope1") for s in solved), *map(ref, still), DT],
        ),
    ]
    return Update(
        functions=(slopes, pair),
        body=tuple(body),
        new={s: local(f"{s}:new") for s in solved},
        accepted=local(ACCEPTED),
        pair=Pair(slopes=slopes.name, step=pair.name, solved=tuple(solved), exact=()),
    )


def _with_linear(
    system: CoupledSystem,
    part: LinearPart,
    joint_slopes: Function,
    joint: Function,
    solved: Sequence[str],
    still: Sequence[str],
    checked: Sequence[str],
) -> Update:
    fast_slopes = _renamed(slopes_function(system, solved, (*part.states, *still)), "slopes_given")
    fast = _pair_function("pair_step", system, fast_slopes, solved, part.states, still, checked)
    propagators: list[Propagator] = []
    body: list[Let] = []
    for name, fraction in _FRACTIONS.items():
        made = propagator(part, fraction, f"P_{name}" if name != "new" else "P")
        propagators.append(made)
        for state, value in exact_values(part, made).items():
            body.append(Let(names=(f"{state}:{name}",), value=value))
    body.append(
        call(
            [f"{s}:slope1" for s in solved],
            fast_slopes,
            [*map(ref, solved), *map(ref, part.states), *map(ref, still)],
        )
    )
    given = [local(f"{s}:{name}") for name in _FRACTIONS for s in part.states]
    body.append(
        call(
            _results(solved),
            fast,
            [
                *map(ref, solved),
                *(local(f"{s}:slope1") for s in solved),
                *given,
                *map(ref, still),
                DT,
            ],
        )
    )
    return Update(
        propagators=tuple(propagators),
        functions=(fast_slopes, fast, joint_slopes, joint),
        body=tuple(body),
        new={s: local(f"{s}:new") for s in (*solved, *part.states)},
        accepted=local(ACCEPTED),
        pair=Pair(
            slopes=joint_slopes.name,
            step=joint.name,
            solved=tuple(solved),
            exact=part.states,
        ),
    )


def _renamed(function: Function, name: str) -> Function:
    return Function(
        name=name,
        arguments=function.arguments,
        body=function.body,
        results=function.results,
        comment=function.comment,
    )


def _results(states: Sequence[str]) -> list[str]:
    return [
        *(f"{s}:new" for s in states),
        *(f"{s}:slope4" for s in states),
        ACCEPTED,
        EASY,
    ]


def _checked(system: CoupledSystem, solved: Sequence[str]) -> tuple[str, ...]:
    """Return the states whose error is controlled: those whose own equation is not linear.

    An error in a linear equation can only come from the others.
    """
    symbols = frozenset(system.state_symbols)
    bent = []
    for state in solved:
        rhs = system.rhs(state)
        assert rhs is not None
        if affine(expanded(rhs, system), symbols) is None:
            bent.append(state)
    return tuple(bent) or tuple(solved)


def _pair_function(
    name: str,
    system: CoupledSystem,
    slopes: Function,
    states: Sequence[str],
    given: Sequence[str],
    still: Sequence[str],
    checked: Sequence[str],
) -> Function:
    """One step of size h: (states, slopes, given values at h/2, 3h/4 and h, h) -> new values."""
    h = local(STEP_SIZE)
    body: list[Let] = []
    moments = list(_FRACTIONS)
    for stage in (1, 2):
        row = _STAGES[stage]
        points = [
            stepped(local(s), [(c, local(f"{s}:slope{k + 1}")) for k, c in enumerate(row)], h)
            for s in states
        ]
        at = [local(f"{s}:{moments[stage - 1]}") for s in given]
        body.append(
            call(
                [f"{s}:slope{stage + 1}" for s in states],
                slopes,
                [*points, *at, *map(local, still)],
            )
        )
    for state in states:
        terms = [(w, local(f"{state}:slope{k + 1}")) for k, w in enumerate(_WEIGHTS)]
        body.append(Let(names=(f"{state}:new",), value=stepped(local(state), terms, h)))
    at = [local(f"{s}:new") for s in given]
    body.append(
        call(
            [f"{s}:slope4" for s in states],
            slopes,
            [*(local(f"{s}:new") for s in states), *at, *map(local, still)],
        )
    )
    by_name = {s.name: s for s in system.states}
    accepted, easy = _verdicts([by_name[s] for s in checked], body, h)
    arguments = [
        *states,
        *(f"{s}:slope1" for s in states),
        *(f"{s}:{moment}" for moment in moments for s in given),
        *still,
        STEP_SIZE,
    ]
    results = [
        *(local(f"{s}:new") for s in states),
        *(local(f"{s}:slope4") for s in states),
        accepted,
        easy,
    ]
    return Function(
        name=name,
        arguments=tuple(arguments),
        body=tuple(body),
        results=tuple(results),
        comment="one step of size h of the Bogacki-Shampine pair 3(2) with its error estimate",
    )


def _verdicts(states: Sequence[State], body: list[Let], h: Expr) -> tuple[Expr, Expr]:
    """Append the error of each controlled state; return `accepted` and `easy` (far below)."""
    accepted: Expr | None = None
    easy: Expr | None = None
    for state in states:
        name = state.name
        terms = [(w, local(f"{name}:slope{k + 1}")) for k, w in enumerate(_ERROR)]
        total: Expr | None = None
        for weight, slope in terms:
            term = Apply(op="mul", args=(constant(weight), slope))
            total = term if total is None else Apply(op="add", args=(total, term))
        assert total is not None
        error = Apply(op="abs", args=(Apply(op="mul", args=(h, total)),))
        body.append(Let(names=(f"{name}:error",), value=error))
        steepness = Apply(
            op="min",
            args=(Apply(op="abs", args=(local(f"{name}:slope4"),)), constant(_STEEPEST)),
        )
        atol = _TOLERANCE_PLAIN if state.dimension == ONE else _TOLERANCE
        allowed = Apply(op="fma", args=(constant(TIME_TOLERANCE), steepness, constant(atol)))
        body.append(Let(names=(f"{name}:allowed",), value=allowed))
        within = Apply(op="le", args=(local(f"{name}:error"), local(f"{name}:allowed")))
        far = Apply(
            op="le",
            args=(
                local(f"{name}:error"),
                Apply(op="mul", args=(constant(0.1), local(f"{name}:allowed"))),
            ),
        )
        accepted = within if accepted is None else Apply(op="and", args=(accepted, within))
        easy = far if easy is None else Apply(op="and", args=(easy, far))
    assert accepted is not None
    assert easy is not None
    return accepted, easy


INTEGRATOR = Integrator(name="adaptive", update=_update, order=3)
