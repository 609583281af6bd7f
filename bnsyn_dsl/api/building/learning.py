"""Calls of Python for what learns: modulators, and the rule of a projection."""

from __future__ import annotations

from collections.abc import Mapping

from bnsyn_dsl.api.argument_syntax import as_array, rule_of, span_of, value_node
from bnsyn_dsl.api.building.places import Side, add_items, append_section, places_of
from bnsyn_dsl.api.loading import Origin, checked_name
from bnsyn_dsl.api.model_handles import ModelHandle, as_handle
from bnsyn_dsl.api.quantities import wrong
from bnsyn_dsl.syntax import nodes

__all__ = ["add_modulator", "learning_settings", "model_settings", "rule_use"]


def add_modulator(
    origin: Origin,
    name: str,
    model: object,
    size: object,
    sources: Side | None,
    settings: Mapping[str, object],
) -> int:
    """Write a modulator and return its number of pools; see `Network.modulator`."""
    checked_name(name, "a modulator")
    where = f"modulator `{name}`"
    if isinstance(size, bool) or not hasattr(size, "__index__") or size.__index__() < 1:
        raise wrong(f"the size of {where} must be a whole number of at least 1, found {size!r}")
    number, handle = int(size.__index__()), as_handle(model)
    span = span_of(f"{name} : {handle.name}[{number}]", where)
    pool = nodes.Pool(
        name=name,
        size=nodes.Number(text=str(number), span=span),
        use=nodes.ModelUse(
            model=handle.name,
            settings=_settings({**handle.settings, **settings}, where),
            span=span,
        ),
        sources=() if sources is None else places_of(sources, where),
        span=span,
    )
    add_items(origin, handle)
    append_section(origin, nodes.Modulators(pools=(pool,), span=span))
    return number


def rule_use(origin: Origin, rule: object, where: str) -> nodes.ModelUse:
    """Return the use of a rule: a handle with its values, or text as behind `with` in a file."""
    if isinstance(rule, str):
        return rule_of(rule, where)
    if not isinstance(rule, ModelHandle):
        hint = '`bns.models.PairSTDP(w_max="10 pA")`, or "PairSTDP { w_max = 10 pA }"'
        raise wrong(f"`plasticity` of {where} must be a rule, found {rule!r}", help=hint)
    add_items(origin, rule)
    span = span_of(rule.name, where)
    return nodes.ModelUse(model=rule.name, settings=model_settings(rule, where), span=span)


def model_settings(handle: ModelHandle, where: str) -> tuple[nodes.Setting, ...]:
    """Return the values that a model was called with."""
    return _settings(handle.settings, f"`{handle.name}` in {where}")


def learning_settings(
    where: str, *, gain: object, dendritic_delay: object, states: Mapping[str, object]
) -> list[nodes.Setting]:
    """Return the settings of a projection besides weight and delay."""
    given = {"gain": gain, "dendritic_delay": dendritic_delay}
    found = {name: value for name, value in given.items() if value is not None}
    return list(_settings({**found, **states}, where))


def _settings(given: Mapping[str, object], where: str) -> tuple[nodes.Setting, ...]:
    made = []
    for key, value in given.items():
        if as_array(value, key, where) is not None:
            hint = "arrays of states are set in the built network: `net.synapses[...].write(...)`"
            raise wrong(f"`{key}` of {where} must be one value or text", help=hint)
        owner, _, name = key.rpartition(".")
        node = value_node(value, key, where)
        made.append(nodes.Setting(owner=owner or None, name=name, value=node, span=node.span))
    return tuple(made)
