"""What the caller of a network changes: length, step, seed, and values by name (`--set g=6`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile, Span, error
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes, parse

__all__ = ["RunSettings", "apply_values"]

_HEAD = "network settings_:\n    parameters:\n        value_ = "


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """Overrides of a run.

    Attributes:
        duration: in ms, or None for what the network says.
        dt: in ms, or None.
        seed: whole, from 0 to 2^64 - 1, or None.
        values: texts of expressions by the name they replace: `g` for a network parameter,
            `E.I_e` or `E.AMPA.g` for a setting in the braces of a population.
    """

    duration: float | None = None
    dt: float | None = None
    seed: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def apply_values(
    network: nodes.Network, values: Mapping[str, str], log: DiagnosticLog
) -> nodes.Network:
    """Return the network with each named value replaced; unknown names are reported."""
    for target, text in values.items():
        value = _expression(target, text, log)
        if value is None:
            continue
        owner, _, name = target.partition(".")
        if name:
            network = _set_in_population(network, owner, name, value, log)
        else:
            network = _set_parameter(network, target, value, log)
    return network


def _expression(target: str, text: str, log: DiagnosticLog) -> nodes.Expr | None:
    source = SourceFile(name=f"--set {target}", text=f"{_HEAD}{text}\n")
    if "\n" in text or "\r" in text:
        span = Span(source=source, line=3, column=1, end_line=3, end_column=1)
        log.add(error("BN248", f"the value of `{target}` must be one line", span))
        return None
    for item in parse(source, log).items:
        for section in item.sections if isinstance(item, nodes.Network) else ():
            if isinstance(section, nodes.Parameters):
                return section.declarations[0].value
    return None


def _set_parameter(
    network: nodes.Network, name: str, value: nodes.Expr, log: DiagnosticLog
) -> nodes.Network:
    known = [d.name for s in network.sections if isinstance(s, nodes.Parameters)
             for d in s.declarations]  # fmt: skip
    if name not in known:
        message = f"the network `{network.name}` has no parameter `{name}` to set"
        log.add(error("BN248", message, value.span, help=suggestion(name, known)))
        return network

    def changed(section: nodes.NetworkSection) -> nodes.NetworkSection:
        if not isinstance(section, nodes.Parameters):
            return section
        declarations = tuple(
            replace(d, value=value, unit=None) if d.name == name else d
            for d in section.declarations
        )
        return replace(section, declarations=declarations)

    return replace(network, sections=tuple(changed(s) for s in network.sections))


def _set_in_population(
    network: nodes.Network, owner: str, name: str, value: nodes.Expr, log: DiagnosticLog
) -> nodes.Network:
    known = [m.name for s in network.sections if isinstance(s, nodes.Populations)
             for m in s.members if isinstance(m, nodes.Population)]  # fmt: skip
    if owner not in known:
        message = f"the network `{network.name}` has no population `{owner}` to set values of"
        log.add(error("BN248", message, value.span, help=suggestion(owner, known)))
        return network
    receptor, _, state = name.rpartition(".")
    setting = nodes.Setting(owner=receptor or None, name=state, value=value, span=value.span)

    def member(one: nodes.Population | nodes.Group) -> nodes.Population | nodes.Group:
        if not isinstance(one, nodes.Population) or one.name != owner:
            return one
        kept = tuple(
            s for s in one.use.settings if (s.owner, s.name) != (setting.owner, setting.name)
        )
        return replace(one, use=replace(one.use, settings=(*kept, setting)))

    def changed(section: nodes.NetworkSection) -> nodes.NetworkSection:
        if not isinstance(section, nodes.Populations):
            return section
        return replace(section, members=tuple(member(m) for m in section.members))

    return replace(network, sections=tuple(changed(s) for s in network.sections))
