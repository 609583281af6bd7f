"""The LALR parser made from bns.lark, and the vocabulary that the scanner takes from it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from lark import Lark, Token
from lark.lexer import Lexer, PatternStr

from bnsyn_dsl.syntax import build_blocks, build_expressions, build_networks

__all__ = ["Grammar", "grammar"]


class _TokenList(Lexer):
    """Hands Lark the tokens it is given: the scanner has made them already."""

    def __init__(self, configuration: Any) -> None:
        pass

    def lex(self, tokens: Any, parser_state: Any = None) -> Iterator[Token]:
        """Yield the tokens."""
        yield from tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The parser with its literals: `{"->": "__ANON_0", "neuron": "NEURON", ...}`."""

    parser: Lark
    literals: dict[str, str]
    keywords: frozenset[str]
    operators: tuple[str, ...]

    def shown(self, terminal: str) -> str | None:
        """Return how a literal terminal is written, or None for the others."""
        return next((text for text, name in self.literals.items() if name == terminal), None)


@functools.cache
def grammar() -> Grammar:
    """Build the parser, once per process."""
    actions: dict[str, Any] = {}
    for module in (build_expressions, build_blocks, build_networks):
        actions |= module.ACTIONS
    parser = Lark(
        files("bnsyn_dsl.syntax").joinpath("bns.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_TokenList,
        transformer=SimpleNamespace(**actions),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
    literals = {
        terminal.pattern.value: terminal.name
        for terminal in parser.terminals
        if isinstance(terminal.pattern, PatternStr)
    }
    words = frozenset(text for text in literals if text.isidentifier())
    return Grammar(
        parser=parser,
        literals=literals,
        keywords=words,
        operators=tuple(sorted(literals.keys() - words, key=lambda text: (-len(text), text))),
    )
