"""Limits that keep the parser and every later tree walk fast and free of stack overflows."""

from __future__ import annotations

__all__ = [
    "MAX_BYTES",
    "MAX_CHAIN",
    "MAX_DEPTH",
    "MAX_ERRORS",
    "MAX_NESTING",
    "MAX_TOKENS_PER_BLOCK",
    "MAX_TOKENS_PER_LINE",
]

MAX_BYTES = 4_000_000  # the largest published model is below 20 kB
MAX_NESTING = 100  # open brackets, and levels of indentation
# Python stops at 1000 frames, and `==` of trees alone takes three a node: tree walks may use
# three frames a node, four where they handle the left operands of a long sum in a loop.
MAX_CHAIN = 250  # nodes above one another in an expression
MAX_DEPTH = 200  # the same, without the left operands of sums, products, `and` and `or`
MAX_ERRORS = 20  # nobody reads more in one go
MAX_TOKENS_PER_LINE = 20_000
MAX_TOKENS_PER_BLOCK = 50_000
