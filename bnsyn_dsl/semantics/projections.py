"""`projections:` -> one plan for each pair of members, and drives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bnsyn_dsl.diagnostics import Span, error, note
from bnsyn_dsl.semantics.connection_rules import connection_rule
from bnsyn_dsl.semantics.dimension import ONE, Dimension
from bnsyn_dsl.semantics.drafts import Draft
from bnsyn_dsl.semantics.expression import Expr, references
from bnsyn_dsl.semantics.learning import LearningUse, Rules
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.model import Model
from bnsyn_dsl.semantics.network_scope import DT, TIME, TIME_UNIT, NetworkScope, Place, renumbered
from bnsyn_dsl.semantics.owners import Collection, Owner
from bnsyn_dsl.semantics.pairs import Pair, PairNames
from bnsyn_dsl.semantics.places import Member, Places
from bnsyn_dsl.semantics.plan import DrivePlan, LearningPlan, PortPlan, ProjectionPlan
from bnsyn_dsl.semantics.projection_checks import (
    drive_is_sound,
    rule_exists,
    setting_of,
    settings_are_known,
)
from bnsyn_dsl.semantics.quantity_text import quantity_text
from bnsyn_dsl.semantics.receptors import Receptors, needs_delay
from bnsyn_dsl.semantics.run_length import MOST_DELAY_STEPS
from bnsyn_dsl.semantics.wires import shared_value
from bnsyn_dsl.syntax import nodes

__all__ = ["ProjectionElaborator"]

_RATE = TIME_UNIT**-1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """A projection whose wires are still open: its gain and its rule's inputs."""

    node: nodes.Projection
    pair: Pair
    plan: ProjectionPlan
    model: Model | None
    later: float


class ProjectionElaborator:
    """Elaborates projections in the order of the text; `found` and `drives` are the products.

    First `add` each one, then `finish` once pools and projections are known.
    """

    def __init__(
        self, library: Library, scope: NetworkScope, places: Places, drafts: Mapping[str, Draft]
    ) -> None:
        self._library = library
        self._scope = scope
        self._places = places
        self._drafts = drafts
        self._receptors = Receptors(library, scope)
        self._rules = Rules(library, scope)
        self._pending: list[_Pending] = []
        self._names = PairNames()
        self.found: list[ProjectionPlan] = []
        self.drives: list[DrivePlan] = []

    def add(self, node: nodes.Projection) -> None:
        """Elaborate one projection up to its wires; what is wrong is reported for all its pairs.

        From then on reductions may run over it.
        """
        if node.name is not None:
            self._scope.collections[node.name] = None
        compiled = rule_exists(node, self._library, self._scope)
        compiled &= settings_are_known(node, self._library, self._scope)
        is_drive = isinstance(node.sources, nodes.Call)
        if is_drive and not drive_is_sound(node, self._scope):
            return
        sources: tuple[Member, ...] | None = None
        if not isinstance(node.sources, nodes.Call):
            sources = self._places.members(node.sources)
        targets = self._places.members(node.targets)
        if targets is None or (sources is None and not is_drive):
            return
        made = [
            self._pair(node, pair, compiled=compiled)
            for pair in self._names.pairs(node, sources, targets)
        ]
        if node.name is not None and all(made):
            self._scope.collections[node.name] = self._collection(node)

    def finish(self) -> None:
        """Settle gains and rules, which may read what every other projection and pool has.

        What is wrong in a projection of lists is reported for the first of its pairs.
        """
        broken: list[nodes.Projection] = []
        for pending in self._pending:
            if any(node is pending.node for node in broken):
                continue
            gain = self._gain(pending)
            learning = self._learning(pending)
            if gain is None or (learning is None and pending.model is not None):
                broken.append(pending.node)
                continue
            self.found.append(replace(pending.plan, gain=gain, learning=learning))

    def _collection(self, node: nodes.Projection) -> Collection:
        if node.plasticity is None:
            return f"`{node.name}` has no rule: its weights never change"
        made = [p.plan.name for p in self._pending if p.node is node]
        if not made:
            return f"`{node.name}` has no synapses"
        return tuple(self._scope.owners[name] for name in made)

    def _pair(self, node: nodes.Projection, pair: Pair, *, compiled: bool) -> bool:
        """Elaborate one pair; False after reporting."""
        ports = self._ports(node, pair)
        weight = self._weight(node, pair, ports)
        delay = self._delay(node, pair, ports) if ports is not None else None
        if pair.source is None:
            rate = self._rate(node, pair)
            if ports is None or weight is None or delay is None or rate is None or not compiled:
                return False
            return self._drive(node, pair, ports, rate, weight, delay)
        source, target = pair.source.part, pair.target.part
        rule = connection_rule(node.rule, source, target, pair.place, self._scope)
        model = self._model(node, pair, ports)
        later = self._dendritic_delay(node, pair)
        if ports is None or weight is None or delay is None or rule is None or not compiled:
            return False
        if later is None or (model is None and node.plasticity is not None):
            return False
        if (rule.kind == "pairwise_bernoulli" and rule.p == 0) or (
            rule.kind.startswith("fixed") and rule.count == 0
        ):
            return True
        if model is not None:
            self._scope.owners[pair.name] = _owner(pair.name, model)
        plan = ProjectionPlan(
            name=pair.name, source=source, target=target, ports=ports, rule=rule,
            weight=weight, delay=delay, span=node.span,
        )  # fmt: skip
        self._pending.append(_Pending(node=node, pair=pair, plan=plan, model=model, later=later))
        return True

    def _drive(
        self,
        node: nodes.Projection,
        pair: Pair,
        ports: tuple[PortPlan, ...],
        rate: float | Expr,
        weight: float | Expr,
        delay: float | Expr,
    ) -> bool:
        if not isinstance(delay, float):
            message = f"the delay of the drive `{pair.name}` must be one number"
            self._scope.log.add(error("BN240", message, node.span))
            return False
        if rate != 0.0:
            self.drives.append(
                DrivePlan(name=pair.name, target=pair.target.part, ports=ports, rate=rate,
                          weight=weight, delay=delay, span=node.span)
            )  # fmt: skip
        return True

    # -------------------------------------------------------------- learning and gain

    def _model(
        self, node: nodes.Projection, pair: Pair, ports: tuple[PortPlan, ...] | None
    ) -> Model | None:
        """Return the rule, checked between the neurons of a pair."""
        if node.plasticity is None or pair.source is None or ports is None:
            return None
        source = self._drafts[pair.source.part.population]
        target = self._drafts[pair.target.part.population]
        synapse = target.receptors[ports[0].receptor].synapse
        return self._rules.model(node.plasticity, source, target, synapse.weight, synapse.name)

    def _gain(self, pending: _Pending) -> float | Expr | None:
        setting = setting_of(pending.node, "gain")
        if setting is None:
            return 1.0
        what = f"the gain of `{pending.plan.name}`"
        return shared_value(setting.value, pending.pair.place, ONE, what, self._scope)

    def _learning(self, pending: _Pending) -> LearningPlan | None:
        node, model = pending.node, pending.model
        if node.plasticity is None or model is None:
            return None
        weight, setting = pending.plan.weight, setting_of(node, "weight")
        assert setting is not None
        assert isinstance(weight, float | Expr)
        where = LearningUse(
            use=node.plasticity,
            settings=node.settings,
            place=pending.pair.place,
            projection=pending.plan.name,
            weight=weight,
            weight_span=setting.value.span,
        )
        return self._rules.plan(where, model, pending.later)

    def _ports(self, node: nodes.Projection, pair: Pair) -> tuple[PortPlan, ...] | None:
        """Find the receptor and the share of each synapse of the mix."""
        source = None if pair.source is None else self._drafts.get(pair.source.part.population)
        target = self._drafts[pair.target.part.population]
        ports = []
        for share in node.mix:
            receptor = self._receptors.number(share.use, source, target, pair.place)
            factor: float | None = 1.0
            if share.factor is not None:
                what = f"the share of `{share.use.model}`"
                factor = self._scope.number(share.factor, pair.place, ONE, what)
            if receptor is not None and factor is not None:
                ports.append(PortPlan(receptor=receptor, share=factor))
        return tuple(ports) if len(ports) == len(node.mix) else None

    # -------------------------------------------------------------------------- values

    def _weight(
        self, node: nodes.Projection, pair: Pair, ports: tuple[PortPlan, ...] | None
    ) -> float | Expr | None:
        setting = setting_of(node, "weight")
        if setting is None:
            message = f"the projection `{pair.name}` needs a weight"
            help_text = "behind the rule: `{ weight = ..., delay = 1 ms }`"
            self._scope.log.add(error("BN244", message, node.rule.span, help=help_text))
            return None
        dimensions: list[Dimension | None] = [None]
        if ports is not None:
            receptors = self._drafts[pair.target.part.population].receptors
            dimensions = [receptors[p.receptor].synapse.weight for p in ports]
        what = f"the weight of `{pair.name}`"
        value: float | Expr | None = None
        for dimension in dimensions:
            value = self._value(setting.value, pair, dimension, what)
        return value

    def _delay(
        self, node: nodes.Projection, pair: Pair, ports: tuple[PortPlan, ...]
    ) -> float | Expr | None:
        setting = setting_of(node, "delay")
        receptors = self._drafts[pair.target.part.population].receptors
        if not any(needs_delay(receptors[p.receptor].synapse) for p in ports):
            return self._no_delay(node, setting)
        if setting is None:
            if pair.source is None:
                return 0.0
            message = f"the projection `{pair.name}` needs a delay"
            help_text = "behind the rule: `delay = 1 ms`"
            self._scope.log.add(error("BN244", message, node.rule.span, help=help_text))
            return None
        what = f"the delay of `{pair.name}`"
        return self._checked_delay(setting, pair, what)

    def _no_delay(self, node: nodes.Projection, setting: nodes.Setting | None) -> float | None:
        if setting is None:
            return 0.0
        message = f"`{node.mix[0].use.model}` acts without spikes and has no delay"
        hint = "it reads the presynaptic neuron at the beginning of each step"
        self._scope.log.add(error("BN257", message, setting.span, help=hint))
        return None

    def _dendritic_delay(self, node: nodes.Projection, pair: Pair) -> float | None:
        setting = setting_of(node, "dendritic_delay")
        if setting is None:
            return 0.0
        what = f"the dendritic delay of `{pair.name}`"
        value = self._checked_delay(setting, pair, what)
        longest = MOST_DELAY_STEPS * self._scope.values[DT]
        if isinstance(value, float) and value > longest:
            shown, most = (quantity_text(x, TIME_UNIT) for x in (value, longest))
            message = f"{what} is at most {most}, {MOST_DELAY_STEPS} steps, found {shown}"
            self._scope.log.add(error("BN451", message, setting.value.span))
            return None
        if value is None or isinstance(value, float):
            return value
        message = f"{what} must be one number for all synapses"
        self._scope.log.add(error("BN240", message, setting.value.span))
        return None

    def _checked_delay(self, setting: nodes.Setting, pair: Pair, what: str) -> float | Expr | None:
        value = self._value(setting.value, pair, TIME_UNIT, what)
        if isinstance(value, float) and not 0 <= value < float("inf"):
            message = f"{what} must be finite and not negative, found "
            message += quantity_text(value, TIME_UNIT)
            self._scope.log.add(error("BN451", message, setting.value.span))
            return None
        if isinstance(value, float):
            self._note_rounding(value, what, setting.value.span)
        return value

    def _note_rounding(self, delay: float, what: str, span: Span) -> None:
        steps = delay / self._scope.values[DT]
        if abs(steps - round(steps)) > 1e-9 * max(1.0, steps):
            shown = quantity_text(round(steps) * self._scope.values[DT], TIME_UNIT)
            self._scope.log.add(note("BN493", f"{what} is rounded to {shown}", span))

    def _value(
        self, node: nodes.Expr, pair: Pair, dimension: Dimension | None, what: str
    ) -> float | Expr | None:
        expr = self._scope.resolve(node, pair.place)
        if expr is None:
            return None
        if dimension is None:
            self._scope.infer.expr(expr)
        elif not self._scope.fits(expr, dimension, what):
            return None
        value = self._scope.settle(expr, pair.place, what)
        return value if value is None or isinstance(value, float) else renumbered(value)

    def _rate(self, node: nodes.Projection, pair: Pair) -> float | Expr | None:
        """Return a rate in kHz, or an expression of `t` and the network's parameters."""
        assert isinstance(node.sources, nodes.Call)
        place = Place(
            names={**pair.place.names, "t": TIME},
            owners=pair.place.owners,
            values=pair.place.values,
            random="the rate of a drive is a function of time",
            where="in the rate of a drive",
        )
        what = f"the rate of `{pair.name}`"
        expr = self._scope.resolve(node.sources.args[0], place)
        if expr is None or not self._scope.fits(expr, _RATE, what):
            return None
        if TIME in references(expr):
            return self._scope.settle_wire(expr, place)
        value = self._scope.settle(expr, place, what)
        if isinstance(value, float) and not 0 <= value < float("inf"):
            message = f"{what} must be finite and not negative, found {quantity_text(value, _RATE)}"
            self._scope.log.add(error("BN452", message, node.sources.span))
            return None
        return value


def _owner(name: str, model: Model) -> Owner:
    """Return what reductions and recorders see of a learning projection."""
    states = {s.name: s.dimension for s in model.states}
    return Owner(
        name=name, kind="projection", size=None, dimensions={"weight": model.weight, **states}
    )
