"""Every syntax code: a text that has the error, where it is reported, and its mended twin."""

from __future__ import annotations

import pytest

from bnsyn_dsl.diagnostics import Diagnostic, DiagnosticLog, SourceFile, Span
from bnsyn_dsl.diagnostics.codes import CODES
from bnsyn_dsl.syntax import parse

EQ = "neuron X:\n    equations:\n        "
ON = "synapse X:\n    on pre:\n        "
ST = "neuron X:\n    state:\n        "
NET = "network N:\n    projections:\n        "
POP = "network N:\n    populations:\n        "

# code, bad, (line, column), good
PAIRS: list[tuple[str, str, tuple[int, int], str]] = [
    ("BN103", "# nothing\n", (1, 1), "neuron X is Y\n"),
    ("BN104", EQ + "τ = 5\n", (3, 9), EQ + "tau = 5\n"),
    ("BN104", ST + "V = 0\x00\n", (3, 14), ST + "V = 0\n"),
    ("BN104", "\ufeffneuron X is Y\n", (1, 1), "neuron X is Y\n"),
    ("BN104", ST + "V = 0  # bell \x07\n", (3, 16), ST + "V = 0  # bell\n"),
    ("BN105", "neuron X:\n\tsolve: rk4\n", (2, 1), "neuron X:\n    solve: rk4\n"),
    ("BN105", "neuron X:\n  \tsolve: rk4\n", (2, 3), "neuron X:\n    solve: rk4\n"),
    ("BN105", "neuron X:\n    state:\n\tV = 0\n", (3, 1), ST + "V = 0\n"),
    ("BN105", ST + "V = 0\n\tu = 0\n", (4, 1), ST + "V = 0\n        u = 0\n"),
    ("BN105", ON + "g = 1\n\tif a:\n            g = 2\n", (4, 1), ON + "g = 1\n"),
    ("BN106", POP + "E : L[1] { a = 1\n        I : L[2]\n", (3, 18), POP + "E : L[1] { a = 1 }\n"),
    ("BN106", POP + "E : L[1] { a = f(1 }\n", (3, 25), POP + "E : L[1] { a = f(1) }\n"),
    ("BN107", EQ + "x = (a + b))\n", (3, 20), EQ + "x = (a + b)\n"),
    ("BN108", 'neuron X:\n    """One\n    solve: rk4\n', (2, 5), 'neuron X:\n    """One"""\n'),
    ("BN108", 'import "own.bns\n', (1, 8), 'import "own.bns"\n'),
    ("BN109", EQ + f"x = {'(' * 101}1{')' * 101}\n", (3, 113), EQ + "x = ((1))\n"),
    ("BN110", EQ + "x = = 2\n", (3, 13), EQ + "x = 2\n"),
    ("BN110", ON + "g = 1\n        else:\n            g = 2\n", (4, 9), ON + "g = 1\n"),
    ("BN111", "neuron X\n    solve: rk4\n", (1, 9), "neuron X:\n    solve: rk4\n"),
    ("BN111", "neuron X:\n    state\n        V = 0\n", (2, 10), ST + "V = 0\n"),
    (
        "BN111",
        "neuron X:\n    spike when V > 3\n        V = 0\n",
        (2, 21),
        "neuron X:\n    spike when V > 3:\n        V = 0\n",
    ),
    ("BN112", "neuron X:\n    state:\n    solve: rk4\n", (2, 5), "neuron X:\n    solve: rk4\n"),
    ("BN112", "neuron X:\n", (1, 1), "neuron X is Y\n"),
    ("BN113", ST + "V = 0\n            u = 0\n", (4, 1), ST + "V = 0\n        u = 0\n"),
    ("BN113", "  neuron X is Y\n", (1, 1), "neuron X is Y\n"),
    ("BN113", ST + "V = 0\n        solve: rk4\n", (4, 9), ST + "V = 0\n    solve: rk4\n"),
    ("BN114", ST + "V = 0\n      u = 0\n", (4, 1), ST + "V = 0\n        u = 0\n"),
    ("BN115", "neurn X is Y\n", (1, 1), "neuron X is Y\n"),
    ("BN115", "state:\n    V = 0\n", (1, 1), ST + "V = 0\n"),
    ("BN116", "neuron X:\n    stat:\n        V = 0\n", (2, 5), ST + "V = 0\n"),
    ("BN116", "network X:\n    populaton:\n        E : L[1]\n", (2, 5), POP + "E : L[1]\n"),
    ("BN116", "neuron X:\n    record:\n        V of E\n", (2, 5), ST + "V = 0\n"),
    ("BN117", ST + "in = 5\n", (3, 9), ST + "in_ = 5\n"),
    ("BN117", EQ + "x = state + 1\n", (3, 13), EQ + "x = state_ + 1\n"),
    ("BN117", EQ + "x = min(state of E)\n", (3, 17), EQ + "x = min(s of E)\n"),
    ("BN118", EQ + "x == 5\n", (3, 11), EQ + "x = 5\n"),
    ("BN118", ON + "if x = 5:\n            g = 1\n", (3, 14), ON + "g = 1\n"),
    ("BN118", "neuron X:\n    require dt = 1 ms\n", (2, 16), "neuron X:\n    require dt == 1 ms\n"),
    ("BN119", ON + "g = 1; h = 2\n", (3, 14), ON + "g = 1\n        h = 2\n"),
    ("BN119", EQ + "x = y**2\n", (3, 14), EQ + "x = y^2\n"),
    ("BN119", ON + "...\n", (3, 9), ON + "g = 1\n"),
    ("BN119", EQ + "x = a && b\n", (3, 15), EQ + "x = a and b\n"),
    ("BN119", "def f(x):\n    return x\n", (1, 1), "function f(x) = x\n"),
    ("BN119", ON + "for i in x:\n            g = 1\n", (3, 9), ON + "g = 1\n"),
    ("BN119", ON + 'g = "one"\n', (3, 13), ON + "g = 1\n"),
    ("BN119", ON + "g = 'one'\n", (3, 13), ON + "g = 1\n"),
    ("BN120", EQ + "x = a +\n", (3, 16), EQ + "x = a + 1\n"),
    ("BN120", NET + "E -> I\n", (3, 15), NET + "E -> I : A all_to_all\n"),
    ("BN121", EQ + "x = a < b < c\n", (3, 19), EQ + "x = a < b and b < c\n"),
    ("BN122", EQ + "x = 2 mV^n\n", (3, 18), EQ + "x = (2 mV)^n\n"),
    ("BN122", EQ + "x = 2 mV^2.5\n", (3, 18), EQ + "x = (2 mV)^2.5\n"),
    ("BN122", EQ + "x = 2 mV^2^3\n", (3, 19), EQ + "x = (2 mV)^2^3\n"),
    ("BN123", "neuron X:\n    input:\n        n : 5\n", (3, 13), ST + "n : 1\n"),
    ("BN124", EQ + "y = x/5 nS/ms\n", (3, 13), EQ + "y = x/(5 nS/ms)\n"),
    ("BN124", EQ + "y = V/2/mV^2\n", (3, 13), EQ + "y = (V/2)/mV^2\n"),
    ("BN125", EQ + "x = f(n = 1, 2)\n", (3, 22), EQ + "x = f(2, n = 1)\n"),
    ("BN126", EQ + "x = exp(w of E)\n", (3, 13), EQ + "x = sum(w of E)\n"),
    ("BN126", EQ + "x = sum(w of E, 2)\n", (3, 13), EQ + "x = sum(w of E)\n"),
    ("BN127", EQ + "dV/dt + 1 = 3\n", (3, 9), EQ + "dV/dt = 3\n"),
    ("BN127", EQ + "dV/dt*dw/dt = 3\n", (3, 9), EQ + "dV/dt = 3\n"),
    ("BN127", EQ + "x/dt = 3\n", (3, 9), EQ + "dx/dt = 3\n"),
    ("BN127", EQ + "post.I = 3\n", (3, 9), EQ + "post.I += 3\n"),
    ("BN128", EQ + "V += 3\n", (3, 9), EQ + "post.V += 3\n"),
    ("BN128", EQ + "pre.V += 3\n", (3, 9), EQ + "post.V += 3\n"),
]


def found_in(text: str) -> tuple[Diagnostic, ...]:
    log = DiagnosticLog()
    parse(SourceFile(name="bad.bns", text=text), log)
    return log.found


def place(diagnostic: Diagnostic) -> Span:
    assert diagnostic.span is not None
    return diagnostic.span


@pytest.mark.parametrize(("code", "bad", "where", "good"), PAIRS)
def test_the_error_is_reported_once_and_in_its_place(
    code: str, bad: str, where: tuple[int, int], good: str
) -> None:
    found = found_in(bad)
    assert [(d.code, (place(d).line, place(d).column)) for d in found] == [(code, where)]
    assert found_in(good) == ()


def test_every_syntax_code_is_shown_by_a_pair() -> None:
    shown = {code for code, *_ in PAIRS} | {"BN100", "BN101", "BN102"}  # those read files
    assert shown == {code for code in CODES if code.startswith("BN1")}


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("neurn X is Y\n", "`neurn` is no kind of block", "did you mean `neuron`?"),
        (
            "neuron X:\n    threshold:\n        V > 3\n",
            "`threshold` is no section of a neuron",
            "write `spike when V_m > V_th:` with the reset as its body",
        ),
        (
            "neuron X:\n    record:\n        V of E\n",
            "`record` is no section of a neuron",
            "it belongs into a network",
        ),
        (
            "neuron X:\n    refractory 2 ms hold V\n",
            "`:` is missing before `hold`",
            "write `refractory 2 ms`, or `refractory 2 ms: hold V_m`",
        ),
        (
            "neuron X:\n    refractory: 2 ms\n",
            "the duration comes first, then `:`",
            "write `refractory 2 ms`, or `refractory 2 ms: hold V_m`",
        ),
        (
            EQ + "dV/dt = -V/tau : mV\n",
            "no unit is declared behind a value",
            "units follow from the values: leave it away",
        ),
        (
            EQ + "V' = -V/tau\n",
            "`'` is not part of the language",
            'write `dV_m/dt` for a derivative, `"""` around a docstring',
        ),
        (
            "neuron X:\n    tau = 10 ms\n",
            "`tau` stands in no section",
            "write it under `parameters:`, indented by four blanks more",
        ),
        (
            "neuron X:\n    state:\n        V = 0\n    dV/dt = -V/ms\n",
            "`dV` stands in no section",
            "write it under `equations:`, indented by four blanks more",
        ),
        (
            "network X:\n    p = 0.1\n",
            "`p` stands in no section",
            "write it under `parameters:`, indented by four blanks more",
        ),
        (
            "network X:\n    equations:\n        x = 1\n",
            "`equations` is no section of a network",
            "it belongs into a model",
        ),
        (EQ + "x = y**2\n", "`**` is not an operator", "a power is written with `^`, as in `x^2`"),
        (EQ + "x = 5 − y\n", "a typographic minus sign", "write `-`"),
        (
            EQ + "x = Ψ\n",
            "the character `Ψ` (greek capital letter psi) is not part of the language",
            "write `Psi`",
        ),
        (
            ON + "if a:\n            g = 1\n        elif b:\n            g = 2\n",
            "`elif` is not part of the language",
            "write `else:` and an `if` in its body",
        ),
        (
            EQ + "V += 3\n",
            "in equations only `post.x +=` adds, to a port of the target neuron",
            "a jump at a spike belongs into `on pre:`; a derivative is written `dx/dt = ...`",
        ),
    ],
)
def test_what_a_message_says(text: str, message: str, advice: str) -> None:
    (found,) = found_in(text)
    assert (found.message, found.help) == (message, advice)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EQ + "x = a b\n", "unexpected `b`, expected an operator or the end of the line"),
        (EQ + "x = 5 5\n", "unexpected `5`, expected an operator, the end of the line or a unit"),
        (EQ + "x = f(a b)\n", "unexpected `b`, expected `)`, `,`, `=`, `of` or an operator"),
        (EQ + "x = * 2\n", "unexpected `*`, expected an expression"),
        ("import own\n", "unexpected `own`, expected a text in quotes"),
        ("neuron X:\n    5 = 3\n", "unexpected `5`, expected a section or a name"),
        ("5\n", "unexpected `5`, expected a block"),
        (ON + "x\n", "the line ends too early, expected an assignment"),
        (NET + "E : I\n", "unexpected `:`, expected `,` or `->`"),
        (NET + "E -> I : A\n", "the line ends too early, expected `*`, `+`, `with`, `{` or a name"),
        ("neuron X: state\n", "unexpected `state`, expected the end of the line"),
        ("function f = 3\n", "unexpected `=`, expected `(`"),
        ('neuron X:\n    input:\n        """a"""\n', "unexpected a docstring, expected a name"),
    ],
)
def test_what_was_found_and_what_was_expected(text: str, message: str) -> None:
    (found,) = found_in(text)
    assert found.message == message


@pytest.mark.parametrize(("code", "bad", "where", "good"), PAIRS)
def test_messages_keep_the_house_style(
    code: str, bad: str, where: tuple[int, int], good: str
) -> None:
    for diagnostic in found_in(bad):
        outside = "".join(diagnostic.message.split("`")[::2])
        assert not diagnostic.message.endswith(".")
        assert outside.replace("U+", "u+").replace("dX/dt", "").islower()


def test_independent_errors_are_all_reported_in_the_order_of_the_text() -> None:
    text = (
        "neuron A:\n    state:\n        in = 5\n        V = ]\n        u = 0 +\n"
        "    spike when V = 3:\n        V = 0\n"
        "synaps B:\n    state:\n        g = 0\n"
        "network C:\n    populations:\n        E : L[1] { a = 1\n    record:\n        V E\n"
    )
    codes = [(d.code, place(d).line) for d in found_in(text)]
    assert codes == [
        ("BN117", 3),
        ("BN107", 4),
        ("BN120", 5),
        ("BN118", 6),
        ("BN115", 8),
        ("BN106", 13),
        ("BN110", 15),
    ]


def test_what_could_be_parsed_is_returned() -> None:
    log = DiagnosticLog()
    text = "neuron A:\n    state:\n        V = 0\n        u = )\nneuron B is A\nneuron C = 3\n"
    tree = parse(SourceFile(name="x.bns", text=text), log)
    assert [getattr(item, "name", None) for item in tree.items] == ["A", "B"]


def test_a_line_left_out_takes_its_body_and_its_else_along() -> None:
    text = ON + "if a = 1:\n            g = 1\n        else:\n            g = 2\n        g = 3 3\n"
    assert [(d.code, place(d).line) for d in found_in(text)] == [("BN118", 3), ("BN110", 7)]


def test_a_wrongly_indented_run_of_lines_is_one_error() -> None:
    text = ST + "V = 0\n            u = 0\n            w = 0\n        x = )\n"
    assert [(d.code, place(d).line) for d in found_in(text)] == [("BN113", 4), ("BN107", 6)]


def test_a_missing_colon_does_not_hide_errors_in_the_body() -> None:
    text = "neuron X\n    state\n        V == 0\n"
    assert [d.code for d in found_in(text)] == ["BN111", "BN111", "BN118"]


def test_a_crossed_bracket_points_to_both() -> None:
    (found,) = found_in(POP + "E : L[1] { a = f(1 }\n")
    assert found.message == "`(` is not closed"
    assert found.label is not None
    assert (found.label.text, found.label.span.column) == ("`}` comes first", 28)


def test_a_tab_does_not_hide_what_is_wrong_with_other_words() -> None:
    found = found_in("neuron X:\n\tstate:\n\t\tV == 0\n")
    assert [(d.code, place(d).line) for d in found] == [
        ("BN105", 2),
        ("BN105", 3),
        ("BN118", 3),
    ]


def test_no_more_than_twenty_errors() -> None:
    text = "".join(f"neuron X{n} = 1\n" for n in range(100))
    assert len(found_in(text)) == 20
