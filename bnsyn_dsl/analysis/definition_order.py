"""The order in which auxiliary names are formed: each after those it needs."""

from __future__ import annotations

from collections.abc import Sequence

from bnsyn_dsl.analysis.system import Definition
from bnsyn_dsl.semantics.expression import references

__all__ = ["CircularError", "in_order"]


class CircularError(Exception):
    """Definitions that need one another; `names` is the way round."""

    def __init__(self, names: list[str]) -> None:
        self.names = names[names.index(names[-1]) :]
        super().__init__(" -> ".join(self.names))


def in_order(definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """Order definitions so that each uses only earlier ones; ties keep their order.

    Raises:
        CircularError: a receptor reads what it adds to.
    """
    by_name = {d.name: d for d in definitions}
    done: dict[str, Definition] = {}
    open_names: list[str] = []

    def place(definition: Definition) -> None:
        if definition.name in done:
            return
        if definition.name in open_names:
            raise CircularError([*open_names, definition.name])
        open_names.append(definition.name)
        for symbol in references(definition.value):
            if symbol.kind == "auxiliary" and symbol.name in by_name:
                place(by_name[symbol.name])
        open_names.pop()
        done[definition.name] = definition

    for definition in definitions:
        place(definition)
    return tuple(done.values())
