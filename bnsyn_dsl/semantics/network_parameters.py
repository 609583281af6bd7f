"""Parameters of a network: numbers and tables, in any order of dependence, and `require`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bnsyn_dsl.diagnostics import Label, Span, error, warning
from bnsyn_dsl.semantics.declarations import in_order
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Symbol
from bnsyn_dsl.semantics.functions import NETWORK_NAMES
from bnsyn_dsl.semantics.network_scope import DT, TIME_UNIT, NetworkScope, Place
from bnsyn_dsl.semantics.resolve import unit_of
from bnsyn_dsl.syntax import nodes

__all__ = ["declare_parameters", "list_values", "parameter_values", "warn_unused"]

_PLACE = Place(
    random="a parameter of a network is one number; draw where it is used",
    where="among the parameters of a network",
)


def declare_parameters(network: nodes.Network, dt: nodes.Expr | float, scope: NetworkScope) -> None:
    """Resolve and evaluate all parameters, and `dt` with them.

    `dt` is an expression or a number in ms; parameters may use it, and it may use parameters.
    """
    listed: dict[str, nodes.Declaration] = {}
    for declaration in _declarations(network):
        _declare(declaration, listed, scope)
    values: dict[str, Expr | None] = {}
    for name, declaration in listed.items():
        values[name] = None if declaration.value is None else _resolved(declaration.value, scope)
    spans = {name: d.name_span for name, d in listed.items()}
    values["dt"] = (
        Const(value=dt, dimension=TIME_UNIT)
        if isinstance(dt, float)
        else (scope.resolve(dt, _PLACE))
    )
    spans["dt"] = network.name_span if isinstance(dt, float) else dt.span
    broken = {n for n, v in values.items() if v is None}
    for name in in_order(values, spans, scope.log):
        if name in broken:
            scope.dimensions[name] = scope.solver.fresh()
            continue
        expr = values[name]
        assert expr is not None
        if name == "dt":
            _settle_dt(expr, scope)
        else:
            _settle(name, expr, listed[name], scope)


def _declarations(network: nodes.Network) -> Iterator[nodes.Declaration]:
    for section in network.sections:
        if isinstance(section, nodes.Parameters):
            yield from section.declarations


def _declare(
    declaration: nodes.Declaration, listed: dict[str, nodes.Declaration], scope: NetworkScope
) -> None:
    name = declaration.name
    if name in NETWORK_NAMES:
        message = f"`{name}` has a meaning of its own and cannot be declared"
        scope.log.add(error("BN214", message, declaration.name_span))
        return
    if name in listed:
        label = Label(span=listed[name].name_span, text="first declared here")
        message = f"`{name}` is declared twice"
        scope.log.add(error("BN215", message, declaration.name_span, label=label))
        return
    listed[name] = declaration
    scope.infer.declared[name] = declaration
    if declaration.value is None:
        if declaration.unit is not None:
            unit_of(declaration.unit, scope.log)
        message = f"the parameter `{name}` of a network needs a value"
        scope.log.add(error("BN239", message, declaration.name_span, help=f"`{name} = ...`"))
    if isinstance(declaration.value, nodes.ListValue):
        scope.tables[name] = []
    else:
        scope.names[name] = Symbol(name, "network")


def _resolved(node: nodes.Expr, scope: NetworkScope) -> Expr | None:
    """Resolve a number, or a table as one operation on all its entries."""
    if not isinstance(node, nodes.ListValue):
        return scope.resolve(node, _PLACE)
    leaves = [scope.resolve(leaf, _PLACE) for leaf in _leaves(node)]
    if any(leaf is None for leaf in leaves):
        return None
    return Apply(op="list", args=tuple(e for e in leaves if e is not None), span=node.span)


def _leaves(node: nodes.Expr) -> Iterator[nodes.Expr]:
    if isinstance(node, nodes.ListValue):
        for item in node.items:
            yield from _leaves(item)
    else:
        yield node


def _settle_dt(expr: Expr, scope: NetworkScope) -> None:
    if scope.fits(expr, TIME_UNIT, "dt"):
        value = scope.settle(expr, _PLACE, "`dt`")
        if isinstance(value, float):
            scope.values[DT] = value


def _settle(name: str, expr: Expr, declaration: nodes.Declaration, scope: NetworkScope) -> None:
    what = f"the parameter `{name}`"
    if isinstance(expr, Apply) and expr.op == "list":
        assert isinstance(declaration.value, nodes.ListValue)
        scope.dimensions[name] = _one_dimension(expr.args, what, scope)
        numbers = [scope.settle(leaf, _PLACE, what) for leaf in expr.args]
        if all(isinstance(n, float) for n in numbers):
            scope.tables[name] = _nested(declaration.value, iter(numbers))
        return
    if isinstance(expr, Const) and expr.dimension is None and expr.value == 0.0:
        found: Dimension | None = ONE  # declared, a bare 0 is a plain number
    else:
        found = scope.infer.expr(expr)
    scope.dimensions[name] = scope.solver.fresh() if found is None else scope.solver.value(found)
    if found is None:
        return
    value = scope.settle(expr, _PLACE, what)
    if isinstance(value, float):
        scope.values[Symbol(name, "network")] = value


def _one_dimension(leaves: tuple[Expr, ...], what: str, scope: NetworkScope) -> Dimension:
    """Return the dimension all entries share; entries that are a bare 0 fit any."""
    wanted = scope.solver.fresh()
    for leaf in leaves:
        found = scope.infer.expr(leaf)
        if found is not None and not scope.solver.equal(wanted, found):
            message = f"{what} holds {scope.infer.text(wanted)} and {scope.infer.text(found)}"
            scope.log.add(error("BN313", message, leaf.span, help="a table has one unit"))
            break
    settled = scope.solver.value(wanted)
    return ONE if settled.unknowns else settled


def _nested(node: nodes.ListValue, numbers: Iterator[Any]) -> list[Any]:
    return [
        _nested(item, numbers) if isinstance(item, nodes.ListValue) else next(numbers)
        for item in node.items
    ]


def list_values(
    node: nodes.Expr, dimension: Dimension, what: str, scope: NetworkScope
) -> list[Any] | None:
    """Return a list of numbers (nested as written) or a table by its name; None after reporting."""
    if isinstance(node, nodes.Name) and node.ident in scope.tables:
        scope.used.add(node.ident)
        if not scope.solver.equal(scope.dimensions[node.ident], dimension):
            shown = scope.infer.text(scope.dimensions[node.ident])
            message = f"{what} is in {scope.infer.text(dimension)}, but this holds {shown}"
            scope.log.add(error("BN310", message, node.span))
            return None
        table: list[Any] = scope.tables[node.ident]
        return table
    if not isinstance(node, nodes.ListValue):
        message = f"{what} must be a list: `[10 ms, 30 ms]`"
        scope.log.add(error("BN252", message, node.span))
        return None
    numbers = [scope.number(leaf, _PLACE, dimension, what) for leaf in _leaves(node)]
    return None if any(n is None for n in numbers) else _nested(node, iter(numbers))


def parameter_values(scope: NetworkScope) -> dict[str, float]:
    """Return the numbers among the parameters, by name."""
    return {s.name: v for s, v in scope.values.items() if s.kind == "network"}


def warn_unused(network: nodes.Network, scope: NetworkScope, *, is_complete: bool) -> None:
    """Warn of parameters that nothing reads, as far as everything could be read."""
    if not is_complete:
        return
    for declaration in _declarations(network):
        if declaration.name not in scope.used:
            span: Span = declaration.name_span
            scope.log.add(warning("BN290", f"`{declaration.name}` is not used", span))
