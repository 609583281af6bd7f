"""Text -> logical lines of tokens. Line breaks inside brackets do not end a line.

In: a source; out, one by one: lines with their indentation, and the comments. Reports what is wrong
with characters, tabs and brackets, so that an open `{` is reported where it stands and not at the
end of the file; it does not know the grammar beyond its words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from bnsyn_dsl.diagnostics import DiagnosticLog, Label, SourceFile, Span, error
from bnsyn_dsl.syntax import nodes
from bnsyn_dsl.syntax.characters import explain_character
from bnsyn_dsl.syntax.grammar import grammar
from bnsyn_dsl.syntax.limits import MAX_ERRORS, MAX_NESTING, MAX_TOKENS_PER_LINE
from bnsyn_dsl.syntax.tokens import Line, SpannedToken, make_token

__all__ = ["Scanner"]

CLOSES = {")": "(", "]": "[", "}": "{"}

# Reserved words that can only begin a line: in brackets one of them at the start of a line means
# that the bracket was never closed.
STARTERS = frozenset(
    {"neuron", "synapse", "plasticity", "modulator", "network", "import", "function"}
    | {"parameters", "input", "state", "equations", "spike", "require", "on", "solve"}
    | {"populations", "modulators", "projections", "record", "simulate"}
)

# What other languages write; longest first, before our own operators.
FOREIGN = ("...", "**", "//", "&&", "||", ":=")


@functools.cache
def _pattern() -> re.Pattern[str]:
    number, name = (
        next(t.pattern.to_regexp() for t in grammar().parser.terminals if t.name == kind)
        for kind in ("NUMBER", "NAME")
    )
    operators = "|".join(map(re.escape, grammar().operators))
    foreign = "|".join(map(re.escape, FOREIGN))
    return re.compile(
        r"(?P<blank>[ \t]+)|(?P<newline>\r?\n)|(?P<comment>\#[^\n]*)"
        r'|(?P<doc>"""(?:.|\n)*?""")|(?P<opendoc>""")|(?P<string>"[^"\n]*")'
        rf"|(?P<number>{number})|(?P<foreign>{foreign})|(?P<operator>{operators})"
        rf"|(?P<name>{name})|(?P<other>.)"
    )


class Scanner:
    """Scans one source once; `comments` is complete when `lines()` is exhausted."""

    def __init__(self, source: SourceFile, log: DiagnosticLog) -> None:
        self.comments: list[nodes.Comment] = []
        self._source = source
        self._log = log
        self._literals = grammar().literals
        self._line = 1
        self._line_start = 0
        self._lead = ""
        self._fresh = True  # nothing but blanks so far on this physical line
        self._errors = 0
        self._stopped = False
        self._begin()

    def _begin(self) -> None:
        self._tokens: list[SpannedToken] = []
        self._open: list[SpannedToken] = []
        self._beyond = 0  # brackets opened beyond the limit: counted, not kept
        self._indent = 0
        self._broken = False
        self._tabbed = False
        self._comment = ""

    def lines(self) -> Iterator[Line]:
        """Yield the logical lines in order."""
        for match in _pattern().finditer(self._source.text):
            kind, text = match.lastgroup, match.group()
            if kind == "newline":
                if self._tokens and not self._open:
                    yield self._end()
                self._next_line(match.end())
            elif kind == "blank":
                self._lead = text if self._fresh else self._lead
            elif kind == "comment":
                self._keep_comment(text, self._span(match))
            else:
                if self._never_closed(text):
                    self._report_open()
                    yield self._end()
                self._take(kind, match)
            if self._stopped:
                break
        if self._open and not self._stopped:
            self._report_open()
        if self._tokens:
            yield self._end()

    def _next_line(self, start: int) -> None:
        self._line += 1
        self._line_start = start
        self._lead = ""
        self._fresh = True

    def _span(self, match: re.Match[str]) -> Span:
        column = match.start() - self._line_start + 1
        text = match.group()
        last = text.rfind("\n")
        return Span(
            source=self._source,
            line=self._line,
            column=column,
            end_line=self._line + text.count("\n"),
            end_column=column + len(text) if last < 0 else len(text) - last,
        )

    def _take(self, kind: str | None, match: re.Match[str]) -> None:
        text, span = match.group(), self._span(match)
        if not self._tokens:
            self._check_lead(span)
        self._fresh = False
        if span.end_line > span.line:
            self._line = span.end_line
            self._line_start = match.start() + text.rfind("\n") + 1
        if kind in ("other", "foreign", "opendoc"):
            self._stopped = self._stopped or kind == "opendoc"
            self._fail(*explain_character(text), span)
            self._tokens.append(make_token("NAME", text, span))
            return
        token = make_token(self._terminal(kind, text), text, span)
        self._tokens.append(token)
        if len(self._tokens) > MAX_TOKENS_PER_LINE:
            self._fail("BN109", f"more than {MAX_TOKENS_PER_LINE} words in one line", None, span)
            self._stopped = True
        if kind == "operator":
            self._match_brackets(token)

    def _terminal(self, kind: str | None, text: str) -> str:
        if kind in ("name", "operator"):
            return self._literals.get(text, "NAME")
        assert kind is not None
        return kind.upper()

    def _check_lead(self, span: Span) -> None:
        self._indent = len(self._lead.expandtabs(4))
        if "\t" in self._lead:
            self._tabbed = True
            column = self._lead.index("\t") + 1
            place = Span(
                source=self._source,
                line=span.line,
                column=column,
                end_line=span.line,
                end_column=column + 1,
            )
            self._report("BN105", "a tab in the indentation", "indent with four blanks", place)

    def _match_brackets(self, token: SpannedToken) -> None:
        if token.value in CLOSES.values():
            if len(self._open) < MAX_NESTING:
                self._open.append(token)
                return
            self._beyond += 1
            message = f"more than {MAX_NESTING} brackets inside one another"
            self._fail("BN109", message, None, token.span)
        elif token.value in CLOSES and self._beyond:
            self._beyond -= 1
        elif token.value in CLOSES:
            self._close(token)

    def _close(self, token: SpannedToken) -> None:
        wanted = CLOSES[token.value]
        if all(opened.value != wanted for opened in self._open):
            self._fail("BN107", f"`{token.value}` closes nothing", None, token.span)
            return
        opened = self._open.pop()
        if opened.value == wanted:
            return
        self._fail(
            "BN106",
            f"`{opened.value}` is not closed",
            None,
            opened.span,
            Label(span=token.span, text=f"`{token.value}` comes first"),
        )
        while self._open.pop().value != wanted:
            pass

    def _never_closed(self, text: str) -> bool:
        return bool(self._open) and self._fresh and text in STARTERS

    def _report_open(self) -> None:
        opened = self._open[-1]
        self._fail("BN106", f"`{opened.value}` is never closed", None, opened.span)

    def _fail(
        self, code: str, message: str, help: str | None, span: Span, label: Label | None = None
    ) -> None:
        """Report the first thing wrong with a line; the rest usually follows from it."""
        if not self._broken:
            self._report(code, message, help, span, label)
        self._broken = True

    def _report(
        self, code: str, message: str, help: str | None, span: Span, label: Label | None = None
    ) -> None:
        self._log.add(error(code, message, span, help=help, label=label))
        self._errors += 1
        self._stopped = self._stopped or self._errors >= MAX_ERRORS

    def _keep_comment(self, text: str, span: Span) -> None:
        content = text[1:].rstrip()
        control = next((sign for sign in content if ord(sign) < 32 and sign != "\t"), None)
        if control is not None:
            message = f"the control character U+{ord(control):04X} in a comment"
            self._report("BN104", message, "delete it", span)
        content = content.removeprefix(" ")
        self.comments.append(nodes.Comment(text=content, own_line=self._fresh, span=span))
        if self._tokens and not self._open:
            self._comment = content.strip()
        self._fresh = False

    def _end(self) -> Line:
        last = self._tokens[-1].span
        place = Span(
            source=self._source,
            line=last.end_line,
            column=last.end_column,
            end_line=last.end_line,
            end_column=last.end_column + 1,
        )
        line = Line(
            indent=self._indent,
            tokens=tuple(self._tokens),
            newline=make_token("NEWLINE", self._comment, place),
            broken=self._broken,
            tabbed=self._tabbed,
        )
        self._begin()
        return line
