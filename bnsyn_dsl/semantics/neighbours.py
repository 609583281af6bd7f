"""The neurons at the two ends of a projection, as a synapse or a rule between them sees them.

In: the use of a block in a projection and the populations at its ends. Out: which neuron names its
`pre.x` and `post.x` mean, and the block checked with their kinds and units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Label, Severity, error
from bnsyn_dsl.semantics.block import Neighbour
from bnsyn_dsl.semantics.checks import model_expressions
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.expression import Symbol, references
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network_scope import NetworkScope
from bnsyn_dsl.semantics.populations import member_symbols
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.statements import assigned
from bnsyn_dsl.syntax import nodes

__all__ = ["BetweenNeurons", "Ports", "read_ports", "reports_missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Which names of the neurons a block's `post.x` and `pre.x` mean."""

    renames: tuple[tuple[str, str, str], ...]
    neighbours: Mapping[str, Neighbour]


def read_ports(
    use: nodes.ModelUse, source: Draft | None, target: Draft, scope: NetworkScope
) -> Ports | None:
    """Read `post.V_m = V_d` in the braces of a synapse or rule; None after reporting."""
    ends: dict[str, Draft | None] = {"pre": source, "post": target}
    members = {
        side: {} if end is None else member_symbols(end.model, side) for side, end in ends.items()
    }
    renames = []
    good = True
    for setting in use.settings:
        if setting.owner is None:
            continue
        symbol = _port(setting, members, ends, scope)
        if symbol is None:
            good = False
            continue
        renames.append((setting.owner, setting.name, symbol.name))
    if not good:
        return None
    neighbours = {}
    for side, end in ends.items():
        visible = dict(members[side])
        for owner, port, name in renames:
            if owner == side:
                visible[port] = members[side][name]
        neighbours[side] = _neighbour(end, visible)
    return Ports(renames=tuple(sorted(renames)), neighbours=neighbours)


def _port(
    setting: nodes.Setting,
    members: Mapping[str, Mapping[str, Symbol]],
    ends: Mapping[str, Draft | None],
    scope: NetworkScope,
) -> Symbol | None:
    if setting.owner is None or setting.owner not in members:
        message = f"`{setting.owner}.{setting.name}`: the ports of a synapse are `post` and `pre`"
        scope.log.add(error("BN245", message, setting.span))
        return None
    end = ends[setting.owner]
    name = setting.value.ident if isinstance(setting.value, nodes.Name) else None
    if name is None or end is None or name not in members[setting.owner]:
        model = "a drive" if end is None else f"`{end.model.name}`"
        message = f"`{setting.owner}.{setting.name}` must be renamed to a name of {model}"
        hint = suggestion(name or "", members[setting.owner])
        scope.log.add(error("BN245", message, setting.value.span, help=hint))
        return None
    return members[setting.owner][name]


def _neighbour(end: Draft | None, members: Mapping[str, Symbol]) -> Neighbour:
    if end is None:
        return Neighbour(model="`poisson`", members={}, dimensions={})
    dimensions = {}
    for symbol in members.values():
        dimension = end.model.dimension_of(symbol.name)
        assert dimension is not None
        dimensions[symbol.name] = dimension
    return Neighbour(model=f"`{end.model.name}`", members=members, dimensions=dimensions)


def reports_missing(use: nodes.ModelUse, generic: Model, ports: Ports, scope: NetworkScope) -> bool:
    """Report every `post.x` and `pre.x` for which the neuron has no `x`."""
    found = False
    for symbol in dict.fromkeys(_members(generic)):
        side = ports.neighbours[symbol.owner]
        if symbol.name in side.members or symbol.name == "refractory":
            continue
        found = True
        hint = suggestion(symbol.name, side.members)
        rename = f"rename the port: `{use.model} {{ {symbol.text} = ... }}`"
        message = f"`{use.model}` uses `{symbol.text}`, but {side.model} has no `{symbol.name}`"
        if side.model == "`poisson`":
            rename, hint = "a drive has no presynaptic neuron; use a population", None
        scope.log.add(
            error("BN203", message, use.span, help=f"{hint} Else {rename}" if hint else rename)
        )
    return found


def _members(block: Model) -> Iterator[Symbol]:
    """Yield every name of a neuron that a block, checked alone, reads or writes."""
    for expr in model_expressions(block):
        yield from (s for s in references(expr) if s.owner in {"pre", "post"})
    for contribution in block.contributions:
        yield Symbol(contribution.port, "member", "post")
    for handler in block.handlers:
        yield from (s for s in assigned(handler.body) if s.owner == "post")


class BetweenNeurons:
    """Checks blocks between two neurons, each combination once; a finding is reported once."""

    def __init__(
        self,
        library: Library,
        scope: NetworkScope,
        also: Callable[[Model, Draft, DiagnosticLog], bool],
    ) -> None:
        """`also(model, target, log)` tells whether a checked block is refused for other reasons."""
        self._library = library
        self._scope = scope
        self._also = also
        self._checked: dict[tuple[object, ...], Model | None] = {}

    def model(
        self,
        use: nodes.ModelUse,
        generic: Model,
        ports: Ports,
        target: Draft,
        weight: Dimension | None = None,
    ) -> Model | None:
        """Return `generic` checked between its neurons; None after reporting.

        `weight` is the unit of the weight where it is known.
        """
        ends = tuple(n.model for n in ports.neighbours.values())
        key = (generic.block.name_span.source.name, use.model, ends, ports.renames, weight)
        if reports_missing(use, generic, ports, self._scope):
            return None
        if key not in self._checked:
            self._checked[key] = self._check(use, ports, target, weight)
        return self._checked[key]

    def _check(
        self, use: nodes.ModelUse, ports: Ports, target: Draft, weight: Dimension | None
    ) -> Model | None:
        local = DiagnosticLog()
        model = self._library.check_between(use.model, use.span, ports.neighbours, local, weight)
        if model is not None and self._also(model, target, local):
            model = None
        label = Label(span=use.span, text="used here")
        known = {(d.code, d.message, d.span) for d in self._scope.log.found}
        for finding in local.found:
            if finding.severity is not Severity.ERROR:
                continue  # found where the block was checked alone
            if (finding.code, finding.message, finding.span) not in known:
                self._scope.log.add(_seen_from(finding, label, use, target))
        return model


def _seen_from(finding: Diagnostic, label: Label, use: nodes.ModelUse, target: Draft) -> Diagnostic:
    """Return what was found in a block with the place that uses it, if that is another file."""
    if finding.span is not None and finding.span.source.name == use.span.source.name:
        return replace(finding, label=finding.label or label)
    if finding.code != "BN310":
        return replace(finding, label=label)
    names = f"`{use.model}` and `{target.model.name}`"
    hint = f"{names} disagree: give the neuron's port that unit, or take another synapse"
    return replace(finding, label=label, help=hint)
