"""The answer where data do not hold the quantity asked for."""

from __future__ import annotations

__all__ = ["Undefined"]


class Undefined(ValueError):  # noqa: N818  the name is the sentence
    """The quantity is not defined for these data; the message says why.

    It is an exception and not a number, so that silence is never mistaken for a critical state.
    """
