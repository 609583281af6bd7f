"""Values of a plan as numbers, arrays and draws; bounds that no draw exceeds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnsyn_dsl.assembly.values import element_values, evaluate_all, largest, synapse_draw
from bnsyn_dsl.diagnostics import BnsError
from bnsyn_dsl.runtime.draws import Draw, draw_array
from bnsyn_dsl.semantics.expression import Apply, Expr, Random, Ref, Symbol, constant

INDEX = Ref(symbol=Symbol("index", "element"))


def apply(op: str, *args: Expr) -> Apply:
    return Apply(op=op, args=args)


def draw(distribution: str, *args: float, number: int = 0) -> Random:
    return Random(distribution=distribution, args=tuple(map(constant, args)), number=number)


def test_numbers_stay_numbers_and_formulas_of_the_index_become_arrays() -> None:
    assert element_values(2.5, 4, {}, 1, "x") == 2.5
    values = element_values(apply("mul", INDEX, constant(0.5)), 4, {}, 1, "x")
    np.testing.assert_array_equal(values, [0.0, 0.5, 1.0, 1.5])


def test_values_may_use_one_another_in_any_order() -> None:
    a, b = Ref(symbol=Symbol("a", "parameter")), Ref(symbol=Symbol("b", "parameter"))
    known: dict[Symbol, object] = {}
    made = evaluate_all(
        {"c": apply("add", a, b), "b": apply("mul", a, constant(2.0)), "a": INDEX, "d": 1.0},
        "parameter", 3, known, 1, "A",  # type: ignore[arg-type]
    )  # fmt: skip
    np.testing.assert_array_equal(made["c"], [0.0, 3.0, 6.0])
    assert set(known) == {Symbol(n, "parameter") for n in "abcd"}


def test_draws_depend_on_seed_owner_and_number() -> None:
    one = draw("uniform", 0.0, 1.0)
    other = draw("uniform", 0.0, 1.0, number=1)
    values = [
        element_values(e, 50, {}, seed, stream)
        for e, seed, stream in ((one, 1, "x"), (one, 2, "x"), (one, 1, "y"), (other, 1, "x"))
    ]
    for k, left in enumerate(values):
        for right in values[:k]:
            assert not np.array_equal(left, right)
    np.testing.assert_array_equal(values[0], element_values(one, 50, {}, 1, "x"))
    assert np.array_equal(values[0], draw_array(Draw(kind="uniform", a=0.0, b=1.0), 50, 1, "x"))


def test_a_draw_may_be_moved_and_scaled_by_an_array() -> None:
    scaled = Random(distribution="normal", args=(INDEX, constant(0.0)), number=0)
    np.testing.assert_array_equal(element_values(scaled, 3, {}, 1, "x"), [0.0, 1.0, 2.0])
    between = Random(distribution="uniform", args=(INDEX, INDEX), number=0)
    np.testing.assert_array_equal(element_values(between, 3, {}, 1, "x"), [0.0, 1.0, 2.0])


def test_a_draw_that_cannot_be_scaled_is_refused() -> None:
    shaped = Random(distribution="lognormal", args=(INDEX, constant(1.0)), number=0)
    with pytest.raises(BnsError, match="BN403"):
        element_values(shaped, 3, {}, 1, "x")


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        (draw("uniform", 3.0, 1.0), "the lower bound must not exceed the upper"),
        (draw("normal", 3.0, -1.0), "the deviation must not be negative"),
        (draw("normal", 3.0, 1.0, 50.0, 60.0), "gave no value between"),
        (draw("exponential", -1.0), "the mean must not be negative"),
        (Random(distribution="uniform", args=(INDEX, constant(1.0)), number=0), "below the lower"),
        (Random(distribution="normal", args=(constant(1.0), apply("neg", INDEX)), number=0),
         "the deviation of `normal` is negative at some elements"),
    ],
)  # fmt: skip
def test_impossible_arguments_of_a_draw_are_refused(expr: Expr, why: str) -> None:
    with pytest.raises(BnsError, match="BN456") as caught:
        element_values(expr, 3, {}, 1, "x")
    assert why in caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("expr", "scale", "offset"),
    [
        (draw("uniform", 1.0, 2.0), 1.0, 0.0),
        (apply("neg", draw("normal", 1.0, 2.0)), -1.0, 0.0),
        (apply("add", constant(3.0), apply("mul", draw("normal", 0, 1), constant(2.0))), 2.0, 3.0),
        (apply("sub", constant(3.0), apply("div", draw("normal", 0, 1), constant(4.0))), -0.25, 3),
        (apply("mul", apply("exp", constant(0.0)), draw("exponential", 2.0)), 1.0, 0.0),
    ],
)
def test_moved_and_scaled_draws_are_drawn_synapse_by_synapse(
    expr: Expr, scale: float, offset: float
) -> None:
    made = synapse_draw(expr)
    assert isinstance(made, Draw)
    assert (made.scale, made.offset) == (scale, offset)


@pytest.mark.parametrize(
    "expr",
    [
        apply("add", draw("uniform", 0.0, 1.0), draw("uniform", 0.0, 1.0)),
        apply("exp", draw("uniform", 0.0, 1.0)),
        apply("div", constant(1.0), draw("uniform", 1.0, 2.0)),
        apply("mul", INDEX, draw("uniform", 1.0, 2.0)),
    ],
)
def test_other_formulas_are_not_one_draw(expr: Expr) -> None:
    assert synapse_draw(expr) is None


KINDS = st.one_of(
    st.builds(lambda a, w: Draw(kind="uniform", a=a, b=a + w), st.floats(-5, 5), st.floats(0, 5)),
    st.builds(lambda a, b: Draw(kind="normal", a=a, b=b), st.floats(-5, 5), st.floats(0, 5)),
    st.builds(lambda a, b: Draw(kind="lognormal", a=a, b=b), st.floats(0.1, 5), st.floats(-1, 1)),
    st.builds(lambda a: Draw(kind="exponential", a=a), st.floats(0, 5)),
    st.builds(lambda a: Draw(kind="poisson", a=a), st.floats(0, 50)),
    st.builds(lambda a: Draw(kind="constant", a=a), st.floats(-5, 5)),
)


@settings(derandomize=True, max_examples=60, deadline=None, database=None)
@given(kind=KINDS, scale=st.floats(-3, 3), offset=st.floats(-3, 3), seed=st.integers(0, 99))
def test_no_draw_exceeds_its_bound(kind: Draw, scale: float, offset: float, seed: int) -> None:
    made = Draw(
        kind=kind.kind, a=kind.a, b=kind.b, low=kind.low, high=kind.high, scale=scale,
        offset=offset,
    )  # fmt: skip
    bound = largest(made)
    assert math.isfinite(bound)
    values = draw_array(made, 500, seed, "x")
    assert np.max(np.abs(values)) <= bound * (1 + 1e-15)


def test_the_bound_of_an_array_is_its_largest_value() -> None:
    assert largest(np.array([1.0, -3.0, 2.0])) == 3.0
    assert largest(np.zeros(0)) == 0.0
