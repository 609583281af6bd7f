"""One wrong unit instead of the errors that follow from it.

A unit that was forgotten or mistyped where a value is declared is found wherever the value meets
another, which may be everywhere but at its declaration. Where another unit for one single
declaration leaves nothing to complain about, the mistake is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bnsyn_dsl.diagnostics import Diagnostic, Label, Severity, error
from bnsyn_dsl.syntax import nodes, unparse_expr

__all__ = ["odd_unit"]

_OF_UNITS = frozenset({"BN310", "BN311", "BN312", "BN313"})
_MOST_TRIALS = 600  # each takes about a millisecond
_USUAL = ("ms", "mV", "pA", "nS", "pF", "MOhm", "Hz")

_Section = nodes.Parameters | nodes.Inputs | nodes.States
_Units = tuple[nodes.UnitFactor, ...]


def odd_unit(
    block: nodes.Block,
    found: Sequence[Diagnostic],
    accepted: Callable[[nodes.Block], bool],
) -> Diagnostic | None:
    """Return the finding at the one declaration whose unit explains all others.

    `accepted` tells whether a changed block has no errors. None where there are other errors, one
    alone, or more than one declaration that could be meant.
    """
    errors = [d for d in found if d.severity is Severity.ERROR]
    if len(errors) < 2 or any(d.code not in _OF_UNITS for d in errors):
        return None  # one alone is rather an operator or a name at its own place
    meant: dict[str, tuple[nodes.Declaration, nodes.Expr]] = {}
    for trial, (section, declaration, value) in enumerate(_other_units(block)):
        if trial == _MOST_TRIALS:
            return None
        known = declaration.name in meant
        if not known and accepted(_with_value(block, section, declaration, value)):
            meant[declaration.name] = declaration, value
    if len(meant) != 1:
        return None
    ((name, (declaration, value)),) = meant.items()
    assert declaration.value is not None
    return error(
        "BN310",
        f"the unit of `{name}` fits nowhere it is used",
        declaration.value.span,
        help=f"write `{name} = {unparse_expr(value)}`",
        label=None if errors[0].span is None else Label(span=errors[0].span, text="such as here"),
    )


def _other_units(
    block: nodes.Block,
) -> Iterator[tuple[_Section, nodes.Declaration, nodes.Expr]]:
    """Yield each declared number with each of the units that stand in the block."""
    sections = [s for s in block.sections if isinstance(s, _Section)]
    declared = [(s, d) for s in sections for d in s.declarations]
    units: list[_Units] = [()]
    for _, declaration in declared:
        number = _number(declaration.value)
        if isinstance(number, nodes.Quantity) and number.factors not in units:
            units.append(number.factors)
    units += [
        (nodes.UnitFactor(span=block.name_span, name=unit),)
        for unit in _USUAL
        if all([f.name for f in factors] != [unit] for factors in units)
    ]
    for section, declaration in declared:
        number = _number(declaration.value)
        if number is None:
            continue
        own: _Units = number.factors if isinstance(number, nodes.Quantity) else ()
        for factors in units:
            if factors == own:
                continue
            other: nodes.Expr = nodes.Number(span=number.span, text=number.text)
            if factors:
                other = nodes.Quantity(span=number.span, text=number.text, factors=factors)
            if isinstance(declaration.value, nodes.Unary):
                other = replace(declaration.value, operand=other)
            yield section, declaration, other


def _number(value: nodes.Expr | None) -> nodes.Number | nodes.Quantity | None:
    inner = value.operand if isinstance(value, nodes.Unary) else value
    return inner if isinstance(inner, nodes.Number | nodes.Quantity) else None


def _with_value(
    block: nodes.Block, section: _Section, declaration: nodes.Declaration, value: nodes.Expr
) -> nodes.Block:
    changed = tuple(
        replace(d, value=value) if d is declaration else d for d in section.declarations
    )
    sections = tuple(
        replace(s, declarations=changed) if s is section else s for s in block.sections
    )
    return replace(block, sections=sections)
