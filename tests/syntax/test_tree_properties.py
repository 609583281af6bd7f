"""Random trees survive printing and parsing; random text never breaks the parser."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile, Span
from bnsyn_dsl.syntax import nodes, parse, unparse, unparse_expr
from bnsyn_dsl.syntax.grammar import grammar

SPAN = Span(source=SourceFile(name="nowhere", text=""), line=1, column=1, end_line=1, end_column=1)
QUIET = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def make(node: Any, /, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(node, span=st.just(SPAN), **parts)


def some(items: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def maybe(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | items


# `mV`, `ms` and `h` are unit names: they make the divisions that need parentheses
IDENTS = st.sampled_from(["V_m", "x", "E", "I_syn", "mV", "ms", "h", "t", "pi"]) | st.from_regex(
    r"[A-Z_a-ce-z][A-Za-z0-9_]{0,5}", fullmatch=True
).filter(lambda word: word not in grammar().keywords)
NUMBERS = st.sampled_from(["0", "1", "2.", ".5", "0.062", "1e-3", "6.02E+23", "1000"])
FACTORS = make(nodes.UnitFactor, name=IDENTS, exponent=st.integers(-3, 4))
NAMES = make(nodes.Name, ident=IDENTS)
LEAVES = st.one_of(
    make(nodes.Number, text=NUMBERS),
    make(nodes.Quantity, text=NUMBERS, factors=some(FACTORS)),
    make(nodes.Name, ident=IDENTS | st.just("refractory")),
    make(nodes.Attribute, owner=IDENTS, member=IDENTS | st.just("refractory")),
)


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    place = make(nodes.Place, name=IDENTS, first=st.none(), last=st.none()) | make(
        nodes.Place, name=IDENTS, first=inner, last=maybe(inner)
    )
    named = make(nodes.NamedArg, name=IDENTS, value=inner)
    reductions = st.sampled_from(["sum", "mean", "count", "min", "max"])
    return st.one_of(
        make(nodes.Unary, op=st.sampled_from("+-"), operand=inner),
        make(nodes.Binary, op=st.sampled_from("+-*/^"), left=inner, right=inner),
        make(nodes.Binary, op=st.just("/"), left=inner, right=inner),
        make(
            nodes.Compare,
            op=st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
            left=inner,
            right=inner,
        ),
        make(nodes.Logic, op=st.sampled_from(["and", "or"]), left=inner, right=inner),
        make(nodes.Not, operand=inner),
        make(nodes.Ternary, then=inner, condition=inner, otherwise=inner),
        make(nodes.Call, function=IDENTS, args=some(inner, 0), named=some(named, 0, 2)),
        make(nodes.Index, table=IDENTS, indices=some(inner)),
        make(nodes.ListValue, items=some(inner)),
        make(nodes.Reduction, op=reductions, value=inner, place=place),
    )


EXPRS = st.recursive(LEAVES, compound, max_leaves=8)
SMALL = st.recursive(LEAVES, compound, max_leaves=3)
PLACES = make(nodes.Place, name=IDENTS) | make(
    nodes.Place, name=IDENTS, first=SMALL, last=maybe(SMALL)
)

UNITS = make(nodes.UnitExpr, factors=some(FACTORS, 0))
RANGES = make(nodes.Range, low=SMALL, high=SMALL)
VALUES = make(
    nodes.Declaration, name=IDENTS, name_span=st.just(SPAN), value=SMALL, range=maybe(RANGES)
)
DECLARATIONS = some(
    VALUES | make(nodes.Declaration, name=IDENTS, name_span=st.just(SPAN), unit=UNITS)
)


def binary(op: str, left: nodes.Expr, right: nodes.Expr) -> nodes.Binary:
    return nodes.Binary(op=op, left=left, right=right, span=SPAN)


def name(ident: str) -> nodes.Name:
    return nodes.Name(ident=ident, span=SPAN)


@st.composite
def equations(draw: st.DrawFn) -> nodes.Equation:
    ident, right = draw(IDENTS), draw(SMALL)
    form = draw(st.sampled_from(["auxiliary", "contribution", "bare", "before", "behind"]))
    if form == "auxiliary":
        return nodes.Equation(kind=form, left=name(ident), name=ident, right=right, span=SPAN)
    if form == "contribution":
        left = nodes.Attribute(owner="post", member=ident, span=SPAN)
        return nodes.Equation(
            kind=form, left=left, owner="post", name=ident, right=right, span=SPAN
        )
    slope, factor = binary("/", name(f"d{ident}"), name("dt")), draw(SMALL)
    whole: nodes.Expr = slope
    if form == "before":
        whole = binary("/", binary("*", factor, name(f"d{ident}")), name("dt"))
    elif form == "behind":
        whole = binary("*", slope, factor)
    return nodes.Equation(
        kind="derivative",
        left=whole,
        name=ident,
        factor=None if form == "bare" else factor,
        right=right,
        span=SPAN,
    )


ASSIGNS = make(
    nodes.Assign,
    op=st.sampled_from(["=", "+=", "-=", "*=", "/="]),
    owner=maybe(IDENTS),
    name=IDENTS,
    value=SMALL,
)
STATEMENTS = st.recursive(
    ASSIGNS,
    lambda inner: make(
        nodes.If, condition=SMALL, then=some(inner, 1, 2), otherwise=some(inner, 0, 2)
    ),
    max_leaves=4,
)
BODIES = some(STATEMENTS, 1, 2)
CONDITIONS = SMALL | make(nodes.Crosses, left=SMALL, right=SMALL)
DOCSTRINGS = make(
    nodes.Docstring,
    text=st.text(st.characters(codec="utf-8", exclude_categories=["C"]) | st.just("\n")).filter(
        lambda text: '"""' not in text and not text.endswith('"')
    ),
)
REQUIREMENTS = make(nodes.Require, conditions=some(SMALL, 1, 2))
SOLVES = make(nodes.Solve, method=IDENTS)
SECTIONS = st.one_of(
    DOCSTRINGS,
    make(nodes.Parameters, declarations=DECLARATIONS),
    make(nodes.Inputs, declarations=DECLARATIONS),
    make(nodes.States, declarations=DECLARATIONS),
    make(nodes.Equations, equations=some(equations())),
    make(nodes.Spike, condition=CONDITIONS, body=st.just(()) | BODIES),
    make(nodes.Refractory, duration=SMALL, hold=some(NAMES, 0, 2)),
    REQUIREMENTS,
    make(nodes.Bound, name=IDENTS, range=RANGES),
    make(
        nodes.Handler,
        event=IDENTS | st.just("spike"),
        arguments=some(NAMES, 0, 2),
        body=BODIES,
    ),
    make(nodes.Every, period=SMALL, body=BODIES),
    SOLVES,
)

SETTINGS = make(nodes.Setting, owner=maybe(IDENTS), name=IDENTS, value=SMALL)
USES = make(nodes.ModelUse, model=IDENTS, settings=some(SETTINGS, 0))
CALLS = make(
    nodes.Call,
    function=IDENTS,
    args=some(SMALL, 0, 2),
    named=some(make(nodes.NamedArg, name=IDENTS, value=SMALL), 0, 1),
)
POPULATIONS = make(nodes.Population, name=IDENTS, size=SMALL, use=USES)
GROUPS = make(nodes.Group, name=IDENTS, places=some(PLACES))
POOLS = make(nodes.Pool, name=IDENTS, use=USES, size=maybe(SMALL), sources=some(PLACES, 0))
PROJECTIONS = make(
    nodes.Projection,
    sources=some(PLACES) | CALLS,
    targets=some(PLACES),
    name=maybe(IDENTS),
    mix=some(make(nodes.Share, use=USES, factor=maybe(SMALL)), 1, 2),
    plasticity=maybe(USES),
    rule=CALLS,
    settings=some(SETTINGS, 0),
)
PROBES = make(nodes.Probe, values=some(SMALL, 1, 2), places=some(PLACES), every=maybe(SMALL))
NETWORK_SECTIONS = st.one_of(
    DOCSTRINGS,
    make(nodes.Parameters, declarations=DECLARATIONS),
    make(nodes.Populations, members=some(POPULATIONS | GROUPS)),
    make(nodes.Modulators, pools=some(POOLS, 1, 2)),
    make(nodes.Projections, projections=some(PROJECTIONS, 1, 2)),
    make(nodes.Record, probes=some(PROBES, 1, 2)),
    make(nodes.Simulate, duration=SMALL, settings=some(SETTINGS, 0)),
    REQUIREMENTS,
    SOLVES,
)


def blocks(node: Any, sections: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[Any]:
    def of(base: st.SearchStrategy[Any], least: int) -> st.SearchStrategy[Any]:
        parts = some(sections, least, 3)
        return make(node, name=IDENTS, name_span=st.just(SPAN), base=base, sections=parts, **more)

    return of(NAMES, 0) | of(st.none(), 1)


KINDS = st.sampled_from(["neuron", "synapse", "plasticity", "modulator"])
PATHS = st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters='"'))
ITEMS = st.one_of(
    make(nodes.Import, path=PATHS),
    make(nodes.Function, name=IDENTS, arguments=some(NAMES), value=EXPRS),
    blocks(nodes.Block, SECTIONS, kind=KINDS),
    blocks(nodes.Network, NETWORK_SECTIONS),
)
FILES = make(nodes.File, items=some(ITEMS, 1, 2))


def parsed(text: str) -> nodes.File:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="random.bns", text=text), log)
    log.stop_on_errors()
    return tree


@QUIET
@given(EXPRS)
def test_every_expression_survives_printing_and_parsing(expr: nodes.Expr) -> None:
    text = f"function f(x) = {unparse_expr(expr)}\n"
    item = parsed(text).items[0]
    assert isinstance(item, nodes.Function)
    assert item.value == expr


@QUIET
@given(FILES)
def test_every_tree_survives_printing_and_parsing(tree: nodes.File) -> None:
    assert parsed(unparse(tree)) == tree


@QUIET
@given(FILES)
def test_printing_is_idempotent(tree: nodes.File) -> None:
    text = unparse(tree)
    assert unparse(parsed(text)) == text


@QUIET
@given(FILES)
def test_the_span_of_every_node_lies_in_the_text(tree: nodes.File) -> None:
    text = unparse(tree)
    lines = text.split("\n")
    for item in parsed(text).items:
        assert lines[item.span.line - 1][item.span.column - 1 :].startswith(
            ("import", "function", "neuron", "synapse", "plasticity", "modulator", "network")
        )
        assert item.span.end_column - 1 <= len(lines[item.span.end_line - 1])


ODD_WORDS = ["V_m", "dV_m/dt", "1", "0.5", "mV", "é", "\x00", ";", "**", "...", "def", "elif", "'"]
LAYOUT = ["\n", "\n    ", "\n        ", " ", "\t", "#", '"', '"""', "\r\n"]
WORDS = st.sampled_from([*sorted(grammar().literals), *LAYOUT, *ODD_WORDS])


@QUIET
@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="noise.bns", text=text), log)
    assert tree.items or log.has_errors


@QUIET
@given(st.lists(WORDS, max_size=60).map("".join))
def test_no_sequence_of_words_breaks_the_parser(text: str) -> None:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="words.bns", text=text), log)
    assert tree.items or log.has_errors
    lines = text.count("\n") + 1
    for found in log.found:
        assert found.span is None or 1 <= found.span.line <= lines
