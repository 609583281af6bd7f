"""Uses of blocks that are understood, but have no kernels yet; their names are checked."""

from __future__ import annotations

from collections.abc import Iterator

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.semantics.library import Library
from bnsyn_dsl.semantics.network_scope import NetworkScope, syntax_walk
from bnsyn_dsl.semantics.scope import suggestion
from bnsyn_dsl.syntax import nodes

__all__ = ["check_use"]


def check_use(use: nodes.ModelUse, kind: str, library: Library, scope: NetworkScope) -> bool:
    """Check the block and the names in its braces; True where nothing is wrong with them."""
    model = library.model_of(kind, use.model, use.span)
    good = model is not None
    for setting in use.settings:
        scope.used |= set(_names(setting.value)) & {*scope.names, *scope.tables}
        if model is None or setting.owner is not None or model.declared(setting.name) is not None:
            continue
        known = [d.name for d in (*model.parameters, *model.inputs, *model.states)]
        message = f"`{use.model}` has no parameter, state or input `{setting.name}`"
        scope.log.add(error("BN237", message, setting.span, help=suggestion(setting.name, known)))
        good = False
    return good


def _names(value: nodes.Expr) -> Iterator[str]:
    for node in syntax_walk(value):
        match node:
            case nodes.Name():
                yield node.ident
            case nodes.Index():
                yield node.table
            case _:
                pass
