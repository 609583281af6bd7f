"""Spikes, refractoriness, requirements, bounds, handlers and clocks of a block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.dimension import Dimension
from bnsyn_dsl.semantics.expression import Apply, Symbol
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.model import (
    Bounds,
    Clock,
    EventHandler,
    RefractoryRule,
    Requirement,
    SpikeRule,
)
from bnsyn_dsl.semantics.resolve import Resolver, poisoned
from bnsyn_dsl.semantics.scope import Scope, suggestion
from bnsyn_dsl.semantics.statements import StatementChecker
from bnsyn_dsl.syntax import nodes, unparse_expr

__all__ = ["CheckedEvents", "EventChecker"]

_TIME = Dimension.of({"s": Fraction(1)})
_ALLOWED = {
    "neuron": (nodes.Spike, nodes.Refractory, nodes.Every),
    "synapse": (nodes.Handler,),
    "plasticity": (nodes.Handler, nodes.Every, nodes.Bound),
    "modulator": (nodes.Handler, nodes.Every, nodes.Bound),
}
_EVENTS = {"synapse": ("pre",), "plasticity": ("pre", "post"), "modulator": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEvents:
    """Everything that is not a declaration or an equation."""

    spike: SpikeRule | None
    refractory: RefractoryRule | None
    requires: tuple[Requirement, ...]
    bounds: tuple[tuple[str, Bounds], ...]
    handlers: tuple[EventHandler, ...]
    clocks: tuple[Clock, ...]


class EventChecker:
    """Checks the events of one block."""

    def __init__(
        self,
        block: nodes.Block,
        scope: Scope,
        infer: Inference,
        names: Mapping[str, Symbol],
        dimensions: Mapping[str, Dimension],
        log: DiagnosticLog,
    ) -> None:
        self.block = block
        self.scope = scope
        self.resolver = Resolver(scope, log)
        self.infer = infer
        self.dimensions = dimensions
        self.log = log
        kinds = {"state"} | ({"weight"} if block.kind == "plasticity" else set())
        self.writable = {n: s for n, s in names.items() if s.kind in kinds}

    def check(self) -> CheckedEvents:
        """Check every section."""
        self._check_places()
        spikes = [s for s in self.block.sections if isinstance(s, nodes.Spike)]
        rests = [s for s in self.block.sections if isinstance(s, nodes.Refractory)]
        for extra in (*spikes[1:], *rests[1:]):
            what = "spike when" if isinstance(extra, nodes.Spike) else "refractory"
            self.log.add(error("BN222", f"`{what}` stands twice", extra.span))
        return CheckedEvents(
            spike=self._spike(spikes[0]) if spikes else None,
            refractory=self._refractory(rests[0]) if rests else None,
            requires=tuple(self._requires()),
            bounds=tuple(self._bounds()),
            handlers=tuple(self._handlers()),
            clocks=tuple(self._clocks()),
        )

    def _check_places(self) -> None:
        allowed = _ALLOWED[self.block.kind]
        words = {
            nodes.Spike: "spike when",
            nodes.Refractory: "refractory",
            nodes.Every: "every",
            nodes.Handler: "on",
            nodes.Bound: "in",
        }
        for section in self.block.sections:
            word = words.get(type(section))
            if word is not None and not isinstance(section, allowed):
                hint = "a synapse acts at `on pre`" if self.block.kind == "synapse" else None
                message = f"a {self.block.kind} has no `{word}`"
                self.log.add(error("BN223", message, section.span, help=hint))

    def _statements(self, extra: Mapping[str, Symbol] | None = None) -> StatementChecker:
        resolver = self.resolver
        if extra:
            scope = replace(self.scope, names={**self.scope.names, **extra})
            resolver = Resolver(scope, self.log)
        return StatementChecker(resolver, self.infer, self.writable, self.block.kind, self.log)

    def _spike(self, node: nodes.Spike) -> SpikeRule:
        if isinstance(node.condition, nodes.Crosses):
            left = self.resolver.expr(node.condition.left)
            right = self.resolver.expr(node.condition.right)
            condition = Apply(op="gt", args=(left, right), span=node.condition.span)
            is_edge = True
            if not poisoned(condition):
                self.infer.crossing(left, right)
        else:
            condition = self.resolver.expr(node.condition)  # type: ignore[assignment]
            is_edge = False
            if not poisoned(condition):
                self.infer.expr(condition)
        return SpikeRule(
            condition=condition,
            is_edge=is_edge,
            body=self._statements().body(node.body),
            span=node.span,
        )

    def _refractory(self, node: nodes.Refractory) -> RefractoryRule:
        duration = self.resolver.expr(node.duration)
        if not poisoned(duration):
            self.infer.expect(duration, _TIME, "the refractory time")
        for name in node.hold:
            if name.ident not in self.writable:
                self.log.add(
                    error(
                        "BN224",
                        f"`{name.ident}` is no state and cannot be held",
                        name.span,
                        help=suggestion(name.ident, self.writable),
                    )
                )
        held = tuple(n.ident for n in node.hold)
        return RefractoryRule(duration=duration, hold=held, span=node.span)

    def _requires(self) -> Iterator[Requirement]:
        for section in self.block.sections:
            if not isinstance(section, nodes.Require):
                continue
            for condition in section.conditions:
                value = self.resolver.expr(condition)
                if not poisoned(value):
                    self.infer.expr(value)
                yield Requirement(
                    condition=value, text=unparse_expr(condition), span=condition.span
                )

    def _bounds(self) -> Iterator[tuple[str, Bounds]]:
        for section in self.block.sections:
            if not isinstance(section, nodes.Bound):
                continue
            symbol = self.writable.get(section.name)
            if symbol is None:
                message = f"`{section.name}` is no state and has no bounds"
                self.log.add(error("BN224", message, section.span))
                continue
            low = self.resolver.expr(section.range.low)
            high = self.resolver.expr(section.range.high)
            wanted = self.infer.dimension_of(symbol)
            if wanted is not None:
                self.infer.expect(low, wanted, f"`{section.name}`")
                self.infer.expect(high, wanted, f"`{section.name}`")
            yield section.name, Bounds(low=low, high=high)

    def _handlers(self) -> Iterator[EventHandler]:
        seen: set[str] = set()
        for section in self.block.sections:
            if not isinstance(section, nodes.Handler):
                continue
            allowed = _EVENTS.get(self.block.kind)
            if allowed is not None and section.event not in allowed:
                known = " and ".join(f"`on {e}`" for e in allowed)
                message = f"a {self.block.kind} has no event `{section.event}`"
                self.log.add(error("BN225", message, section.span, help=f"it has {known}"))
            if section.event in seen:
                message = f"`on {section.event}` stands twice"
                self.log.add(error("BN222", message, section.span))
            seen.add(section.event)
            extra = {a.ident: Symbol(a.ident, "argument", section.event) for a in section.arguments}
            yield EventHandler(
                event=section.event,
                arguments=tuple(extra),
                body=self._statements(extra).body(section.body),
                span=section.span,
            )

    def _clocks(self) -> Iterator[Clock]:
        for section in self.block.sections:
            if not isinstance(section, nodes.Every):
                continue
            period = self.resolver.expr(section.period)
            if not poisoned(period):
                self.infer.expect(period, _TIME, "the period")
            body = self._statements().body(section.body)
            yield Clock(period=period, body=body, span=section.span)
