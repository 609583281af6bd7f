"""Handlers to straight-line code: assignments, and branches as selections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bnsyn_dsl.ir import nodes as ir
from bnsyn_dsl.lowering.section import Section
from bnsyn_dsl.semantics.expression import Expr
from bnsyn_dsl.semantics.model import Bounds, Branch, Set, Statement

__all__ = ["StatementLowering"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLowering:
    """Lowers bodies with the given ways to lower numbers, conditions and names."""

    number: Callable[[Expr, Section], ir.Expr]
    condition: Callable[[Expr, Section], ir.Expr]
    ident: Callable[[str], str]
    fresh: Callable[[str], str]
    bounds: Mapping[str, Bounds]

    def body(self, statements: Iterable[Statement], section: Section, mask: ir.Expr | None) -> None:
        """Append the statements; where `mask` is false nothing changes."""
        for statement in statements:
            match statement:
                case Set():
                    self._set(statement, section, mask)
                case Branch():
                    self._branch(statement, section, mask)

    def clip(self, state: str, section: Section) -> None:
        """Append the bounds of a state, if it has any."""
        bounds = self.bounds.get(state)
        if bounds is None:
            return
        name = self.ident(state)
        low = self.number(bounds.low, section)
        high = self.number(bounds.high, section)
        section.let(name, ir.Apply(op="clip", args=(ir.Name(ident=name), low, high)))

    def _set(self, statement: Set, section: Section, mask: ir.Expr | None) -> None:
        target = self.ident(statement.target.name)
        value = self.number(statement.value, section)
        if mask is not None:
            value = ir.Apply(op="select", args=(mask, value, ir.Name(ident=target)))
        section.let(target, value)
        self.clip(statement.target.name, section)

    def _branch(self, branch: Branch, section: Section, mask: ir.Expr | None) -> None:
        condition = self.condition(branch.condition, section)
        name = self.fresh("holds")
        section.let(name, condition)
        chosen: ir.Expr = ir.Name(ident=name)
        both = chosen if mask is None else ir.Apply(op="and", args=(mask, chosen))
        self.body(branch.then, section, both)
        if branch.otherwise:
            other: ir.Expr = ir.Apply(op="not", args=(chosen,))
            if mask is not None:
                other = ir.Apply(op="and", args=(mask, other))
            self.body(branch.otherwise, section, other)
