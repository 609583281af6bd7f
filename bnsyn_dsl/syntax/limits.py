"""Limits that keep the parser and every later tree walk fast and free of stack overflows."""

from __future__ import annotations

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_ERRORS",
    "MAX_NESTING",
    "MAX_TOKENS_PER_BLOCK",
    "MAX_TOKENS_PER_LINE",
]

MAX_BYTES = 4_000_000  # the largest published model is below 20 kB
MAX_NESTING = 100  # open brackets, and levels of indentation
MAX_DEPTH = 400  # expression nodes above one another; later walks use up to two frames a node
MAX_ERRORS = 20  # nobody reads more in one go
MAX_TOKENS_PER_LINE = 20_000
MAX_TOKENS_PER_BLOCK = 50_000
