"""Affine forms and derivatives against numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnsyn_dsl.analysis.derive import ZERO, affine, derivative, is_zero
from bnsyn_dsl.analysis.verify_update import check_affine, check_derivative, evaluated
from bnsyn_dsl.semantics.expression import (
    Apply,
    Const,
    Expr,
    Random,
    Ref,
    Symbol,
    constant,
    references,
)

X, Y, P = Symbol("x", "state"), Symbol("y", "state"), Symbol("p", "parameter")
BOTH = frozenset({X, Y})
LEAVES: st.SearchStrategy[Expr] = st.one_of(
    st.sampled_from([Ref(symbol=X), Ref(symbol=Y), Ref(symbol=P)]),
    st.sampled_from([constant(v) for v in (0.0, 1.0, -1.0, 2.5, -0.75)]),
)


def apply(op: str, *args: Expr) -> Apply:
    return Apply(op=op, args=args)


def _larger(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    one = st.sampled_from(("neg", "exp", "sin", "cos", "tanh", "sigmoid", "log", "sqrt"))
    two = st.sampled_from(("add", "sub", "mul", "div"))
    condition = st.builds(lambda a, b: apply("lt", a, b), inner, inner)
    return st.one_of(
        st.builds(lambda op, a: apply(op, a), one, inner),
        st.builds(lambda op, a, b: apply(op, a, b), two, inner, inner),
        st.builds(lambda c, a, b: apply("select", c, a, b), condition, inner, inner),
        st.builds(lambda a, k: apply("pow", a, constant(k)), inner, st.sampled_from((2.0, 3.0))),
    )


EXPRESSIONS: st.SearchStrategy[Expr] = st.recursive(LEAVES, _larger, max_leaves=8)


@settings(derandomize=True, max_examples=400, deadline=None, database=None)
@given(EXPRESSIONS)
def test_affine_forms_have_the_values_of_the_expression(expr: Expr) -> None:
    form = affine(expr, BOTH)
    if form is not None:
        check_affine(expr, form, "expr")
        for part in (form.constant, *form.coefficients.values()):
            assert not BOTH & set(references(part))


@settings(derandomize=True, max_examples=400, deadline=None, database=None)
@given(EXPRESSIONS)
def test_derivatives_agree_with_differences(expr: Expr) -> None:
    slope = derivative(expr, X)
    assert slope is not None
    check_derivative(expr, X, slope)


@settings(derandomize=True, max_examples=100, deadline=None, database=None)
@given(st.lists(st.floats(-4, 4), min_size=6, max_size=6))
def test_every_sum_of_multiples_is_recognised(numbers: list[float]) -> None:
    a, b, c, d, e, f = map(constant, numbers)
    x, y, p = Ref(symbol=X), Ref(symbol=Y), Ref(symbol=P)
    inner = apply("sub", apply("mul", a, x), apply("neg", apply("mul", y, apply("exp", p))))
    choice = apply("select", apply("lt", p, b), apply("mul", x, c), apply("add", y, d))
    expr = apply("add", apply("div", inner, apply("add", p, e)), apply("mul", choice, f))
    form = affine(expr, BOTH)
    assert form is not None
    values = {X: 1.25, Y: -0.5, P: 0.75}
    total = evaluated(form.constant, values)
    total += sum(evaluated(k, values) * values[s] for s, k in form.coefficients.items())
    assert math.isclose(total, evaluated(expr, values), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    "expr",
    [
        apply("mul", Ref(symbol=X), Ref(symbol=Y)),
        apply("div", constant(1.0), Ref(symbol=X)),
        apply("exp", Ref(symbol=X)),
        apply("abs", Ref(symbol=Y)),
        apply("select", apply("lt", Ref(symbol=X), constant(0.0)), constant(1.0), constant(2.0)),
        apply("add", Ref(symbol=X), apply("pow", Ref(symbol=Y), constant(2.0))),
    ],
)
def test_what_is_not_affine_is_refused(expr: Expr) -> None:
    assert affine(expr, BOTH) is None


@pytest.mark.parametrize("op", ["floor", "round", "abs", "exprel"])
def test_functions_without_a_derivative_have_none(op: str) -> None:
    assert derivative(apply(op, Ref(symbol=X)), X) is None
    assert derivative(apply(op, Ref(symbol=P)), X) == ZERO


def test_random_numbers_are_constants_of_the_derivative() -> None:
    draw = Random(distribution="uniform", args=(constant(0.0), constant(1.0)), number=0)
    assert derivative(draw, X) == ZERO


def test_powers_keep_their_base() -> None:
    square = derivative(apply("pow", Ref(symbol=X), constant(2.0)), X)
    assert square == apply("mul", constant(2.0), Ref(symbol=X))
    assert derivative(apply("pow", Ref(symbol=X), constant(1.0)), X) == constant(1.0)
    assert derivative(apply("pow", constant(2.0), Ref(symbol=X)), X) is None


def test_zeros_and_ones_leave_no_trace() -> None:
    expr = apply("add", apply("mul", constant(0.0), Ref(symbol=X)), Ref(symbol=P))
    form = affine(expr, BOTH)
    assert form is not None
    assert all(map(is_zero, form.coefficients.values()))
    assert form.constant == Ref(symbol=P)
    assert derivative(apply("mul", Ref(symbol=X), constant(1.0)), X) == constant(1.0)
    assert isinstance(derivative(apply("neg", Ref(symbol=X)), X), Const)
