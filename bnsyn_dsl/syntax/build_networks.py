"""Grammar rules of network blocks -> nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bnsyn_dsl.diagnostics import Span
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.build_expressions import ACTIONS as EXPRESSION_ACTIONS
from bnsyn_dsl.syntax.build_expressions import EXPRESSIONS
from bnsyn_dsl.syntax.children import Children, behind, cover, names, nodes_of

__all__ = ["ACTIONS"]

SECTIONS: tuple[type, ...] = nodes.NetworkSection.__args__


@dataclass(frozen=True, slots=True, kw_only=True)
class _Braces:
    settings: tuple[nodes.Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    call: nodes.Call
    settings: tuple[nodes.Setting, ...]
    span: Span


def _network(c: Children) -> nodes.Network:
    name = c[1]
    base = behind(c, "is")
    return nodes.Network(
        name=name.value,
        name_span=name.span,
        base=None if base is None else nodes.Name(ident=base.value, span=base.span),
        sections=nodes_of(c, *SECTIONS),
        span=cover(c),
    )


def _populations(c: Children) -> nodes.Populations:
    return nodes.Populations(members=nodes_of(c, nodes.Population, nodes.Group), span=cover(c))


def _population(c: Children) -> nodes.Population:
    use = _use(c[2], c)
    return nodes.Population(name=c[0].value, size=c[4], use=use, span=cover(c))


def _use(model: Any, c: Children) -> nodes.ModelUse:
    """Return a model with the braces among `c`; the span ends with them where they follow."""
    braces = nodes_of(c, _Braces)
    if not braces:
        return nodes.ModelUse(model=model.value, span=model.span)
    return nodes.ModelUse(
        model=model.value, settings=braces[0].settings, span=model.span.to(braces[0].span)
    )


def _group(c: Children) -> nodes.Group:
    return nodes.Group(name=c[0].value, places=c[2], span=cover(c))


def _modulators(c: Children) -> nodes.Modulators:
    return nodes.Modulators(pools=nodes_of(c, nodes.Pool), span=cover(c))


def _pool(c: Children) -> nodes.Pool:
    return nodes.Pool(
        name=c[0].value,
        use=_use(c[2], c),
        size=behind(c, "["),
        sources=behind(c, "from") or (),
        span=cover(c),
    )


def _projections(c: Children) -> nodes.Projections:
    return nodes.Projections(projections=nodes_of(c, nodes.Projection), span=cover(c))


def _projection(c: Children) -> nodes.Projection:
    name, rule = behind(c, "as"), c[-2]
    return nodes.Projection(
        sources=c[0],
        targets=c[2],
        name=None if name is None else name.value,
        mix=behind(c, ":"),
        plasticity=behind(c, "with"),
        rule=rule.call,
        settings=rule.settings,
        span=cover(c),
    )


def _mix(c: Children) -> tuple[nodes.Share, ...]:
    return nodes_of(c, nodes.Share)


def _share(c: Children) -> nodes.Share:
    return nodes.Share(use=c[-1], factor=c[0] if len(c) == 3 else None, span=cover(c))


def _model(c: Children) -> nodes.ModelUse:
    return _use(c[0], c)


def _rule(c: Children) -> _Rule:
    braces = nodes_of(c, _Braces)
    head = c[: len(c) - len(braces)]
    call = EXPRESSION_ACTIONS["call"](head)
    return _Rule(call=call, settings=braces[0].settings if braces else (), span=cover(c))


def _record(c: Children) -> nodes.Record:
    return nodes.Record(probes=nodes_of(c, nodes.Probe), span=cover(c))


def _probe(c: Children) -> nodes.Probe:
    places = behind(c, "of")
    values = nodes_of(c[: c.index(places)], *EXPRESSIONS)
    return nodes.Probe(values=values, places=places, every=behind(c, "every"), span=cover(c))


def _simulate(c: Children) -> nodes.Simulate:
    return nodes.Simulate(duration=c[2], settings=nodes_of(c, nodes.Setting), span=cover(c))


def _places(c: Children) -> tuple[nodes.Place, ...]:
    return nodes_of(c, nodes.Place)


def _place(c: Children) -> nodes.Place:
    return nodes.Place(name=c[0].value, first=behind(c, "["), last=behind(c, ":"), span=cover(c))


def _braces(c: Children) -> _Braces:
    return _Braces(settings=nodes_of(c, nodes.Setting), span=cover(c))


def _setting(c: Children) -> nodes.Setting:
    *target, _, value = c
    words = names(target)
    return nodes.Setting(
        owner=words[0].value if len(words) == 2 else None,
        name=words[-1].value,
        value=value,
        span=cover(c),
    )


ACTIONS: dict[str, Callable[[Children], Any]] = {
    "network": _network,
    "populations": _populations,
    "population": _population,
    "group": _group,
    "modulators": _modulators,
    "pool": _pool,
    "projections": _projections,
    "projection": _projection,
    "mix": _mix,
    "share": _share,
    "model": _model,
    "rule": _rule,
    "record": _record,
    "probe": _probe,
    "simulate": _simulate,
    "places": _places,
    "place": _place,
    "braces": _braces,
    "setting": _setting,
}
