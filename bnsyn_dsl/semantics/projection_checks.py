"""What may stand in a projection: its source, its rule, the names of its settings."""

from __future__ import annotations

from bnsyn_dsl.diagnostics import Diagnostic, Label, Span, error
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.network_scope import NetworkScope
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["drive_is_sound", "rule_exists", "setting_of", "settings_are_known"]

_OWN = ("weight", "delay", "dendritic_delay", "gain")


def setting_of(node: nodes.Projection, name: str) -> nodes.Setting | None:
    """Return the setting `name` behind the connection rule."""
    return next((s for s in node.settings if s.owner is None and s.name == name), None)


def rule_exists(node: nodes.Projection, library: Library, scope: NetworkScope) -> bool:
    """Tell whether the rule of a projection can be found, and may stand there."""
    rule = node.plasticity
    if rule is None:
        return True
    if isinstance(node.sources, nodes.Call):
        message = f"`{rule.model}` needs presynaptic neurons, and a drive has none"
        help_text = "make the trains a population: `inputs : PoissonSource[100]`"
        scope.log.add(error("BN254", message, rule.span, help=help_text))
        return False
    return library.model_of("plasticity", rule.model, rule.span) is not None


def settings_are_known(node: nodes.Projection, library: Library, scope: NetworkScope) -> bool:
    """Report settings behind the rule that are unknown or given twice."""
    log = scope.log
    before = len(log.found)
    seen: dict[str, Span] = {}
    for setting in node.settings:
        if setting.owner is None and setting.name in seen:
            label = Label(span=seen[setting.name], text="first given here")
            message = f"`{setting.name}` is given twice"
            log.add(error("BN238", message, setting.span, label=label))
        seen.setdefault(setting.name, setting.span)
        refused = _refused(node, setting, library)
        if refused is not None:
            log.add(refused)
    return len(log.found) == before


def _refused(node: nodes.Projection, setting: nodes.Setting, library: Library) -> Diagnostic | None:
    """Return what is wrong with the name on the left of a setting."""
    name = setting.name if setting.owner is None else f"{setting.owner}.{setting.name}"
    states = _states(node.plasticity, library)
    if name in _OWN and name in states:
        message = f"`{name}` is a setting of every projection and a state of its rule"
        return error("BN214", message, setting.span, help="give the state another name")
    if name in {"weight", "delay", *states}:
        return None
    is_drive = isinstance(node.sources, nodes.Call)
    if name == "gain":
        hint = "a drive has none: put it into the weight"
        return (
            error("BN237", "a drive has no `gain`", setting.span, help=hint) if is_drive else None
        )
    if name == "dendritic_delay":
        if node.plasticity is not None and not is_drive:
            return None
        message = "`dendritic_delay` is when a rule sees post spikes, and here is no rule"
        hint = "what the target receives comes after `delay`"
        return error("BN237", message, setting.span, help=hint)
    for use in (share.use for share in node.mix):
        if name in _states(use, library):
            message = f"`{name}` is a state of the receptor, which all synapses share"
            hint = f"give it in the braces of the population: `{use.model}.{name} = ...`"
            return error("BN237", message, setting.span, help=hint)
    hint = (
        suggestion(name, (*_OWN, *states)) or "behind a rule stand weight, delay and initial states"
    )
    return error("BN237", f"a projection has no `{name}`", setting.span, help=hint)


def _states(use: nodes.ModelUse | None, library: Library) -> list[str]:
    model = None if use is None else library.model(use.model, use.span)
    return [] if model is None else [s.name for s in model.states]


def drive_is_sound(node: nodes.Projection, scope: NetworkScope) -> bool:
    """Tell whether the source of a drive and its rule are what they may be."""
    call = node.sources
    assert isinstance(call, nodes.Call)
    log = scope.log
    if call.function != "poisson":
        message = f"`{call.function}(...)` is no source"
        log.add(error("BN246", message, call.span, help="`poisson(rate) -> population`"))
        return False
    if len(call.args) != 1 or call.named:
        message = "`poisson` as a source takes one argument, the rate"
        log.add(error("BN246", message, call.span))
        return False
    if node.rule.function != "one_to_one" or node.rule.args or node.rule.named:
        message = "a drive gives each target its own train: its rule is `one_to_one`"
        help_text = "trains that targets share come from a population of `PoissonSource`"
        log.add(error("BN246", message, node.rule.span, help=help_text))
        return False
    return True
