"""Receptors: a synapse model on a population, shared by all projections that agree on it."""

from __future__ import annotations

from collections.abc import Mapping

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.expression import Expr
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.model_values import Given, model_values
from bnsyn_dsl.semantics.neighbours import BetweenNeurons, read_ports
from bnsyn_dsl.semantics.network_scope import NetworkScope, Place
from bnsyn_dsl.semantics.plan import ReceptorPlan
from bnsyn_dsl.semantics.populations import member_symbols
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.statements import assigned
from bnsyn_dsl.syntax import nodes

__all__ = ["Receptors", "needs_delay"]

_Key = tuple[str, tuple[tuple[str, float], ...], tuple[tuple[str, str, str], ...]]


class Receptors:
    """Finds or makes the receptor of a target population for each use of a synapse."""

    def __init__(self, library: Library, scope: NetworkScope) -> None:
        self._library = library
        self._scope = scope
        self._numbers: dict[tuple[str, _Key], int] = {}
        self._between = BetweenNeurons(library, scope, _reports_wrong_kinds)

    def number(
        self, use: nodes.ModelUse, source: Draft | None, target: Draft, place: Place
    ) -> int | None:
        """Return the number of the receptor among those of `target`; None after reporting.

        `source` is None for a drive, which has no presynaptic neuron.
        """
        generic = self._library.model_of("synapse", use.model, use.span)
        if generic is None:
            return None
        ports = read_ports(use, source, target, self._scope)
        given = self._parameters(use, generic, place)
        if ports is None or given is None:
            return None
        model = self._between.model(use, generic, ports, target)
        if model is None or not self._is_compiled(use, model):
            return None
        what = f"`{use.model}` on population `{target.name}`"
        before = len(self._scope.log.found)
        values = model_values(model, given, what, use.span, self._scope)
        if any(d.code in {"BN239", "BN443", "BN444"} for d in self._scope.log.found[before:]):
            return None
        parameters = self._numbers_only(values.parameters, use)
        if parameters is None:
            return None
        key = (use.model, tuple(sorted(parameters.items())), ports.renames)
        found = self._numbers.get((target.name, key))
        if found is None:
            found = len(target.receptors)
            self._numbers[target.name, key] = found
            target.receptors.append(
                ReceptorPlan(
                    name=_free_name(use.model, target),
                    synapse=model,
                    parameters=parameters,
                    initial=values.initial,
                )
            )
        return found

    # -------------------------------------------------------------------------- braces

    def _parameters(self, use: nodes.ModelUse, synapse: Model, place: Place) -> Given | None:
        """Settle the parameters in the braces of a synapse: one number each."""
        values: dict[str, float | Expr] = {}
        good = True
        for setting in use.settings:
            if setting.owner is not None:
                continue
            declared = next((p for p in synapse.parameters if p.name == setting.name), None)
            if declared is None or setting.name in values:
                self._refuse_setting(use, setting, synapse, twice=declared is not None)
                good = False
                continue
            what = f"`{setting.name}` of `{use.model}`"
            value = self._scope.number(setting.value, place, declared.dimension, what)
            good = good and value is not None
            values[setting.name] = 0.0 if value is None else value
        return Given(values=values) if good else None

    def _refuse_setting(
        self, use: nodes.ModelUse, setting: nodes.Setting, synapse: Model, *, twice: bool
    ) -> None:
        if twice:
            self._scope.log.add(error("BN238", f"`{setting.name}` is given twice", setting.span))
            return
        known = [p.name for p in synapse.parameters]
        hint = suggestion(setting.name, known)
        message = f"`{use.model}` has no parameter `{setting.name}`"
        if any(s.name == setting.name for s in synapse.states):
            hint = f"initial values stand with the population: `{use.model}.{setting.name} = ...`"
        self._scope.log.add(error("BN237", message, setting.span, help=hint))

    def _numbers_only(
        self, parameters: Mapping[str, float | Expr], use: nodes.ModelUse
    ) -> dict[str, float] | None:
        numbers = {n: v for n, v in parameters.items() if isinstance(v, float)}
        for name in parameters:
            if name not in numbers:
                message = f"`{name}` of `{use.model}` is random, but a receptor has one value"
                self._scope.log.add(error("BN240", message, use.span))
                return None
        return numbers

    def _is_compiled(self, use: nodes.ModelUse, model: Model) -> bool:
        """Report uses that are understood, but have no kernels yet."""
        if model.inputs:
            message = f"`{use.model}` has inputs of its own, which are not compiled yet"
            self._scope.log.add(error("BN548", message, use.span))
            return False
        return True


def _reports_wrong_kinds(synapse: Model, target: Draft, log: DiagnosticLog) -> bool:
    """Report equations that add to no input, and events that move no state."""
    kinds = {n: s.kind for n, s in member_symbols(target.model, "post").items()}
    before = len(log.found)
    for contribution in synapse.contributions:
        if kinds[contribution.port] != "input":
            message = f"`post.{contribution.port}` is no input of `{target.model.name}`"
            hint = "equations add to inputs; an event (`on pre`) makes a state jump"
            log.add(error("BN251", message, contribution.span, help=hint))
    for handler in synapse.handlers:
        for symbol in assigned(handler.body):
            if symbol.owner == "post" and kinds[symbol.name] != "state":
                message = f"`post.{symbol.name}` is no state of `{target.model.name}`"
                hint = "an event makes a state jump; equations add to inputs"
                log.add(error("BN251", message, handler.span, help=hint))
    return len(log.found) > before


def needs_delay(synapse: Model) -> bool:
    """Tell whether spikes act on a synapse; without events nothing can be late."""
    return any(h.event == "pre" for h in synapse.handlers)


def _free_name(synapse: str, target: Draft) -> str:
    """Return the name of a new receptor; a second one of the same synapse gets a number."""
    taken = {r.name for r in target.receptors}
    number = 1
    name = synapse
    while name in taken:
        number += 1
        name = f"{synapse}_{number}"
    return name
