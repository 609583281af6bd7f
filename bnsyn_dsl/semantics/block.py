"""Check one block: syntax block -> `Model`.

In: a block without base (see `variants`), the user's functions, and, where a synapse or rule is
used in a projection, the neurons it stands between. Out: a `Model`, or None after errors were
reported. Not done here: values of parameters (`evaluate`), how it is integrated (`analysis`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.diagnostics import DiagnosticLog
from bnsyn_dsl.semantics.declarations import check_names, declared_names, resolve_declarations
from bnsyn_dsl.semantics.dimension import Dimension, DimensionSolver
from bnsyn_dsl.semantics.equations import EquationChecker
from bnsyn_dsl.semantics.events import EventChecker
from bnsyn_dsl.semantics.expression import Symbol
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.model import Declared, Model
from bnsyn_dsl.semantics.odd_unit import odd_unit
from bnsyn_dsl.semantics.scope import Scope
from bnsyn_dsl.syntax import nodes

__all__ = ["Neighbour", "check_block"]

_NO_RANDOM_INPUT = "an input is wired or has a fixed default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The neuron at one end of a projection, as a synapse sees it through `pre` or `post`.

    `members` gives each name the synapse may use (after renaming of ports) the neuron's own
    symbol, `dimensions` the dimension of that symbol's name.
    """

    model: str
    members: Mapping[str, Symbol]
    dimensions: Mapping[str, Dimension]


@dataclass(slots=True)
class _Context:
    """What the parts of one check share."""

    block: nodes.Block
    functions: Mapping[str, nodes.Function]
    neighbours: Mapping[str, Neighbour]
    log: DiagnosticLog
    solver: DimensionSolver = field(default_factory=DimensionSolver)
    dimensions: dict[str, Dimension] = field(default_factory=dict)

    def dimension_of(self, symbol: Symbol) -> Dimension | None:
        """Return the dimension of a symbol as far as it is known."""
        if symbol.kind == "weight":
            return Dimension.unknown("weight")
        if symbol.kind == "argument":
            return Dimension.unknown(f"{symbol.owner}.{symbol.name}")
        if symbol.owner in self.neighbours:
            return self.neighbours[symbol.owner].dimensions.get(symbol.name)
        if symbol.owner:
            return Dimension.unknown(symbol.text)
        return self.dimensions.get(symbol.name)


def check_block(
    block: nodes.Block,
    functions: Mapping[str, nodes.Function],
    log: DiagnosticLog,
    neighbours: Mapping[str, Neighbour] | None = None,
    root: str | None = None,
    weight: Dimension | None = None,
) -> Model | None:
    """Check `block`; `neighbours` maps `pre` and `post` where it is used in a projection.

    `weight` is the unit of the weight, where the projection settles it.
    """
    local = DiagnosticLog()
    model = _checked(block, functions, local, neighbours or {}, root, weight)
    if local.has_errors and not neighbours:

        def accepted(changed: nodes.Block) -> bool:
            trial = DiagnosticLog()
            return _checked(changed, functions, trial, {}, root, weight) is not None

        odd = odd_unit(block, local.found, accepted)
        if odd is not None:
            log.add(odd)
            return None
    log.add(*local.found)
    return model


def _checked(
    block: nodes.Block,
    functions: Mapping[str, nodes.Function],
    local: DiagnosticLog,
    neighbours: Mapping[str, Neighbour],
    root: str | None,
    weight: Dimension | None,
) -> Model | None:
    context = _Context(block, functions, neighbours, local)
    if weight is not None:
        context.solver.equal(Dimension.unknown("weight"), weight)
    infer = Inference(context.dimension_of, context.solver, local)
    check_names(block, local)
    names = _scope_names(block)
    declared = _declarations(context, infer, names)
    equations = EquationChecker(
        block, _scope(context, names, "in equations", noise=True), infer, context.dimensions, local
    ).check()
    events = EventChecker(
        block, _scope(context, names, "in handlers"), infer, names, context.dimensions, local
    ).check()
    model = Model(
        kind=block.kind,
        name=block.name,
        root=root or block.name,
        docstring=next((s.text for s in block.sections if isinstance(s, nodes.Docstring)), ""),
        parameters=declared[nodes.Parameters],
        inputs=declared[nodes.Inputs],
        states=declared[nodes.States],
        derivatives=equations.derivatives,
        auxiliaries=equations.auxiliaries,
        contributions=equations.contributions,
        spike=events.spike,
        refractory=events.refractory,
        requires=events.requires,
        bounds=events.bounds,
        handlers=events.handlers,
        clocks=events.clocks,
        solve=next((s.method for s in block.sections if isinstance(s, nodes.Solve)), None),
        weight=context.solver.value(Dimension.unknown("weight")),
        block=block,
    )
    from bnsyn_dsl.semantics.checks import run_block_checks

    if not local.has_errors:
        local.add(*run_block_checks(model))
    if local.has_errors:
        return None
    return _settled(model, context.solver)


def _scope_names(block: nodes.Block) -> dict[str, Symbol]:
    names = declared_names(block)
    if block.kind in {"synapse", "plasticity"}:
        names["weight"] = Symbol("weight", "weight")
    if block.kind == "modulator":
        names["spikes"] = Symbol("spikes", "spikes")
        names["size"] = Symbol("size", "size")
    names["t"] = Symbol("t", "time")
    names["dt"] = Symbol("dt", "dt")
    return names


def _scope(
    context: _Context, names: Mapping[str, Symbol], where: str, *, noise: bool = False
) -> Scope:
    random = (
        "in equations noise is `xi`; draw in `every`, `spike when` or where a value is declared"
        if noise
        else None
    )
    return Scope(
        names={
            **names,
            "refractory": Symbol("refractory", "refractory"),
            **({"xi": Symbol("xi", "noise")} if noise else {}),
        },
        owners=_owners(context),
        functions=context.functions,
        random=random,
        noise=noise,
        where=f"{where} of `{context.block.name}`",
    )


def _owners(context: _Context) -> dict[str, Mapping[str, Symbol] | None]:
    if context.block.kind not in {"synapse", "plasticity"}:
        return {}
    return {
        side: {
            **context.neighbours[side].members,
            "refractory": Symbol("refractory", "refractory", side),
        }
        if side in context.neighbours
        else None
        for side in ("pre", "post")
    }


def _declarations(
    context: _Context, infer: Inference, names: Mapping[str, Symbol]
) -> dict[type, tuple[Declared, ...]]:
    weight = Dimension.unknown("weight")
    made: dict[type, tuple[Declared, ...]] = {}
    visible = {
        nodes.Parameters: {"parameter"},
        nodes.Inputs: {"parameter"},
        nodes.States: {"parameter", "state", "weight"},
    }
    listed: dict[type, list[nodes.Declaration]] = {}
    for one in context.block.sections:
        if isinstance(one, nodes.Parameters | nodes.Inputs | nodes.States):
            listed.setdefault(type(one), []).extend(one.declarations)
            infer.declared |= {d.name: d for d in one.declarations}
    for section, kinds in visible.items():
        scope = Scope(
            names={n: s for n, s in names.items() if s.kind in kinds},
            functions=context.functions,
            random=_NO_RANDOM_INPUT if section is nodes.Inputs else None,
            where=f"among the values of `{context.block.name}`",
        )
        made[section] = resolve_declarations(
            listed.get(section, ()), scope, infer, context.dimensions, context.log, weight
        )
    return made


def _settled(model: Model, solver: DimensionSolver) -> Model:
    """Replace every dimension by what is known of it at the end."""
    from dataclasses import replace

    def settle(declared: tuple[Declared, ...]) -> tuple[Declared, ...]:
        return tuple(replace(d, dimension=solver.value(d.dimension)) for d in declared)

    return replace(
        model,
        parameters=settle(model.parameters),
        inputs=settle(model.inputs),
        states=settle(model.states),
        auxiliaries=tuple(
            replace(a, dimension=solver.value(a.dimension)) for a in model.auxiliaries
        ),
        handlers=tuple(
            replace(
                h,
                dimensions=tuple(
                    solver.value(Dimension.unknown(f"{h.event}.{a}")) for a in h.arguments
                ),
            )
            for h in model.handlers
        ),
        weight=solver.value(model.weight),
    )
