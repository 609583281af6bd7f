"""What each piece of text becomes, and where it says it stands."""

from __future__ import annotations

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile, Span
from bnsyn_dsl.syntax import nodes, parse, unparse_expr


def parsed(text: str) -> nodes.File:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="x.bns", text=text), log)
    log.stop_on_errors()
    return tree


def expression(text: str) -> nodes.Expr:
    item = parsed(f"function f(x) = {text}\n").items[0]
    assert isinstance(item, nodes.Function)
    return item.value


def section(text: str, kind: str = "neuron") -> nodes.Section | nodes.NetworkSection:
    body = "".join(f"    {line}\n" for line in text.split("\n"))
    item = parsed(f"{kind} X:\n{body}").items[0]
    assert isinstance(item, nodes.Block | nodes.Network)
    return item.sections[0]


def equation(text: str) -> nodes.Equation:
    found = section(f"equations:\n    {text}")
    assert isinstance(found, nodes.Equations)
    return found.equations[0]


def grouped(expr: nodes.Expr) -> str:
    """Return an expression with all its parentheses."""
    match expr:
        case nodes.Unary(op=op, operand=operand):
            return f"({op}{grouped(operand)})"
        case nodes.Not(operand=operand):
            return f"(not {grouped(operand)})"
        case (
            nodes.Binary(op=op, left=left, right=right)
            | nodes.Logic(op=op, left=left, right=right)
            | nodes.Compare(op=op, left=left, right=right)
        ):
            return f"({grouped(left)} {op} {grouped(right)})"
        case nodes.Quantity():
            return f"<{unparse_expr(expr)}>"
        case _:
            return unparse_expr(expr)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("-2^2", "(-(2 ^ 2))"),
        ("2^-1", "(2 ^ (-1))"),
        ("x^2^3", "(x ^ (2 ^ 3))"),
        ("-x*y", "((-x) * y)"),
        ("a - b - c", "((a - b) - c)"),
        ("a/b*c", "((a / b) * c)"),
        ("a + b*c", "(a + (b * c))"),
        ("Mg/3.57 mM", "(Mg / <3.57 mM>)"),
        ("120 nS*m^3*h", "((<120 nS> * (m ^ 3)) * h)"),
        ("0.062/mV", "(0.062 / mV)"),
        ("0.1/mV/ms", "((0.1 / mV) / ms)"),
        ("5 nS/ms", "(<5 nS> / ms)"),
        ("0.04/mV/ms*v^2", "(((0.04 / mV) / ms) * (v ^ 2))"),
        ("1/ms/(1 + x)", "((1 / ms) / (1 + x))"),
        ("2 mV^2*x", "(<2 mV^2> * x)"),
        ("1 pA ms", "<1 pA ms>"),
        ("(2 mV)^2", "(<2 mV> ^ 2)"),
        ("V*2/mV", "((V * 2) / mV)"),
        ("x/(5 nS/ms)", "(x / (<5 nS> / ms))"),
        ("(x/5 nS)/ms", "((x / <5 nS>) / ms)"),
        ("x/(5 nS)/ms", "((x / <5 nS>) / ms)"),
        ("x/y/ms", "((x / y) / ms)"),
        ("x/5 nS/tau", "((x / <5 nS>) / tau)"),
        ("not a == b", "(not (a == b))"),
        ("a or b and not c", "(a or (b and (not c)))"),
        ("a < b + 1", "(a < (b + 1))"),
    ],
)
def test_operators_bind_as_in_a_paper(text: str, meaning: str) -> None:
    assert grouped(expression(text)) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a/(b*c)",
        "(a + b)*c",
        "(-x)^2",
        "-x^2",
        "(a if b else c) + 1",
        "a if b else c if d else e",
        "(a if b else c) if d else e",
        "not (a and b)",
        "(not a) == b",
        "(x/5 nS)/ms",
        "(2 mV)^2",
        "--x",
        "x - -y",
        "mean((weight/w_max)^2 of recurrent)",
        "max(n of critic[0:2])",
        "P[target, source]*source.size",
        "post.refractory",
        "[[1, 2], [3, 4]]",
        "normal(0, 1, hi = 2)",
    ],
)
def test_parentheses_are_printed_where_they_are_needed_and_only_there(text: str) -> None:
    assert unparse_expr(expression(text)) == text


@pytest.mark.parametrize(
    ("text", "name", "factor"),
    [
        ("dV_m/dt = x", "V_m", None),
        ("C_m * dV_m/dt = x", "V_m", "C_m"),
        ("dV_m/dt * C_m = x", "V_m", "C_m"),
        ("C_m * (dV_m/dt) = x", "V_m", "C_m"),
        ("-tau*dV/dt = x", "V", "-tau"),
        ("2*a*dV/dt*b = x", "V", "2*a*b"),
        ("C_m/2 * dV/dt = x", "V", "C_m/2"),
        ("dd/dt = x", "d", None),
    ],
)
def test_a_derivative_may_have_a_factor_on_the_left(
    text: str, name: str, factor: str | None
) -> None:
    found = equation(text)
    assert (found.kind, found.name) == ("derivative", name)
    assert (None if found.factor is None else unparse_expr(found.factor)) == factor


def test_the_other_two_forms_of_an_equation() -> None:
    auxiliary = equation("B = delay/dt")
    assert (auxiliary.kind, auxiliary.name, auxiliary.owner) == ("auxiliary", "B", None)
    contribution = equation("post.I_syn += g  # into the soma")
    assert contribution.kind == "contribution"
    assert (contribution.owner, contribution.name) == ("post", "I_syn")
    assert contribution.description == "into the soma"


@pytest.mark.parametrize(
    ("text", "factors"),
    [
        ("Hz", [("Hz", 1)]),
        ("1", []),
        ("1/ms", [("ms", -1)]),
        ("uA/cm^2", [("uA", 1), ("cm", -2)]),
        ("nS mV^-1", [("nS", 1), ("mV", -1)]),
        ("mM/ms^-1", [("mM", 1), ("ms", 1)]),
        ("weight", [("weight", 1)]),
    ],
)
def test_units_of_declarations(text: str, factors: list[tuple[str, int]]) -> None:
    found = section(f"input:\n    n : {text}")
    assert isinstance(found, nodes.Inputs)
    unit = found.declarations[0].unit
    assert unit is not None
    assert [(f.name, f.exponent) for f in unit.factors] == factors


def test_a_trailing_comment_is_the_description() -> None:
    found = section("parameters:\n    a = [1,  # no\n         2]   #  the slope  \n    b = 1")
    assert isinstance(found, nodes.Parameters)
    assert [d.description for d in found.declarations] == ["the slope", None]


def test_comments_know_whether_they_have_a_line_of_their_own() -> None:
    tree = parsed("# one\nneuron X:  # two\n    state:\n        V = 0\n        #three\n")
    assert [(c.text, c.own_line) for c in tree.comments] == [
        ("one", True),
        ("two", False),
        ("three", True),
    ]
    assert [(c.span.line, c.span.column) for c in tree.comments] == [(1, 1), (2, 12), (5, 9)]


def text_of(span: Span) -> str:
    assert span.line == span.end_line
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


def test_spans_cover_exactly_what_was_written() -> None:
    found = section("equations:\n    C_m * dV_m/dt = -g_L*(V_m - E_L) + exp( x )  # why")
    assert isinstance(found, nodes.Equations)
    eq = found.equations[0]
    assert text_of(eq.span) == "C_m * dV_m/dt = -g_L*(V_m - E_L) + exp( x )"
    assert text_of(eq.left.span) == "C_m * dV_m/dt"
    right = eq.right
    assert isinstance(right, nodes.Binary)
    assert text_of(right.left.span) == "-g_L*(V_m - E_L)"
    assert text_of(right.right.span) == "exp( x )"
    assert isinstance(right.left, nodes.Binary)
    assert text_of(right.left.right.span) == "(V_m - E_L)"


def test_spans_of_names_and_settings() -> None:
    text = "populations:\n    E : LIF[ 3 ] { post.V_m = 2 mV , }"
    found = section(text, "network")
    assert isinstance(found, nodes.Populations)
    cell = found.members[0]
    assert isinstance(cell, nodes.Population)
    assert text_of(cell.span) == "E : LIF[ 3 ] { post.V_m = 2 mV , }"
    assert text_of(cell.size.span) == "3"
    assert text_of(cell.use.settings[0].span) == "post.V_m = 2 mV"
    assert text_of(cell.use.settings[0].value.span) == "2 mV"


def test_the_span_behind_a_docstring_of_two_lines() -> None:
    tree = parsed('neuron X:\n    """One\n    two."""\n    state:\n        V = 0\n')
    block = tree.items[0]
    assert isinstance(block, nodes.Block)
    doc = block.sections[0].span
    assert (doc.line, doc.column, doc.end_line, doc.end_column) == (2, 5, 3, 12)
    assert (block.name_span.line, block.name_span.column) == (1, 8)
    assert (block.span.end_line, block.span.end_column) == (5, 14)
