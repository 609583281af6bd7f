"""Bodies of handlers and resets: assignments and branches with targets that may be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from bnsyn_dsl.diagnostics import DiagnosticLog, error
from bnsyn_dsl.semantics.expression import Apply, Expr, Ref, Symbol
from bnsyn_dsl.semantics.infer import Inference
from bnsyn_dsl.semantics.model import Branch, Set, Statement
from bnsyn_dsl.semantics.resolve import Resolver, poisoned
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["StatementChecker", "assigned", "expressions"]

_OPS = {"+=": "add", "-=": "sub", "*=": "mul", "/=": "div"}


class StatementChecker:
    """Resolves statements of one block; `writable` are the symbols its handlers may write."""

    def __init__(
        self,
        resolver: Resolver,
        infer: Inference,
        writable: Mapping[str, Symbol],
        kind: str,
        log: DiagnosticLog,
    ) -> None:
        self.resolver = resolver
        self.infer = infer
        self.writable = writable
        self.kind = kind
        self.log = log

    def body(self, statements: Iterable[nodes.Statement]) -> tuple[Statement, ...]:
        """Resolve statements in their order."""
        made = (self._statement(s) for s in statements)
        return tuple(s for s in made if s is not None)

    def _statement(self, node: nodes.Statement) -> Statement | None:
        match node:
            case nodes.Assign():
                return self._assign(node)
            case nodes.If():
                condition = self.resolver.expr(node.condition)
                if not poisoned(condition):
                    self.infer.expr(condition)
                return Branch(
                    condition=condition,
                    then=self.body(node.then),
                    otherwise=self.body(node.otherwise),
                    span=node.span,
                )
            case _:
                assert_never(node)

    def _assign(self, node: nodes.Assign) -> Set | None:
        value = self.resolver.expr(node.value)
        target = self._target(node)
        if target is None:
            return None
        if node.op in _OPS:
            value = Apply(
                op=_OPS[node.op], args=(Ref(symbol=target, span=node.span), value), span=node.span
            )
        if poisoned(value):
            return None
        wanted = self.infer.dimension_of(target)
        if wanted is not None:
            self._check(node, value, target)
        return Set(target=target, value=value, span=node.span)

    def _check(self, node: nodes.Assign, value: Expr, target: Symbol) -> None:
        wanted = self.infer.dimension_of(target)
        assert wanted is not None
        self.infer.expect(value, wanted, f"`{target.text}`")

    def _target(self, node: nodes.Assign) -> Symbol | None:
        if node.owner is not None:
            return self._member(node)
        if node.name in self.writable:
            return self.writable[node.name]
        known = self.resolver.scope.names.get(node.name)
        if known is None:
            hint = suggestion(node.name, self.writable)
            message = f"unknown name `{node.name}`"
        else:
            hint = "a handler writes the states of its own block"
            if known.kind == "input":
                hint = "an input has no memory; let the event jump a state"
            message = f"`{node.name}` is {_article(known.kind)} and cannot be written"
        self.log.add(error("BN218", message, node.span, help=hint))
        return None

    def _member(self, node: nodes.Assign) -> Symbol | None:
        if node.owner == "post" and self.kind == "synapse" and node.op in {"+=", "-="}:
            place = nodes.Attribute(owner="post", member=node.name, span=node.span)
            found = self.resolver.expr(place)
            return found.symbol if isinstance(found, Ref) and not poisoned(found) else None
        text = f"`{node.owner}.{node.name}` cannot be written here"
        hint = (
            "a synapse adds to a state of its target: `post.V_m += weight`"
            if self.kind == "synapse"
            else f"a {self.kind} writes its own states"
        )
        self.log.add(error("BN218", text, node.span, help=hint))
        return None


def _article(kind: str) -> str:
    return {
        "auxiliary": "an auxiliary name",
        "dt": "the step of the simulation",
        "input": "an input",
        "parameter": "a parameter",
        "time": "the time",
    }.get(kind, f"a {kind}")


def assigned(statements: Iterable[Statement]) -> Iterator[Symbol]:
    """Yield every symbol that is written, in order, with repetitions."""
    for statement in statements:
        match statement:
            case Set():
                yield statement.target
            case Branch():
                yield from assigned(statement.then)
                yield from assigned(statement.otherwise)
            case _:
                assert_never(statement)


def expressions(statements: Iterable[Statement]) -> Iterator[Expr]:
    """Yield every expression: values and conditions."""
    for statement in statements:
        match statement:
            case Set():
                yield statement.value
            case Branch():
                yield statement.condition
                yield from expressions(statement.then)
                yield from expressions(statement.otherwise)
            case _:
                assert_never(statement)
