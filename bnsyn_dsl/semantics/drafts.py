"""Populations and pools of a modulator while their network is elaborated.

Both are elements side by side with one model, and what stands in their braces means the same: a
parameter gets a value, a state its initial value, an input a value or a wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bnsyn_dsl.diagnostics import Label, Span, error
from bnsyn_dsl.semantics.dimension import ONE
from bnsyn_dsl.semantics.expression import Expr, Symbol
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.model_values import Given, ModelValues, model_values
from bnsyn_dsl.semantics.network_scope import TIME, NetworkScope, Place, renumbered
from bnsyn_dsl.semantics.owners import model_dimensions
from bnsyn_dsl.semantics.plan import Part, ReceptorPlan
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.wires import members_fit, reports_draws, varying
from bnsyn_dsl.syntax import nodes

__all__ = ["Draft", "draft_size", "place_of", "settle_values", "whole"]

INDEX = Symbol("index", "element")
SIZE = Symbol("size", "size")
_LARGEST = 2**31 - 1


@dataclass(slots=True, kw_only=True)
class Draft:
    """A population or the pools of a modulator; `kind` is `population` or `modulator`."""

    node: nodes.Population | nodes.Pool
    model: Model
    size: int
    kind: str = "population"
    values: ModelValues | None = None
    wires: dict[str, Expr] = field(default_factory=dict)
    times: tuple[NDArray[np.float64], ...] | None = None
    receptors: list[ReceptorPlan] = field(default_factory=list)
    sources: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """The name of the population or modulator."""
        return self.node.name

    @property
    def what(self) -> str:
        """Kind and name, for messages."""
        return f"{self.kind} `{self.name}`"


def whole(value: float, lowest: float = 1) -> int | None:
    """Return a number that is whole up to rounding errors and not below `lowest`, else None."""
    if not np.isfinite(value) or abs(value - round(value)) > 1e-9 * max(1.0, abs(value)):
        return None
    return round(value) if round(value) >= lowest else None


def draft_size(node: nodes.Expr, what: str, scope: NetworkScope) -> int | None:
    """Return the size of `what`, a number in brackets; None after reporting."""
    place = Place(random="a size is one number", where=f"in the size of {what}")
    value = scope.number(node, place, ONE, f"the size of {what}")
    if value is None:
        return None
    size = whole(value)
    if size is None or size > _LARGEST:
        message = f"the size of {what} must be a whole number of at least 1, found {value:.12g}"
        help_text = "`round(...)` makes a number whole" if value > 1 else None
        if value > _LARGEST:
            message = f"the size of {what} is at most {_LARGEST}, found {value:.12g}"
            help_text = None
        scope.log.add(error("BN446", message, node.span, help=help_text))
        return None
    return size


def settle_values(draft: Draft, scope: NetworkScope) -> None:
    """Settle what stands in the braces; settings of receptors come later."""
    place = place_of(draft, scope)
    values: dict[str, float | Expr] = {}
    broken: set[str] = set()
    for setting in _own_settings(draft, scope):
        value = _setting(draft, setting, place, scope)
        if value is None:
            broken.add(setting.name)
        elif setting.name not in draft.wires:
            values[setting.name] = value
    given = Given(values=values, wired=frozenset(draft.wires), broken=frozenset(broken))
    draft.values = model_values(draft.model, given, draft.what, draft.node.use.span, scope)


def place_of(draft: Draft, scope: NetworkScope) -> Place:
    """Return what expressions in the braces see."""
    return Place(
        names={"t": TIME, "index": INDEX, "size": SIZE},
        owners=scope.readable(),
        values={SIZE: float(draft.size)},
        reductions=True,
        where=f"in the braces of {draft.what}",
    )


def _own_settings(draft: Draft, scope: NetworkScope) -> Iterator[nodes.Setting]:
    """Yield settings of the model itself, each name once, after reporting unknown names."""
    seen: dict[tuple[str | None, str], Span] = {}
    model = draft.model
    declared = [d.name for d in (*model.parameters, *model.states, *model.inputs)]
    for setting in draft.node.use.settings:
        key = (setting.owner, setting.name)
        if key in seen:
            label = Label(span=seen[key], text="first given here")
            message = f"`{setting.name}` is given twice"
            scope.log.add(error("BN238", message, setting.span, label=label))
            continue
        seen[key] = setting.span
        if setting.owner is not None:
            if draft.kind == "modulator":
                message = f"a modulator has no receptor `{setting.owner}`"
                scope.log.add(error("BN250", message, setting.span))
            continue
        if setting.name in declared:
            yield setting
            continue
        hint = suggestion(setting.name, declared)
        if setting.name in model_dimensions(model):
            hint = "it follows from an equation and cannot be given"
        message = f"`{model.name}` has no parameter, state or input `{setting.name}`"
        scope.log.add(error("BN237", message, setting.span, help=hint))


def _setting(
    draft: Draft, setting: nodes.Setting, place: Place, scope: NetworkScope
) -> float | Expr | None:
    """Settle one setting; a wire goes into `draft.wires` as well."""
    declared = draft.model.declared(setting.name)
    assert declared is not None
    what = f"`{setting.name}` of {draft.what}"
    expr = scope.resolve(setting.value, place)
    if expr is None or not members_fit(expr, draft.size, draft.what, scope):
        return None
    if not scope.fits(expr, declared.dimension, what):
        return None
    changing = varying(expr)
    if not changing:
        value = scope.settle(expr, place, what)
        return value if value is None or isinstance(value, float) else renumbered(value)
    if not any(d.name == setting.name for d in draft.model.inputs):
        message = f"{what} is fixed before the run and cannot depend on `{changing[0].text}`"
        scope.log.add(error("BN240", message, setting.value.span, help="only inputs are wired"))
        return None
    if reports_draws(expr, setting.value, what, scope):
        return None
    wire = scope.settle_wire(expr, place)
    if wire is not None:
        draft.wires[setting.name] = wire
    return wire
