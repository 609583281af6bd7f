"""Text -> syntax tree -> text.

In: a `SourceFile`. Out: a `nodes.File` of frozen nodes with exact spans, or, the other way round,
the canonical text of a tree (`bnsyn fmt`). `parse` never raises: it reports codes BN1xx into the
log, several in one run, and returns what it could parse, so the caller ends the stage with
`log.stop_on_errors()`. For every legal tree `parse(unparse(tree)) == tree`.

    scan         characters -> tokens in logical lines, comments
    layout       lines -> token stream with indentation
    bns.lark     the grammar; its literal words are reserved everywhere
    build_*      what each grammar rule becomes
    unparse      tree -> text

Not done here: names are not resolved, units not interpreted, nothing is checked for meaning.
`V/mV` is a division by the name `mV`. Lark is used in this package only.
"""

from bnsyn_dsl.syntax.parse import parse, read_source
from bnsyn_dsl.syntax.unparse import unparse, unparse_expr

__all__ = ["parse", "read_source", "unparse", "unparse_expr"]
