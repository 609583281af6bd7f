"""The printer keeps comments where they were and sets a file in its canonical shape."""

from __future__ import annotations

import pytest

from bnsyn_dsl.diagnostics import DiagnosticLog, SourceFile
from bnsyn_dsl.syntax import nodes, parse, unparse


def printed(text: str) -> str:
    log = DiagnosticLog()
    tree = parse(SourceFile(name="x.bns", text=text), log)
    log.stop_on_errors()
    return unparse(tree)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "neuron X:\n  parameters:\n     tau_m=10ms # slow\n     b : Hz\n",
            "neuron X:\n    parameters:\n"
            "        tau_m = 10 ms           # slow\n        b     : Hz\n",
        ),
        (
            '#top\nimport "x"\nneuron A is B\n# mid\n\n\nneuron C is D\n#end\n',
            '# top\nimport "x"\n\nneuron A is B\n\n# mid\n\nneuron C is D\n# end\n',
        ),
        (
            "neuron X:\n    state:\n        V = 0\n        # of the state\n    # of the block\n"
            "    solve: rk4\n        # deep\n    # shallow\nneuron Y is X\n",
            "neuron X:\n    state:\n        V = 0\n        # of the state\n    # of the block\n"
            "    solve: rk4\n    # deep\n    # shallow\n\nneuron Y is X\n",
        ),
        (
            "synapse S: # head\n    on pre: g += weight # body\n",
            "synapse S:                      # head\n    on pre:\n"
            "        g += weight             # body\n",
        ),
        (
            "synapse S:\n    on pre:\n        if a: # yes\n            g = 1\n"
            "        else: # no\n            # inside\n            g = 2\n",
            "synapse S:\n    on pre:\n        if a:                   # yes\n            g = 1\n"
            "        else:                   # no\n            # inside\n            g = 2\n",
        ),
        (
            "network N:\n    parameters:\n        P = [ # rows\n             [1, 2], # first\n"
            "             [3, 4]] # last\n",
            "network N:\n    parameters:\n        # rows\n        P = [[1, 2],            # first\n"
            "             [3, 4]]            # last\n",
        ),
        (
            "neuron X:\n    parameters:\n        a = 1 # one\n"
            "        a_very_long_name_indeed = exp(1) # two\n",
            "neuron X:\n    parameters:\n"
            "        a                       = 1       # one\n"
            "        a_very_long_name_indeed = exp(1)  # two\n",
        ),
        (
            "neuron X:\n    solve: rk4 #!\n    ##  two\n    #\n",
            "neuron X:\n    solve: rk4                  #!\n    ##  two\n    #\n",
        ),
        (
            "function f(x)=(x)+((1*2))\nfunction g( x,y )=-(x^2)\n",
            "function f(x) = x + 1*2\nfunction g(x, y) = -x^2\n",
        ),
        (
            "neuron X:\n    equations:\n        a*dV/dt=(a-b)-c # x\n        post.I+=1\n",
            "neuron X:\n    equations:\n        a * dV/dt = a - b - c   # x\n        post.I += 1\n",
        ),
    ],
)
def test_the_canonical_shape(text: str, canonical: str) -> None:
    assert printed(text) == canonical
    assert printed(canonical) == canonical


def test_a_long_projection_opens_its_last_braces_and_keeps_the_comments_inside() -> None:
    settings = ", ".join(f"setting_{n} = uniform({n} nS, {n + 1} nS)" for n in range(6))
    text = (
        f"network N:\n    projections:\n        E -> I : AMPA all_to_all {{ {settings} }}  # why\n"
    )
    shown = printed(text).splitlines()
    assert shown[2] == "        E -> I : AMPA all_to_all {"
    assert shown[3] == "            setting_0 = uniform(0 nS, 1 nS),"
    assert shown[8] == "            setting_5 = uniform(5 nS, 6 nS)"
    assert shown[9] == "        }                       # why"
    commented = "\n".join([*shown[:4], "            # here", *shown[4:]]) + "\n"
    assert printed(commented) == commented


def test_an_own_line_comment_in_a_bracket_that_closes_again_moves_above() -> None:
    text = "function f(x) = (1 +\n# inside\n2)\n"
    assert printed(text) == "# inside\nfunction f(x) = 1 + 2\n"


def test_an_empty_tree_is_an_empty_text() -> None:
    log = DiagnosticLog()
    assert unparse(parse(SourceFile(name="x", text=""), log)) == ""


def test_a_tree_that_was_not_parsed_can_be_printed() -> None:
    span = parse(SourceFile(name="x", text="neuron A is B\n"), DiagnosticLog()).span
    value = nodes.Quantity(
        text="1", factors=(nodes.UnitFactor(name="mV", exponent=2, span=span),), span=span
    )
    tree = nodes.Function(
        name="f", arguments=(nodes.Name(ident="x", span=span),), value=value, span=span
    )
    assert unparse(nodes.File(items=(tree,), span=span)) == "function f(x) = 1 mV^2\n"
