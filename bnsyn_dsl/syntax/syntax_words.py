"""Words for syntax messages: what was found, what was expected, what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.tokens import SpannedToken

__all__ = [
    "BLOCKS",
    "FOREIGN_WORDS",
    "HEADERS",
    "MODEL_SECTIONS",
    "NETWORK_SECTIONS",
    "expected_words",
    "listed",
    "meant",
    "token_words",
]

BLOCKS = ("neuron", "synapse", "plasticity", "modulator", "network", "import", "function")
MODEL_SECTIONS = (
    "parameters",
    "input",
    "state",
    "equations",
    "spike",
    "refractory",
    "require",
    "on",
    "every",
    "solve",
)
NETWORK_SECTIONS = (
    "parameters",
    "populations",
    "modulators",
    "projections",
    "record",
    "simulate",
    "require",
    "solve",
)
# Words whose line always ends with a colon and a body.
HEADERS = frozenset(
    {*BLOCKS[:5], "parameters", "input", "state", "equations", "populations", "modulators"}
    | {"projections", "record", "on", "every", "if", "else", "spike"}
)

# What other simulators and languages call it.
ALIASES = {
    "threshold": "spike",
    "reset": "spike",
    "params": "parameters",
    "constants": "parameters",
    "variables": "state",
    "states": "state",
    "initial": "state",
    "inputs": "input",
    "model": "neuron",
    "cell": "neuron",
    "connections": "projections",
    "synapses": "projections",
    "update": "every",
    "method": "solve",
    "run": "simulate",
}

FOREIGN_WORDS = {
    "def": "a function is written `function f(x) = ...`",
    "class": "a block begins with its kind, as in `neuron Name:`",
    "elif": "write `else:` and an `if` in its body",
    "for": "there are no loops: populations and projections stand for all their elements",
    "while": "there are no loops",
    "return": "a function is one expression: `function f(x) = ...`",
    "lambda": "a function is written `function f(x) = ...`",
    "from": 'another file is read with `import "own.bns"`',
    "print": "what to see is listed under `record:` of a network",
    "let": "leave `let` away",
    "var": "leave `var` away",
}

# What stands for several terminals in a message: its word, the signs or names that show it, and
# what else is left away then.
GROUPS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("a block", frozenset({"neuron", "network"}), frozenset(BLOCKS)),
    (
        "a section",
        frozenset({"parameters"}),
        frozenset({*MODEL_SECTIONS, *NETWORK_SECTIONS, "DOC"}),
    ),
    ("an assignment", frozenset({"=", "-="}), frozenset({"+=", "*=", "/="})),
    (
        "an operator",
        frozenset({"+", "-", "*", "/"}),
        frozenset({"^", "<", "<=", ">", ">=", "==", "!=", "and", "or", "if", "crosses"}),
    ),
    (
        "an expression",
        frozenset({"NUMBER", "NAME", "(", "-"}),
        frozenset({"[", "+", "not", "refractory"}),
    ),
    ("an indented body", frozenset({"INDENT"}), frozenset()),
    ("the end of the line", frozenset({"NEWLINE"}), frozenset()),
    ("a name", frozenset({"NAME"}), frozenset()),
    ("a number", frozenset({"NUMBER"}), frozenset()),
    ("a text in quotes", frozenset({"STRING"}), frozenset()),
    ("a docstring", frozenset({"DOC"}), frozenset()),
)
# A name may nearly always go on with one of these: not worth a word beside others.
CONTINUATIONS = frozenset({"(", ".", "["})


def token_words(token: SpannedToken) -> str:
    """Return how a message calls a token that was found."""
    match token.type:
        case "NEWLINE" | "$END":
            return "the end of the line"
        case "INDENT":
            return "an indentation"
        case "DEDENT":
            return "the end of the body"
        case "DOC":
            return "a docstring"
        case _:
            return f"`{token.value}`"


def expected_words(expected: Iterable[str]) -> str:
    """Return a short list of what could have stood there: `an operator` instead of twelve signs."""
    left = {grammar().shown(name) or name for name in expected}
    words: list[str] = []
    for word, members, company in GROUPS:
        if members <= left:
            left -= members | company
            # behind a number with an operator to come, a name can only be a unit
            words.append("a unit" if word == "a name" and "an operator" in words else word)
    signs = sorted(sign for sign in left if sign in grammar().literals)
    shorter = [sign for sign in signs if sign not in CONTINUATIONS]
    shown = shorter if shorter or words else signs
    return listed([*(f"`{sign}`" for sign in shown[:5]), *words])


def listed(words: list[str]) -> str:
    """Return `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def meant(word: str, candidates: tuple[str, ...]) -> str | None:
    """Return the candidate that `word` probably stands for, or None."""
    if word.lower() in ALIASES:
        other = ALIASES[word.lower()]
        return other if other in candidates else None
    close = difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return close[0] if close else None
