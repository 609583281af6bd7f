"""Dimensions are a group; unknowns are solved; units are those of SymPy's tables."""

from __future__ import annotations

import ast
from fractions import Fraction

import pytest
import sympy.physics.units as sympy_units
from hypothesis import given
from hypothesis import strategies as st
from sympy.physics.units.systems.si import dimsys_SI

from bnsyn_dsl.semantics.dimension import BASES, ONE, Dimension, DimensionSolver
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.unit_table import NO_PREFIX, PREFIXES, UNITS
from bnsyn_dsl.semantics.units import (
    exact_value,
    find_unit,
    format_dimension,
    in_unit,
    internal_factor,
)

exponents = st.fractions(min_value=-4, max_value=4, max_denominator=3)
dimensions = st.dictionaries(st.sampled_from(BASES), exponents).map(Dimension.of)


@given(dimensions, dimensions, dimensions)
def test_products_are_a_commutative_group(a: Dimension, b: Dimension, c: Dimension) -> None:
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a
    assert a * ONE == a
    assert a * a**-1 == ONE
    assert a / b == a * b**-1


@given(dimensions, exponents, exponents)
def test_powers_follow_their_laws(a: Dimension, p: Fraction, q: Fraction) -> None:
    assert a**p * a**q == a ** (p + q)
    assert (a**p) ** q == a ** (p * q)
    assert a**0 == ONE


@given(dimensions, dimensions)
def test_an_unknown_is_solved_by_one_equation(a: Dimension, b: Dimension) -> None:
    solver = DimensionSolver()
    unknown = Dimension.unknown("weight")
    assert solver.equal(unknown**2 * a, b)
    assert solver.value(unknown) == (b / a) ** Fraction(1, 2)
    assert solver.equal(unknown, b * a) == ((b / a) ** Fraction(1, 2) == b * a)


def test_unknowns_of_literals_are_solved_before_named_ones() -> None:
    solver = DimensionSolver()
    literal, weight = solver.fresh(), Dimension.unknown("weight")
    assert solver.equal(literal, weight)
    assert solver.value(literal) == weight
    assert solver.value(weight) == weight


SYMPY = {
    "V": "volt", "A": "ampere", "S": "siemens", "F": "farad", "Ohm": "ohm", "s": "second",
    "Hz": "hertz", "m": "meter", "M": None, "mol": "mol", "K": "kelvin", "J": "joule",
    "W": "watt", "min": "minute", "h": "hour",
}  # fmt: skip
SYMPY_BASES = {
    "length": "m", "mass": "kg", "time": "s", "current": "A", "temperature": "K",
    "amount_of_substance": "mol",
}  # fmt: skip


def test_every_unit_of_the_table_is_compared() -> None:
    assert set(SYMPY) == set(UNITS)
    assert set(NO_PREFIX) == {"min", "h"}


@pytest.mark.parametrize("name", sorted(set(UNITS) - {"M"}))
def test_units_are_those_of_sympy(name: str) -> None:
    theirs = getattr(sympy_units, str(SYMPY[name]))
    in_bases = sympy_units.convert_to(
        theirs,
        [sympy_units.meter, sympy_units.kilogram, sympy_units.second, sympy_units.ampere,
         sympy_units.kelvin, sympy_units.mol],
    )  # fmt: skip
    factor, _ = in_bases.as_coeff_Mul()
    powers = dimsys_SI.get_dimensional_dependencies(theirs.dimension)
    unit = find_unit(name)
    assert unit is not None
    assert unit.scale == Fraction(str(factor))
    expected = {SYMPY_BASES[str(b.name)]: Fraction(str(e)) for b, e in powers.items()}
    assert unit.dimension == Dimension.of(expected)


def test_molar_is_a_mole_in_a_litre() -> None:
    unit = find_unit("M")
    assert unit is not None
    assert unit.scale == 1000
    assert unit.dimension == Dimension.of({"mol": Fraction(1), "m": Fraction(-3)})


def test_prefixes_are_those_of_sympy() -> None:
    theirs = {str(k): p for k, p in sympy_units.prefixes.PREFIXES.items()}
    ours = {("mu" if k == "u" else k): v for k, v in PREFIXES.items()}
    assert set(ours) <= set(theirs)
    for name, power in ours.items():
        assert theirs[name].scale_factor == 10**power if power > 0 else True
        assert Fraction(str(theirs[name].scale_factor)) == Fraction(10) ** power


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1", "V", 1000.0), ("0.1", "ms", 0.1), ("1", "s", 1000.0), ("5", "Hz", 0.005),
        ("281", "pF", 281.0), ("30", "nS", 30.0), ("1", "nA", 1000.0), ("100", "MOhm", 0.1),
        ("3.57", "mM", 3.57), ("1", "min", 60000.0), ("1", "um", 1.0), ("1", "K", 1.0),
        ("1e400", "V", float("inf")), ("1e-999999999", "V", 0.0),
        ("1e999999999", "V", float("inf")),
        ("0e999999999", "V", 0.0),
    ],
)  # fmt: skip
def test_literals_are_rounded_once_into_internal_units(text: str, unit: str, value: float) -> None:
    found = find_unit(unit)
    assert found is not None
    assert exact_value(text, found) == value


@given(st.decimals(min_value=-1000, max_value=1000, places=6), st.sampled_from(["mV", "nS", "kHz"]))
def test_a_literal_is_the_nearest_number(text: object, name: str) -> None:
    unit = find_unit(name)
    assert unit is not None
    exact = Fraction(str(text)) * unit.scale / internal_factor(unit.dimension)
    assert exact_value(str(text), unit) == float(exact)


@pytest.mark.parametrize("name", ["g", "C", "t", "dt", "mmin", "hh", "", "m V", "kmin", "T"])
def test_other_names_are_no_units(name: str) -> None:
    assert find_unit(name) is None


@pytest.mark.parametrize(
    "text", ["mV", "pA", "nS", "pF", "ms", "Hz", "GOhm", "um", "mM", "K", "pA/ms", "1/mV", "mV^2"]
)
def test_dimensions_are_shown_as_units_one_can_read(text: str) -> None:
    parts = text.replace("1/", "/").split("/")
    dimension = ONE
    for sign, part in zip((1, -1), parts, strict=False):
        name, _, power = part.partition("^")
        unit = find_unit(name)
        if unit is not None:
            dimension = dimension * unit.dimension ** (sign * int(power or 1))
    assert format_dimension(dimension) == text
    assert quantity_text(0.5, dimension).endswith(text.removeprefix("1"))


def test_values_are_shown_in_the_unit_that_is_named() -> None:
    rate = find_unit("Hz")
    assert rate is not None
    assert quantity_text(0.02, rate.dimension) == "20 Hz"
    assert quantity_text(0.062, rate.dimension**-1 / rate.dimension**-1) == "0.062"
    assert in_unit(0.02, rate) == pytest.approx(20.0)


def test_an_unusual_dimension_is_spelled_out() -> None:
    unit, per = find_unit("nS"), find_unit("m")
    assert unit is not None
    assert per is not None
    shown = format_dimension(unit.dimension / per.dimension**2)
    total = ONE
    for place, group in enumerate(shown.split("/")):
        for part in group.split():
            name, _, power = part.partition("^")
            found = find_unit(name)
            if found is not None:
                total = total * found.dimension ** (
                    ast.literal_eval(power or "1") * (1 if place == 0 else -1)
                )
    assert total == unit.dimension / per.dimension**2
