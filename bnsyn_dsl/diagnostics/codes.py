"""What each code means, in one line. Sorted; BN1xx is text and syntax."""

from __future__ import annotations

__all__ = ["CODES"]

CODES: dict[str, str] = {
    # BN1xx: reading and syntax
    "BN100": "the file cannot be read",
    "BN101": "the file is not UTF-8 text",
    "BN102": "the file is too large",
    "BN103": "the file is empty",
    "BN104": "a character that is not part of the language",
    "BN105": "a tab in the indentation",
    "BN106": "a bracket is not closed",
    "BN107": "a closing bracket without an opening one",
    "BN108": "a text or docstring is not closed",
    "BN109": "nested too deeply, or too long",
    "BN110": "something else was expected here",
    "BN111": "a colon is missing",
    "BN112": "an indented body is missing",
    "BN113": "unexpected indentation",
    "BN114": "indentation that fits no line above",
    "BN115": "unknown kind of block",
    "BN116": "unknown section",
    "BN117": "a reserved word as a name",
    "BN118": "`=` and `==` confused",
    "BN119": "syntax of another language",
    "BN120": "the line ends too early",
    "BN121": "a comparison of a comparison",
    "BN122": "the exponent of a unit is not a whole number",
    "BN123": "a number where a unit is expected",
    "BN124": "a division that reads two ways",
    "BN125": "a value without a name behind a named one",
    "BN126": "`of` in a call that is not a reduction",
    "BN127": "the left side of an equation",
    "BN128": "`+=` in equations on something else than `post.x`",
}
