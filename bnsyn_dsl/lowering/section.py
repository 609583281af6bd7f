"""One section of a kernel being lowered: its lets, and what was computed already."""

from __future__ import annotations

from bnsyn_dsl.ir.names import names_in
from bnsyn_dsl.ir.nodes import Apply, Call, Expr, Let, Name

__all__ = ["Section"]


class Section:
    """Collects lets; an operation that is already there under a name is not done again."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.lets: list[Let] = []
        self.bound: set[str] = set()
        self._known: dict[Expr, str] = {}

    def let(self, name: str, value: Expr, comment: str | None = None) -> None:
        """Bind `name`; what was computed from its old value is forgotten."""
        self._forget(name)
        self.lets.append(Let(names=(name,), value=value, comment=comment))
        self.bound.add(name)
        if isinstance(value, Apply) and name not in names_in(value):
            self._known[value] = name

    def call(self, names: tuple[str, ...], call: Call, comment: str | None = None) -> None:
        """Bind several names to the results of a function."""
        for name in names:
            self._forget(name)
        self.lets.append(Let(names=names, value=call, comment=comment))
        self.bound.update(names)

    def known(self, value: Expr) -> Expr:
        """Return the name under which `value` is there, or `value` itself."""
        name = self._known.get(value)
        return value if name is None else Name(ident=name)

    def _forget(self, name: str) -> None:
        self._known = {
            e: n for e, n in self._known.items() if n != name and name not in names_in(e)
        }
