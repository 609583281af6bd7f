"""Variants: `neuron Bursting is AdEx:` becomes the full block of AdEx with other values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, Label, Span, error
from bnsyn_dsl.syntax import nodes

__all__ = ["full_block", "full_network"]

_Found = Callable[[str, Span], nodes.Block | nodes.Network | None]
_BLOCK_MAY = (nodes.Docstring, nodes.Parameters, nodes.States, nodes.Inputs, nodes.Require,
              nodes.Solve)  # fmt: skip
_NETWORK_MAY = (nodes.Docstring, nodes.Parameters, nodes.Record, nodes.Simulate, nodes.Solve,
                nodes.Require)  # fmt: skip
_Section = TypeVar("_Section", nodes.Parameters, nodes.States, nodes.Inputs)


def full_block(
    block: nodes.Block, find: _Found, log: DiagnosticLog
) -> tuple[nodes.Block, str] | None:
    """Return `block` with everything its bases give, and the name of the first of its line.

    None after reporting an unusable base.
    """
    chain = _chain(block, find, log)
    if chain is None:
        return None
    merged = chain[-1]
    assert isinstance(merged, nodes.Block)
    for variant in reversed(chain[:-1]):
        assert isinstance(variant, nodes.Block)
        sections = list(merged.sections)
        for section in variant.sections:
            if not isinstance(section, _BLOCK_MAY):
                log.add(_only_values(section.span, variant.name))
                continue
            sections = _merge(sections, section, variant.name, log)
        merged = replace(
            merged,
            name=variant.name,
            name_span=variant.name_span,
            span=variant.span,
            base=variant.base,
            sections=tuple(sections),
        )
    return merged, chain[-1].name


def full_network(network: nodes.Network, find: _Found, log: DiagnosticLog) -> nodes.Network | None:
    """Return `network` with everything its bases give; None after reporting."""
    chain = _chain(network, find, log)
    if chain is None:
        return None
    merged = chain[-1]
    assert isinstance(merged, nodes.Network)
    for variant in reversed(chain[:-1]):
        assert isinstance(variant, nodes.Network)
        sections: list[nodes.NetworkSection] = list(merged.sections)
        for section in variant.sections:
            if not isinstance(section, _NETWORK_MAY):
                log.add(_only_values(section.span, variant.name))
                continue
            sections = _merge(sections, section, variant.name, log)  # type: ignore[arg-type, assignment]
        merged = replace(
            merged,
            name=variant.name,
            name_span=variant.name_span,
            span=variant.span,
            base=variant.base,
            sections=tuple(sections),
        )
    return merged


def _chain(
    first: nodes.Block | nodes.Network, find: _Found, log: DiagnosticLog
) -> list[nodes.Block | nodes.Network] | None:
    chain = [first]
    while chain[-1].base is not None:
        base = chain[-1].base
        found = find(base.ident, base.span)
        if found is None:
            return None
        if _kind(found) != _kind(first):
            log.add(
                error(
                    "BN211",
                    f"`{base.ident}` is a {_kind(found)}, not a {_kind(first)}",
                    base.span,
                    label=Label(span=found.name_span, text="declared here"),
                )
            )
            return None
        if found in chain:
            log.add(error("BN212", f"`{first.name}` is a variant of itself", base.span))
            return None
        chain.append(found)
    return chain


def _kind(block: nodes.Block | nodes.Network) -> str:
    return block.kind if isinstance(block, nodes.Block) else "network"


def _only_values(span: Span, name: str) -> Diagnostic:
    return error(
        "BN213",
        f"a variant gives other values; `{name}` adds something else here",
        span,
        help="write a block of its own, or move this to the base",
    )


def _merge(
    sections: list[nodes.Section], new: nodes.Section, name: str, log: DiagnosticLog
) -> list[nodes.Section]:
    if isinstance(new, nodes.Require):
        return [*sections, new]
    at = next((k for k, s in enumerate(sections) if type(s) is type(new)), None)
    if at is None:
        return [new, *sections]
    old = sections[at]
    match old, new:
        case nodes.Parameters(), nodes.Parameters():
            new = _with_values(old, new, name, log)
        case nodes.States(), nodes.States():
            new = _with_values(old, new, name, log)
        case nodes.Inputs(), nodes.Inputs():
            new = _with_values(old, new, name, log)
        case _:
            pass
    return [*sections[:at], new, *sections[at + 1 :]]


def _with_values(old: _Section, new: _Section, name: str, log: DiagnosticLog) -> _Section:
    values: dict[str, nodes.Declaration] = {}
    for declaration in new.declarations:
        first = values.setdefault(declaration.name, declaration)
        if first is not declaration:
            label = Label(span=first.name_span, text="first declared here")
            message = f"`{declaration.name}` is declared twice"
            log.add(error("BN215", message, declaration.name_span, label=label))
    kept = []
    for declaration in old.declarations:
        given = values.pop(declaration.name, None)
        if given is None:
            kept.append(declaration)
            continue
        text = given.description or declaration.description
        kept.append(replace(given, description=text, range=given.range or declaration.range))
    for added in values.values():
        if isinstance(new, nodes.Parameters):
            kept.append(added)
        else:
            log.add(_only_values(added.span, name))
    return replace(old, declarations=tuple(kept))
