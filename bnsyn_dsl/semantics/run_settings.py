"""What the caller of a network changes: length, step, seed, and values by name (`--set g=6`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bnsyn_dsl.diagnostics import BnsError, DiagnosticLog, SourceFile, Span, error
from bnsyn_dsl.semantics.scope import choice, suggestion
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.fragments import Fragment, parse_fragment

__all__ = ["RunSettings", "apply_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """Overrides of a run.

    Attributes:
        duration: in ms, or None for what the network says.
        dt: in ms, or None.
        seed: whole, from 0 to 2^64 - 1, or None.
        values: texts of expressions by the name they replace: `g` for a network parameter,
            `E.I_e` or `E.AMPA.g` for a setting in the braces of a population or modulator.
        shown: what stands before a name where a value is shown: `--set ` on the command line.
    """

    duration: float | None = None
    dt: float | None = None
    seed: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""


def apply_values(
    network: nodes.Network, settings: RunSettings, log: DiagnosticLog
) -> nodes.Network:
    """Return the network with each named value replaced; unknown names are reported."""
    for target, text in settings.values.items():
        value = _expression(target, text, settings.shown, log)
        if value is None:
            continue
        owner, _, name = target.partition(".")
        if owner and name:
            network = _set_in_braces(network, owner, name, value, log)
        else:
            network = _set_parameter(network, target, value, log)
    return network


def _expression(target: str, text: str, shown: str, log: DiagnosticLog) -> nodes.Expr | None:
    if "\n" in text or "\r" in text:
        source = SourceFile(name="values", text=f"{shown}{target}")
        span = Span(source=source, line=1, column=1, end_line=1, end_column=len(source.text) + 1)
        log.add(error("BN248", f"the value of `{target}` must be one line", span))
        return None
    head = f"{shown}{target}=" if shown else f"{target} = "
    fragment = Fragment(
        kind="parameters", before="value_ = ", text=text, shown=head, where=_where(shown)
    )
    try:
        section = parse_fragment(fragment)
    except BnsError as problem:
        log.add(*problem.diagnostics)
        return None
    assert isinstance(section, nodes.Parameters)
    return section.declarations[0].value


def _named(value: nodes.Expr, name: str) -> Span:
    """Return the place of a name, which stands before the value in its text."""
    source = value.span.source
    column = source.text.index(name) + 1
    return Span(source=source, line=1, column=column, end_line=1, end_column=column + len(name))


def _where(shown: str) -> str:
    return "command line" if shown else "values"


def _set_parameter(
    network: nodes.Network, name: str, value: nodes.Expr, log: DiagnosticLog
) -> nodes.Network:
    known = [d.name for s in network.sections if isinstance(s, nodes.Parameters)
             for d in s.declarations]  # fmt: skip
    if name not in known:
        message = f"the network `{network.name}` has no parameter `{name}` to set"
        members = [m.name for s in network.sections for m in _with_braces(s)]
        hint = choice(name, known)
        if not suggestion(name, known) and members:
            both = f"what belongs to a population is set by both names: `{members[0]}.{name}`"
            hint = f"{hint}; {both}" if hint else both
        log.add(error("BN248", message, _named(value, name), help=hint))
        return network

    def changed(section: nodes.NetworkSection) -> nodes.NetworkSection:
        if not isinstance(section, nodes.Parameters):
            return section
        declarations = tuple(
            replace(d, value=value, unit=None, span=value.span) if d.name == name else d
            for d in section.declarations
        )
        return replace(section, declarations=declarations)

    return replace(network, sections=tuple(changed(s) for s in network.sections))


def _set_in_braces(
    network: nodes.Network, owner: str, name: str, value: nodes.Expr, log: DiagnosticLog
) -> nodes.Network:
    """Give a value in the braces of a population or modulator."""
    known = [m.name for s in network.sections for m in _with_braces(s)]
    if owner not in known:
        message = f"the network `{network.name}` has no population or modulator `{owner}`"
        log.add(error("BN248", message, _named(value, owner), help=choice(owner, known)))
        return network
    receptor, _, state = name.rpartition(".")
    setting = nodes.Setting(owner=receptor or None, name=state, value=value, span=value.span)

    def given(use: nodes.ModelUse) -> nodes.ModelUse:
        kept = tuple(s for s in use.settings if (s.owner, s.name) != (setting.owner, setting.name))
        return replace(use, settings=(*kept, setting))

    def changed(section: nodes.NetworkSection) -> nodes.NetworkSection:
        match section:
            case nodes.Populations():
                members = tuple(
                    replace(m, use=given(m.use))
                    if isinstance(m, nodes.Population) and m.name == owner
                    else m
                    for m in section.members
                )
                return replace(section, members=members)
            case nodes.Modulators():
                pools = tuple(
                    replace(p, use=given(p.use)) if p.name == owner else p for p in section.pools
                )
                return replace(section, pools=pools)
            case _:
                return section

    return replace(network, sections=tuple(changed(s) for s in network.sections))


def _with_braces(section: nodes.NetworkSection) -> list[nodes.Population | nodes.Pool]:
    """Return what of a section has values in braces that a name stands before."""
    if isinstance(section, nodes.Populations):
        return [m for m in section.members if isinstance(m, nodes.Population)]
    return list(section.pools) if isinstance(section, nodes.Modulators) else []
