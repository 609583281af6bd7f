"""What was derived is compared with what was written; a wrong derivation is never emitted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bnsyn_dsl import compiler
from bnsyn_dsl.analysis import derive, verify_update
from bnsyn_dsl.analysis.derive import Affine, affine, derivative
from bnsyn_dsl.analysis.verify_update import WrongUpdateError, check_affine, check_derivative
from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol, constant
from tests import systems

X, P = Symbol("x", "state"), Symbol("p", "parameter")
LINEAR = systems.network_text("LIF[3]", {"ExpCurrent": "1 pA", "AlphaCurrent": "1 pA"})
HODGKIN = systems.network_text("HodgkinHuxley[3]") + "    solve: exponential_euler\n"


def apply(op: str, *args: Expr) -> Apply:
    return Apply(op=op, args=args)


def test_a_right_linear_form_passes_and_a_wrong_one_does_not() -> None:
    expr = apply("sub", apply("div", Ref(symbol=X), Ref(symbol=P)), constant(3.0))
    form = affine(expr, frozenset({X}))
    assert form is not None
    check_affine(expr, form, "x")
    with pytest.raises(WrongUpdateError, match="the linear form of `x`"):
        check_affine(expr, replace(form, constant=constant(3.0)), "x")
    off = Affine(coefficients={X: constant(1.0)}, constant=form.constant)
    with pytest.raises(WrongUpdateError):
        check_affine(expr, off, "x")


def test_an_error_of_a_millionth_is_found() -> None:
    expr = apply("mul", constant(2.0), Ref(symbol=X))
    with pytest.raises(WrongUpdateError):
        check_affine(expr, Affine(coefficients={X: constant(2.000002)}, constant=constant(0)), "x")


def test_a_right_slope_passes_and_a_wrong_one_does_not() -> None:
    expr = apply("exp", apply("mul", Ref(symbol=P), Ref(symbol=X)))
    slope = derivative(expr, X)
    assert slope is not None
    check_derivative(expr, X, slope)
    with pytest.raises(WrongUpdateError, match="the slope by `x`"):
        check_derivative(expr, X, expr)


@pytest.mark.parametrize("op", ["log", "sqrt"])
def test_points_outside_of_a_domain_say_nothing(op: str) -> None:
    below = apply(op, apply("neg", Ref(symbol=X)))
    check_derivative(below, X, constant(0.0))


def test_kinks_between_the_points_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_update, "_POINTS", 1)
    at = verify_update._values(Ref(symbol=X), 0)[X]
    near = constant(at + 1.5 * verify_update._STEP * max(at, 1.0))
    kink = apply("abs", apply("sub", Ref(symbol=X), near))
    check_derivative(kink, X, constant(100.0))
    with pytest.raises(WrongUpdateError):
        check_derivative(apply("abs", Ref(symbol=X)), X, constant(100.0))


def test_every_system_of_a_compilation_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    (group,) = systems.groups_of(systems.plan_of(LINEAR))
    compiler.kernel_of(group.members[0], (), DiagnosticLog())
    monkeypatch.setattr(derive, "negative", lambda a: a)
    with pytest.raises(WrongUpdateError):
        compiler.kernel_of(group.members[0], (), DiagnosticLog())


def test_a_broken_derivative_is_found_before_it_is_emitted(monkeypatch: pytest.MonkeyPatch) -> None:
    (group,) = systems.groups_of(systems.plan_of(HODGKIN))
    compiler.kernel_of(group.members[0], (), DiagnosticLog())

    def half(a: Expr, b: Expr) -> Expr:
        return apply("mul", constant(0.5), derive.times(a, b))

    original = derive._derivative

    def broken(expr: Apply, state: Symbol) -> Expr | None:
        found = original(expr, state)
        return found if found is None or isinstance(found, Const) else half(found, constant(1.0))

    monkeypatch.setattr(derive, "_derivative", broken)
    with pytest.raises(WrongUpdateError, match="the slope by"):
        compiler.kernel_of(group.members[0], (), DiagnosticLog())
