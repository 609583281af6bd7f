"""Names of the model to identifiers of generated code, without collisions.

The symbols of the model stay what they are (`V_m`, `tau_m`); dots and brackets become
underscores. A name that is a keyword of Python or C, or that the generated code uses itself, gets
an underscore behind it.
"""

from __future__ import annotations

import keyword
import re

__all__ = ["NameTable"]

_GENERATED = frozenset(
    {
        "lo", "hi", "step", "seed_low", "seed_high", "segments", "par", "derived", "varied",
        "spikes", "n", "s", "i", "first", "last", "block", "stop", "fired", "bad", "resting",
        "element", "dt", "t", "t_end", "spiked", "status", "above", "refractory", "accepted",
        "easy", "h", "np", "math", "njit", "types", "intrinsic", "prepare", "update", "record",
        "substep", "slopes", "slopes_given", "pair_step", "elapsed", "found", "hit", "reached",
        "was", "again", "quanta", "scratch", "first_id", "chosen", "out", "A", "P", "size", "j",
        "advance", "int", "float", "range", "min", "max", "abs", "len", "begin", "end", "rest",
        "left", "near", "apart", "mark", "stepped", "refractory_steps", "work", "low", "high",
        "armed",
        "double", "long", "char", "short", "unsigned", "signed", "const", "static", "struct",
        "void", "auto", "switch", "case", "default", "goto", "register", "volatile", "union",
        "enum", "typedef", "sizeof", "extern", "do", "bool", "true", "false", "this", "new",
        "delete", "template", "operator", "private", "public", "protected", "virtual", "inline",
    }
)  # fmt: skip
# what generated code makes of the names of states, parameters and receptors
_MADE_IN_FRONT = re.compile(r"(inbox|quantum)_.+")
_MADE_BEHIND = re.compile(r".+[_.](all|here|old|new|next|before|after|kept|slope\d)_*")


class NameTable:
    """Gives every symbol of one kernel its identifier; the first to ask gets the plain one."""

    def __init__(self, reserved: frozenset[str] = frozenset()) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set(reserved)

    def declare(self, symbol: str) -> None:
        """Give a name of the model its identifier, out of the way of what the code makes of it."""
        wish = f"{symbol}_x" if _MADE_BEHIND.fullmatch(symbol) else symbol
        self._given[symbol] = self.fresh(f"x_{wish}" if _MADE_IN_FRONT.fullmatch(wish) else wish)

    def identifier(self, symbol: str) -> str:
        """Return the identifier of `symbol`, the same at every call.

        A symbol that begins with a colon is a name of the generated code itself.
        """
        if symbol.startswith(":"):
            return symbol[1:]
        if symbol not in self._given:
            self._given[symbol] = self.fresh(symbol)
        return self._given[symbol]

    def fresh(self, wish: str) -> str:
        """Return an identifier that nobody has, close to `wish`."""
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", wish).strip("_") or "x"
        reserved = keyword.iskeyword(plain) or keyword.issoftkeyword(plain)
        if reserved or plain in _GENERATED or plain.startswith("bn_") or plain[0].isdigit():
            plain = f"{plain}_" if not plain[0].isdigit() else f"x{plain}"
        chosen, count = plain, 1
        while chosen in self._taken:
            count += 1
            chosen = f"{plain}_{count}"
        self._taken.add(chosen)
        return chosen
