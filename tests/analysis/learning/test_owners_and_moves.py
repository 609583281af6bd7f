"""Who owns a state, how it moves, and what a handler does to whom: rules made for one question."""

from __future__ import annotations

import pytest

from bnsyn_dsl.analysis.learning.owners import split
from bnsyn_dsl.analysis.learning.system import Decay, Driven, LearningSystem, Rest, Stepped
from bnsyn_dsl.diagnostics import SourceFile, Span
from bnsyn_dsl.semantics.evaluate import Environment, evaluate
from bnsyn_dsl.semantics.expression import Apply, Const, Expr, Ref, Symbol, references
from bnsyn_dsl.semantics.model import Bounds, Branch, Set
from tests.analysis.learning.rule_systems import NETWORK, PLAIN, system_of

RULE = """
plasticity Rule:
    parameters:
        tau   = 20 ms
        A     = 0.1
        w_max : weight
    input:
        n = 1 Hz
    state:
        x = 0
        y = 0
        z = {start}
    weight in [0, w_max]
    equations:
        dx/dt = -x/tau
        dy/dt = -y/tau
{equations}
    on pre:
        weight -= A*w_max*y
        x += 1
{pre}
    on post:
        weight += A*w_max*x
        y += 1
{post}
"""


def rule(
    *, start: str = "0", equations: str = "", pre: str = "", post: str = "", use: str = ""
) -> LearningSystem:
    """Analyse the rule above with a third state `z`."""
    lines = {"equations": equations, "pre": pre, "post": post}
    indented = {n: "".join(f"        {line}\n" for line in t.split("; ")) for n, t in lines.items()}
    made = RULE.format(start=start, **{n: t if lines[n] else "" for n, t in indented.items()})
    use = f"Rule {{ w_max = 10 pA{use} }}"
    return system_of(made + NETWORK.format(**PLAIN, rule=use))


@pytest.mark.parametrize(
    ("changes", "owner"),
    [
        ({"pre": "z += 1"}, "pre"),
        ({"pre": "z += x"}, "pre"),
        ({"pre": "z = 1 - z"}, "pre"),
        ({"pre": "z += 1", "equations": "dz/dt = -z/tau"}, "pre"),
        ({"post": "z += 1"}, "post"),
        ({"post": "z += y"}, "post"),
        ({"equations": "dz/dt = (post.V_m/(1 mV) - z)/tau"}, "post"),
        ({"equations": "dz/dt = n - z/tau", "use": ", n = pool.n"}, "post"),
        # what one side does not know, or what both change
        ({"pre": "z += y"}, "synapse"),
        ({"post": "z += x"}, "synapse"),
        ({"pre": "z += 1", "post": "z += 1"}, "synapse"),
        ({"pre": "z += weight/w_max"}, "synapse"),
        ({"pre": "z += post.V_m/(1 mV)"}, "synapse"),
        ({"pre": "z += pre.V_m/(1 mV)"}, "synapse"),
        ({"pre": "z += n*tau"}, "pre"),
        ({"pre": "z += n*tau", "use": ", n = pool.n"}, "synapse"),
        ({"post": "z += 1", "start": "uniform(0, 1)"}, "synapse"),
        ({"pre": "z += 1", "start": "uniform(0, 1)"}, "synapse"),
        ({"pre": "if x > 0.5: z += 1"}, "synapse"),
        ({"pre": "z += 1", "equations": "dz/dt = -z*y/tau"}, "synapse"),
        ({"pre": "z += t/(1 s)"}, "synapse"),
    ],
)
def test_a_state_belongs_to_the_side_that_knows_all_that_changes_it(
    changes: dict[str, str], owner: str
) -> None:
    assert rule(**changes).state("z").owner == owner


def test_what_reads_a_state_of_the_synapse_lies_there_too() -> None:
    """`x` belongs to the pre side, until it reads what does not."""
    system = rule(pre="x += z; z += y")
    assert [s.owner for s in system.states] == ["synapse", "synapse", "post", "synapse"]


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("", Rest()),
        ("dz/dt = -z/tau", "Decay 0"),
        ("dz/dt = (0.5 - z)/tau", "Decay 0.5"),
        ("tau*dz/dt = 3 - 4*z", "Decay 0.75"),
        ("dz/dt = A/tau", "Driven None"),
        ("dz/dt = A*x/tau", "Driven x"),
        ("dz/dt = n*A*x", "Driven x"),
        ("dz/dt = -z/tau + y/tau", "Stepped `y`"),
        ("dz/dt = -z*n", "Stepped `n`"),
        ("dz/dt = -z^2/tau", "Stepped not linear"),
        ("dz/dt = -z/tau*post.V_m/(1 mV) + y/tau", "Stepped `post.V_m`"),
        ("dz/dt = sin(t/(1 ms))/tau", "Stepped `t`"),
        ("dz/dt = x*y/tau", "Stepped `x`"),
        ("dz/dt = x^2/tau", "Stepped `x`"),
    ],
)
def test_moves_between_events(equation: str, expected: object) -> None:
    """An input that nothing wires is a parameter; `n` here is wired."""
    wired = ", n = pool.n" if "n" in equation.split(" = ", 1)[-1].split("sin")[0] else ""
    system = rule(equations=equation, pre="z += 1", post="z += 1", use=wired)
    move = system.state("z").move
    if not isinstance(expected, str):
        assert move == expected
        return
    kind, _, rest = expected.partition(" ")
    assert type(move).__name__ == kind
    match move:
        case Decay():
            known = Environment(symbols={Symbol("tau", "parameter"): 20.0}, functions={})
            found = evaluate(move.rest or Const(value=0.0), known)
            assert found == pytest.approx(float(rest), rel=1e-14)
        case Driven():
            assert str(move.source) == rest
        case Stepped():
            assert rest in move.term


def test_an_input_that_stays_is_a_parameter_and_one_that_is_wired_a_factor() -> None:
    still = rule(equations="dz/dt = n*x - z/tau", pre="z += 1", post="z += 1", use=", n = 2 Hz")
    assert "n" in still.parameters
    assert still.factors == ()
    wired = rule(equations="dz/dt = n*x - z/tau", pre="z += 1", post="z += 1", use=", n = pool.n")
    assert "n" not in wired.parameters
    assert wired.factors == ("n",)


# ------------------------------------------------------------------------------ split

X, Y, W = (Symbol(n, "state") for n in "xyw")


def plus(a: Expr, b: Expr) -> Expr:
    return Apply(op="add", args=(a, b))


def of(symbol: Symbol) -> Ref:
    return Ref(symbol=symbol)


def set_(target: Symbol, value: Expr) -> Set:
    return Set(target=target, value=value, span=SPAN)


ONE = Const(value=1.0)
SPAN = Span(source=SourceFile(name="", text=""), line=1, column=1, end_line=1, end_column=1)


def test_a_handler_is_split_in_terms_of_the_values_before_it() -> None:
    """`w += x; x += 1; w += x; x *= x` with `x` of the event's side."""
    body = (
        set_(W, plus(of(W), of(X))),
        set_(X, plus(of(X), ONE)),
        set_(W, plus(of(W), of(X))),
        set_(X, Apply(op="mul", args=(of(X), of(X)))),
    )
    found = split(body, frozenset({"x"}))
    raised = plus(of(X), ONE)
    assert found.synapse == (
        set_(W, plus(of(W), of(X))),
        set_(W, plus(of(W), raised)),
    )
    assert found.own == (set_(X, Apply(op="mul", args=(raised, raised))),)


def test_conditions_see_the_values_of_their_moment() -> None:
    condition = Apply(op="gt", args=(of(X), ONE))
    inside = set_(W, of(X))
    body = (
        set_(X, plus(of(X), ONE)),
        Branch(condition=condition, then=(inside,), otherwise=(), span=SPAN),
    )
    (branch,) = split(body, frozenset({"x"})).synapse
    raised = plus(of(X), ONE)
    assert branch == Branch(
        condition=Apply(op="gt", args=(raised, ONE)),
        then=(set_(W, raised),),
        otherwise=(),
        span=SPAN,
    )


def test_bounds_hold_after_each_statement() -> None:
    body = (
        set_(X, plus(of(X), ONE)),
        set_(Y, of(X)),
        set_(W, of(X)),
    )
    limits = {"x": Bounds(low=Const(value=0.0), high=ONE)}
    found = split(body, frozenset({"x", "y"}), limits)
    held = Apply(op="clip", args=(plus(of(X), ONE), Const(value=0.0), ONE))
    assert found.own == (set_(X, held), set_(Y, held))
    assert found.synapse == (set_(W, held),)


def test_products_of_a_handler_read_no_value_of_another_moment() -> None:
    """In `on post: z += y; y += 1` the sum takes `y` as it was."""
    system = rule(post="z = y + x; y += 1")
    (target,) = [u for u in system.target_updates if u.target.name == "y"]
    assert references(target.value) == (Symbol("y", "state"),)
    assert [s.target.name for s in system.on_post if isinstance(s, Set)] == ["weight", "z"]
