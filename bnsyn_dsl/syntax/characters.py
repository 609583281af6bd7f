"""What to say about characters and signs that are not in the language."""

from __future__ import annotations

import unicodedata

__all__ = ["explain_character"]

SIGNS = {
    ";": ("`;` does not separate statements", "write one statement a line"),
    "**": ("`**` is not an operator", "a power is written with `^`, as in `x^2`"),
    "//": ("`//` is not an operator", "write `floor(x/y)`; a comment begins with `#`"),
    "...": ("`...` is not part of a model", "leave the section or the body away"),
    "&&": ("`&&` is not an operator", "write `and`"),
    "||": ("`||` is not an operator", "write `or`"),
    "&": ("`&` is not an operator", "write `and`"),
    "|": ("`|` is not an operator", "write `or`; an absolute value is `abs(x)`"),
    "!": ("`!` is not an operator", "write `not`"),
    "~": ("`~` is not an operator", "write `not`"),
    ":=": ("`:=` is not an operator", "write `=`"),
    "%": ("`%` is not an operator", "write `0.1` for 10 %, `x - y*floor(x/y)` for the remainder"),
    "@": (
        "`@` is not part of the language",
        "there are no decorators; blocks begin with their kind",
    ),
    "\\": ("a line cannot be continued with a backslash", "break it inside brackets"),
    "'": (
        "`'` is not part of the language",
        'write `dV_m/dt` for a derivative, `"""` around a docstring',
    ),
    '"': (
        "a text that is not closed on its line",
        'close it with `"`; a docstring stands in `"""`',
    ),
    '"""': ("the docstring is never closed", 'close it with `"""`'),
    "\u2212": ("a typographic minus sign", "write `-`"),
    "\u2013": ("a dash", "write `-`"),
    "\u00d7": ("a multiplication sign", "write `*`"),
    "\u00b7": ("a multiplication dot", "write `*`"),
    "\u2264": ("a typographic sign", "write `<=`"),
    "\u2265": ("a typographic sign", "write `>=`"),
    "\u2260": ("a typographic sign", "write `!=`"),
    "\u2192": ("a typographic arrow", "write `->`"),
    "\u00b2": ("a raised digit", "write `^2`"),
    "\u00b3": ("a raised digit", "write `^3`"),
    "\u00b5": ("the micro sign is not a prefix here", "write `u`, as in `um` or `uA`"),
    "\u2126": ("the ohm sign is not a unit here", "write `Ohm`"),
    "\u00a0": ("a no-break space", "replace it by an ordinary blank"),
    "\ufeff": ("a byte order mark", "save the file as UTF-8 without a byte order mark"),
}
UNCLOSED = ('"', '"""')
FOREIGN_SIGNS = (";", "**", "//", "...", "&&", "||", ":=", "&", "|", "!", "~", "%", "@", "\\", "'")


def explain_character(text: str) -> tuple[str, str, str | None]:
    """Return code, message and help for a sign outside the language."""
    code = "BN108" if text in UNCLOSED else "BN119" if text in FOREIGN_SIGNS else "BN104"
    if text in SIGNS:
        message, advice = SIGNS[text]
        return code, message, advice
    if not text.isprintable():
        return code, f"the control character U+{ord(text):04X}", "delete it"
    name = unicodedata.name(text, f"U+{ord(text):04X}").lower()
    advice_text = None
    if name.startswith("greek "):
        word = name.split(" letter ")[-1].split(" with ")[0]
        advice_text = f"write `{word.capitalize() if 'capital' in name else word}`"
    return code, f"the character `{text}` ({name}) is not part of the language", advice_text
