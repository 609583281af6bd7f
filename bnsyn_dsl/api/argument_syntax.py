"""Arguments of Python calls as pieces of a syntax tree, with places that show the argument.

Text is parsed by the parser of files, so that `"normal(-65 mV, 5 mV)"` means what it means there.
A number or an array becomes the node that its text would give.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.api.quantities import Measured, as_measured, shown_number, value_text, wrong
from bnsyn_dsl.diagnostics import SourceFile, Span
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.fragments import Fragment, moved, parse_fragment

__all__ = [
    "array_node",
    "as_array",
    "finite",
    "place_of",
    "projection_of",
    "rule_of",
    "series_node",
    "span_of",
    "value_node",
    "values_of",
]


def span_of(text: str, where: str) -> Span:
    """Return a place for something that was written in Python; `where` names the call."""
    source = SourceFile(name=where, text=text)
    return Span(source=source, line=1, column=1, end_line=1, end_column=1 + len(text))


def value_node(value: object, name: str, where: str, joint: str = " = ") -> nodes.Expr:
    """Return the expression for one value: text, number or quantity.

    It is shown as name, `joint`, value.

    Raises:
        BnsError: it is none of these, or the text cannot be parsed.
    """
    text = value_text(value, f"`{name}` of {where}")
    section = _section("parameters", "value_ = ", text, "", f"{name}{joint}", where)
    assert isinstance(section, nodes.Parameters)
    node = section.declarations[0].value
    if node is None:
        raise wrong(f"`{name}` of {where} must be a value, found `{text}`")
    return node


def array_node(measured: Measured, name: str, where: str) -> nodes.Expr:
    """Return an expression with the unit of an array, different for each element.

    It stands in the tree while units are checked; `building.arrays` puts the numbers in behind.
    """
    one, kind = _one_of(measured)
    node = value_node(f"uniform({one}, {one})", "value_", where)
    return moved(node, lambda _: span_of(f"{name} = an array {kind}", where))


def series_node(measured: Measured, name: str, where: str) -> nodes.Expr:
    """Return an expression with the unit of an array in time, different from step to step.

    It stands in the tree as `array_node` does, where only an input may change in time.
    """
    one, kind = _one_of(measured)
    node = value_node(f"{one} if t < 0 ms else {one}", "value_", where)
    return moved(node, lambda _: span_of(f"{name} = an array in time {kind}", where))


def _one_of(measured: Measured) -> tuple[str, str]:
    """Return 1 in the unit of an array as text, and what kind of array it is."""
    number, unit = shown_number(Measured(values=np.ones(()), dimension=measured.dimension))
    suffix = "" if unit == "1" else unit[1:] if unit.startswith("1/") else f" {unit}"
    return f"{number}{suffix}", "of plain numbers" if unit == "1" else f"in {unit}"


def projection_of(mix: str, rule: str, where: str) -> nodes.Projection:
    """Return a projection with the synapses of `mix` and the rule; sources and targets are open.

    Raises:
        BnsError: one of the texts cannot be parsed.
    """
    rest = " { weight = 0, delay = 0 }"
    made = _section("projections", "a_ -> b_ : ", mix, f" one_to_one{rest}", "", where)
    ruled = _section("projections", "a_ -> b_ : X_ ", rule, rest, "rule = ", where)
    assert isinstance(made, nodes.Projections)
    assert isinstance(ruled, nodes.Projections)
    return replace(made.projections[0], rule=ruled.projections[0].rule, settings=())


def rule_of(text: str, where: str) -> nodes.ModelUse:
    """Return the use of a plasticity rule, as it stands behind `with`.

    Raises:
        BnsError: the text cannot be parsed.
    """
    rest = " one_to_one { weight = 0, delay = 0 }"
    made = _section("projections", "a_ -> b_ : X_ with ", text, rest, "plasticity = ", where)
    assert isinstance(made, nodes.Projections)
    use = made.projections[0].plasticity
    assert use is not None
    return use


def place_of(text: str, where: str) -> nodes.Place:
    """Return the population, group or part that a text names: `E`, `E[0:5]`."""
    section = _section("record", "spikes of ", text, "", "", where)
    assert isinstance(section, nodes.Record)
    places = section.probes[0].places
    if len(places) != 1 or section.probes[0].every is not None:
        raise wrong(f"`{text}` in {where} must be one population; use a list for several")
    return places[0]


def values_of(text: str, where: str) -> tuple[nodes.Expr, ...]:
    """Return the values of a probe: `V_m, w`, `spikes`, `AMPA.g`."""
    section = _section("record", "", text, " of a_", "", where)
    assert isinstance(section, nodes.Record)
    return section.probes[0].values


def as_array(value: object, name: str, where: str) -> Measured | None:
    """Return an array argument as numbers, None for what is one value."""
    if value is None or isinstance(value, str | bool):
        return None
    measured = as_measured(value, f"`{name}` of {where}")
    return None if measured.is_scalar else measured


def finite(measured: Measured, name: str, where: str) -> NDArray[np.float64]:
    """Return the numbers of an array argument, after refusing what is not finite."""
    bad = np.flatnonzero(~np.isfinite(measured.values))
    if len(bad):
        raise wrong(f"`{name}` of {where} is not finite at index {bad[0]}", code="BN461")
    return np.ascontiguousarray(measured.values)


# ----------------------------------------------------------------------------- inside


def _section(
    kind: str, before: str, text: str, after: str, shown: str, where: str
) -> nodes.NetworkSection:
    if not isinstance(text, str):
        what = f"`{shown.removesuffix(' = ')}`" if shown else "an argument"
        raise wrong(f"{what} of {where} must be text, found {text!r}")
    return parse_fragment(
        Fragment(kind=kind, text=text, before=before, after=after, shown=shown, where=where)
    )
