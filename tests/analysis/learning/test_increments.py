"""Handlers as sums, signs of expressions, and rules for which neither holds."""

from __future__ import annotations

import pytest

from bnsyn_dsl.analysis.learning.increments import sign
from bnsyn_dsl.analysis.learning.system import LearningSystem
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol
from tests.analysis.learning.test_owners_and_moves import rule

P, N, Z, S, U = (
    Ref(symbol=Symbol(name, kind))
    for name, kind in [("p", "parameter"), ("n", "parameter"), ("z", "parameter"),
                       ("s", "state"), ("u", "state")]
)  # fmt: skip
KNOWN = {P.symbol: 2.0, N.symbol: -0.5, Z.symbol: 0.0}


def apply(op: str, *args: Expr) -> Expr:
    return Apply(op=op, args=args)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Const(value=3.0), 1), (Const(value=0.0), 0), (Const(value=-1.0), -1),
        (P, 1), (N, -1), (Z, 0), (S, 1), (U, None),
        (apply("neg", S), -1),
        (apply("add", P, S), 1), (apply("add", P, N), None), (apply("add", N, Z), -1),
        (apply("sub", P, N), 1), (apply("sub", P, P), None), (apply("sub", Z, S), -1),
        (apply("mul", P, N), -1), (apply("mul", N, N), 1), (apply("mul", Z, U), None),
        (apply("div", S, N), -1),
        (apply("pow", S, P), 1), (apply("pow", N, P), None),
        (apply("max", N, S), 1), (apply("min", N, S), -1), (apply("max", N, N), -1),
        (apply("exp", U), 1), (apply("abs", U), 1), (apply("sigmoid", U), 1),
        (apply("sin", S), None),
        (apply("mul", apply("exp", U), N), -1),
    ],
)  # fmt: skip
def test_signs(expr: Expr, expected: int | None) -> None:
    assert sign(expr, KNOWN, frozenset({S.symbol})) == expected


def why(**changes: str) -> tuple[str, str]:
    system: LearningSystem = rule(**changes)
    return system.strategy, system.why


@pytest.mark.parametrize(
    ("changes", "strategy", "reason"),
    [
        ({"pre": "z += 1", "post": "if y > 1: weight += A*w_max"},
         "replayed", "`on post` decides with `if`"),
        ({"pre": "z += 1", "post": "weight = w_max*z"},
         "replayed", "`on post` sets `weight` instead of adding to it"),
        ({"pre": "z += 1", "post": "weight += 0.1*weight*z"},
         "replayed", "what `on post` adds to `weight` depends on `weight` of the synapse"),
        ({"pre": "z += 1", "post": "weight += w_max*x*z"},
         "replayed", "what `on post` adds to `weight` is not linear in the presynaptic traces"),
        ({"pre": "z += 1", "post": "weight += w_max*sin(x)"},
         "replayed", "what `on post` adds to `weight` is not linear in the presynaptic traces"),
        ({"pre": "z += 1", "post": "weight -= 0.01*w_max"},
         "replayed",
         "post spikes may raise and lower the weight, so the order of clipping matters"),
        ({"start": "0 in [0, 1]", "pre": "z += y", "post": "z += x"},
         "replayed", "`z` is bounded after every post spike"),
        ({"equations": "dz/dt = (0.5 - z)/tau", "pre": "z += y", "post": "z += x"},
         "replayed", "`z` does not decay to 0"),
        ({"equations": "dz/dt = (0.5 - z)/tau", "pre": "z += 1", "post": "weight += A*w_max*z"},
         "replayed", "what `on post` adds to `weight` depends on `z` of the synapse"),
        ({"pre": "z += 1", "post": "weight += w_max*A*post.V_m/(1 mV)"},
         "swept", "post spikes may raise and lower the weight, so the order of clipping matters; "
         "`on post` reads `post.V_m` at the moment of the spike"),
        ({"pre": "z += 1", "post": "weight += 0.1*weight*pre.V_m/(1 mV)"},
         "swept", "what `on post` adds to `weight` depends on `weight` of the synapse; "
         "`on post` reads `pre.V_m` at the moment of the spike"),
        ({"pre": "z += 1", "post": "weight += 0.1*weight*t/(1 s)"},
         "swept", "what `on post` adds to `weight` depends on `weight` of the synapse; "
         "`on post` reads `t`"),
        ({"equations": "dz/dt = A*x/tau", "pre": "z += y"},
         "swept", "dz/dt has no closed form between events: it is driven"),
        ({"equations": "dz/dt = -z/tau", "start": "0.5 in [0.1, 1]", "pre": "z += 1"},
         "swept", "`z` is bounded while it moves"),
        ({"equations": "dz/dt = -z/tau", "start": "0.5 in [0, 1]", "pre": "z += 1"},
         "accumulated", "what a post spike adds is a presynaptic trace times what the target owns"),
        ({"pre": "z += 1", "post": "weight += A*w_max*x*y; weight += w_max*z"},
         "accumulated", "what a post spike adds is a presynaptic trace times what the target owns"),
    ],
)  # fmt: skip
def test_rules_outside_of_the_class_say_why(
    changes: dict[str, str], strategy: str, reason: str
) -> None:
    assert why(**changes) == (strategy, reason)


def test_each_trace_and_what_has_none_is_an_increment_of_its_own() -> None:
    system = rule(pre="z += 1", post="weight += w_max*(A*x + 0.5*z*y + 0.1)")
    assert [(p.state, p.trace) for p in system.increments] == [
        ("weight", "x"),
        ("weight", "x"),
        ("weight", "z"),
        ("weight", None),
    ]


def test_a_trace_that_may_fall_below_0_keeps_a_weight_from_being_clipped_once() -> None:
    """`z` begins at 0 and its spikes lower it, unless the amplitude says otherwise."""
    assert rule(pre="z -= 0.1", post="weight += w_max*z").strategy == "replayed"
    assert rule(pre="z -= -0.1", post="weight += w_max*z").strategy == "accumulated"
