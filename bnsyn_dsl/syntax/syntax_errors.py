"""From the token that the parser did not expect to a sentence that says what to do.

Each explanation looks at the situation and returns None when it does not apply; the first that
applies is taken, so the special ones stand before the general ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lark import UnexpectedToken

from bnsyn_dsl.diagnostics import error
from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.syntax_words import (
    BLOCKS,
    FOREIGN_WORDS,
    HEADERS,
    MODEL_SECTIONS,
    NETWORK_SECTIONS,
    expected_words,
    listed,
    meant,
    token_words,
)
from bnsyn_dsl.syntax.tokens import Line, SpannedToken
from bnsyn_dsl.syntax.unexpected import Repair, Situation, Unexpected

__all__ = ["explain"]

COMPARATORS = frozenset({"<", "<=", ">", ">=", "==", "!="})
CONNECTIVES = frozenset({"if", "else", "and", "or", "in", "of", "every", "crosses", "with", "from"})
CONDITIONS = frozenset({"spike", "if", "require"})


def explain(reason: UnexpectedToken, lines: Sequence[Line]) -> Unexpected:
    """Return what the parser stumbled over, in words."""
    found = reason.token
    token = found if isinstance(found, SpannedToken) else lines[-1].newline
    index = max(i for i, line in enumerate(lines) if line.first.span.line <= token.span.line)
    situation = Situation(
        token=token,
        line=lines[index],
        before=lines[index - 1] if index > 0 else None,
        expected=frozenset(reason.accepts or reason.expected),
        kind=lines[0].first.value,
    )
    for explanation in EXPLANATIONS:
        unexpected = explanation(situation)
        if unexpected is not None:
            return unexpected
    return _anything(situation)


def _missing_body(s: Situation) -> Unexpected | None:
    if "INDENT" not in s.expected or s.token.type == "INDENT":
        return None
    header = s.line if s.index > 0 or s.before is None else s.before
    if header.opens_body:
        name = header.first.value
        return Unexpected(
            diagnostic=error(
                "BN112",
                f"the body of `{name}` is missing",
                header.first.span.to(header.tokens[-1].span),
                help="indent the lines of the body by four blanks, or leave the header away",
            ),
            line=header,
        )
    return None


def _missing_colon(s: Situation) -> Unexpected | None:
    if s.token.type == "INDENT" and s.before is not None and _could_open(s.before):
        header = s.before  # the colon could be left away, but not before a body
    elif s.token.type == "NEWLINE" and "COLON" in s.expected and s.line.first.value in HEADERS:
        header = s.line
    else:
        return None
    return Unexpected(
        diagnostic=error(
            "BN111",
            f"`:` is missing at the end of the `{header.first.value}` line",
            header.newline.span,
        ),
        line=header,
        repair=Repair.ADD_COLON,
    )


def _could_open(line: Line) -> bool:
    return line.first.value in HEADERS and all(token.value != ":" for token in line.tokens)


def _unexpected_indent(s: Situation) -> Unexpected | None:
    if s.token.type != "INDENT":
        return None
    if s.before is None:
        advice = "a block begins in the first column"
    else:
        advice = f"write it in the column of `{s.before.first.value}` above"
    return Unexpected(
        diagnostic=error(
            "BN113",
            f"`{s.line.first.value}` is indented, but no body is open",
            s.token.span,
            help=advice,
        ),
        line=s.line,
        repair=Repair.DROP_RUN,
    )


def _foreign_word(s: Situation) -> Unexpected | None:
    word = s.line.first
    if word.value not in FOREIGN_WORDS or s.index > 1 or _used_as_name(s.line):
        return None
    return _drop(
        s, "BN119", f"`{word.value}` is not part of the language", word, FOREIGN_WORDS[word.value]
    )


def _used_as_name(line: Line) -> bool:
    return len(line.tokens) > 1 and line.tokens[1].value in ("=", "+=", "-=", ".")


def _unknown_block(s: Situation) -> Unexpected | None:
    if s.index > 0 or s.before is not None or "NEURON" not in s.expected:
        return None
    if not s.token.value.isidentifier():
        return None
    word = s.token.value
    if word in MODEL_SECTIONS or word in NETWORK_SECTIONS:
        advice = "a section is indented, in a block such as `neuron Name:`"
        return _drop(s, "BN115", f"the section `{word}` stands outside of a block", s.token, advice)
    guess = meant(word, BLOCKS)
    advice = f"did you mean `{guess}`?" if guess else f"write {_quoted(BLOCKS)}"
    return _drop(s, "BN115", f"`{word}` is no kind of block", s.token, advice)


def _unknown_section(s: Situation) -> Unexpected | None:
    first = s.line.first
    behind_name = s.index == 1 and s.expected == {"IN"}
    at_start = s.index == 0 and "PARAMETERS" in s.expected and first.value.isidentifier()
    if not (behind_name or at_start) or first.value in ("else", "if"):
        return None
    sections: tuple[str, ...] = MODEL_SECTIONS
    others: tuple[str, ...] = NETWORK_SECTIONS
    if s.kind == "network":
        sections, others = others, sections
    guess = meant(first.value, sections)
    rest = tuple(token.value for token in s.line.tokens[1:4])
    if rest[:1] == ("=",) or rest == ("/", "dt", "="):
        section = "equations" if rest[0] == "/" else "parameters"
        advice = f"write it under `{section}:`, indented by four blanks more"
        return _drop(s, "BN116", f"`{first.value}` stands in no section", first, advice)
    if first.value in others:
        advice = "it belongs into a network" if s.kind != "network" else "it belongs into a model"
    elif guess == "spike":
        advice = "write `spike when V_m > V_th:` with the reset as its body"
    elif guess is not None:
        advice = f"did you mean `{guess}`?"
    else:
        advice = f"sections here are {_quoted(sections)}"
    return _drop(s, "BN116", f"`{first.value}` is no section of a {s.kind}", first, advice)


def _section_in_body(s: Situation) -> Unexpected | None:
    if s.index > 0 or s.token.value not in {*MODEL_SECTIONS, *NETWORK_SECTIONS, *BLOCKS}:
        return None
    if _used_as_name(s.line):
        return None
    message = f"`{s.token.value}` cannot stand in the body of another section"
    advice = "begin it in the column of the section above"
    return _drop(s, "BN113", message, s.token, advice)


def _lonely_else(s: Situation) -> Unexpected | None:
    if s.index > 0 or s.token.value != "else" or _used_as_name(s.line):
        return None
    advice = "`else:` stands in the column of its `if`, directly behind the body"
    return _drop(s, "BN110", "`else` without an `if` before it", s.token, advice)


def _refractory(s: Situation) -> Unexpected | None:
    if s.line.first.value != "refractory" or s.token.value not in (":", "hold"):
        return None
    advice = "write `refractory 2 ms`, or `refractory 2 ms: hold V_m`"
    if s.token.value == "hold":
        return _drop(s, "BN111", "`:` is missing before `hold`", s.token, advice)
    if s.index > 0 and s.token is s.line.tokens[1]:
        return _drop(s, "BN110", "the duration comes first, then `:`", s.token, advice)
    return None


def _unit_behind_equation(s: Situation) -> Unexpected | None:
    before = [token.value for token in s.line.tokens[: s.index]]
    if s.token.value != ":" or "=" not in before or "NEWLINE" not in s.expected:
        return None
    advice = "units follow from the values: leave it away"
    return _drop(s, "BN110", "no unit is declared behind a value", s.token, advice)


def _reserved_name(s: Situation) -> Unexpected | None:
    if s.token.value not in grammar().keywords or "NAME" not in s.expected:
        return None
    if "NUMBER" in s.expected and s.token.value in CONNECTIVES:
        return None  # `a and or b`: a value is missing, not a name
    message = f"`{s.token.value}` is a reserved word and cannot be a name"
    return _drop(s, "BN117", message, s.token, f"choose another name, such as `{s.token.value}_`")


def _confused_equals(s: Situation) -> Unexpected | None:
    doubled = next((token for token in s.line.tokens if token.value == "=="), None)
    if doubled is not None and "EQUAL" in s.expected:
        return _drop(s, "BN118", "`==` compares, expected `=`", doubled, "write `=`")
    if s.token.value == "=" and s.line.first.value in CONDITIONS:
        return _drop(s, "BN118", "`=` sets a value, expected a comparison", s.token, "write `==`")
    return None


def _double_comparison(s: Situation) -> Unexpected | None:
    earlier = any(token.value in COMPARATORS for token in s.line.tokens[: s.index])
    if s.token.value not in COMPARATORS or not earlier:
        return None
    advice = "write `a < b and b < c`"
    return _drop(s, "BN121", "a comparison cannot be compared again", s.token, advice)


def _unit_power(s: Situation) -> Unexpected | None:
    if "NUMBER" in s.expected and s.expected <= {"NUMBER", "MINUS"}:
        message = f"the exponent of a unit is a whole number, found {token_words(s.token)}"
    elif s.token.value == "^":
        message = "a value with a unit has one exponent, which belongs to the unit"
    else:
        return None
    advice = "to raise the whole value, put it in parentheses: `(2 mV)^n`"
    return _drop(s, "BN122", message, s.token, advice)


def _quoted_text(s: Situation) -> Unexpected | None:
    if s.token.type != "STRING":
        return None
    advice = 'a description is a docstring in `"""` or a comment behind `#`'
    return _drop(s, "BN119", "quoted text stands only behind `import`", s.token, advice)


def _early_end(s: Situation) -> Unexpected | None:
    if s.token.type != "NEWLINE":
        return None
    message = f"the line ends too early, expected {expected_words(s.expected)}"
    return _drop(s, "BN120", message, s.token, None)


def _anything(s: Situation) -> Unexpected:
    message = f"unexpected {token_words(s.token)}, expected {expected_words(s.expected)}"
    return _drop(s, "BN110", message, s.token, None)


def _drop(
    s: Situation, code: str, message: str, token: SpannedToken, advice: str | None
) -> Unexpected:
    return Unexpected(diagnostic=error(code, message, token.span, help=advice), line=s.line)


def _quoted(words: Sequence[str]) -> str:
    return listed([f"`{word}`" for word in words])


EXPLANATIONS: tuple[Callable[[Situation], Unexpected | None], ...] = (
    _missing_body,
    _missing_colon,
    _unexpected_indent,
    _foreign_word,
    _unknown_block,
    _unknown_section,
    _section_in_body,
    _lonely_else,
    _refractory,
    _unit_behind_equation,
    _reserved_name,
    _confused_equals,
    _double_comparison,
    _unit_power,
    _quoted_text,
    _early_end,
)
