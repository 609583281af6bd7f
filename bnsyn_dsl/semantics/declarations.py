"""Parameters, inputs and states of a block: names, values and their order of dependence."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from bnsyn_dsl.diagnostics import DiagnosticLog, Label, Span, error
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.expression import Const, Expr, Symbol, references
from bnsyn_dsl.semantics.functions import RESERVED_NAMES
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.model import Bounds, Declared
from bnsyn_dsl.semantics.resolve import Resolver, poisoned, unit_of
from bnsyn_dsl.semantics.scope import Scope
from bnsyn_dsl.syntax import nodes

__all__ = ["SECTION_KINDS", "check_names", "declared_names", "in_order", "resolve_declarations"]

_OWN_NAMES = {
    "synapse": frozenset({"weight"}),
    "plasticity": frozenset({"weight"}),
    "modulator": frozenset({"weight", "spikes", "size"}),
}
SECTION_KINDS = {nodes.Parameters: "parameter", nodes.Inputs: "input", nodes.States: "state"}


def declared_names(block: nodes.Block) -> dict[str, Symbol]:
    """Return the symbols of all parameters, inputs, states and auxiliaries."""
    names: dict[str, Symbol] = {}
    for section in block.sections:
        if isinstance(section, nodes.Parameters | nodes.Inputs | nodes.States):
            kind = SECTION_KINDS[type(section)]
            for declaration in section.declarations:
                names.setdefault(declaration.name, Symbol(declaration.name, kind))
        if isinstance(section, nodes.Equations):
            for equation in section.equations:
                if equation.kind == "auxiliary" and equation.name != "weight":
                    names.setdefault(equation.name, Symbol(equation.name, "auxiliary"))
    return names


def check_names(block: nodes.Block, log: DiagnosticLog) -> None:
    """Report names that are declared twice or that have a meaning of their own."""
    seen: dict[str, Span] = {}
    for name, span in _all_names(block):
        if name in RESERVED_NAMES | _OWN_NAMES.get(block.kind, frozenset()):
            log.add(
                error("BN214", f"`{name}` has a meaning of its own and cannot be declared", span)
            )
        elif name in seen:
            log.add(
                error(
                    "BN215",
                    f"`{name}` is declared twice",
                    span,
                    label=Label(span=seen[name], text="first declared here"),
                )
            )
        seen.setdefault(name, span)
    for name, span in seen.items():
        if name.startswith("d") and name[1:] in seen and _is_state(block, name[1:]):
            log.add(
                error(
                    "BN216",
                    f"`{name}` reads like the derivative of `{name[1:]}`",
                    span,
                    help="give it another name",
                )
            )


def _all_names(block: nodes.Block) -> Iterable[tuple[str, Span]]:
    for section in block.sections:
        if isinstance(section, nodes.Parameters | nodes.Inputs | nodes.States):
            for declaration in section.declarations:
                yield declaration.name, declaration.name_span
        if isinstance(section, nodes.Equations):
            for equation in section.equations:
                if equation.kind == "auxiliary" and equation.name != "weight":
                    yield equation.name, equation.left.span


def _is_state(block: nodes.Block, name: str) -> bool:
    return any(
        name == d.name
        for s in block.sections
        if isinstance(s, nodes.States)
        for d in s.declarations
    )


def resolve_declarations(
    declarations: Iterable[nodes.Declaration],
    scope: Scope,
    infer: Inference,
    dimensions: dict[str, Dimension],
    log: DiagnosticLog,
    weight: Dimension,
) -> tuple[Declared, ...]:
    """Resolve values and infer dimensions, each declaration after those it depends on.

    `dimensions` is filled on the way, so that what follows finds what came before.
    """
    values: dict[str, Expr | None] = {}
    bounds: dict[str, Bounds | None] = {}
    resolver = Resolver(scope, log)
    listed = {d.name: d for d in declarations}
    for declaration in listed.values():
        values[declaration.name] = (
            None if declaration.value is None else resolver.expr(declaration.value)
        )
        given = declaration.range
        bounds[declaration.name] = (
            None
            if given is None
            else Bounds(low=resolver.expr(given.low), high=resolver.expr(given.high))
        )
    made = {}
    for name in in_order(values, {n: d.name_span for n, d in listed.items()}, log):
        declaration, value = listed[name], values[name]
        dimensions[name] = _dimension(declaration, value, infer, log, weight)
        limit = bounds[name]
        if limit is not None:
            infer.expect(limit.low, dimensions[name], f"`{name}`")
            infer.expect(limit.high, dimensions[name], f"`{name}`")
        made[name] = Declared(
            name=name,
            value=value,
            dimension=dimensions[name],
            bounds=limit,
            description=declaration.description,
            span=declaration.name_span,
        )
    return tuple(made[name] for name in listed if name in made)


def _dimension(
    declaration: nodes.Declaration,
    value: Expr | None,
    infer: Inference,
    log: DiagnosticLog,
    weight: Dimension,
) -> Dimension:
    if value is None:
        assert declaration.unit is not None
        factors = declaration.unit.factors
        if any(f.name == "weight" for f in factors):
            powers = [f.exponent for f in factors if f.name == "weight"]
            rest = tuple(f for f in factors if f.name != "weight")
            other = unit_of(replace(declaration.unit, factors=rest), log)
            return weight ** sum(powers) * (other.dimension if other else ONE)
        unit = unit_of(declaration.unit, log)
        return unit.dimension if unit else infer.solver.fresh()
    if poisoned(value):
        return infer.solver.fresh()
    if isinstance(value, Const) and value.dimension is None and value.value == 0.0:
        return ONE  # declared, a bare 0 is a plain number
    found = infer.expr(value)
    return infer.solver.fresh() if found is None else infer.solver.value(found)


def in_order(
    values: Mapping[str, Expr | None], spans: Mapping[str, Span], log: DiagnosticLog
) -> list[str]:
    """Return the names so that each comes after those its value uses; report a cycle once."""
    order: list[str] = []
    done: set[str] = set()
    for name in values:
        path = [name]  # what is being visited; a name stays until all it uses are done
        while path:
            last = path[-1]
            following = next((n for n in _used(values[last], values) if n not in done), None)
            if last in done or following is None:
                if last not in done:
                    done.add(last)
                    order.append(last)
                path.pop()
            elif following in path:
                ring = [*path[path.index(following) :], following]
                text = " -> ".join(f"`{n}`" for n in ring)
                message = f"`{following}` depends on itself: {text}"
                log.add(error("BN217", message, spans[following]))
                done.add(last)
                order.append(last)
            else:
                path.append(following)
    return order


def _used(value: Expr | None, names: Container[str]) -> list[str]:
    if value is None:
        return []
    return [s.name for s in references(value) if not s.owner and s.name in names]
