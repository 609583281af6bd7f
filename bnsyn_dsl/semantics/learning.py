"""`with Rule { ... }`: a plasticity rule on one projection.

In: the use of a rule, the neurons at its ends, the unit and the value of the weight. Out: a
`LearningPlan`. Weights that are drawn or given as arrays are compared with the rule's bounds when
the network is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnsyn_dsl.diagnostics import Diagnostic, Label, Severity, Span, error
from bnsyn_dsl.semantics.bounds import check_weight
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.expression import Expr
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Declared, Model
from bnsyn_dsl.semantics.model_values import Given, model_values
from bnsyn_dsl.semantics.neighbours import BetweenNeurons, read_ports
from bnsyn_dsl.semantics.network_scope import NetworkScope, Place, renumbered
from bnsyn_dsl.semantics.plan import LearningPlan
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.semantics.units import format_dimension
from bnsyn_dsl.semantics.wires import shared_value
from bnsyn_dsl.syntax import nodes

__all__ = ["LearningUse", "Rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningUse:
    """Where a rule is used: its text, the settings behind the connection rule, and for whom.

    `place` is what expressions of the projection see, `projection` its name in the plan,
    `weight` what it gives and `weight_span` where.
    """

    use: nodes.ModelUse
    settings: tuple[nodes.Setting, ...]
    place: Place
    projection: str
    weight: float | Expr
    weight_span: Span

    @property
    def what(self) -> str:
        """The rule and the projection, for messages."""
        return f"`{self.use.model}` on `{self.projection}`"


@dataclass(slots=True, kw_only=True)
class _Braces:
    """What the braces of a rule give, sorted by what the names on the left are."""

    parameters: dict[str, float | Expr] = field(default_factory=dict)
    inputs: dict[str, float | Expr] = field(default_factory=dict)
    wires: dict[str, Expr] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


class Rules:
    """Checks rules between their neurons and settles their values."""

    def __init__(self, library: Library, scope: NetworkScope) -> None:
        self._library = library
        self._scope = scope
        self._between = BetweenNeurons(library, scope, lambda model, target, log: False)

    # --------------------------------------------------------------------------- model

    def model(
        self, use: nodes.ModelUse, source: Draft, target: Draft, weight: Dimension, synapse: str
    ) -> Model | None:
        """Return the rule checked between its neurons, for a weight that `synapse` transmits."""
        generic = self._library.model_of("plasticity", use.model, use.span)
        if generic is None:
            return None
        ports = read_ports(use, source, target, self._scope)
        if ports is None:
            return None
        model = self._between.model(use, generic, ports, target)
        if model is None or weight.unknowns:
            return model
        if model.weight.unknowns:
            return self._between.model(use, generic, ports, target, weight)
        if model.weight == weight:
            return model
        own, given = (self._scope.infer.text(d) for d in (model.weight, weight))
        message = f"`{use.model}` changes a weight in {own}, but that of `{synapse}` is in {given}"
        help_text = "a rule for every unit has amplitudes as fractions of `w_max : weight`"
        self._scope.log.add(error("BN310", message, use.span, help=help_text))
        return None

    # -------------------------------------------------------------------------- values

    def plan(self, where: LearningUse, model: Model, dendritic_delay: float) -> LearningPlan | None:
        """Return the rule with its values; None after reporting."""
        before = len(self._scope.log.found)
        braces = self._braces(where, model)
        initial, spans = self._initial(where, model, braces)
        self._report_unwired(where, model, braces)
        given = Given(
            values={**braces.parameters, **braces.inputs, **initial},
            wired=frozenset(braces.wires),
            broken=frozenset(braces.broken),
            spans=spans,
        )
        values = model_values(model, given, where.what, where.use.span, self._scope)
        check_weight(
            model, values.parameters, where.weight, where.what, where.weight_span, self._scope
        )
        parameters = self._numbers(where, values.parameters)
        inputs = self._numbers(where, values.inputs)
        found = self._scope.log.found[before:]
        if any(d.severity is Severity.ERROR for d in found) or braces.broken:
            return None
        return LearningPlan(
            rule=model,
            parameters=parameters,
            initial=values.initial,
            inputs=inputs,
            wires=braces.wires,
            dendritic_delay=dendritic_delay,
            span=where.use.span,
        )

    def _braces(self, where: LearningUse, model: Model) -> _Braces:
        found = _Braces()
        seen: dict[str, Span] = {}
        for setting in where.use.settings:
            if setting.owner is not None:
                continue  # a port
            if setting.name in seen:
                label = Label(span=seen[setting.name], text="first given here")
                message = f"`{setting.name}` is given twice"
                self._scope.log.add(error("BN238", message, setting.span, label=label))
                continue
            seen[setting.name] = setting.span
            self._brace(setting, where, model, found)
        return found

    def _brace(
        self, setting: nodes.Setting, where: LearningUse, model: Model, found: _Braces
    ) -> None:
        name, scope = setting.name, self._scope
        what = f"`{name}` of `{where.use.model}`"
        parameter, port = _named(model.parameters, name), _named(model.inputs, name)
        value: float | Expr | None = None
        if parameter is not None:
            value = scope.number(setting.value, where.place, parameter.dimension, what)
            if value is not None:
                found.parameters[name] = value
        elif port is not None:
            value = shared_value(setting.value, where.place, port.dimension, what, scope)
            if isinstance(value, float):
                found.inputs[name] = value
            elif value is not None:
                found.wires[name] = value
        else:
            scope.log.add(_no_such_name(setting, where.use.model, model))
        if value is None:
            found.broken.add(name)

    def _initial(
        self, where: LearningUse, model: Model, braces: _Braces
    ) -> tuple[dict[str, float | Expr], dict[str, Span]]:
        """Settle the initial values per synapse, which stand behind the connection rule."""
        found: dict[str, float | Expr] = {}
        spans: dict[str, Span] = {}
        for setting in where.settings:
            state = _named(model.states, setting.name)
            if setting.owner is not None or state is None or setting.name in found:
                continue  # checked with the other settings of the projection
            what = f"`{setting.name}` of `{where.projection}`"
            expr = self._scope.resolve(setting.value, where.place)
            value: float | Expr | None = None
            if expr is not None and self._scope.fits(expr, state.dimension, what):
                value = self._scope.settle(expr, where.place, what)
            if value is None:
                braces.broken.add(setting.name)
                continue
            found[setting.name] = value if isinstance(value, float) else renumbered(value)
            spans[setting.name] = setting.value.span
        return found, spans

    def _report_unwired(self, where: LearningUse, model: Model, braces: _Braces) -> None:
        for port in model.inputs:
            given = {*braces.inputs, *braces.wires, *braces.broken}
            if port.value is not None or port.name in given:
                continue
            braces.broken.add(port.name)
            unit = format_dimension(port.dimension)
            shown = "" if unit == "1" else f", in {unit}"
            message = (
                f"the third factor `{port.name}` of {where.what} has no default and must be wired"
            )
            help_text = f"in its braces: `{port.name} = dopamine.{port.name}`{shown}"
            label = Label(span=port.span, text="declared here")
            self._scope.log.add(
                error("BN239", message, where.use.span, help=help_text, label=label)
            )

    def _numbers(self, where: LearningUse, values: Mapping[str, float | Expr]) -> dict[str, float]:
        numbers = {n: v for n, v in values.items() if isinstance(v, float)}
        for name in values:
            if name not in numbers:
                message = f"`{name}` of {where.what} is random, but a rule has one value"
                help_text = "draw into a state of each synapse"
                self._scope.log.add(error("BN240", message, where.use.span, help=help_text))
        return numbers


def _named(declared: tuple[Declared, ...], name: str) -> Declared | None:
    return next((d for d in declared if d.name == name), None)


def _no_such_name(setting: nodes.Setting, rule: str, model: Model) -> Diagnostic:
    message = f"`{rule}` has no parameter or input `{setting.name}`"
    hint = suggestion(setting.name, [d.name for d in (*model.parameters, *model.inputs)])
    if _named(model.states, setting.name) is not None:
        hint = "initial values per synapse stand behind the connection rule, beside `weight`"
    return error("BN237", message, setting.span, help=hint)
